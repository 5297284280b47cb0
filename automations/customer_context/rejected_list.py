"""Rejected rows as lines, oldest first."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.customer_context.card_types import RejectedLine
from automations.customer_context.context import CustomerContext
from automations.customer_context.rejected import OPEN, rejected_ref
from automations.errors import NotFound
from automations.words import person
from storage.models import CustomerRejected


def rejected(
    session: Session, ctx: CustomerContext, *, state: str = OPEN, offset: int = 0, limit: int | None = None
) -> list[RejectedLine]:
    """The rejected rows in one state, those first that have been there longest; all of them without a limit."""
    rows = select(CustomerRejected).where(CustomerRejected.state == state)
    rows = rows.order_by(CustomerRejected.first_seen, CustomerRejected.id).offset(offset).limit(limit)
    return [_line(row, ctx) for row in session.scalars(rows, execution_options={"populate_existing": True})]


def rejected_line(session: Session, rejected_id: int, ctx: CustomerContext) -> RejectedLine:
    """One of them as it is now. Raises: NotFound."""
    row = session.get(CustomerRejected, rejected_id, populate_existing=True)
    if row is None:
        raise NotFound(f"There is no {rejected_ref(rejected_id)}.")
    return _line(row, ctx)


def _line(row: CustomerRejected, ctx: CustomerContext) -> RejectedLine:
    return RejectedLine(
        id=row.id,
        source=row.source,
        row_key=ctx.redactor.text(row.row_key),
        reason=row.reason,
        row=row.row,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        tries=row.tries,
        state=row.state,
        decided_by=person(row.decided_by, ctx) if row.decided_by else None,
    )
