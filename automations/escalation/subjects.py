"""What an escalation is about, a ticket or a case, as rows have it now: what the message says, whether it is over."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.domain import TicketStatus
from automations.escalation.context import EscalationContext
from automations.people import Roster
from storage.models import Case, MirrorTicket, TicketText

DONE: Final = frozenset({TicketStatus.SOLVED.value, TicketStatus.CLOSED.value})


@dataclass(frozen=True, slots=True)
class Subject:
    """`columns` are those of an escalation's row. `over` says in words why nobody need act any more, empty if they do.

    `assignee` is the ticket's as the desk tells it, `evidence` what is kept with the escalation.
    """

    columns: Mapping[str, Any]
    over: str
    assignee: str
    evidence: Mapping[str, Any]


def subject_of(session: Session, subject: str, system: str, subject_id: str, ctx: EscalationContext) -> Subject | None:
    """The ticket or case, None if no row knows it."""
    if subject == "case":
        case = session.get(Case, int(subject_id), populate_existing=True)
        return None if case is None else _case(case, ctx)
    mine = MirrorTicket.system == system, MirrorTicket.ticket_id == subject_id
    found = session.execute(select(MirrorTicket).where(*mine), execution_options={"populate_existing": True})
    ticket = found.scalar_one_or_none()
    if ticket is None:
        return None
    return Subject(ticket_columns(ticket, ctx), over(ticket), ticket.assignee, _evidence(session, ticket))


def over(ticket: MirrorTicket) -> str:
    """Why nobody need act on a ticket any more: solved, closed, merged into #9, deleted; empty if somebody has to."""
    if ticket.deleted_at is not None:
        return "deleted"
    if ticket.merged_into is not None:
        return f"merged into #{ticket.merged_into}"
    return ticket.status if ticket.status in DONE else ""


def ticket_columns(ticket: MirrorTicket, ctx: EscalationContext) -> dict[str, Any]:
    """What the row of an escalation says of its ticket."""
    return {
        "title": ticket.subject,
        "url": ticket.url,
        "priority": ticket.priority,
        "customer_id": ticket.customer_id,
        "customer_name": ticket.customer_name,
        "tier": ticket.tier,
        "queue": ticket.group_name,
        "owner": colleague(ctx.roster, ticket.assignee),
    }


def colleague(roster: Roster, agent: str) -> str:
    """Who of the team is this agent of the desk, by e-mail; the agent's own address or name if it is nobody of it."""
    address = agent.strip().lower()
    known = (one.email.lower() for one in roster.people if (one.desk or one.email).lower() == address)
    return next(known, address)


def _case(case: Case, ctx: EscalationContext) -> Subject:
    columns = {
        "title": case.summary,
        "url": ctx.case_url(case.id),
        "priority": case.priority,
        "customer_id": case.customer_id or "",
        "customer_name": (case.customer_name or "")[:255],
        "tier": (case.customer_tier or "").lower(),
        "queue": case.queue,
        "owner": case.owner,
    }
    return Subject(columns, case.status if case.open_key is None else "", case.owner, {"assignee": case.owner})


def _evidence(session: Session, ticket: MirrorTicket) -> dict[str, Any]:
    words = session.get(TicketText, (ticket.system, ticket.ticket_id), populate_existing=True)
    return {"assignee": ticket.assignee, "messages": list(words.last) if words is not None else []}
