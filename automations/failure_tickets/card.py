"""Filling the cards: what the living message, the thread and the escalation channel show, read fresh from storage."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.domain import CaseStatus, Priority, case_ref
from automations.errors import NotFound
from automations.failure_tickets.card_types import AttemptLine, CaseCard, EntryLine, EscalationCard, TicketLine
from automations.failure_tickets.context import Context
from automations.failure_tickets.detail import case_detail
from automations.failure_tickets.draft import customer_of
from automations.failure_tickets.flapping import CAME_BACK, next_case_of
from automations.failure_tickets.journal import card_key
from automations.failure_tickets.known_customer import customer_standing
from automations.failure_tickets.lists import case_rows, my_cases, open_cases, open_cases_page, status
from automations.failure_tickets.placing import group_key
from automations.failure_tickets.unclear import is_asked
from automations.words import PersonRef, person, who
from storage.models import Case, CaseEntry, CaseTicket, Notification
from storage.retention.asked import pruned

__all__ = [
    "case_card",
    "case_detail",
    "case_rows",
    "entry_line",
    "escalation_card",
    "my_cases",
    "open_cases",
    "open_cases_page",
    "status",
    "ticket_line",
]


SAID_THERE = frozenset({"desk_note", "desk_reply", "customer_reply"})
"""Lines about what was written in the desk, which is to be read there."""


def case_card(session: Session, case_id: int, ctx: Context) -> CaseCard:
    """Everything the living message of a case shows. Raises NotFound if there is no such case."""
    case = session.get(Case, case_id, populate_existing=True)
    if case is None:
        raise NotFound(f"There is no {case_ref(case_id)}.{pruned(session, Case, case_id)}")
    return CaseCard(
        id=case.id,
        status=CaseStatus(case.status),
        version=case.version,
        source=case.source,
        reason=case.reason,
        summary=case.summary,
        details=case.details,
        job_id=case.job_id,
        job_name=case.job_name,
        customer=customer_of(case),
        attempts=tuple(AttemptLine(datetime.fromisoformat(one["at"]), one["outcome"]) for one in case.attempts),
        checks=tuple(case.checks),
        diagnostics_url=case.diagnostics_url,
        count=case.count,
        first_seen=case.first_seen,
        last_seen=case.last_seen,
        rule=case.rule,
        queue=case.queue,
        priority=Priority(case.priority),
        priority_why=tuple((label, points) for label, points in case.priority_why),
        owner=person(case.owner, ctx),
        owner_why=case.owner_why,
        opened_at=case.opened_at,
        claimed_by=_maybe(case.claimed_by, ctx),
        claimed_at=case.claimed_at,
        closed_by=_maybe(case.closed_by, ctx),
        closed_at=case.closed_at,
        close_note=case.close_note,
        escalate_at=case.escalate_at,
        escalated_at=case.escalated_at,
        escalated_by=_maybe(case.escalated_by, ctx),
        escalation_reason=case.escalation_reason,
        previous_id=case.previous_id,
        previous_permalink=permalink(session, case.previous_id) if case.previous_id else None,
        last_actor=person(case.last_actor, ctx),
        last_act=case.last_act,
        last_at=case.last_at,
        ticket=ticket_line(session.get_one(CaseTicket, case.id, populate_existing=True), ctx),
        permalink=permalink(session, case.id),
        flaps=case.flaps,
        next_id=next_case_of(session, case.id),
        next_permalink=after[1] if (after := _next(session, case.id, ctx)) else None,
        snoozed_until=case.snoozed_until,
        snoozed_by=_maybe(case.snoozed_by, ctx),
        hold_until=case.hold_until,
        call_owner=case.call_owner,
        reminders=case.reminders,
        stale=case.stale_at is not None,
        group_id=case.group_id,
        group_permalink=_of_group(session, case.group_id) if case.group_id else None,
        standing=customer_standing(session, case, ctx),
    )


def ticket_line(row: CaseTicket, ctx: Context) -> TicketLine:
    """The ticket as last known. It is current only if the last reading showed what is wanted now."""
    gone = row.deleted_at is not None
    return TicketLine(
        system=row.system,
        state=row.state,
        id=row.ticket_id,
        url=row.url,
        current=not gone and row.state == "verified" and row.verified_version >= row.wanted_version,
        verified_at=row.verified_at,
        missing=row.missing,
        gone=gone,
        asked=is_asked(row),
        named=row.named,
        found_by=who(row.named_by, ctx) if row.named_by else None,
        read_at=row.read_at,
    )


def permalink(session: Session, case_id: int) -> str | None:
    """The address of the message in Slack that shows a case, its own or its group's, once it is posted."""
    own = session.scalar(select(Notification.permalink).where(Notification.key == card_key(case_id)))
    group_id = session.scalar(select(Case.group_id).where(Case.id == case_id)) if own is None else None
    return _of_group(session, group_id) if group_id is not None else own


def _of_group(session: Session, group_id: int) -> str | None:
    return session.scalar(select(Notification.permalink).where(Notification.key == group_key(group_id)))


def entry_line(session: Session, case_id: int, seq: int, ctx: Context, *, mention: str | None = None) -> EntryLine:
    """One line of history as a whole sentence. `mention` is the e-mail kept with the notification.

    Raises: NotFound if the case has no such line.
    """
    entry = session.scalars(select(CaseEntry).where(CaseEntry.case_id == case_id, CaseEntry.seq == seq)).one_or_none()
    if entry is None:
        raise NotFound(f"{case_ref(case_id)} has no line {seq}.")
    actor = person(entry.actor, ctx)
    return EntryLine(
        case_id=case_id,
        seq=seq,
        at=entry.at,
        actor=actor,
        verb=entry.verb,
        text=f"{actor.name} {entry.text}",
        mention=_maybe(mention, ctx),
        link=_opens(session, case_id, entry.verb, ctx),
    )


def _opens(session: Session, case_id: int, verb: str, ctx: Context) -> tuple[str, str] | None:
    """What a line leads to: the case that came after this one, or the ticket where something was written."""
    if verb == CAME_BACK:
        return _next(session, case_id, ctx)
    row = session.get_one(CaseTicket, case_id) if verb in SAID_THERE else None
    return (f"ticket #{row.ticket_id}", row.url) if row is not None and row.url else None


def escalation_card(session: Session, shown: Mapping[str, Any], ctx: Context) -> EscalationCard:
    """An escalation from its notification's data. A lead who is not to be called comes without a Slack user."""
    lead = person(shown["lead"], ctx)
    return EscalationCard(
        case=case_card(session, shown["case_id"], ctx),
        lead=lead if shown["mention"] else PersonRef(lead.email, lead.name),
        reason=shown["reason"],
        at=datetime.fromisoformat(shown["at"]),
        by=person(shown["by"], ctx),
        lead_why=shown["lead_why"],
        taken_back_by=_maybe(shown.get("taken_back_by"), ctx),
        taken_back_at=datetime.fromisoformat(shown["taken_back_at"]) if "taken_back_at" in shown else None,
    )


def _next(session: Session, case_id: int, ctx: Context) -> tuple[str, str] | None:
    """Name the case as which a failure came back, and its message, else its page while that is not posted yet."""
    after = next_case_of(session, case_id)
    return None if after is None else (case_ref(after), permalink(session, after) or ctx.case_url(after))


def _maybe(identity: str | None, ctx: Context) -> PersonRef | None:
    return person(identity, ctx) if identity is not None else None
