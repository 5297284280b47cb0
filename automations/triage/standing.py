"""Whether a ticket is triage's to decide: new words of a customer, open, and moved by nobody of the team by hand.

The mirror tells that a ticket moved, not who moved it. Where it stands otherwise than our last applied decision left
it, somebody else did; and so did they where it moved without any decision of ours, but for its first minute, in which
desks carry out their own routing rules.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.triage.decisions import after
from automations.triage.place import Place, in_words
from storage.models import MirrorSpan, MirrorTicket, TicketText, TriageDecision

OWN_ROUTING: Final = timedelta(minutes=1)
"""How long after a ticket was made its changes are taken for the desk's own rules."""
NEW: Final = timedelta(days=3)
"""Words older than this are not triaged any more, as when triage is switched on over a full desk."""
_DONE: Final = ("solved", "closed")


def out_of_reach(session: Session, ticket: MirrorTicket, decided: Sequence[TriageDecision]) -> str:
    """Why triage leaves this ticket alone for good, in words; empty if it does not. `decided`: newest first."""
    return why_left_alone(ticket, decided, lambda: _moved_alone(session, ticket))


def why_left_alone(ticket: MirrorTicket, decided: Sequence[TriageDecision], moved_alone: Callable[[], bool]) -> str:
    """The same from rows at hand; `moved_alone` is asked only while triage has done nothing to the ticket."""
    if ticket.deleted_at is not None:
        return "the ticket was deleted"
    if ticket.merged_into is not None:
        return "the ticket was merged into another one"
    if ticket.status in _DONE:
        return f"the ticket is {ticket.status}"
    if any(row.state == "undone" for row in decided):
        return "what triage did with this ticket was undone"
    applied = next((row for row in decided if row.state == "applied"), None)
    here = Place(ticket.group_name, ticket.priority)
    moved = moved_alone() if applied is None else here != after(applied)
    return f"somebody moved the ticket by hand (now {in_words(here)})" if moved else ""


def not_seen_yet(ticket: MirrorTicket, decided: Sequence[TriageDecision]) -> bool:
    """Whether the mirror may still lack what triage did last: what it shows is no ground to decide on."""
    applied = next((row for row in decided if row.state == "applied"), None)
    if applied is None or Place(ticket.group_name, ticket.priority) == after(applied):
        return False
    return applied.verified_at is None or ticket.changed_at <= applied.verified_at


def awaits_triage(ticket: MirrorTicket, words: TicketText, now: datetime) -> bool:
    """Whether a customer waits whose words are new enough, on a ticket that no program of the team's own opened."""
    return (
        ticket.opened_by != "bot"
        and ticket.waiting_since is not None
        and (words.latest_at or ticket.created_at) > now - NEW
    )


def _moved_alone(session: Session, ticket: MirrorTicket) -> bool:
    """Whether group or priority changed after the ticket's first minute, while triage had done nothing to it."""
    columns = MirrorSpan.from_at, MirrorSpan.group_name, MirrorSpan.priority
    spans = session.execute(select(*columns).where(MirrorSpan.ticket == ticket.id).order_by(MirrorSpan.n))
    return moved_by_hand(ticket, [(row.from_at, Place(row.group_name, row.priority)) for row in spans])


def moved_by_hand(ticket: MirrorTicket, stood: Sequence[tuple[datetime, Place]]) -> bool:
    """Whether the places where a ticket stood, in order, changed after its first minute."""
    routed = ticket.created_at + OWN_ROUTING
    return any(before != now and since > routed for (_, before), (since, now) in pairwise(stood))
