"""What every decision about conflicts goes by: who may, whether it is as they saw it, and that it is written down."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

from automations.customer_context.batches import batches
from automations.customer_context.conflict_state import OPEN, TAKING, conflict_ref
from automations.customer_context.context import CustomerContext
from automations.domain import Actor, Role
from automations.errors import NotFound, Refused
from automations.plan import digest_of
from automations.runs.rows import blocked, run_ref
from automations.words import identity, when, who
from storage import audit
from storage.models import CustomerConflict

_STATES: Final = {"taken": "taken from the source", "kept": "kept as the desk has it", "gone": "not so any more"}
_COLUMNS: Final = (
    "id",
    "version",
    "account",
    "name",
    "field",
    "kind",
    "source",
    "source_value",
    "desk_value",
    "desk_id",
)

Seen = CustomerConflict | Row[Any]
"""A conflict as a row of the table, or its columns that a decision goes by."""


def may_decide(session: Session, actor: Actor) -> None:
    """Raise Refused for whoever is no lead, or may do nothing here any more."""
    if not actor.may(Role.LEAD):
        raise Refused("Only a lead decides this. Nothing was changed.")
    if actor.email and blocked(session, actor.email) is not None:
        raise Refused("Your access to Handoff was taken away. Nothing was changed.")


def to_decide(session: Session, conflict_id: int, version: int, actor: Actor, ctx: CustomerContext) -> CustomerConflict:
    """The conflict, if it is open and as the actor saw it. Raises: NotFound; Refused."""
    audit.hold(session)
    row = session.get(CustomerConflict, conflict_id, populate_existing=True)
    if row is None:
        raise NotFound(f"There is no {conflict_ref(conflict_id)}. Nothing was changed.")
    may_decide(session, actor)
    if row.state != OPEN:
        raise _over(row, ctx)
    if version != row.version:
        raise Refused(f"{about(row, ctx)}: this has changed since the message was made. Please look again.")
    return row


def of_field(session: Session, field: str, digest: str, actor: Actor) -> Sequence[Row[Any]]:
    """All open conflicts of a field in order, if they are as the actor saw them. Raises: Refused."""
    audit.hold(session)
    may_decide(session, actor)
    columns = [getattr(CustomerConflict, name) for name in _COLUMNS]
    open_ones = select(*columns).where(CustomerConflict.state == OPEN, CustomerConflict.field == field)
    rows = session.execute(open_ones.order_by(CustomerConflict.id)).all()
    if not rows or not field:
        named = f" about {field}" if field else ""
        raise Refused(f"No open conflict{named} can be settled with others. Nothing was changed.")
    if digest != digest_of_all((row.id, row.version) for row in rows):
        raise Refused("The list has changed since this message was made, so nothing was changed. Please look again.")
    return rows


def digest_of_all(open_ones: Iterable[tuple[int, int]]) -> str:
    """What people decide about when they decide a whole field: all of its open conflicts as (id, version), by id."""
    return digest_of([list(one) for one in open_ones])


def decide(session: Session, rows: Sequence[Seen], to: str, actor: Actor, ctx: CustomerContext, **values: Any) -> None:
    """Move conflicts on that are still open as they were read. Raises: Refused if somebody was faster."""
    decided = {"state": to, "decided_by": identity(actor), "decided_at": ctx.clock.now(), **values}
    moved = 0
    for some in batches(row.id for row in rows):
        still = CustomerConflict.id.in_(some), CustomerConflict.state == OPEN
        done = session.execute(
            update(CustomerConflict).where(*still).values(version=CustomerConflict.version + 1, **decided),
            execution_options={"synchronize_session": False},
        )
        moved += done.rowcount  # type: ignore[attr-defined]  # an UPDATE has a row count
    if moved != len(rows):
        raise Refused(
            "Somebody else has decided some of this meanwhile. Nothing was changed by you; please look again."
        )


def write(
    session: Session, rows: Sequence[Seen], verb: str, actor: Actor, ctx: CustomerContext, after: Mapping[str, Any]
) -> None:
    """Write one decision down: about what, with both values, as it was decided."""
    first = rows[0]
    said = [[row.account, row.name, row.field, row.kind, row.source_value, row.desk_value] for row in rows[:100]]
    several: dict[str, Any] = {"conflicts": len(rows), "first": [conflict_ref(row.id) for row in rows[:100]]}
    audit.append(
        session,
        at=ctx.clock.now(),
        actor=identity(actor),
        action=f"conflict.{verb}",
        target=conflict_ref(first.id) if len(rows) == 1 else f"conflicts/{first.field}",
        outcome=verb,
        correlation_id=f"conflict/{first.id}",
        before={"state": OPEN},
        after=ctx.redactor.tree({"about": said, **(several if len(rows) > 1 else {}), **after}),
    )


def about(row: Seen, ctx: CustomerContext) -> str:
    """What a conflict is about, in brief: `Acme GmbH, tier`."""
    name = row.name or row.account
    return ctx.redactor.text(f"{name}, {row.field}" if row.field else name)


def customers(number: int) -> str:
    """`1 customer`, `400 customers`."""
    return "1 customer" if number == 1 else f"{number:,} customers"


def _over(row: CustomerConflict, ctx: CustomerContext) -> Refused:
    """What became of a conflict that is not open, in words."""
    by = f" by {who(row.decided_by, ctx)}" if row.decided_by else ""
    at = f" at {when(row.decided_at, ctx)}" if row.decided_at else ""
    state = _STATES.get(row.state, row.state)
    if row.state == TAKING:
        state = f"decided{by}{at}; {run_ref(row.run_id)} takes the source's value" if row.run_id else "being taken"
        by = at = ""
    return Refused(f"{about(row, ctx)}: this conflict is {state}{by}{at}. Nothing was changed by you.")
