"""A finding as a value, all of a comparison, and the runs that mend one finding or many. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from automations.access.card_types import FindingKind
from automations.access.rules import AccessRules
from automations.plan import Plan, Step, digest_of, in_order

ONE: Final = "finding"
MANY: Final = "findings"
"""Kinds of run: one finding is mended, or all of one kind."""

CUTTING: Final = frozenset({FindingKind.ORPHANED, FindingKind.LEFT_ACTIVE, FindingKind.ROLE_HIGH, FindingKind.INACTIVE})
"""Kinds whose fix takes access away."""


@dataclass(frozen=True, slots=True)
class Found:
    """One difference. `subject` is the desk's address of whom it is about; a source's own id where there is none.

    `fix` is empty where only a person can settle it. `privileged`: it is about somebody who is, becomes or may be an
    administrator of the desk.
    """

    kind: FindingKind
    subject: str
    name: str
    words: str
    fix: tuple[Step, ...] = ()
    privileged: bool = False

    @property
    def digest(self) -> str:
        """What people confirm: that of the run which mends it; of what it says where nothing does."""
        return one_plan(self).digest if self.fix else digest_of(self.kind, self.subject, self.words)

    @property
    def cuts(self) -> bool:
        """Whether the fix takes access away from somebody."""
        return bool(self.fix) and (self.kind in CUTTING or any(step.after == "out" for step in self.fix))


@dataclass(frozen=True, slots=True)
class Comparison:
    """All findings, by kind and then by subject, and how many people there were.

    `population` are the active people upstream, `working` the desk users who are not suspended, `cut` how many of them
    would lose access if every finding were mended.
    """

    findings: tuple[Found, ...]
    population: int
    people: int
    agents: int
    working: int

    @property
    def cut(self) -> int:
        """People, not findings: one may have several."""
        return len({found.subject for found in self.findings if found.cuts})

    @property
    def counts(self) -> tuple[tuple[str, int], ...]:
        """(kind, how many), in the order of kinds, without those of which there is none."""
        numbers = [(kind.value, sum(found.kind is kind for found in self.findings)) for kind in FindingKind]
        return tuple((kind, number) for kind, number in numbers if number)


def one_plan(found: Found) -> Plan:
    """The run that mends one finding. Two people for whoever may be an administrator."""
    return Plan(
        kind=ONE,
        subject=found.subject,
        title=f"{found.name}: {found.kind.replace('_', ' ')}",
        steps=found.fix,
        facts=(("Finding", found.words),),
        approvals=2 if found.privileged else 1,
        why_two="It is about an administrator, or somebody who may be one." if found.privileged else "",
    )


def many_plan(kind: FindingKind, findings: Iterable[Found], rules: AccessRules, working: int) -> Plan:
    """The run that mends all of these, which are of one kind. Two people above the brake, of `working` desk users."""
    several = tuple(sorted(findings, key=lambda one: one.subject))
    brake = rules.brake.stops(sum(one.cuts for one in several), working)
    return Plan(
        kind=MANY,
        subject=kind.value,
        title=f"{len(several)} findings: {kind.replace('_', ' ')}",
        steps=in_order([one.fix for one in several]),
        facts=(("People", str(len(several))),),
        approvals=2 if brake else 1,
        why_two=f"It takes access from {brake}." if brake else "",
        brake=brake,
    )
