"""What every act of escalation is given."""

from collections.abc import Callable
from dataclasses import dataclass, field

from automations.calendar import WorkingHours
from automations.domain import Mode
from automations.duty import Group, Rotation
from automations.escalation.rules import EscalationRules
from automations.people import Roster
from automations.ports import Clock, Jobs
from automations.redact import Redactor
from automations.sla.policy import SlaPolicy

NAME = "escalation"
"""The automation's name in modes, audit and lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationContext:
    """The surroundings of an act, and what the settings say of escalation. Frozen: one reload is one new context.

    `mode`: off, shadow (fires, posts once a day what it would have done, calls nobody) or auto. `channel` is a Slack
    channel id, `owner`, `lead`, `manager` e-mail addresses (`manager` empty for none). `duty` names the rotation or
    group behind the step `group`, None for none. `queues` maps a ticket's group to one of its own. `customer_note` is
    proposed to whoever sends the customer a note. `hours` None: the team always works.
    """

    roster: Roster
    zone: str
    jobs: Jobs
    clock: Clock
    redactor: Redactor
    mode: Mode
    channel: str
    owner: str
    lead: str
    manager: str
    duty: Rotation | Group | None
    queues: dict[str, Rotation | Group] = field(default_factory=dict)
    hours: WorkingHours | None
    rules: EscalationRules
    policy: SlaPolicy
    customer_note: str
    desk_system: str
    desk_title: str
    can_reply: bool
    case_url: Callable[[int], str]
