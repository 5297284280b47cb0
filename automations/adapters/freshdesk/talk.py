"""What is said in a ticket: notes and replies written once, and read in order.

A note is known again by its mark. A reply goes to the customer and bears none: a private note with the mark goes before
it and names who confirmed it. On a repeat the reply with the same words after that note is ours; another one by the
same sender there makes it unclear whether ours arrived, and that is for a person to see.
"""

from collections.abc import Iterator
from email.utils import parseaddr
from typing import Any, Final

from automations.adapters.freshdesk.connection import API, listed
from automations.adapters.freshdesk.directory import Directory
from automations.adapters.freshdesk.limits import SYSTEM, TITLE
from automations.adapters.freshdesk.marks import announces, has_mark, mark, marked_html, without_mark
from automations.adapters.freshdesk.shapes import Conversation, Conversations, TicketRow
from automations.adapters.http import Connection
from automations.adapters.markup import html_as_markdown, markdown_as_html
from automations.domain import Actor, IdempotencyKey, TicketEvent
from automations.errors import Rejected

OUTBOUND: Final = 10
"""The source of a ticket that an agent opened by writing to a customer (the vendor's reference, tickets)."""
FIRST: Final = "0-0"
"""The id of a ticket's description among its events. Others are `<unix time>-<conversation id>`, which sorts them."""


class Talk:
    """Conversations of tickets. `requester` is the internal address that our own tickets are requested by."""

    def __init__(self, connection: Connection, directory: Directory, requester: str) -> None:
        self._connection = connection
        self._directory = directory
        self._requester = requester.lower()

    def note(self, ticket: int, text: str, *, author: str | None, key: IdempotencyKey) -> None:
        """Add a private note once per key, as that agent; as the integration with their address if they are none."""
        if not self.noted(ticket, key):
            self.add_note(ticket, text, author=author, key=key)

    def noted(self, ticket: int, key: IdempotencyKey) -> bool:
        """True if the note of this key is there. Raises: Rejected with the code `no_ticket`."""
        return any(mark(key) in one.body for one in self._conversations(ticket))

    def add_note(self, ticket: int, text: str, *, author: str | None, key: IdempotencyKey) -> None:
        """Add the note of this key without looking whether it is there."""
        agent = self._directory.agent_by_email(author) if author else None
        said = text if agent or not author else f"{author} (by Handoff): {text}"
        self._add_note(ticket, marked_html(said, key), agent.id if agent else None)

    def reply(self, ticket: int, text: str, *, confirmed_by: Actor, key: IdempotencyKey) -> None:
        """Send a public reply once per key, as the agent who confirmed it, else as the integration.

        Raises: Rejected with the code `unclear` if another reply came between our first try and this one.
        """
        agent = self._directory.agent_by_email(confirmed_by.email) if confirmed_by.email else None
        sender = (agent or self._directory.me()).id
        there = self._conversations(ticket)
        announced = next((place for place, one in enumerate(there) if mark(key, reply=True) in one.body), None)
        if announced is None:
            said = f"{confirmed_by.name} confirmed the reply that follows."
            self._add_note(ticket, marked_html(said, key, reply=True), agent.id if agent else None)
        else:
            since = [one for one in there[announced + 1 :] if _kind(one) == "public"]
            if any(_words(one.body) == _words(markdown_as_html(text)) for one in since):
                return
            if any(one.user_id == sender for one in since):
                words = f"ticket #{ticket} has another reply since ours was confirmed; look whether ours was sent"
                raise Rejected(words, system=SYSTEM, code="unclear")
        by = {"user_id": agent.id} if agent else {}
        path = f"{API}/tickets/{ticket}/reply"
        self._said(path, {"body": markdown_as_html(text), **by})

    def events(self, row: TicketRow | None, ticket: int, after: str | None) -> Iterator[TicketEvent]:
        """What was said after the event of this id. `row` is the ticket with its requester if the beginning is told."""
        if row is not None:
            yield self._first(row)
        heard = _place(after)
        replying: int | None = None
        for one in self._conversations(ticket):
            ours = has_mark(html_as_markdown(one.body)) or one.user_id == self._directory.me().id
            if announces(html_as_markdown(one.body)):
                replying = one.user_id
            elif _kind(one) == "public" and one.user_id == replying:
                ours, replying = True, None
            if (int(one.created_at.timestamp()), one.id) > heard:
                yield self._event(one, ours=ours)

    def _event(self, one: Conversation, *, ours: bool) -> TicketEvent:
        agents = self._directory.agents
        agent = None if one.incoming else agents.find(lambda known: known.id == one.user_id, sparing=True)
        name, address = parseaddr(one.from_email or "")
        return TicketEvent(
            id=f"{int(one.created_at.timestamp())}-{one.id}",
            at=one.created_at,
            kind=_kind(one),
            author=agent.name if agent else name or address or ("the customer" if one.incoming else "somebody"),
            author_email=agent.email if agent else address.lower() or None,
            ours=ours and not one.incoming,
            body=without_mark(html_as_markdown(one.body)),
        )

    def _first(self, row: TicketRow) -> TicketEvent:
        address = ((row.requester and row.requester.email) or "").lower()
        ours, by_agent = address == self._requester, row.source == OUTBOUND
        asker = (row.requester and row.requester.name) or address or "the customer"
        return TicketEvent(
            id=FIRST,
            at=row.created_at,
            kind="internal" if ours else "public" if by_agent else "customer",
            author="an agent" if by_agent else asker,
            author_email=None if by_agent else address or None,
            ours=ours,
            body=html_as_markdown(row.description or ""),
        )

    def _add_note(self, ticket: int, body: str, user: int | None) -> None:
        by = {"user_id": user} if user is not None else {}
        self._said(f"{API}/tickets/{ticket}/notes", {"body": body, "private": True, **by})

    def _said(self, path: str, body: dict[str, Any]) -> None:
        """Say it. An answer that does not show what was said leaves the outcome unknown."""
        self._connection.write("POST", path, body, missing="no_ticket").shaped(Conversation)

    def _conversations(self, ticket: int) -> list[Conversation]:
        """All of them in order: the reference does not say in which they are listed."""
        path = f"/tickets/{ticket}/conversations"
        found = listed(self._connection, path, Conversations, missing="no_ticket")
        return sorted(found, key=lambda one: (one.created_at, one.id))


def _kind(one: Conversation) -> str:
    if one.private:
        return "internal"
    return "customer" if one.incoming else "public"


def _words(html: str) -> str:
    return " ".join(html_as_markdown(html).split())


def _place(event: str | None) -> tuple[int, int]:
    """Where an event stands. Raises: Rejected for what is no id of ours."""
    if event is None:
        return -1, -1
    at, _, number = event.partition("-")
    if not (at.isdecimal() and number.isdecimal()):
        raise Rejected(f"{event!r} is no event of a ticket in {TITLE}", system=SYSTEM, code="no_event")
    return int(at), int(number)
