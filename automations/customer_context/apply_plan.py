"""The plan of a run that carries groups of changes out: batches of at most a hundred. Made from the groups' rows alone.

What the desk shows by then is not looked at here: each change is, before it is written.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from automations.customer_context.context import APPLY
from automations.customer_context.group_rows import group_ref, title_of
from automations.customer_context.values import ChangeKind
from automations.plan import Plan, Step
from storage.models import CustomerGroup

BATCH: Final = "customers.batch"
"""Kind of step: the changes of a group from one number to another."""
LONGEST: Final = 100
"""Changes in one step."""

NOT_YET: Final = "planned"
WRITTEN: Final = "written"
"""The two values of a step: something of it is to be written still, or all of it is settled."""

GROUP: Final = "group"
FIRST: Final = "first"
LAST: Final = "last"
"""Arguments of a step."""


def plan_of(groups: Sequence[CustomerGroup], title: str) -> Plan:
    """What carrying these groups out would do, as people see it. Groups keep what was decided, so plans are equal.

    A group of values taken from the source for a whole field has a reason where so many need a second person's yes.
    """
    brake = next((group.reason for group in groups if group.kind == ChangeKind.TAKEN and group.reason), "")
    return Plan(
        kind=APPLY,
        subject="",
        title=title,
        steps=tuple(step for group in groups for step in _steps(group)),
        facts=tuple((group_ref(group.id), _fact(group)) for group in groups[:20]),
        warnings=tuple(_warnings(groups)),
        approvals=2 if brake else 1,
        why_two=f"It changes {brake}." if brake else "",
        brake=brake,
    )


def _steps(group: CustomerGroup) -> Iterator[Step]:
    what = title_of(group)
    for first in range(1, group.size + 1, LONGEST):
        last = min(first + LONGEST - 1, group.size)
        part = f", {first} to {last}" if group.size > LONGEST else ""
        args = {GROUP: str(group.id), FIRST: str(first), LAST: str(last), "digest": group.digest}
        yield Step(
            kind=BATCH,
            target=f"group/{group.id}/{first}-{last}",
            before=NOT_YET,
            after=WRITTEN,
            words=f"{what[:1].upper()}{what[1:]}{part}",
            args=tuple(sorted(args.items())),
            undo="" if group.kind == ChangeKind.RESTORED else f"Take back: {what}{part}",
        )


def _fact(group: CustomerGroup) -> str:
    if group.kind in (ChangeKind.TAKEN, ChangeKind.RESTORED):
        return title_of(group)
    return f"{title_of(group)}; {'open tickets too' if group.open_too else 'new tickets only'}"


def _warnings(groups: Sequence[CustomerGroup]) -> Iterator[str]:
    if any(group.kind == ChangeKind.ADDED for group in groups):
        yield "Customers who are added are never deleted: an undo suspends them where the settings let it."
