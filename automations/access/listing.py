"""The list of a reconciliation's findings, page by page, with the digest of all of it."""

from typing import Final

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session

from automations.access.card_types import FindingKind, FindingLine, FindingsCard
from automations.access.context import AccessContext
from automations.access.finding_rows import CONFIRMED, KEPT, OPEN, finding_ref, found_of, under_way
from automations.errors import NotFound
from automations.plan import RunState, digest_of
from automations.runs.card_types import Approval
from automations.runs.rows import approvals, found, run_ref
from automations.words import person
from storage.models import Finding, Run

PER_PAGE: Final = 8
"""Findings of a page: five blocks each and what stands around them are within the fifty blocks of a message.

Source: docs.slack.dev/reference/block-kit/blocks.
"""

_ORDER = case({kind.value: number for number, kind in enumerate(FindingKind)}, value=Finding.kind)


def findings_card(session: Session, run_id: int, page: int, ctx: AccessContext) -> FindingsCard:
    """A reconciliation and one page of its findings, from 1; a page that is not there is the nearest that is.

    `digest` is what the buttons carry: of the stopped reconciliation while it waits for two people, else of the whole
    list of open findings. Raises: NotFound.
    """
    run = found(session, run_id)
    total = session.scalar(select(func.count()).select_from(Finding).where(Finding.run_id == run_id)) or 0
    pages = max(1, -(-total // PER_PAGE))
    page = min(max(page, 1), pages)
    rows = session.scalars(_rows(run_id).offset((page - 1) * PER_PAGE).limit(PER_PAGE)).all()
    counted = dict(_counted(session, run_id, Finding.state == OPEN))
    counts = tuple((kind.value, counted[kind.value]) for kind in FindingKind if kind.value in counted)
    released = run.state == RunState.DONE
    fixable = dict(_counted(session, run_id, *_together())) if released else {}
    plan = run.plan
    mending = under_way(session)
    return FindingsCard(
        run_id=run.id,
        state=run.state,
        requested_by=person(run.requested_by, ctx),
        requested_at=run.requested_at,
        source=str(plan.get("source", "")),
        desk=str(plan.get("desk", ctx.desk_title)),
        population=int(plan.get("people", 0)),
        agents=int(plan.get("agents", 0)),
        counts=counts,
        kept=sum(number for _, number in _counted(session, run_id, Finding.state == KEPT)),
        lines=tuple(_line(row, mending, ctx) for row in rows),
        page=page,
        pages=pages,
        total=total,
        digest=run.digest if run.state == RunState.PROPOSED else digest_of_open(session, run_id),
        words=run.words or _instead(session, run),
        brake=str(plan.get("brake", "")),
        approvals=tuple(Approval(person(one.by, ctx), one.at) for one in approvals(session, run)),
        needed=run.needed,
        expires_at=run.expires_at if run.state == RunState.PROPOSED else None,
        settled_at=run.settled_at,
        bulk=tuple(kind.value for kind in FindingKind if kind.value in fixable),
        left_out=tuple((kind, counted[kind] - number) for kind, number in fixable.items() if counted[kind] > number),
    )


def finding_line(session: Session, finding_id: int, ctx: AccessContext) -> FindingLine:
    """One finding as it is now. Raises: NotFound."""
    row = session.get(Finding, finding_id, populate_existing=True)
    if row is None:
        raise NotFound(f"There is no {finding_ref(finding_id)}.")
    return _line(row, under_way(session), ctx)


def bulk(session: Session, run_id: int, kind: FindingKind) -> tuple[list[Finding], list[str]]:
    """The open findings of a kind that one confirmation may mend together, and the names of those left out of it."""
    rows = session.scalars(_rows(run_id).where(Finding.kind == kind.value, Finding.state == OPEN)).all()
    fixable = [row for row in rows if row.fix]
    return [row for row in fixable if not row.privileged], [row.name for row in fixable if row.privileged]


def digest_of_open(session: Session, run_id: int) -> str:
    """The digest of everything that is open in this list, whichever page shows it."""
    rows = select(Finding.id, Finding.digest).where(Finding.run_id == run_id, Finding.state == OPEN)
    return digest_of([[row.id, row.digest] for row in session.execute(rows.order_by(Finding.id))])


def _rows(run_id: int) -> Select[Finding]:
    return select(Finding).where(Finding.run_id == run_id).order_by(_ORDER, Finding.subject, Finding.id)


def _together() -> tuple[ColumnElement[bool], ...]:
    return Finding.state == OPEN, Finding.privileged.is_(False), func.json_array_length(Finding.fix) > 0


def _counted(session: Session, run_id: int, *which: ColumnElement[bool]) -> list[tuple[str, int]]:
    rows = select(Finding.kind, func.count()).where(Finding.run_id == run_id, *which).group_by(Finding.kind)
    return [(kind, number) for kind, number in session.execute(rows)]


def _instead(session: Session, run: Run) -> str:
    """Say that a newer reconciliation lists what is still so."""
    newer = select(func.max(Run.id)).where(Run.kind == run.kind, Run.id > run.id, Run.digest != "")
    later = session.scalar(newer)
    return f"{run_ref(later)} is newer and lists what is still so." if later else ""


def _line(row: Finding, mending: set[int], ctx: AccessContext) -> FindingLine:
    one = found_of(row)
    stranded = row.state == CONFIRMED and row.id not in mending
    return FindingLine(
        id=row.id,
        kind=row.kind,
        subject=row.subject,
        name=row.name,
        words=row.words,
        digest=row.digest,
        state=OPEN if stranded else row.state,
        fixable=bool(row.fix),
        privileged=row.privileged,
        first_seen=row.first_seen,
        steps=tuple(step.words for step in one.fix),
        owner=person(row.owner, ctx) if row.owner else None,
        decided_by=person(row.decided_by, ctx) if row.decided_by else None,
        decided_at=row.decided_at,
        reason=row.reason,
        until=row.until,
        fixed_by=row.fixed_by,
    )
