"""The rules that escalate, with what they compare, and the chain of people that an escalation goes through. Pure."""

import hashlib
import json
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from automations.domain import Priority
from automations.durations import Duration
from automations.escalation.reasons import EscalationReason
from automations.texts.phrases import Keywords


def _listed(value: object) -> object:
    """One word may stand without brackets."""
    return (value,) if isinstance(value, str) else value


Word = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=100)]
Wordlist = Annotated[tuple[Word, ...], BeforeValidator(_listed)]
Callee = Literal["owner", "group", "lead", "manager"]


class ChainStep(BaseModel):
    """One step: who is called, and how long they have to acknowledge before the next.

    `owner` is the ticket's assignee or the case's owner, `group` whoever of the duty group or rotation has the turn.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    call: Callee = Field(description="owner, group, lead or manager")
    wait: Duration = Field(timedelta(minutes=15), description="How long they have to acknowledge before the next step")


class EscalationRules(BaseModel):
    """What escalates. A rule that is unset, empty or false does not exist."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    keywords: Wordlist = Field((), description='Words in a customer\'s newest message, such as "cancel" or "legal*"')
    sentiment: Annotated[float, Field(ge=-1, le=0)] | None = Field(
        None, description="A customer's newest message with a tone below this (-1 to 0) escalates"
    )
    contacts: Annotated[int, Field(ge=1)] | None = Field(
        2, description="More contacts of one customer than this within contacts_within escalate"
    )
    contacts_within: Duration = Field(timedelta(hours=24), description="The time in which they are counted")
    tiers: Wordlist = Field((), description="Tickets of customers of these tiers escalate when they come")
    accounts: Wordlist = Field((), description="Ids or names of customers whose tickets escalate when they come")
    asks_human: bool = Field(True, description="A customer who asks for a person escalates")
    exchanges: Annotated[int, Field(ge=2)] | None = Field(
        8, description="More public messages than this on an unsolved ticket escalate"
    )
    unclaimed_cases: bool = Field(True, description="A case that its own rule escalates goes through the chain")
    stale_cases: bool = Field(True, description="A case named stale goes through the chain")
    urgent_from: Priority = Field(Priority.URGENT, description="From this priority on quiet hours do not count")
    steps: tuple[ChainStep, ...] = Field(
        (
            ChainStep(call="owner", wait=timedelta(minutes=15)),
            ChainStep(call="group", wait=timedelta(minutes=15)),
            ChainStep(call="lead", wait=timedelta(minutes=30)),
            ChainStep(call="manager", wait=timedelta(minutes=60)),
        ),
        description="The chain, in order",
    )
    repeats: Annotated[int, Field(ge=0, le=5)] = Field(1, description="How often the chain begins anew at most")
    stale_after: Annotated[Duration, Field(ge=timedelta(minutes=15), le=timedelta(days=7))] = Field(
        timedelta(hours=4), description="An acknowledged escalation untouched for this long is spoken of"
    )
    gather_from: Annotated[int, Field(ge=2)] = Field(
        4, description="So many found late at once, as after an outage, come as one summary"
    )

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        if not self.steps:
            raise ValueError("the chain needs at least one step")
        Keywords(self.keywords)
        return self

    def version(self, reason: EscalationReason) -> str:
        """Twelve hex digits that change with every change of what this rule compares."""
        compared: dict[EscalationReason, Any] = {
            EscalationReason.KEYWORD: self.keywords,
            EscalationReason.SENTIMENT: self.sentiment,
            EscalationReason.CONTACTS: [self.contacts, self.contacts_within.total_seconds()],
            EscalationReason.ACCOUNT: [self.tiers, self.accounts],
            EscalationReason.EXCHANGES: self.exchanges,
        }
        said = json.dumps([reason, compared.get(reason)], default=list)
        return hashlib.sha256(said.encode()).hexdigest()[:12]
