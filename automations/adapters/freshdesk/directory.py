"""Agents, groups and fields of the account, each read at most once a minute, and tickets in our words with them."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

from automations.adapters.freshdesk.connection import API, listed
from automations.adapters.freshdesk.fields import TicketFields, channel_of, priority_of, priority_word
from automations.adapters.freshdesk.limits import SYSTEM, TITLE
from automations.adapters.freshdesk.options import Options
from automations.adapters.freshdesk.shapes import Agent, Agents, Field, Fields, Named, NamedOnes, TicketRow
from automations.adapters.http import Connection
from automations.domain import CustomerRef, DeskAgent, Ticket
from automations.errors import Rejected

KEPT: Final = timedelta(minutes=1)

Item = TypeVar("Item")


class Kept(Generic[Item]):
    """A list that is read again once it is a minute old."""

    def __init__(self, read: Callable[[], Iterable[Item]], now: Callable[[], datetime]) -> None:
        self._read = read
        self._now = now
        self._kept: tuple[datetime, tuple[Item, ...]] | None = None
        self._spared: datetime | None = None

    def all(self) -> tuple[Item, ...]:
        """The items, as they were at most a minute ago."""
        kept = self._kept
        return kept[1] if kept is not None and self._now() < kept[0] + KEPT else self.again()

    def find(self, is_it: Callable[[Item], bool], *, sparing: bool = False) -> Item | None:
        """The first that is it. What is not in a list that was kept is looked for in a new one.

        `sparing`: at most once a minute, for what may be gone for ever, such as an agent that old tickets name.
        """
        kept = self._kept
        items = self.all()
        found = next(filter(is_it, items), None)
        if found is None and kept is not None and kept[1] is items and not (sparing and self._looked_just_now()):
            found = next(filter(is_it, self.again()), None)
        return found

    def _looked_just_now(self) -> bool:
        now = self._now()
        if self._spared is not None and now < self._spared + KEPT:
            return True
        self._spared = now
        return False

    def again(self) -> tuple[Item, ...]:
        """The items as they are now."""
        at = self._now()
        items = tuple(self._read())
        self._kept = at, items
        return items


class Directory:
    """Who and what there is in the account."""

    def __init__(self, connection: Connection, now: Callable[[], datetime], options: Options) -> None:
        self._connection = connection
        self._options = options
        self.agents: Kept[Agent] = Kept(lambda: listed(connection, "/agents", Agents), now)
        self.groups: Kept[Named] = Kept(lambda: listed(connection, "/groups", NamedOnes), now)
        self._fields: Kept[Field] = Kept(self._read_fields, now)
        self._me: Agent | None = None

    def me(self) -> Agent:
        """Whose key this is; read once, since a key never becomes another agent's."""
        if self._me is None:
            self._me = self._connection.read(f"{API}/agents/me").shaped(Agent)
        return self._me

    def fields(self) -> TicketFields:
        """The account's statuses and fields of tickets."""
        return TicketFields(self._fields.all(), self._options)

    def agent_by_email(self, email: str) -> Agent | None:
        """The agent with this address, None if there is none."""
        wanted = email.lower()
        return self.agents.find(lambda agent: agent.email == wanted)

    def agent_id(self, email: str) -> int:
        """The id to send for a person. Raises: Rejected with the code `no_agent`."""
        if (found := self.agent_by_email(email)) is None:
            raise Rejected(f"{TITLE} has no agent {email}", system=SYSTEM, code="no_agent")
        return found.id

    def group_id(self, name: str) -> int:
        """The id to send for a group. Raises: Rejected with the code `no_group`."""
        found = self.groups.find(lambda group: group.name == name)
        if found is None:
            known = ", ".join(group.name for group in self.groups.all()) or "none"
            raise Rejected(f"{TITLE} has no group {name!r}; it has {known}", system=SYSTEM, code="no_group")
        return found.id

    def ticket(self, row: TicketRow) -> Ticket:
        """A ticket in our words. Who or what is not in the lists, although the ticket names it, is shown by its id."""
        fields = self.fields()
        custom = row.custom_fields or {}
        return Ticket(
            system=SYSTEM,
            id=str(row.id),
            url=f"{self._connection.of.url.rstrip('/')}/a/tickets/{row.id}",
            subject=row.subject or "",
            status=fields.status(row.status),
            priority=priority_of(row.priority),
            assignee=self._assignee(row.responder_id),
            group=self._group(row.group_id),
            key=custom.get(self._options.key_field) or None,
            updated_at=row.updated_at,
            created_at=row.created_at,
            status_word=fields.status_word(row.status),
            priority_word=priority_word(row.priority),
            tags=tuple(row.tags or ()),
            fields=fields.values(row),
            requester=_asker(row),
            customer=CustomerRef(str(row.company_id)) if row.company_id else None,
            channel=channel_of(row.source),
        )

    def _assignee(self, responder: int | None) -> str | None:
        if responder is None:
            return None
        found = self.agents.find(lambda agent: agent.id == responder, sparing=True)
        return found.email if found else f"agent {responder}"

    def _group(self, group: int | None) -> str | None:
        if group is None:
            return None
        found = self.groups.find(lambda one: one.id == group, sparing=True)
        return found.name if found else f"group {group}"

    def _read_fields(self) -> Iterable[Field]:
        return self._connection.read(f"{API}/ticket_fields").shaped(Fields).root


def _asker(row: TicketRow) -> str | None:
    """Who asked, by address where the answer tells it, else by their number."""
    address = ((row.requester and row.requester.email) or "").lower()
    return address or (str(row.requester_id) if row.requester_id else None)


def as_desk_agent(agent: Agent, role: str) -> DeskAgent:
    """An agent in our words. Who has not confirmed their address yet is invited; no suspension is told by the API."""
    state = "active" if agent.contact.active else "invited"
    return DeskAgent(str(agent.id), agent.name, agent.email, role, state, agent.contact.last_login_at)
