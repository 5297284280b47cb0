"""Our own cases: one that its rule or a person escalated, or that is named stale, goes through the chain, by its rows.

A group's cases were brought before the lead in one post, so they go through the chain as one: by the first of them.
Claiming or closing the case acknowledges or ends it. With the automation off, cases are as they are without it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, String, cast, exists, literal, or_, select
from sqlalchemy.orm import Session

from automations.apart import Apart
from automations.domain import HANDOFF, CaseStatus, case_ref
from automations.escalation.context import EscalationContext
from automations.escalation.ending import acknowledge, close
from automations.escalation.found import Found, key_of, line
from automations.escalation.journal import found
from automations.escalation.reasons import EscalationReason
from automations.words import when
from storage import audit
from storage.engine import Database
from storage.models import Case, Escalation, EscalationFiring

_RULES: Final = {
    EscalationReason.CASE_UNCLAIMED: "unclaimed_cases",
    EscalationReason.PERSON: "person",
    EscalationReason.CASE_STALE: "stale_cases",
}
SYSTEM = "handoff"
"""What cases are told from the desk's tickets by."""


def cases_due(session: Session, ctx: EscalationContext, since: datetime, *, limit: int) -> Iterator[Found]:
    """Cases that escalated, by rule or by a person, or were named stale, from `since` on and have not fired for it.

    One that a person escalated goes through the chain only while nobody has claimed it.
    """
    if ctx.rules.unclaimed_cases:
        of_rule = Case.status == CaseStatus.OPEN.value, Case.escalated_by == HANDOFF.id
        for case in _unfired(session, EscalationReason.CASE_UNCLAIMED, Case.escalated_at, since, of_rule, limit):
            said = line(case.escalation_reason or "nobody had claimed it in time")
            yield _found(case, EscalationReason.CASE_UNCLAIMED, case.escalated_at, said, ctx)
    by_person = Case.status == CaseStatus.OPEN.value, Case.escalated_by != HANDOFF.id
    for case in _unfired(session, EscalationReason.PERSON, Case.escalated_at, since, by_person, limit):
        yield _found(case, EscalationReason.PERSON, case.escalated_at, line(case.escalation_reason or ""), ctx)
    if ctx.rules.stale_cases:
        claimed = (Case.status == CaseStatus.CLAIMED.value,)
        for case in _unfired(session, EscalationReason.CASE_STALE, Case.stale_at, since, claimed, limit):
            said = f"nobody has touched it since {when(case.last_at, ctx)}"
            yield _found(case, EscalationReason.CASE_STALE, case.stale_at, said, ctx)


def follow_cases(database: Database, ctx: EscalationContext, apart: Apart) -> int:
    """Let every escalation of a case that has not ended follow its case. Says how many moved."""
    with database.read() as session:
        unended = select(Escalation.id, Escalation.state, Escalation.subject_id)
        rows = session.execute(unended.where(Escalation.subject == "case", Escalation.state != "closed")).all()
        cases = {str(case.id): case for case in _cases(session, [int(row.subject_id) for row in rows])}
    moved = 0
    for row in rows:
        case = cases.get(row.subject_id)
        if case is None or _differs(case, row.state):
            with apart.row(f"escalation {row.id}"), database.begin() as session:
                moved += _follow(session, row.id, ctx)
    return moved


def _unfired(
    session: Session,
    reason: EscalationReason,
    at: Any,
    since: datetime,
    which: Sequence[ColumnElement[bool]],
    limit: int,
) -> Iterator[Case]:
    """Cases of this state whose moment `at` has not fired yet; of a group's only the first, and once."""
    same = (EscalationFiring.system == SYSTEM) & (EscalationFiring.ticket_id == cast(Case.id, String))
    fired = exists().where(same, EscalationFiring.reason == reason.value, EscalationFiring.due_at == at)
    wanted = select(Case).where(*which, at >= since, ~fired)
    if reason is EscalationReason.CASE_UNCLAIMED:
        of_group = literal(f"{reason.value}/group/") + cast(Case.group_id, String)
        wanted = wanted.where(or_(Case.group_id.is_(None), ~exists().where(EscalationFiring.fired_key == of_group)))
    groups: set[int] = set()
    for case in session.scalars(wanted.order_by(at, Case.id).limit(limit)):
        if reason is EscalationReason.CASE_UNCLAIMED and case.group_id is not None:
            if case.group_id in groups:
                continue
            groups.add(case.group_id)
        yield case


def _found(case: Case, reason: EscalationReason, at: datetime | None, said: str, ctx: EscalationContext) -> Found:
    assert at is not None, "the statement asks for those that have it"
    grouped = case.group_id is not None and reason is EscalationReason.CASE_UNCLAIMED
    own = (f"group/{case.group_id}",) if grouped else (str(case.id), at.isoformat())
    return Found(
        reason=reason,
        rule=_RULES[reason],
        version=ctx.rules.version(reason),
        key=key_of(reason.value, *own),
        subject="case",
        system=SYSTEM,
        subject_id=str(case.id),
        due_at=at,
        inputs={"case": case_ref(case.id), "status": case.status, "owner": case.owner},
        evidence=(said,) if said else (),
        by=(case.escalated_by or "") if reason is EscalationReason.PERSON else "",
    )


def _cases(session: Session, numbers: list[int]) -> list[Any]:
    columns = Case.id, Case.status, Case.stale_at, Case.escalated_at
    return list(session.execute(select(*columns).where(Case.id.in_(numbers))))


def _differs(case: Any, state: str) -> bool:
    if CaseStatus(case.status).closed:
        return True
    return state == "open" and case.status == CaseStatus.CLAIMED.value and case.stale_at is None


def _follow(session: Session, escalation_id: int, ctx: EscalationContext) -> bool:
    audit.hold(session)
    row = found(session, escalation_id)
    case = session.get(Case, int(row.subject_id), populate_existing=True)
    if row.state == "closed":
        return False
    if case is None or case.open_key is None:
        by = (case.closed_by if case is not None else None) or HANDOFF.id
        return close(session, row, by, f"{case_ref(int(row.subject_id))} is closed", ctx)
    if row.state == "open" and case.claimed_by is not None and case.stale_at is None:
        at = case.claimed_at or ctx.clock.now()
        return acknowledge(session, row, case.claimed_by, "has the case in hand", at, ctx)
    return False
