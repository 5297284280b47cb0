"""INFERRED: the three calls about tickets that have no readable reference page, and what their answers say.

POST /tickets, GET /tickets and GET /tickets/{id}. Every field name comes from `names.Names`; what does not fit is said
by name, so that a wrong guess is mended in the settings.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote

from automations.adapters.http import Answer, Connection
from automations.adapters.muninx.limits import SYSTEM, TITLE, partial_view
from automations.adapters.muninx.names import Names
from automations.adapters.muninx.shapes import Numbered, ReadTicket
from automations.adapters.muninx.words import DONE, PRIORITY_OF, PRIORITY_TO, STATUS_TO, status_of
from automations.adapters.paging import pages
from automations.domain import DeskAgent, Ticket, TicketDraft, TicketStatus
from automations.errors import Rejected

TICKET_URL: Final = "https://app.muninx.com/tickets/{id}"
"""INFERRED: where people open a ticket."""
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_PAGE: Final = 100
_FIELDS: Final = ("id", "number", "title", "status", "priority", "assignee", "created_at", "updated_at")


class Tickets:
    """The inferred calls. `ticket_url` is the address people open, with `{id}` in it."""

    def __init__(self, connection: Connection, names: Names, ticket_url: str) -> None:
        self._connection = connection
        self._names = names
        self._ticket_url = ticket_url
        self._was_read = False

    def make(self, draft: TicketDraft) -> str:
        """Make a ticket and return its id (INFERRED). The account of the token is its creator, and nobody gets mail.

        Raises: OutcomeUnknown also for an answer that tells no id, since the ticket may be there then.
        """
        names = self._names
        body: dict[str, Any] = {
            names.title: draft.subject,
            names.description: draft.body,
            names.priority: PRIORITY_TO[draft.priority],
        }
        if draft.assignee is not None:
            body[names.assignee] = draft.assignee.lower()
        if names.skip_notifications:
            body[names.skip_notifications] = True
        answer = self._connection.write("POST", "/tickets", body)
        return self._ours(answer).shaped(Numbered).id

    def read(self, ticket: str) -> Ticket:
        """One ticket (INFERRED). Raises: Rejected with the code `no_ticket` for an id that MuninX does not show."""
        shown = self._shown(self._ours(self._connection.read(address(ticket), missing="no_ticket")).shaped(ReadTicket))
        self._was_read = True
        return shown

    def misplaced(self) -> bool:
        """True if the inferred address of a ticket is wrong: it shows none of those that the list shows.

        Raises: Unavailable, so that nothing is concluded from half an answer.
        """
        if self._was_read:
            return False
        try:
            listed = next(self.all(), None)
            if listed is not None:
                self.read(listed[1].id)
        except Rejected:
            return True
        return False

    def all(self) -> Iterator[tuple[str, Ticket]]:
        """All tickets that the token's role may see, with their numbers (INFERRED, paged as messages are)."""
        names = self._names

        def fetch(place: str) -> tuple[list[tuple[str, Ticket]], str | None]:
            answer = self._connection.read("/tickets", {names.limit: _PAGE} | ({names.page: place} if place else {}))
            body = answer.body if isinstance(answer.body, Mapping) else {}
            rows = [self._named(answer, row).shaped(ReadTicket) for row in body.get(names.items) or ()]
            return [(row.number or row.id, self._shown(row)) for row in rows], body.get(names.next) or None

        return pages("", fetch, title=TITLE, system=SYSTEM)

    def open_of(self, email: str, me: DeskAgent) -> Iterator[Ticket]:
        """The tickets of an agent that are not solved (INFERRED): the list takes no such condition, so all is read.

        Raises: Rejected with the code `hidden` if the token's account, `me`, is not shown all of it.
        """
        if (partial := partial_view(me)) is not None:
            words = f"{TITLE} does not show us all tickets of {email[:80]}. {partial}"
            raise Rejected(words, system=SYSTEM, code="hidden")
        return (one for _, one in self.all() if one.assignee == email.lower() and one.status not in DONE)

    def _ours(self, answer: Answer) -> Answer:
        body = answer.body
        if self._names.envelope and isinstance(body, Mapping):
            body = body.get(self._names.envelope)
        return self._named(answer, body)

    def _named(self, answer: Answer, body: Any) -> Answer:
        """The answer with a ticket's fields under our names; what is missing stays missing, to be said by its name."""
        if not isinstance(body, Mapping):
            return replace(answer, body=body)
        theirs = {field: getattr(self._names, field) for field in _FIELDS}
        return replace(answer, body={field: body[name] for field, name in theirs.items() if name in body})

    def _shown(self, row: ReadTicket) -> Ticket:
        return Ticket(
            system=SYSTEM,
            id=row.id,
            url=self._ticket_url.replace("{id}", quote(row.id, safe="")),
            subject=row.title,
            status=status_of(row.status),
            priority=PRIORITY_OF.get((row.priority or "").lower()),
            assignee=row.assignee.lower() if row.assignee else None,
            group=None,
            key=None,
            updated_at=row.updated_at,
            created_at=row.created_at,
            status_word=row.status,
            priority_word=row.priority or "",
        )

    def as_drafted(self, ticket: str, draft: TicketDraft, shown_at: Any) -> Ticket:
        """A ticket as it was asked for, which is all that is known before it was read."""
        return Ticket(
            system=SYSTEM,
            id=ticket,
            url=self._ticket_url.replace("{id}", quote(ticket, safe="")),
            subject=draft.subject,
            status=TicketStatus.OPEN,
            priority=draft.priority,
            assignee=draft.assignee.lower() if draft.assignee else None,
            group=None,
            key=None,
            updated_at=shown_at,
            status_word=STATUS_TO[TicketStatus.OPEN],
            priority_word=PRIORITY_TO[draft.priority],
        )


def address(ticket: str) -> str:
    """The path of a ticket. Raises: Rejected with the code `no_ticket` for what cannot be an id."""
    if _ID.fullmatch(ticket) is None:
        raise Rejected(f"{TITLE} has no ticket {ticket[:40]!r}", system=SYSTEM, code="no_ticket")
    return f"/tickets/{ticket}"
