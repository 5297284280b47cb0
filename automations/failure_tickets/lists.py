"""Lists of cases, and how things stand as a whole."""

from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, exists, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from automations.domain import CaseStatus, Priority, case_ref
from automations.failure_tickets.absences import away_lines
from automations.failure_tickets.card_types import CaseRow
from automations.failure_tickets.context import Context
from automations.failure_tickets.pauses import open_pauses
from automations.failure_tickets.shadow import unpaused_mode
from automations.failure_tickets.team_types import AuditLine, StatusSummary
from automations.words import person
from storage import checkpointing
from storage.models import Case, CaseTicket, Notification, StuckItem

UNCLOSED = Case.open_key.is_not(None)
_RANK = case({word.value: rank for rank, word in enumerate(Priority)}, value=Case.priority)
_AT_REST = ("delivered", "stuck")
_OF_GROUP = aliased(Notification)
_CURRENT = CaseTicket.deleted_at.is_not(None) | (
    (CaseTicket.state == "verified") & (CaseTicket.verified_version >= CaseTicket.wanted_version)
)


def my_cases(session: Session, email: str, ctx: Context, *, limit: int = 20, offset: int = 0) -> list[CaseRow]:
    """List the open cases somebody owns, most urgent first, then oldest."""
    return case_rows(session, ctx, UNCLOSED, Case.owner == email.lower(), limit=limit, offset=offset)


def open_cases(session: Session, ctx: Context, *, limit: int = 20, offset: int = 0) -> list[CaseRow]:
    """List all open cases, most urgent first, then oldest."""
    return case_rows(session, ctx, UNCLOSED, limit=limit, offset=offset)


def case_rows(
    session: Session, ctx: Context, *where: ColumnElement[bool], limit: int = 20, offset: int = 0
) -> list[CaseRow]:
    """List cases that meet all conditions, most urgent first, then oldest."""
    wanted = _rows().where(*where).order_by(_RANK.desc(), Case.opened_at, Case.id).limit(limit).offset(offset)
    return [_row(one, current, permalink, ctx) for one, current, permalink in session.execute(wanted)]


def group_rows(session: Session, ctx: Context, group_id: int, *, limit: int = 20, offset: int = 0) -> list[CaseRow]:
    """List the cases of a group, those not closed first, then most urgent first, then oldest."""
    closed = case((UNCLOSED, 0), else_=1)
    wanted = _rows().where(Case.group_id == group_id).order_by(closed, _RANK.desc(), Case.opened_at, Case.id)
    found = session.execute(wanted.limit(limit).offset(offset))
    return [_row(one, current, permalink, ctx) for one, current, permalink in found]


def verified_count(session: Session, group_id: int) -> int:
    """Count the cases of a group whose ticket was seen to show their present state."""
    members = select(CaseTicket.case_id).join(Case, Case.id == CaseTicket.case_id)
    return _count(session, members.where(Case.group_id == group_id, _CURRENT))


def open_cases_page(
    session: Session, *, status: str | None = None, limit: int = 100, before: int | None = None
) -> list[dict[str, Any]]:
    """List cases for the API, newest first: those of one status, else the open ones.

    `before` is the number of the last case of the page before, so that pages do not shift as cases come in.
    """
    wanted = _rows().where(Case.status == status if status else UNCLOSED).order_by(Case.id.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(Case.id < before)
    return [_as_json(one, current, permalink) for one, current, permalink in session.execute(wanted)]


def status(session: Session, ctx: Context) -> StatusSummary:
    """Count how things stand: cases by state and priority, tickets not verified, work that is stuck or waiting."""
    by_status = _counted(session, Case.status)
    urgency = _counted(session, Case.priority)
    oldest = _rows().where(Case.status == CaseStatus.OPEN.value).order_by(Case.opened_at, Case.id).limit(1)
    first = session.execute(oldest).one_or_none()
    return StatusSummary(
        open=by_status.get(CaseStatus.OPEN.value, 0),
        claimed=by_status.get(CaseStatus.CLAIMED.value, 0),
        escalated=_count(session, select(Case.id).where(UNCLOSED, Case.escalated_at.is_not(None))),
        unverified=_count(session, select(CaseTicket.case_id).where(~_CURRENT)),
        stuck=_count(session, select(StuckItem.id).where(StuckItem.state == "open")),
        waiting_for_slack=_count(session, select(Notification.key).where(_waits_for_slack())),
        stale=_count(session, select(Case.id).where(UNCLOSED, Case.stale_at.is_not(None))),
        oldest_unclaimed=_row(*first, ctx) if first is not None else None,
        by_priority=tuple((word, urgency[word.value]) for word in reversed(Priority) if word.value in urgency),
        pauses=tuple(open_pauses(session, ctx)),
        away=tuple(away_lines(session, ctx)),
        mode=unpaused_mode(session, ctx),
        audit=_audit(session, ctx),
    )


def _waits_for_slack() -> ColumnElement[bool]:
    """On its way to Slack. What was given up or told by a summary waits for nobody, nor do the lines under it."""
    root = aliased(Notification)
    under_none = exists().where(root.key == Notification.parent_key, root.ts.is_(None), root.state.in_(_AT_REST))
    return and_(Notification.state.not_in(_AT_REST), ~under_none)


def _audit(session: Session, ctx: Context) -> AuditLine | None:
    if ctx.checkpoints_every is None:
        return None
    behind = checkpointing.uncovered(session)
    late = behind.since is not None and ctx.clock.now() - behind.since > 2 * ctx.checkpoints_every
    return AuditLine(behind.last, behind.acts, late)


def _rows() -> Select[Case, bool, str | None]:
    """Every case with its ticket's word and the address of the message that shows it: its own, else its group's."""
    return (
        select(Case, _CURRENT, func.coalesce(Notification.permalink, _OF_GROUP.permalink))
        .join(CaseTicket, CaseTicket.case_id == Case.id)
        .outerjoin(Notification, Notification.key == literal("case/") + cast(Case.id, String))
        .outerjoin(_OF_GROUP, _OF_GROUP.key == literal("group/") + cast(Case.group_id, String))
    )


def _row(one: Case, current: bool, permalink: str | None, ctx: Context) -> CaseRow:
    return CaseRow(
        id=one.id,
        status=CaseStatus(one.status),
        priority=Priority(one.priority),
        summary=one.summary,
        owner=person(one.owner, ctx),
        count=one.count,
        opened_at=one.opened_at,
        last_seen=one.last_seen,
        escalated=one.escalated_at is not None,
        ticket_current=bool(current),
        permalink=permalink,
        reminders=one.reminders,
        stale=one.stale_at is not None,
        customer=one.customer_name or one.customer_id or "",
    )


def _as_json(one: Case, current: bool, permalink: str | None) -> dict[str, Any]:
    return {
        "id": case_ref(one.id),
        "status": one.status,
        "priority": one.priority,
        "summary": one.summary,
        "source": one.source,
        "reason": one.reason,
        "owner": one.owner,
        "claimed_by": one.claimed_by,
        "count": one.count,
        "opened_at": one.opened_at.isoformat(),
        "last_seen": one.last_seen.isoformat(),
        "escalated": one.escalated_at is not None,
        "ticket_verified": bool(current),
        "permalink": permalink,
    }


def _count(session: Session, rows: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(rows.subquery())) or 0


def _counted(session: Session, column: InstrumentedAttribute[str]) -> dict[str, int]:
    """Open cases by one of their words."""
    return dict(session.execute(select(column, func.count()).where(UNCLOSED).group_by(column)).all())
