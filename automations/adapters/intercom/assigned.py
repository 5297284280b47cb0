"""The open tickets of a teammate, of all ticket types, by the ticket search; conversations are no tickets.

The search is late, and whether it takes a ticket for open is its own affair, so all of the teammate's tickets are read
and told apart here. Fields that can be searched: the vendor's reference, search tickets.
"""

from collections.abc import Iterator
from typing import Any

from automations.adapters.http import Connection
from automations.adapters.intercom.feed import PER_PAGE
from automations.adapters.intercom.limits import SYSTEM, TITLE
from automations.adapters.intercom.reading import DONE, Reader, status_of
from automations.adapters.intercom.shapes import FoundShape, TicketShape
from automations.adapters.intercom.workspace import Workspace
from automations.adapters.paging import pages
from automations.domain import Ticket


def assigned(line: Connection, workspace: Workspace, reader: Reader, email: str) -> Iterator[Ticket]:
    """Tickets of the teammate with this address that are not solved; none for nobody's address."""
    if (admin := workspace.admin(email)) is None:
        return
    told = set[str]()
    for row in _found(line, admin.id):
        if str(row.admin_assignee_id) == admin.id and status_of(row) not in DONE and row.id not in told:
            told.add(row.id)  # no order is promised, so what changes meanwhile may come on two pages
            yield reader.ticket(row)


def _found(line: Connection, admin: str) -> Iterator[TicketShape]:
    query = {"field": "admin_assignee_id", "operator": "=", "value": admin}

    def fetch(after: str) -> tuple[tuple[TicketShape, ...], str | None]:
        page: dict[str, Any] = {"per_page": PER_PAGE} | ({"starting_after": after} if after else {})
        found = line.read("/tickets/search", json={"query": query, "pagination": page}).shaped(FoundShape)
        return found.tickets, found.pages.next.starting_after if found.pages and found.pages.next else None

    return pages("", fetch, title=TITLE, system=SYSTEM)
