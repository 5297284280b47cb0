"""Filling the card of an escalation, from rows alone."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.domain import HANDOFF
from automations.escalation import chain
from automations.escalation.card_facts import account, customer, tried
from automations.escalation.card_types import (
    CalledLine,
    ClockLine,
    EscalationCard,
    FiringLine,
    MessageLine,
)
from automations.escalation.case_posts import post_of
from automations.escalation.context import EscalationContext
from automations.escalation.desk_claim import claim_words
from automations.escalation.found import said
from automations.escalation.journal import card_key, found, subject_ref
from automations.escalation.lists import clocks_about_to_run_out, escalation_rows, my_escalations
from automations.escalation.reasons import PRESSING, EscalationReason
from automations.escalation.similar_tickets import similar_lines
from automations.escalation.stale import is_stale
from automations.escalation.summary import summary_card
from automations.escalation.verdicts import verdict_of
from automations.sla.keeping import ShownClock, clock_lines
from automations.words import PersonRef, person
from storage import notifications
from storage.models import Escalation, EscalationFiring

__all__ = ["clocks_about_to_run_out", "escalation_card", "escalation_rows", "my_escalations", "summary_card"]


def escalation_card(session: Session, escalation_id: int, ctx: EscalationContext) -> EscalationCard:
    """Everything the message of an escalation shows, as it is now. Raises: NotFound."""
    row, now = found(session, escalation_id), ctx.clock.now()
    asleep = row.snoozed_until is not None and row.snoozed_until > now
    goes_on = row.state == "open" and row.next_at is not None and not asleep
    note, whose = row.evidence.get("note") or {}, customer(session, row, ctx)
    return EscalationCard(
        id=row.id,
        subject=row.subject,
        ref=subject_ref(row),
        desk=ctx.desk_title,
        title=row.title,
        url=row.url,
        state=row.state,
        firings=_firings(session, row),
        priority=row.priority,
        customer=row.customer_name or row.customer_id,
        tier=row.tier,
        queue=row.queue,
        owner=_maybe(row.owner, ctx),
        clocks=_clocks(session, row, now),
        messages=tuple(_messages(row)),
        account=account(session, row, ctx),
        tried=tried(session, row, ctx),
        similar=similar_lines(row),
        called=tuple(
            CalledLine(person(one["email"], ctx), one["step"], datetime.fromisoformat(one["at"])) for one in row.called
        ),
        call=_call(row, ctx),
        waiting_for=_waiting_for(session, row, ctx) if goes_on else "",
        next_at=row.next_at if goes_on else None,
        opened_at=row.opened_at,
        opened_by=_maybe(row.opened_by if row.opened_by != HANDOFF.id else None, ctx),
        claimed_by=_maybe(row.claimed_by, ctx),
        claimed_at=row.claimed_at,
        snoozed_until=row.snoozed_until,
        snoozed_by=_maybe(row.snoozed_by, ctx),
        stale=is_stale(row),
        closed_by=_maybe(row.closed_by, ctx),
        closed_at=row.closed_at,
        ending=row.ending,
        close_note=row.close_note,
        note_by=_maybe(row.note_by, ctx),
        note_at=row.note_at,
        customer_note=ctx.customer_note,
        may_note=ctx.can_reply and row.subject == "ticket" and row.state != "closed" and row.note_by is None,
        permalink=_permalink(session, row),
        note_error=str(note.get("error", "")),
        in_desk=claim_words(row, ctx),
        unheard=row.state == "open" and row.next_at is None,
        verdict=verdict_of(session, row.id),
        standing=whose.standing,
        unclear=whose.unclear,
    )


def clock_line(one: ShownClock) -> ClockLine:
    """A clock as cards show it."""
    return ClockLine(
        one.ticket_id, one.title, one.url, one.kind, one.target, one.state, one.due_at, one.left_s, one.counted
    )


def _firings(session: Session, row: Escalation) -> tuple[FiringLine, ...]:
    """What has fired, the most pressing first."""
    rows = session.scalars(select(EscalationFiring).where(EscalationFiring.escalation_id == row.id)).all()
    lines = [
        FiringLine(
            reason=(reason := EscalationReason(one.reason)),
            rule=one.rule,
            rule_version=one.rule_version,
            said=said(reason, tuple(one.evidence)),
            evidence=tuple(one.evidence),
            due_at=one.due_at,
            fired_at=one.fired_at,
        )
        for one in rows
    ]
    return tuple(sorted(lines, key=lambda one: (PRESSING.index(one.reason), one.due_at)))


def _clocks(session: Session, row: Escalation, now: datetime) -> tuple[ClockLine, ...]:
    if row.subject != "ticket":
        return ()
    found = clock_lines(session, row.system, (row.subject_id,), now).get(row.subject_id, ())
    return tuple(clock_line(one) for one in found)


def _messages(row: Escalation) -> Iterator[MessageLine]:
    for one in row.evidence.get("messages") or ():
        at = datetime.fromisoformat(one["at"])
        yield MessageLine(at, one["side"], one["author"], one["text"], bool(one.get("cut", False)))


def _call(row: Escalation, ctx: EscalationContext) -> tuple[PersonRef, ...]:
    """Whom the first post mentions: who was called with it, while nobody has acknowledged."""
    first: dict[str, Any] = row.called[0] if row.called else {}
    return (person(first["email"], ctx),) if first.get("by") == "message" and row.state == "open" else ()


def _waiting_for(session: Session, row: Escalation, ctx: EscalationContext) -> str:
    """The step that the chain would take if its time came now; empty if that calls nobody."""
    call = chain.choose(session, row, ctx)
    return ctx.rules.steps[call.step].call if call is not None and call.email is not None else ""


def _permalink(session: Session, row: Escalation) -> str | None:
    shown = (
        post_of(session, int(row.subject_id)) if row.subject == "case" else notifications.get(session, card_key(row.id))
    )
    return shown.permalink if shown is not None else None


def _maybe(identity: str | None, ctx: EscalationContext) -> PersonRef | None:
    return person(identity, ctx) if identity else None
