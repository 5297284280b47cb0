"""The states of groups and their changes; groups found, moved on, told in words, made for what people decide alone."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from automations.customer_context.context import CustomerContext
from automations.customer_context.deciding import customers
from automations.customer_context.values import Change, ChangeKind
from automations.domain import Actor
from automations.errors import NotFound
from automations.plan import digest_of
from automations.words import identity, in_brief
from storage.models import CustomerChange, CustomerGroup

OPEN: Final = "open"
HELD: Final = "held"
REJECTED: Final = "rejected"
CONFIRMED: Final = "confirmed"
APPLIED: Final = "applied"
PARTIAL: Final = "partial"
UNDONE: Final = "undone"

PLANNED: Final = "planned"
BEGUN: Final = "begun"
VERIFIED: Final = "verified"
REFUSED: Final = "refused"
CHANGED: Final = "changed"
TAKEN_BACK: Final = "undone"
LEFT: Final = "left"

UNCLEAR: Final = frozenset({BEGUN, REFUSED})
"""States of a change of which a call may have left."""
TO_DO: Final = frozenset({PLANNED, BEGUN, REFUSED})
"""States of a change that is still to be made true."""
STANDS: Final = frozenset({VERIFIED, BEGUN})
"""States of a change that may be true in the desk, so that an undo has something to do."""

GROUPS: Final = "groups"
"""The option of a run that names the groups it carries out."""
UNDOES: Final = "undoes"
"""In the `values` of a restored change: the group and the number of the change it takes back, as `12/3`."""

BY_PEOPLE: Final = frozenset({ChangeKind.TAKEN.value, ChangeKind.RESTORED.value})
"""Kinds that no sync shows, so that one whose run came to nothing waits for nobody."""


def group_ref(number: int) -> str:
    """The name people and the audit log use for a group: `GROUP-12`."""
    return f"GROUP-{number}"


def found(session: Session, group_id: int) -> CustomerGroup:
    """The group as it is now. Raises: NotFound."""
    row = session.get(CustomerGroup, group_id, populate_existing=True)
    if row is None:
        raise NotFound("There is no such group of changes. Nothing was changed.")
    return row


def several(session: Session, ids: Iterable[int]) -> list[CustomerGroup]:
    """The groups of these numbers as they are now, by number."""
    rows = select(CustomerGroup).where(CustomerGroup.id.in_(list(ids))).order_by(CustomerGroup.id)
    return list(session.scalars(rows, execution_options={"populate_existing": True}))


def changes_of(session: Session, group_id: int, first: int = 1, last: int | None = None) -> list[CustomerChange]:
    """The changes of a group in order, or those from one number to another, as they are now."""
    rows = select(CustomerChange).where(CustomerChange.group_id == group_id, CustomerChange.number >= first)
    if last is not None:
        rows = rows.where(CustomerChange.number <= last)
    ordered = rows.order_by(CustomerChange.number)
    return list(session.scalars(ordered, execution_options={"populate_existing": True}))


def tally(session: Session, group_id: int) -> Counter[str]:
    """How many changes of a group are in which state."""
    rows = select(CustomerChange.state, func.count()).where(CustomerChange.group_id == group_id)
    return Counter({row[0]: row[1] for row in session.execute(rows.group_by(CustomerChange.state))})


def open_of(session: Session, run_id: int) -> list[CustomerGroup]:
    """The groups of a sync that wait for people, by number."""
    rows = select(CustomerGroup).where(CustomerGroup.run_id == run_id, CustomerGroup.state == OPEN)
    ordered = rows.order_by(CustomerGroup.id)
    return list(session.scalars(ordered, execution_options={"populate_existing": True}))


def digest_of_open(session: Session, run_id: int) -> str:
    """What people decide about who approve all groups of a sync at once: every one that is open now."""
    return digest_of([[row.id, row.digest] for row in open_of(session, run_id)])


def move(session: Session, row: CustomerGroup, since: Collection[str], to: str, **values: Any) -> bool:
    """Move a group on if it still is in one of these states, and is what was read. The row is brought up to date."""
    standing = CustomerGroup.id == row.id, CustomerGroup.state.in_(list(since)), CustomerGroup.digest == row.digest
    moved = session.execute(
        update(CustomerGroup)
        .where(*standing)
        .values({"state": to, "version": CustomerGroup.version + 1, **values})
        .returning(CustomerGroup.id),
        execution_options={"synchronize_session": False},
    ).scalar()
    session.refresh(row)
    return moved is not None


def title_of(row: CustomerGroup) -> str:
    """A group in a line, as a run's card and its steps name it."""
    number = customers(row.size)
    match ChangeKind(row.kind):
        case ChangeKind.ADDED:
            return f"add {number}"
        case ChangeKind.LINKED:
            return f"link {number} by account id"
        case ChangeKind.SUSPENDED:
            return f"suspend {number}"
        case ChangeKind.RESUMED:
            return f"take {number} in again"
        case ChangeKind.RESTORED:
            return f"take {'1 value' if row.size == 1 else f'{row.size} values'} back"
        case ChangeKind.CLEARED:
            return f"empty {row.field} of {number}"
        case ChangeKind.TAKEN:
            return f"take {row.field or 'values'} from the source for {number}"
        case ChangeKind.CHANGED if row.before or row.after:
            return f"{row.field} {brief(row.before)} → {brief(row.after)} for {number}"
    return f"change {row.field} of {number}"


def brief(value: str) -> str:
    """A value as a line shows it."""
    return in_brief(value, 60) or "(empty)"


def made(
    session: Session,
    kind: ChangeKind,
    changes: Sequence[Change],
    actor: Actor,
    ctx: CustomerContext,
    *,
    reason: str = "",
    conflicts: Mapping[int, int] | None = None,
) -> CustomerGroup:
    """Write down a group that its maker has decided about already; `groups.start` has it carried out.

    `conflicts` says by a change's position which row of the ledger it settles.
    """
    now = ctx.clock.now()
    fields = {(one.field, one.before, one.after) for one in changes}
    field, before, after = next(iter(fields)) if len(fields) == 1 else ("", "", "")
    names = {one.field for one in changes}
    told = [[one.account, one.field, one.before, one.after, one.values] for one in changes]
    row = CustomerGroup(
        run_id=None,
        key=f"{kind}/{field}/{before[:80]}/{after[:80]}",
        kind=kind.value,
        field=field or (names.pop() if len(names) == 1 else ""),
        before=before,
        after=after,
        size=len(changes),
        digest=digest_of(kind.value, told),
        state=CONFIRMED,
        open_too=False,
        effects={},
        version=1,
        decided_by=identity(actor),
        decided_at=now,
        reason=reason,
        applied_by=None,
    )
    session.add(row)
    session.flush()
    session.add_all(
        CustomerChange(
            group_id=row.id,
            number=number,
            account=one.account,
            name=one.name,
            desk_id=one.desk_id,
            field=one.field,
            before=one.before,
            after=one.after,
            values=dict(one.values),
            conflict=(conflicts or {}).get(number - 1),
            state=PLANNED,
            error="",
            changed_at=None,
        )
        for number, one in enumerate(changes, start=1)
    )
    session.flush()
    return row
