"""Groups of changes as lines: what they do in a few words, a few of their customers, and how far they are."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.customer_context.card_types import GroupLine
from automations.customer_context.context import CustomerContext
from automations.customer_context.group_rows import brief, found
from automations.customer_context.sync_groups import effects_of
from automations.customer_context.values import ChangeKind
from automations.words import in_brief, person
from storage.models import CustomerChange, CustomerGroup

SAMPLES: Final = 3
"""Customers of a group that its line in a list shows."""
DETAILS: Final = 30
"""Customers of a group that is looked at alone."""
LONGEST: Final = 200
"""Characters of a value that a line shows."""

Sample = tuple[str, str, str, str]


def group_line(session: Session, group_id: int, ctx: CustomerContext, *, samples: int = DETAILS) -> GroupLine:
    """One group as it is now, with so many of its customers. Raises: NotFound."""
    return group_lines(session, [found(session, group_id)], ctx, samples=samples)[0]


def group_lines(
    session: Session, groups: Sequence[CustomerGroup], ctx: CustomerContext, *, samples: int = SAMPLES
) -> tuple[GroupLine, ...]:
    """The lines of these groups, in their order."""
    ids = [group.id for group in groups]
    shown, far = _samples(session, ids, samples, ctx), _far(session, ids)
    return tuple(_line(group, shown[group.id], far[group.id], ctx) for group in groups)


def group_words(kind: str, field: str, before: str, after: str) -> str:
    """What a group does, in a few words: `tier pro → enterprise`."""
    match ChangeKind(kind):
        case ChangeKind.ADDED:
            return "new customers"
        case ChangeKind.LINKED:
            return "linked by account id"
        case ChangeKind.SUSPENDED:
            return "gone from the source"
        case ChangeKind.RESUMED:
            return "back in the source"
        case ChangeKind.RESTORED:
            return f"{field or 'values'} taken back"
        case ChangeKind.CLEARED:
            return f"{field} emptied"
        case ChangeKind.TAKEN:
            taken = f"{field or 'values'} taken from the source"
            return f"{taken}: {brief(before)} → {brief(after)}" if before or after else taken
        case ChangeKind.CHANGED if before or after:
            return f"{field} {brief(before)} → {brief(after)}"
    return f"{field} changed"


def values_in_words(values: Mapping[str, Any]) -> str:
    """The values of a customer who is made, without blanks: `name = Acme GmbH; tier = enterprise`."""
    return "; ".join(f"{name} = {value}" for name, value in sorted(values.items()) if value)


def _samples(session: Session, ids: Sequence[int], most: int, ctx: CustomerContext) -> dict[int, tuple[Sample, ...]]:
    rows = select(CustomerChange).where(CustomerChange.group_id.in_(ids), CustomerChange.number <= most)
    shown: defaultdict[int, list[Sample]] = defaultdict(list)
    for row in session.scalars(rows.order_by(CustomerChange.group_id, CustomerChange.number)):
        texts = (row.account, row.name, row.before, row.after or values_in_words(row.values))
        account, name, before, after = (in_brief(ctx.redactor.text(text), LONGEST) for text in texts)
        shown[row.group_id].append((account, name, before, after))
    return defaultdict(tuple, {number: tuple(some) for number, some in shown.items()})


def _far(session: Session, ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """How many changes of each group are in which state."""
    numbers = select(CustomerChange.group_id, CustomerChange.state, func.count())
    numbers = numbers.where(CustomerChange.group_id.in_(ids))
    far: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for group_id, state, number in session.execute(numbers.group_by(CustomerChange.group_id, CustomerChange.state)):
        far[group_id][state] = number
    return far


def _line(group: CustomerGroup, samples: tuple[Sample, ...], far: Mapping[str, int], ctx: CustomerContext) -> GroupLine:
    field = ctx.rules.field(group.field)
    return GroupLine(
        id=group.id,
        kind=group.kind,
        field=group.field,
        words=ctx.redactor.text(group_words(group.kind, group.field, group.before, group.after)),
        decision=field.decision if field else "",
        size=group.size,
        digest=group.digest,
        state=group.state,
        effects=effects_of(group.effects),
        samples=samples,
        open_too=group.open_too,
        decided_by=person(group.decided_by, ctx) if group.decided_by else None,
        decided_at=group.decided_at,
        reason=group.reason,
        applied_by=group.applied_by,
        verified=far.get("verified", 0),
        refused=far.get("refused", 0),
    )
