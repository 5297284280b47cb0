"""The open tickets of an agent, by the search: lists of tickets are chosen by requester or time, not by agent.

The search shows what was some minutes ago. It gives ten pages of thirty, so what goes beyond is refused and never cut.
(The vendor's reference, filter tickets.)
"""

from collections.abc import Iterator, Sequence
from typing import Final

from automations.adapters.freshdesk.connection import API
from automations.adapters.freshdesk.directory import Directory
from automations.adapters.freshdesk.limits import SYSTEM, TITLE
from automations.adapters.freshdesk.shapes import TicketRow, TicketSearch
from automations.adapters.http import Connection
from automations.adapters.paging import pages
from automations.domain import Ticket, TicketStatus
from automations.errors import Rejected

PER_PAGE: Final = 30
LAST_PAGE: Final = 10
_STATUSES: Final = 25
"""Asked for in one query, of which the desk takes 512 characters."""
_DONE: Final = (TicketStatus.SOLVED, TicketStatus.CLOSED)


def assigned(connection: Connection, directory: Directory, email: str) -> Iterator[Ticket]:
    """Tickets of the agent with this address that are not solved; none for nobody's address.

    Raises: Rejected with the code `too_many`, before it gives any.
    """
    agent = directory.agent_by_email(email)
    if agent is None:
        return iter(())
    statuses = directory.fields().open_statuses()
    rows: dict[int, TicketRow] = {}
    for start in range(0, len(statuses), _STATUSES):
        some = statuses[start : start + _STATUSES]
        rows |= {row.id: row for row in _found(connection, agent.id, some, email)}
    tickets = (directory.ticket(row) for row in rows.values() if row.responder_id == agent.id and not row.deleted)
    return (ticket for ticket in tickets if ticket.status not in _DONE)


def _found(connection: Connection, agent: int, statuses: Sequence[int], email: str) -> Iterator[TicketRow]:
    wanted = " OR ".join(f"status:{one}" for one in statuses)

    def fetch(page: int) -> tuple[list[TicketRow], int | None]:
        asked = {"query": f'"agent_id:{agent} AND ({wanted})"', "page": page}
        found = connection.read(f"{API}/search/tickets", asked).shaped(TicketSearch)
        if found.total > LAST_PAGE * PER_PAGE:
            said = (
                f"{email} has {found.total} open tickets in {TITLE}, whose search gives {LAST_PAGE * PER_PAGE}: give "
                "some of them to others there, then try again"
            )
            raise Rejected(said, system=SYSTEM, code="too_many")
        return found.results, page + 1 if found.total > page * PER_PAGE else None

    return pages(1, fetch, title=TITLE, system=SYSTEM)
