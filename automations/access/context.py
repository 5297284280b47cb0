"""What every act of access is given."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from automations.access.rules import AccessRules
from automations.desks import Capability
from automations.runs.context import RunContext


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessContext(RunContext):
    """A run's context with the rules of access and what the desk can do.

    `desk_can` is what the desk's access door is able to do, empty without the administrative credential; `by_hand` the
    sentence of what a person does instead of each thing it cannot.
    """

    rules: AccessRules
    desk_system: str
    desk_title: str
    desk_can: frozenset[Capability] = frozenset()
    by_hand: Mapping[Capability, str] = field(default_factory=dict)
