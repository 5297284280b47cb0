"""What whoever takes an escalation asks next: who the customer is, and what has been tried. From rows alone."""

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.customers.telling import Told, asked_of, of_case, of_ticket
from automations.durations import in_words
from automations.escalation.context import EscalationContext
from automations.escalation.journal import escalation_ref
from automations.escalation.subjects import DONE, colleague
from automations.ticket_texts.contacts import contacts
from automations.words import when, who
from storage.models import Escalation, MirrorMessage, MirrorSpan, MirrorTicket


def account(session: Session, row: Escalation, ctx: EscalationContext) -> tuple[tuple[str, str], ...]:
    """Labels and values of the customer's account, as far as the desk tells it."""
    ticket = _ticket(session, row)
    if ticket is None:
        return ()
    return tuple((label, value) for label, value in _account(session, ticket, ctx) if value)


def customer(session: Session, row: Escalation, ctx: EscalationContext) -> Told:
    """Tier and status of whose it is as they are kept, with their age, or why that is not clear."""
    now = ctx.clock.now()
    if row.subject == "case":
        return of_case(session, row.customer_id, row.tier, now, ctx.zone)
    if (ticket := _ticket(session, row)) is None:
        return of_ticket(session, asked_of(row.customer_id, None, ""), row.tier, now, ctx.zone)
    asked = asked_of(ticket.customer_id, ticket.requester, ticket.opened_by)
    return of_ticket(session, asked, ticket.tier, now, ctx.zone)


def tried(session: Session, row: Escalation, ctx: EscalationContext) -> tuple[str, ...]:
    """What was done about the ticket so far, a line each."""
    ticket = _ticket(session, row)
    if ticket is None:
        return ()
    return tuple(_tried(session, row, ticket, ctx))


def _account(session: Session, ticket: MirrorTicket, ctx: EscalationContext) -> Iterator[tuple[str, str]]:
    within = ctx.rules.contacts_within
    since = ctx.clock.now() - within
    yield "Requester", ticket.requester or ""
    yield "Channel", ticket.channel
    if ticket.customer_id or ticket.requester:
        whose = (
            MirrorTicket.customer_id == ticket.customer_id
            if ticket.customer_id
            else MirrorTicket.requester == ticket.requester
        )
        unsolved = MirrorTicket.status.not_in(DONE), MirrorTicket.deleted_at.is_(None)
        counted = select(func.count()).select_from(MirrorTicket).where(MirrorTicket.system == ticket.system, whose)
        yield "Open tickets", str(session.scalar(counted.where(*unsolved)) or 0)
        made = contacts(session, ticket.system, since, requester=ticket.requester, customer=ticket.customer_id)
        yield f"Contacts in {in_words(within)}", str(made)


def _tried(session: Session, row: Escalation, ticket: MirrorTicket, ctx: EscalationContext) -> Iterator[str]:
    agents = MirrorMessage.ticket == ticket.id, MirrorMessage.side == "agent"
    replies = session.execute(
        select(MirrorMessage.at, MirrorMessage.author).where(*agents).order_by(MirrorMessage.n)
    ).all()
    if replies:
        by = Counter(who(colleague(ctx.roster, one.author), ctx) for one in replies)
        names = ", ".join(f"{name} {count}" for name, count in by.most_common(3))
        yield f"{_number(len(replies), 'reply', 'replies')} ({names}), the last at {when(replies[-1].at, ctx)}"
    else:
        yield "no reply yet"
    stretches = session.execute(
        select(MirrorSpan.assignee, MirrorSpan.status, MirrorSpan.before)
        .where(MirrorSpan.ticket == ticket.id)
        .order_by(MirrorSpan.n)
    ).all()
    earlier = dict.fromkeys(one.assignee for one in stretches if one.assignee and one.assignee != ticket.assignee)
    if earlier:
        yield f"was with {', '.join(who(colleague(ctx.roster, one), ctx) for one in earlier)}"
    if reopened := sum(one.before in DONE and one.status not in DONE for one in stretches):
        yield f"was reopened {_number(reopened, 'time', 'times')}"
    before = (
        select(Escalation)
        .where(Escalation.subject == row.subject, Escalation.system == row.system)
        .where(Escalation.subject_id == row.subject_id, Escalation.id < row.id)
        .order_by(Escalation.id.desc())
        .limit(3)
    )
    for one in session.scalars(before):
        ending = one.ending.replace("_", " ") or one.state
        yield f"was escalated before: {escalation_ref(one.id)} at {when(one.opened_at, ctx)} ({ending})"


def _ticket(session: Session, row: Escalation) -> MirrorTicket | None:
    if row.subject != "ticket":
        return None
    mine = MirrorTicket.system == row.system, MirrorTicket.ticket_id == row.subject_id
    return session.scalars(select(MirrorTicket).where(*mine)).one_or_none()


def _number(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
