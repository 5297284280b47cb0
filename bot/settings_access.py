"""The `[access]` section: who may work in the desk, by which rules, and who confirms it where."""

from datetime import time, timedelta
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from automations.access.rules import AccessRules
from automations.domain import Mode
from automations.durations import Duration
from bot.settings_types import Email, Name, Names


class Access(AccessRules):
    """Provisioning, offboarding, reconciliation. It never goes above `ask`: a person confirms every change."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    mode: Literal[Mode.OFF, Mode.SHADOW, Mode.ASK] = Field(
        Mode.OFF, description="off, shadow (plans and shows, applies nothing) or ask (people confirm)"
    )
    channel: Name = Field("access", description="Where its cards are posted, by its name under [channels]")
    owner: Email | None = Field(
        None, description="E-mail of who looks after what nobody else does; failure_tickets.default_owner if unset"
    )
    expires_after: Annotated[Duration, Field(ge=timedelta(minutes=10), le=timedelta(days=7))] = Field(
        timedelta(hours=8), description="A plan that nobody confirmed ends after this time"
    )
    remind_after: Annotated[Duration, Field(ge=timedelta(minutes=1))] = Field(
        timedelta(minutes=15), description="First reminder of such a plan; each further one after twice the time"
    )
    waits_for: Annotated[Duration, Field(ge=timedelta(hours=1))] = Field(
        timedelta(days=7), description="What waits for somebody outside, such as an invitation, fails after this time"
    )
    remind_waiting: Annotated[Duration, Field(ge=timedelta(hours=1))] = Field(
        timedelta(days=1), description="How often what waits is spoken of"
    )
    look_every: Annotated[Duration, Field(ge=timedelta(seconds=5))] = Field(
        timedelta(minutes=5), description="How often what waits is looked at in the desk"
    )
    reconcile_at: time | None = Field(
        None, description="When everybody is compared each day, in the team's zone; only by command if unset"
    )
    protected: Names = Field((), description="Addresses that no run may touch, such as a break-glass admin")
    successor: Email | Literal[""] = Field(
        "", description="E-mail of who gets a leaver's tickets and cases if nobody is named"
    )
    by_hand_owner: Email | Literal[""] = Field("", description="E-mail of who does what no API can; the owner if empty")
