"""How customer context stands, in a few numbers: for the status, the list of automations and their like."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.customer_context.context import SYNC
from storage.models import CustomerConflict, CustomerGroup, CustomerRejected, KnownCustomer, Run


@dataclass(frozen=True, slots=True)
class Stands:
    """`customers` are all that Handoff knows, `gone` of them those whose source has them no more.

    `open_groups` and `held_groups` wait for people, as `open_conflicts` and `open_rejected` do. `last_sync` is the
    newest sync, None before the first.
    """

    customers: int
    gone: int
    open_groups: int
    held_groups: int
    open_conflicts: int
    open_rejected: int
    last_sync: Run | None


def how_customers_stand(session: Session) -> Stands:
    """The numbers as they are now."""
    known = select(func.count(), func.count(KnownCustomer.gone_since)).select_from(KnownCustomer)
    customers, gone = session.execute(known).one()
    by_state = select(CustomerGroup.state, func.count()).where(CustomerGroup.state.in_(("open", "held")))
    rows = session.execute(by_state.group_by(CustomerGroup.state)).all()
    groups = {str(row.state): int(row[1]) for row in rows}
    conflicts = select(func.count()).select_from(CustomerConflict).where(CustomerConflict.state == "open")
    rejected = select(func.count()).select_from(CustomerRejected).where(CustomerRejected.state == "open")
    newest = select(Run).where(Run.kind == SYNC).order_by(Run.id.desc()).limit(1)
    return Stands(
        customers=customers,
        gone=gone,
        open_groups=groups.get("open", 0),
        held_groups=groups.get("held", 0),
        open_conflicts=session.scalar(conflicts) or 0,
        open_rejected=session.scalar(rejected) or 0,
        last_sync=session.scalars(newest).one_or_none(),
    )
