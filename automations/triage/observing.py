"""Collecting what triage decides by: one ticket's rows of the mirror and of its words. Nothing is asked of the desk."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from automations.customers.known import whose_each
from automations.customers.telling import asked_of, of_ticket
from automations.ticket_texts.contacts import contacts
from automations.triage.inputs import Inputs
from storage.models import MirrorTicket, TicketText, TriageDecision

CONTACTS_WITHIN: Final = timedelta(hours=24)


def observe(session: Session, ticket: MirrorTicket, words: TicketText, now: datetime) -> Inputs:
    """What is known of a ticket now."""
    since = now - CONTACTS_WITHIN
    counted = contacts(session, ticket.system, since, requester=ticket.requester, customer=ticket.customer_id)
    return inputs_of(ticket, words, counted)


def customer_of(session: Session, ticket: MirrorTicket, now: datetime, zone: str) -> dict[str, str]:
    """What a decision keeps of the customer beside the tier: words, as people read them. Nothing where none is kept."""
    asked = asked_of(ticket.customer_id, ticket.requester, ticket.opened_by)
    told = of_ticket(session, asked, ticket.tier, now, zone)
    named = {"standing": told.standing, "unclear": told.unclear}
    return {name: words for name, words in named.items() if words}


def tier_changed(session: Session, ticket: MirrorTicket, decided: Sequence[TriageDecision]) -> bool:
    """Whether the ticket goes by another tier than at the last decision, because people gave its customer another.

    `decided`: newest first. Of a customer that is not kept here the tier alone is no reason to decide again.
    """
    if not decided or decided[0].inputs.get("tier", "") == ticket.tier:
        return False
    asked = asked_of(ticket.customer_id, ticket.requester, ticket.opened_by)
    standing = whose_each(session, {"": asked})[""].standing
    return standing is not None and standing.knows_tier


def inputs_of(ticket: MirrorTicket, words: TicketText, counted: int) -> Inputs:
    """The same from rows at hand. `counted` are the customer's contacts in the last 24 hours."""
    return Inputs(
        subject=ticket.subject,
        opening=words.opening,
        latest=words.latest,
        tier=ticket.tier,
        channel=ticket.channel,
        tags=tuple(ticket.tags),
        contacts=counted,
        tone=words.tone,
        tone_words=tuple(words.tone_words),
        language=words.language,
        customer_messages=words.customer_messages,
    )
