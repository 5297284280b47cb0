"""Decisions and days as messages, forms and commands show them, from their rows as they are now."""

from collections import Counter
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.domain import HANDOFF
from automations.triage.card_types import DayCard, DecisionCard
from automations.triage.context import TriageContext
from automations.triage.decisions import WAITING, after, back_to, before, decision_ref, found, mode
from automations.triage.place import changes
from automations.triage.telling import count_waiting, day_key, link_to, oldest_waiting
from automations.words import PersonRef, person
from storage import notifications
from storage.models import MirrorTicket, TriageDecision, TriageModel


def decision_card(session: Session, decision_id: int, ctx: TriageContext) -> DecisionCard:
    """One decision as people see it. Raises: NotFound."""
    row = found(session, decision_id)
    mine = MirrorTicket.system == row.system, MirrorTicket.ticket_id == row.ticket_id
    ticket = session.execute(select(MirrorTicket.subject, MirrorTicket.url).where(*mine)).one_or_none()
    return DecisionCard(
        id=row.id,
        ticket_id=row.ticket_id,
        ref=decision_ref(row.id),
        title=ticket.subject if ticket else "",
        url=ticket.url if ticket else "",
        desk=ctx.desk_title if row.system == ctx.desk_system else row.system,
        mode=row.mode,
        held_back=str(row.inputs.get("held_back", "")),
        state=row.state,
        intent=row.intent,
        decided_by=row.decided_by,
        rule=row.rule,
        confidence=row.confidence,
        why_not=row.why_not,
        level=row.level,
        queue=row.queue,
        priority=row.priority,
        score=row.score,
        score_why=tuple((str(words), int(given)) for words, given in row.score_why),
        rules=tuple((str(name), bool(hit), str(words)) for name, hit, words in row.inputs.get("rules", [])),
        changes=_changes(row),
        changed_from=_changed_from(row.inputs),
        decided_at=row.decided_at,
        changed_by=_person(row.changed_by, ctx),
        changed_at=row.changed_at,
        undo_by=_person(row.undo_by, ctx),
        verified_at=row.verified_at,
        error=row.error,
        model=_model(session, row.model_id),
        rules_version=row.rules_version,
        outcome=row.outcome,
        outcome_queue=row.outcome_queue,
        standing=str(row.inputs.get("standing", "")),
        unclear=str(row.inputs.get("unclear", "")),
    )


def recent(session: Session, ctx: TriageContext, limit: int, *, waiting: bool = False) -> tuple[DecisionCard, ...]:
    """The newest decisions, newest first; with `waiting` only those that wait for a person, oldest first."""
    chosen = select(TriageDecision.id).order_by(TriageDecision.id.desc()).limit(limit)
    if waiting:
        open_ones = TriageDecision.state.in_(WAITING)
        chosen = select(TriageDecision.id).where(open_ones).order_by(TriageDecision.id).limit(limit)
    return tuple(decision_card(session, number, ctx) for number in session.scalars(chosen))


def day_card(session: Session, day: date, ctx: TriageContext) -> DayCard:
    """One day of triage: counts of what was decided on it, and what waits by now."""
    columns = TriageDecision.state, TriageDecision.decided_by, TriageDecision.queue
    rows = session.execute(select(*columns).where(TriageDecision.day == day.isoformat())).all()
    states, queues = Counter(row.state for row in rows), Counter(row.queue for row in rows)
    deciders = Counter(row.decided_by for row in rows)
    oldest = oldest_waiting(session)
    shown = notifications.get(session, day_key(day))
    waiting = count_waiting(session)
    return DayCard(
        day=day,
        mode=mode(session, ctx).value,
        total=len(rows),
        by_rule=deciders["rule"],
        by_model=deciders["model"],
        undecided=deciders[""],
        waiting=waiting,
        applied=states["applied"],
        undone=states["undone"],
        failed=states["failed"],
        queues=tuple(sorted(queues.items(), key=lambda one: (-one[1], one[0]))),
        first_waiting=link_to(session, oldest.id) if oldest is not None else None,
        lint=tuple(shown.data["lint"]) if shown is not None else (),
    )


def _changes(row: TriageDecision) -> tuple[tuple[str, str, str], ...]:
    """What was or would be changed in the desk; of one that is being taken back the way back."""
    if row.state == "undone" or row.undo_by is not None:
        return changes(after(row), back_to(row))
    return changes(before(row), after(row)) if row.state != "nothing" else ()


def _changed_from(inputs: dict[str, Any]) -> tuple[str, str, str] | None:
    """Intent, queue and priority as they were decided before a person chose others."""
    was = inputs.get("changed_from")
    return (str(was["intent"]), str(was["queue"]), str(was["priority"])) if was else None


def _person(identity: str | None, ctx: TriageContext) -> PersonRef | None:
    return person(identity, ctx) if identity and identity != HANDOFF.id else None


def _model(session: Session, number: int | None) -> str:
    """The classifier in words, empty where none was asked."""
    if number is None:
        return ""
    row = session.get(TriageModel, number)
    return f"classifier {number}, {row.examples} examples, {row.made_at:%Y-%m-%d}" if row else f"classifier {number}"
