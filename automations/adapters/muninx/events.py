"""A ticket's messages in order. MuninX gives them no id, so an event is named by its place: the first one is 1.

No edit and no deletion of messages is documented, so a place stays what it is.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from automations.adapters.http import Connection
from automations.adapters.muninx.limits import SYSTEM, TITLE
from automations.adapters.muninx.shapes import Message, MessagePage
from automations.adapters.muninx.words import unmarked
from automations.adapters.paging import pages
from automations.domain import DeskAgent, TicketEvent

PAGE: Final = 100
"""The most messages a page may have."""


def messages(connection: Connection, ticket: str) -> list[Message]:
    """All messages of a ticket, oldest first, whichever way round the desk lists them. Raises: Rejected no_ticket."""

    def fetch(place: str) -> tuple[list[Message], str | None]:
        query = {"ticket-id": ticket, "limit": PAGE} | ({"pageToken": place} if place else {})
        page = connection.read("/messages", query, missing="no_ticket").shaped(MessagePage)
        return page.items, page.nextPageToken or None

    found = list(pages("", fetch, title=TITLE, system=SYSTEM))
    if found and found[0].posted_at > found[-1].posted_at:
        found.reverse()
    return sorted(found, key=lambda message: message.posted_at)


def events(
    said: Sequence[Message], me: DeskAgent, team: dict[str, DeskAgent], *, after: str | None
) -> Iterator[TicketEvent]:
    """The messages as events, those after the place `after`."""
    first = int(after) if after is not None and after.isdecimal() else 0
    for place, message in enumerate(said, start=1):
        if place > first:
            yield _event(place, message, me, team)


def is_ours(message: Message, me: DeskAgent) -> bool:
    """True for what the token's account wrote, or what bears our mark.

    A reply that goes out under the organization's name does not tell its author, so it counts as somebody else's.
    """
    return message.author.lower() == me.email or unmarked(message.body)[1]


def _event(place: int, message: Message, me: DeskAgent, team: dict[str, DeskAgent]) -> TicketEvent:
    body, _ = unmarked(message.body)
    from_customer = message.author_role == "customer"
    known = team.get(message.author.lower())
    kind = "customer" if from_customer else "internal" if message.type == "internal" else "public"
    return TicketEvent(
        id=str(place),
        at=message.posted_at,
        kind=kind,
        author=known.name if known else message.author,
        author_email=known.email if known and not from_customer else None,
        ours=is_ours(message, me),
        body=body,
        automatic=message.author_role == "service",
    )
