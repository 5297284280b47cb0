"""Things outside that can be looked at and changed, over a line that loses, refuses and lies as it is told to."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import repeat

from automations.domain import IdempotencyKey
from automations.errors import OutcomeUnknown, Rejected, Unavailable
from automations.plan import Step
from automations.runs.kinds import Action

SECRET = "sk_live_4eC39HqLyjWDarjtT1zdp7dc"
KINDS = ("desk.role", "desk.group", "desk.token", "invite", "blind")
"""Of these, nothing reads `blind`."""


class Fault(StrEnum):
    """What goes wrong with one call that changes something."""

    LOST_BEFORE = "the call is lost on the way"
    LOST_AFTER = "the answer is lost on the way back"
    UNAVAILABLE = "not now"
    REJECTED = "not at all"
    IGNORED = "answered, and nothing was changed"
    LATE = "answered, and true only after the next look"


FAULTS = tuple(Fault)


@dataclass(frozen=True)
class Write:
    """One change that took effect."""

    kind: str
    target: str
    before: str
    value: str
    key: IdempotencyKey


@dataclass
class Outside:
    """Values by kind and target. `faults` are what the next calls meet; `deaf` counts looks without an answer."""

    values: dict[tuple[str, str], str] = field(default_factory=dict)
    faults: dict[tuple[str, str], Iterator[Fault]] = field(default_factory=dict)
    deaf: dict[tuple[str, str], int] = field(default_factory=dict)
    writes: list[Write] = field(default_factory=list)
    made: list[tuple[str, str]] = field(default_factory=list)
    looks: list[tuple[str, str]] = field(default_factory=list)
    readings: dict[tuple[str, str], str | None] = field(default_factory=dict)
    written: Callable[[Write], None] = lambda _write: None
    _late: dict[tuple[str, str], Write] = field(default_factory=dict)

    def value(self, kind: str, target: str) -> str:
        return self.values.get((kind, target), "out")

    def drift(self, kind: str, target: str, value: str) -> None:
        """Somebody else changes it."""
        self.values[kind, target] = value

    def meets(self, kind: str, target: str, *faults: Fault, always: bool = False) -> None:
        """Let the next calls that change this meet these faults, the first of them for ever if `always`."""
        self.faults[kind, target] = repeat(faults[0]) if always else iter(faults)

    def look(self, kind: str, target: str) -> str | None:
        place = kind, target
        self.looks.append(place)
        if self.deaf.get(place, 0) > 0:
            self.deaf[place] -= 1
            raise Unavailable(f"the outside does not say what {target} is", system="outside")
        value = self.readings[place] = None if kind == "blind" else self.value(kind, target)
        if late := self._late.pop(place, None):
            self._write(late)
        return value

    def make(self, kind: str, target: str, value: str, key: IdempotencyKey) -> None:
        place = kind, target
        self.made.append(place)
        write = Write(kind, target, self.value(kind, target), value, key)
        match next(self.faults.get(place, iter(())), None):
            case Fault.LOST_BEFORE:
                raise OutcomeUnknown("no answer came", system="outside")
            case Fault.LOST_AFTER:
                self._write(write)
                raise OutcomeUnknown("no answer came", system="outside")
            case Fault.UNAVAILABLE:
                raise Unavailable("the outside answers 503", system="outside")
            case Fault.REJECTED:
                raise Rejected(f"the outside answers 422: api_key={SECRET}", system="outside", code="422")
            case Fault.IGNORED:
                return
            case Fault.LATE:
                self._late[place] = write
            case None:
                self._write(write)

    def _write(self, write: Write) -> None:
        self.values[write.kind, write.target] = write.value
        self.writes.append(write)
        self.written(write)


@dataclass(frozen=True)
class Thing:
    """The action of one kind of step. Making an invitation sends it; somebody else accepts it."""

    kind: str
    outside: Outside

    def look(self, step: Step) -> str | None:
        return self.outside.look(self.kind, step.target)

    def make(self, step: Step, value: str, *, key: IdempotencyKey) -> None:
        if step.waits:
            self.outside.made.append((self.kind, step.target))
            return
        self.outside.make(self.kind, step.target, value, key)


def actions(outside: Outside) -> Mapping[str, Action]:
    """Every action there is."""
    return {kind: Thing(kind, outside) for kind in KINDS}
