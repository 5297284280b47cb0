"""The open tickets of an agent, by the search that is exported by cursor: no other list of theirs is in the reference.

It gives as many as there are, but shows what was a minute or more ago, so a ticket may come late or stay too long. Its
cursor lives an hour. (The vendor's reference of the search, and its article on searching tickets.)
"""

from collections.abc import Iterator

from automations.adapters.http import Connection
from automations.adapters.zendesk.connect import listed
from automations.adapters.zendesk.roster import Roster
from automations.adapters.zendesk.shapes import DeskTicket, SearchPage
from automations.adapters.zendesk.tickets import DONE, shown
from automations.domain import Ticket


def assigned(connection: Connection, roster: Roster, email: str) -> Iterator[Ticket]:
    """Tickets of the agent with this address that are not solved, oldest first; none for nobody's address."""
    if (agent := roster.find(email)) is None:
        return
    asked = {"query": f"assignee:{agent.id} status<solved", "filter[type]": "ticket"}
    for ticket in listed(connection, "/api/v2/search/export", SearchPage, _results, asked):
        one = shown(ticket, connection.of.url, roster.users().values(), roster.groups().values())
        if ticket.assignee_id == agent.id and ticket.status != "deleted" and one.status not in DONE:
            yield one


def _results(page: SearchPage) -> list[DeskTicket]:
    return page.results
