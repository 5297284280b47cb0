"""The `[escalation]` section and `[[sla]]`: what was promised, what escalates, and through whom."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from automations.domain import Mode
from automations.escalation.rules import EscalationRules
from bot.settings_types import Email, Name

_NOTE = "Thank you for your patience. A specialist has taken this over and will write to you."


class EscalationSection(EscalationRules):
    """What is brought before whom. Without the section only cases escalate, to failure_tickets.escalation_lead."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    mode: Literal[Mode.OFF, Mode.SHADOW, Mode.AUTO] = Field(
        Mode.OFF, description="off, shadow (shows once a day what it would have done, calls nobody) or auto"
    )
    channel: Name = Field("escalations", description="Where escalations are posted, by its name under [channels]")
    owner: Email | None = Field(
        None, description="E-mail of who looks after it; failure_tickets.default_owner if unset"
    )
    lead: Email | None = Field(None, description="The step lead; failure_tickets.escalation_lead if unset")
    manager: Email | None = Field(None, description="The step manager; left out of the chain if unset")
    duty: Name | None = Field(None, description="Rotation or group behind the step group; left out if unset")
    queues: dict[Name, Name] = Field(
        default_factory=dict, description='Other ones for groups of the desk, such as Billing = "billing-duty"'
    )
    warn_at: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.75, description="Share of its time after which an SLA clock warns"
    )
    customer_note: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)] = Field(
        _NOTE, description="Proposed to whoever sends the customer a note; a person always sends it"
    )
