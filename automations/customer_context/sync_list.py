"""A sync with its groups, page by page, with the digest of all that is open."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from automations.customer_context.card_types import GroupLine, SyncCard
from automations.customer_context.context import SYNC, CustomerContext
from automations.customer_context.group_lines import group_lines
from automations.customer_context.group_rows import OPEN, digest_of_open
from automations.customer_context.syncing import BLANKS, COUNTS, SOURCES
from automations.customer_context.values import ChangeKind
from automations.errors import Refused
from automations.plan import RunState
from automations.runs.ask import mode
from automations.runs.card_types import Approval
from automations.runs.rows import approvals, found, run_ref
from automations.words import person
from storage.models import CustomerConflict, CustomerGroup, CustomerRejected, Run

PER_PAGE: Final = 6
"""Groups of a page: with four buttons each and a sentence on their decision they fill what a message of Slack holds."""

_ORDER = case({kind.value: number for number, kind in enumerate(ChangeKind)}, value=CustomerGroup.kind)


def sync_card(session: Session, run_id: int, ctx: CustomerContext, page: int = 1) -> SyncCard:
    """A sync and one page of its groups, from 1; a page that is not there is the nearest that is.

    `digest` is what the buttons carry: of the stopped sync while it waits for two people, else of all open groups.
    Raises: NotFound; Refused for a run that is no sync.
    """
    run = a_sync(session, run_id)
    total = session.scalar(select(func.count()).select_from(CustomerGroup).where(CustomerGroup.run_id == run_id)) or 0
    pages = max(1, -(-total // PER_PAGE))
    page = min(max(page, 1), pages)
    rows = session.scalars(_rows(run_id).offset((page - 1) * PER_PAGE).limit(PER_PAGE)).all()
    plan, waits = run.plan, run.state == RunState.PROPOSED
    return SyncCard(
        run_id=run.id,
        state=run.state,
        mode=mode(session, ctx),
        requested_by=person(run.requested_by, ctx),
        requested_at=run.requested_at,
        desk=ctx.desk_title,
        sources=tuple(_sources(run)),
        counts=tuple((str(word), int(number)) for word, number in plan.get(COUNTS, ())),
        groups=group_lines(session, rows, ctx),
        page=page,
        pages=pages,
        total=total,
        digest=run.digest if waits else digest_of_open(session, run_id),
        open_conflicts=_open(session, CustomerConflict),
        open_rejected=_open(session, CustomerRejected),
        blanks_kept={str(name): int(number) for name, number in plan.get(BLANKS, {}).items()},
        words=run.words or _instead(session, run),
        brake=str(plan.get("brake", "")),
        approvals=tuple(Approval(person(one.by, ctx), one.at) for one in approvals(session, run)),
        needed=run.needed,
        expires_at=run.expires_at if waits else None,
        settled_at=run.settled_at,
    )


def open_groups(session: Session, run_id: int, ctx: CustomerContext) -> tuple[GroupLine, ...]:
    """Every group of a sync that waits for people now, in the order of its pages."""
    rows = session.scalars(_rows(run_id).where(CustomerGroup.state == OPEN)).all()
    return group_lines(session, rows, ctx)


def a_sync(session: Session, run_id: int) -> Run:
    """The run as it is now. Raises: NotFound; Refused if it is another kind of run."""
    run = found(session, run_id)
    if run.kind != SYNC:
        raise Refused(f"{run_ref(run_id)} is no sync of customers. `handoff runs show {run_id}` tells what it is.")
    return run


def _rows(run_id: int) -> Select[CustomerGroup]:
    rows = select(CustomerGroup).where(CustomerGroup.run_id == run_id)
    order = (_ORDER, CustomerGroup.field, CustomerGroup.before, CustomerGroup.after, CustomerGroup.id)
    return rows.order_by(*order).execution_options(populate_existing=True)


def _sources(run: Run) -> Iterator[tuple[str, int, datetime]]:
    for one in run.plan.get(SOURCES, ()):
        yield str(one["title"]), int(one["rows"]), datetime.fromisoformat(one["as_of"])


def _open(session: Session, table: type[CustomerConflict] | type[CustomerRejected]) -> int:
    return session.scalar(select(func.count()).select_from(table).where(table.state == "open")) or 0


def _instead(session: Session, run: Run) -> str:
    """Say that a newer sync shows what is still so."""
    later = session.scalar(select(func.max(Run.id)).where(Run.kind == SYNC, Run.id > run.id, Run.digest != ""))
    return f"{run_ref(later)} is newer and shows what is still so." if later else ""
