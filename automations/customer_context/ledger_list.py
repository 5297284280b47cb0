"""The living list of conflicts, page by page, with what decides a whole field."""

from datetime import timedelta
from typing import Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from automations.customer_context.card_types import ConflictLine, LedgerCard
from automations.customer_context.conflict_state import OPEN, SETTLED, STANDING, TAKEN, UNSETTLED, conflict_ref
from automations.customer_context.context import CustomerContext
from automations.customer_context.deciding import digest_of_all
from automations.customer_context.taking import takeable
from automations.errors import NotFound
from automations.words import in_brief, person
from storage.models import CustomerConflict

PER_PAGE: Final = 6
"""Conflicts of a page: with four buttons each they fill what a message of Slack holds."""
LATELY: Final = timedelta(days=7)
SETTLED_SHOWN: Final = 5
"""How long ago something was settled that the list still shows, and how much of it."""
LONGEST: Final = 500
"""Characters of a value that a line shows."""


def ledger_card(session: Session, ctx: CustomerContext, page: int = 1) -> LedgerCard:
    """What is not settled, oldest first, one page from 1; a page that is not there is the nearest that is."""
    unsettled = CustomerConflict.state.in_(UNSETTLED)
    total = session.scalar(select(func.count()).select_from(CustomerConflict).where(unsettled)) or 0
    pages = max(1, -(-total // PER_PAGE))
    page = min(max(page, 1), pages)
    rows = _rows().where(unsettled).order_by(CustomerConflict.since, CustomerConflict.id)
    lately = (CustomerConflict.state.in_((TAKEN, *SETTLED)), CustomerConflict.decided_at > ctx.clock.now() - LATELY)
    newest = (CustomerConflict.decided_at.desc(), CustomerConflict.id.desc())
    settled = _rows().where(*lately).order_by(*newest).limit(SETTLED_SHOWN)
    return LedgerCard(
        desk=ctx.desk_title,
        lines=tuple(_line(row, ctx) for row in session.scalars(rows.offset((page - 1) * PER_PAGE).limit(PER_PAGE))),
        page=page,
        pages=pages,
        total=total,
        fields=whole_fields(session),
        settled=tuple(_line(row, ctx) for row in session.scalars(settled)),
    )


def whole_fields(session: Session) -> tuple[tuple[str, int, str], ...]:
    """Each field with open conflicts: its name, how many, and the digest of all of them."""
    columns = select(CustomerConflict.field, CustomerConflict.id, CustomerConflict.version)
    rows = columns.where(CustomerConflict.state == OPEN, CustomerConflict.field != "").order_by(CustomerConflict.id)
    by_field: dict[str, list[tuple[int, int]]] = {}
    for field, number, version in session.execute(rows):
        by_field.setdefault(field, []).append((number, version))
    return tuple((field, len(several), digest_of_all(several)) for field, several in sorted(by_field.items()))


def conflict_line(session: Session, conflict_id: int, ctx: CustomerContext) -> ConflictLine:
    """One conflict as it is now. Raises: NotFound."""
    row = session.get(CustomerConflict, conflict_id, populate_existing=True)
    if row is None:
        raise NotFound(f"There is no {conflict_ref(conflict_id)}.")
    return _line(row, ctx)


def conflicts_of(session: Session, account: str, ctx: CustomerContext) -> tuple[ConflictLine, ...]:
    """What stands about one customer, settled or not, oldest first."""
    rows = _rows().where(CustomerConflict.account == account, CustomerConflict.state.in_(STANDING))
    return tuple(_line(row, ctx) for row in session.scalars(rows.order_by(CustomerConflict.since, CustomerConflict.id)))


def _rows() -> Select[CustomerConflict]:
    return select(CustomerConflict).execution_options(populate_existing=True)


def _line(row: CustomerConflict, ctx: CustomerContext) -> ConflictLine:
    shown = ctx.redactor.text
    return ConflictLine(
        id=row.id,
        account=shown(row.account),
        name=shown(row.name),
        field=row.field,
        kind=row.kind,
        source=row.source,
        source_value=in_brief(shown(row.source_value), LONGEST),
        desk_value=in_brief(shown(row.desk_value), LONGEST),
        winner=_winner(row, ctx),
        since=row.since,
        state=row.state,
        version=row.version,
        takeable=row.state == OPEN and takeable(row, ctx.rules),
        url=row.url,
        others=tuple(shown(str(one)) for one in row.others),
        decided_by=person(row.decided_by, ctx) if row.decided_by else None,
        decided_at=row.decided_at,
        reason=row.reason,
        until=row.until,
        run_id=row.run_id,
    )


def _winner(row: CustomerConflict, ctx: CustomerContext) -> str:
    """Which side the rule would let win, empty where only people can tell."""
    return {"source": f"{row.source}, the source of truth", "desk": ctx.desk_title}.get(row.winner, "")
