"""Reading tickets: always through the search, which tells whole tickets in one form, one or a hundred at a time.

`GET /ticket/{id}` of a merged ticket answers with the other one, and a search hides merged tickets unless it asks for
`EffectiveId`; deleted ones it hides always (lib/RT/Tickets.pm, FromSQL).
"""

from collections.abc import Iterator
from typing import Any, Final

from automations.adapters.http import Connection
from automations.adapters.paging import pages
from automations.adapters.request_tracker.limits import SYSTEM, TITLE
from automations.adapters.request_tracker.line import PER_PAGE, quoted
from automations.adapters.request_tracker.people import Kept
from automations.adapters.request_tracker.shapes import Made, Page, TicketItem, TicketState
from automations.adapters.request_tracker.users import NOBODY
from automations.adapters.request_tracker.values import DELETED, Terms, customer_in, priority_of, statuses
from automations.domain import Ticket, TicketStatus
from automations.errors import Rejected, Unavailable

WHOLE: Final = {
    "fields": "Subject,Status,Priority,Owner,Requestor,Queue,EffectiveId,LastUpdated,Created,CustomFields,_hyperlinks",
    "fields[Owner]": "EmailAddress,RealName",
    "fields[Requestor]": "EmailAddress",
    "fields[Queue]": "Name",
}


_DONE: Final = frozenset({TicketStatus.SOLVED, TicketStatus.CLOSED})


class Reader:
    """Reads tickets in our words. `base` is the desk's web address."""

    def __init__(self, connection: Connection, kept: Kept, base: str, terms: Terms) -> None:
        self._connection = connection
        self._kept = kept
        self._base = base.rstrip("/")
        self._terms = terms
        self._statuses = statuses(terms)

    def get(self, ticket: str) -> Ticket:
        """One ticket. Raises: Rejected with the code `no_ticket` if there is none or it was deleted."""
        if not (ticket.isascii() and ticket.isdecimal() and len(ticket) < 19 and not ticket.startswith("0")):
            raise Rejected(f"{TITLE} has no ticket {ticket[:40]!r}", system=SYSTEM, code="no_ticket")
        found, _ = self.search(f"id = {ticket} AND EffectiveId > 0")
        if found:
            return found[0]
        state = self._connection.read(f"/ticket/{ticket}", missing="no_ticket").shaped(TicketState)
        if state.status == DELETED:
            raise Rejected(f"ticket #{ticket} was deleted in {TITLE}", system=SYSTEM, code="no_ticket")
        raise Unavailable(f"{TITLE} has ticket #{ticket}, but its search does not show it", system=SYSTEM)

    def by_key(self, key: str) -> Ticket | None:
        """The oldest ticket that bears our key, merged ones too."""
        asked = f"'CF.{{{self._terms.key_field}}}' = {quoted(key)} AND EffectiveId > 0"
        return next((one for one in self.search(asked)[0] if one.key == key), None)

    def search(self, query: str) -> tuple[list[Ticket], bool]:
        """The first hundred tickets of a query in order of their numbers, and whether there are more."""
        asked: dict[str, Any] = {**WHOLE, "query": query, "orderby": "id", "per_page": PER_PAGE}
        page = self._connection.read("/tickets", asked).shaped(Page[TicketItem])
        more = page.count < page.total if page.total is not None else page.count == PER_PAGE
        return [self._ticket(item) for item in page.items], more

    def open_of(self, owner: str) -> Iterator[Ticket]:
        """The tickets that a user owns, by user name, and that nobody has solved or closed, oldest first."""

        def fetch(after: int) -> tuple[list[Ticket], int | None]:
            found, more = self.search(f"Owner = {quoted(owner)} AND Status = '__Active__' AND id > {after}")
            return found, int(found[-1].id) if more and found else None

        return (one for one in pages(0, fetch, title=TITLE, system=SYSTEM) if one.status not in _DONE)

    def status(self, word: str) -> TicketStatus:
        """A status in our words. One that nobody told us of is open or closed, as the desk counts it."""
        return self._statuses.read(word, inactive=self._inactive(word))

    def _ticket(self, item: TicketItem) -> Ticket:
        merged = item.effective_id if item.effective_id != item.id else None
        key = item.values(self._terms.key_field)
        customer = item.values(self._terms.customer_field)
        return Ticket(
            system=SYSTEM,
            id=item.id,
            url=f"{self._base}/Ticket/Display.html?id={item.id}",
            subject=item.subject,
            status=TicketStatus.CLOSED if merged else self.status(item.status),
            priority=priority_of(item.priority, self._terms.priorities),
            assignee=None if item.owner.id == NOBODY else item.owner.email.lower() or item.owner.id,
            group=item.queue.name,
            key=key[0] if key else None,
            updated_at=item.updated,
            status_word=item.status,
            priority_word=str(item.priority),
            tags=item.values(self._terms.tags_field),
            parent=item.parent,
            merged_into=merged,
            created_at=item.created,
            requester=item.requester,
            customer=customer_in(customer[0]) if customer else None,
        )

    def _inactive(self, word: str) -> bool:
        """Whether the lifecycles count a status as done, which only the search tells; known ones are not asked for."""
        if word.lower() in self._statuses.known:
            return False

        def read() -> bool:
            query = f"Status = {quoted(word)} AND Status = '__Inactive__'"
            return self._connection.read("/tickets", {"query": query, "per_page": 1}).shaped(Page[Made]).count > 0

        return self._kept.get(f"inactive/{word}", read)
