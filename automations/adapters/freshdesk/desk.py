"""Freshdesk behind the port for tickets. Acts as the agent whose API key it is given.

That agent has to be an administrator, since Freshdesk lists agents to nobody else, and a ticket names its assignee by
an agent's id alone.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar

import httpx

from automations.adapters.freshdesk.assigned import assigned
from automations.adapters.freshdesk.connection import API, SETTLE_S, as_id, connect
from automations.adapters.freshdesk.customers import FreshdeskCustomers
from automations.adapters.freshdesk.directory import Directory, as_desk_agent
from automations.adapters.freshdesk.feed import Feed
from automations.adapters.freshdesk.fields import TicketFields, priority_number
from automations.adapters.freshdesk.keys import Keys
from automations.adapters.freshdesk.limits import BY_HAND, CAPABILITIES, SYSTEM, TITLE
from automations.adapters.freshdesk.options import Options
from automations.adapters.freshdesk.shapes import Agent, Stats, TicketRow
from automations.adapters.freshdesk.talk import Talk
from automations.desks import Capability, TicketMetrics
from automations.domain import (
    Actor,
    Changed,
    DeskAgent,
    IdempotencyKey,
    Ticket,
    TicketChange,
    TicketDraft,
    TicketEvent,
    TicketField,
    TicketStatus,
)
from automations.errors import Rejected
from automations.ports import RateBudget

_DONE = (TicketStatus.SOLVED, TicketStatus.CLOSED)


class FreshdeskDesk:
    """`HelpDesk` over `/api/v2`.

    `url` is `https://<account>.freshdesk.com` (the API answers at no other host), `token` an administrator's API key,
    `requester` the internal address that new tickets are requested by.
    """

    system: ClassVar[str] = SYSTEM
    title: ClassVar[str] = TITLE
    capabilities: ClassVar[frozenset[Capability]] = CAPABILITIES
    by_hand: ClassVar[Mapping[Capability, str]] = BY_HAND
    settle_s: ClassVar[float] = SETTLE_S

    def __init__(
        self,
        url: str,
        token: str,
        requester: str,
        budget: RateBudget,
        now: Callable[[], datetime],
        options: Options | None = None,
        *,
        per_minute: int | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        options = options or Options()
        self._connection = connect(url, token, budget, now, per_minute=per_minute, transport=transport)
        self._directory = Directory(self._connection, now, options)
        self._talk = Talk(self._connection, self._directory, requester)
        customers = FreshdeskCustomers(self._connection, now, options)
        self._keys = Keys(self._connection, self._directory, self._talk, customers, requester, options)
        self._feed = Feed(self._connection, self._directory, now)

    def me(self) -> DeskAgent:
        """The agent whose API key this is."""
        me = self._directory.me()
        return as_desk_agent(me, _kind(me))

    def create(self, draft: TicketDraft, *, key: IdempotencyKey) -> Ticket:
        """Make the ticket and its private note; what is there of them by this key is not made again.

        Raises: Rejected with the code `no_agent`, `no_group` or `no_field`, before anything is made.
        """
        return self._directory.ticket(self._keys.create(draft, key))

    def find(self, key: IdempotencyKey, *, since: datetime | None = None) -> Ticket | None:
        """The ticket of this key, also from the trash. One that lacks its first note is not made yet: None."""
        found = self._keys.find(key, since)
        return self._directory.ticket(found) if found else None

    def get(self, ticket: str) -> Ticket:
        """Read one ticket. Raises: Rejected with the code `no_ticket`, also for one in the trash."""
        return self._directory.ticket(self._read(ticket))

    def update(self, ticket: str, change: TicketChange, *, key: IdempotencyKey) -> None:
        """Send what differs. Freshdesk has no lock: of two writers the last one wins.

        Raises: Rejected with the code `no_agent`, `no_group`, `no_field`, `no_status` or `fields_missing`, with nothing
        changed; `cannot` for a parent, since a child could not be taken out again.
        """
        row = self._read(ticket)
        if change.parent is not None:
            raise Rejected(f"{TITLE} cannot: {BY_HAND[Capability.PARENTS]}", system=SYSTEM, code="cannot")
        body = self._body(row, change)
        if not body:
            return
        try:
            self._connection.write("PUT", f"{API}/tickets/{row.id}", body, missing="no_ticket").shaped(TicketRow)
        except Rejected as exc:
            if exc.code != "missing_field":
                raise
            raise Rejected(str(exc), system=SYSTEM, code="fields_missing") from exc

    def note(self, ticket: str, text: str, *, author: str | None, key: IdempotencyKey) -> None:
        """Add a private note once per key, as the agent with that address. Nobody is notified of it."""
        self._talk.note(self._read(ticket).id, text, author=author, key=key)

    def reply(self, ticket: str, text: str, *, confirmed_by: Actor, key: IdempotencyKey) -> None:
        """Send a public reply once per key; a private note that names who confirmed it goes before it."""
        self._talk.reply(self._read(ticket).id, text, confirmed_by=confirmed_by, key=key)

    def agents(self) -> Iterator[DeskAgent]:
        """All agents. The role is the kind of agent here, since lists leave roles out."""
        return (as_desk_agent(agent, _kind(agent)) for agent in self._directory.agents.all())

    def groups(self) -> Iterator[str]:
        """The names of all groups."""
        return (group.name for group in self._directory.groups.all())

    def changed(self, since: str | None) -> Changed:
        """Tickets that changed since the cursor: one page of those that are there, then of those in the trash."""
        return self._feed.changed(since)

    def events(self, ticket: str, *, after: str | None) -> Iterator[TicketEvent]:
        """The description, then notes and replies, oldest first. Changes of fields are not told by the API."""
        whole = self._read(ticket, include="requester") if after is None else None
        return self._talk.events(whole, whole.id if whole else _number(ticket), after)

    def whole(self, ticket: str) -> tuple[Ticket, tuple[TicketEvent, ...]]:
        """One ticket with its tags, its requester's address and all that was said, in two calls or more."""
        row = self._read(ticket, include="requester")
        return self._directory.ticket(row), tuple(self._talk.events(row, row.id, None))

    def required_fields(self) -> Iterator[TicketField]:
        """The fields that the account requires for closure, custom ones and the type."""
        return iter(self._directory.fields().required())

    def assigned(self, email: str) -> Iterator[Ticket]:
        """The open tickets of an agent, by the search, which is some minutes late and leaves archived tickets out.

        Raises: Rejected with the code `too_many` for more than the search gives.
        """
        return assigned(self._connection, self._directory, email)

    def metrics(self, ticket: str) -> TicketMetrics:
        """Seconds of the calendar from the ticket's making to its first reply and its solution."""
        row = self._read(ticket, include="stats")
        stats = row.stats or Stats()
        times = (stats.first_responded_at, stats.resolved_at)
        reply_s, resolution_s = ((at - row.created_at).total_seconds() if at else None for at in times)
        return TicketMetrics(str(row.id), reply_s, resolution_s)

    def writing_triggers(self) -> Iterator[str]:
        """Raises Rejected: the API does not show automations."""
        raise Rejected(f"{TITLE} does not show its automations by API", system=SYSTEM, code="cannot")

    def _read(self, ticket: str, *, include: str | None = None) -> TicketRow:
        number = _number(ticket)
        params = {"include": include} if include else None
        row = self._connection.read(f"{API}/tickets/{number}", params, missing="no_ticket").shaped(TicketRow)
        if row.deleted:
            raise Rejected(f"ticket #{number} was deleted in {TITLE}", system=SYSTEM, code="no_ticket")
        return row

    def _body(self, row: TicketRow, change: TicketChange) -> dict[str, Any]:
        """What to send, empty if all is true already."""
        fields, shown = self._directory.fields(), self._directory.ticket(row)
        body: dict[str, Any] = {}
        if change.assignee is not None and change.assignee.lower() != (shown.assignee or ""):
            body["responder_id"] = self._directory.agent_id(change.assignee) if change.assignee else None
        if change.group is not None and change.group != shown.group:
            body["group_id"] = self._directory.group_id(change.group)
        if change.priority is not None and change.priority is not shown.priority:
            body["priority"] = priority_number(change.priority)
        if change.status is not None and change.status is not shown.status:
            if change.status in _DONE:
                _all_filled(fields, dict(shown.fields) | dict(change.fields))
            body["status"] = fields.status_number(change.status)
        filled = dict(shown.fields)
        return body | fields.body({name: value for name, value in change.fields if filled.get(name, "") != value})


def _all_filled(fields: TicketFields, values: Mapping[str, str]) -> None:
    missing = [one.label for one in fields.required() if not values.get(one.id)]
    if missing:
        words = f"{TITLE} wants these fields filled in before a ticket is solved: {', '.join(missing)}"
        raise Rejected(words, system=SYSTEM, code="fields_missing")


def _number(ticket: str) -> int:
    return as_id(ticket, "no_ticket", "ticket")


def _kind(agent: Agent) -> str:
    return (agent.type or "support_agent").replace("_", " ")
