"""Collecting what triage decides by: one ticket's rows of the mirror and of its words. Nothing is asked of the desk."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from automations.ticket_texts.contacts import contacts
from automations.triage.inputs import Inputs
from storage.models import MirrorTicket, TicketText

CONTACTS_WITHIN: Final = timedelta(hours=24)


def observe(session: Session, ticket: MirrorTicket, words: TicketText, now: datetime) -> Inputs:
    """What is known of a ticket now."""
    since = now - CONTACTS_WITHIN
    counted = contacts(session, ticket.system, since, requester=ticket.requester, customer=ticket.customer_id)
    return inputs_of(ticket, words, counted)


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
