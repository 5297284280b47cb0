"""A Freshdesk account as the contracts want to find it, the adapter in front of it, and colleagues at work in it."""

from datetime import timedelta
from typing import Any

import httpx

from automations.adapters.freshdesk.access import FreshdeskAccess
from automations.adapters.freshdesk.connection import connect
from automations.adapters.freshdesk.customers import FreshdeskCustomers
from automations.adapters.freshdesk.desk import FreshdeskDesk
from automations.adapters.freshdesk.options import Options
from automations.adapters.markup import plain_as_html
from automations.domain import Priority, TicketChange, TicketStatus
from tests.automations.adapters.contract import AGENTS, GROUPS
from tests.desks.budget import Budget
from tests.desks.freshdesk import KEY, REQUESTER, URL, FakeFreshdesk
from tests.support import FakeClock

STATUSES = {
    TicketStatus.OPEN: 2,
    TicketStatus.PENDING: 3,
    TicketStatus.ON_HOLD: 7,
    TicketStatus.SOLVED: 4,
    TicketStatus.CLOSED: 5,
}
PRIORITIES = {Priority.LOW: 1, Priority.NORMAL: 2, Priority.HIGH: 3, Priority.URGENT: 4}


def account(clock: FakeClock, **more: Any) -> FakeFreshdesk:
    """An account with the agents and groups of the contract; Anna is in Support."""
    fake = FakeFreshdesk(clock, **more)
    for group in GROUPS:
        fake.group(group)
    for name, email in AGENTS:
        fake.agents[fake.agent(name, email)]["group_ids"] = [40]
    return fake


def desk_of(
    line: httpx.BaseTransport,
    clock: FakeClock,
    *,
    options: Options | None = None,
    key: str = KEY,
    budget: Budget | None = None,
) -> FreshdeskDesk:
    """The adapter at the other end of this line."""
    return FreshdeskDesk(URL, key, REQUESTER, budget or Budget(), clock.now, options, transport=line)


def customers_of(line: httpx.BaseTransport, clock: FakeClock) -> FreshdeskCustomers:
    """The customers at the other end of this line."""
    return FreshdeskCustomers(connect(URL, KEY, Budget(), clock.now, transport=line), clock.now)


def access_of(line: httpx.BaseTransport, clock: FakeClock, *, key: str = KEY) -> FreshdeskAccess:
    """The agents at the other end of this line."""
    return FreshdeskAccess(connect(URL, key, Budget(), clock.now, transport=line), clock.now)


def called(fake: FakeFreshdesk, since: int = 0) -> list[str]:
    """The calls that were made, as `METHOD path`."""
    return [f"{one.request.method} {one.request.url.path[len('/api/v2') :]}" for one in fake.exchanges[since:]]


class Colleagues:
    """People at work in the account. A second passes with each act."""

    def __init__(self, fake: FakeFreshdesk) -> None:
        self.fake = fake

    def _row(self, ticket: str) -> dict[str, Any]:
        self.fake.clock.move(timedelta(seconds=1))
        return self.fake.tickets[int(ticket)]

    def _agent(self, email: str) -> int:
        found = self.fake.agent_by_email(email)
        assert found is not None
        return int(found["id"])

    def change(self, ticket: str, change: TicketChange, *, by: str) -> None:
        groups = {name: number for number, name in self.fake.groups.items()}
        values: dict[str, Any] = {}
        if change.status is not None:
            values["status"] = STATUSES[change.status]
        if change.priority is not None:
            values["priority"] = PRIORITIES[change.priority]
        if change.assignee is not None:
            values["responder_id"] = self._agent(change.assignee) if change.assignee else None
        if change.group is not None:
            values["group_id"] = groups[change.group]
        self.fake.change(self._row(ticket), values)

    def note(self, ticket: str, text: str, *, by: str) -> None:
        self.fake.say(self._row(ticket), plain_as_html(text), user=self._agent(by), private=True, source=2)

    def reply(self, ticket: str, text: str, *, by: str) -> None:
        self.fake.say(self._row(ticket), plain_as_html(text), user=self._agent(by), private=False, source=0)

    def customer_replies(self, ticket: str, text: str) -> None:
        row = self._row(ticket)
        said = {"user": row["requester_id"], "private": False, "source": 0, "incoming": True}
        self.fake.say(row, plain_as_html(text), **said)
        if row["status"] in (3, 4, 5):
            self.fake.change(row, {"status": 2})

    def merge(self, ticket: str, into: str, *, by: str) -> None:
        """Freshdesk closes the ticket and says so in a note of its own."""
        self.note(ticket, f"This ticket is closed and merged into ticket {into}", by=by)
        self.fake.change(self.fake.tickets[int(ticket)], {"status": 5})

    def delete(self, ticket: str, *, by: str) -> None:
        self._row(ticket)
        self.fake.delete(int(ticket))
