"""A small desk in memory, with any set of capabilities, for tests of what the bot says about desks."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from automations.access_ports import DeskAccess
from automations.adapters.calls import Call
from automations.desks import (
    ABILITY,
    AgentAccess,
    Capability,
    Customer,
    CustomerChange,
    DeskToken,
    Seats,
    TicketMetrics,
)
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
from automations.ports import CustomerBook
from bot.desks.kind import Kind

AT = datetime(2026, 11, 21, 2, 14, tzinfo=UTC)
ME = DeskAgent("1", "Handoff", "handoff@team.example", "agent", "active")
PAGE = 100


@dataclass
class SmallLimits:
    """Fills the protocol of an adapter's module `limits`."""

    CAPABILITIES: frozenset[Capability]
    TITLE: str = "Smalldesk"

    @property
    def BY_HAND(self) -> Mapping[Capability, str]:  # noqa: N802 - a constant of an adapter's module
        return {one: f"Do it in Smalldesk: {ABILITY[one]}." for one in Capability if one not in self.CAPABILITIES}


@dataclass
class SmallDesk:
    """`HelpDesk` over lists. `flaw` is called with the name of each method first, and may raise."""

    can: frozenset[Capability] = frozenset(Capability)
    people: list[DeskAgent] = field(default_factory=lambda: [ME])
    queues: list[str] = field(default_factory=lambda: ["Support", "Billing"])
    fields: tuple[TicketField, ...] = ()
    triggers: tuple[str, ...] = ()
    flaw: Callable[[str], None] = lambda _name: None
    tickets: dict[str, Ticket] = field(default_factory=dict)
    said: list[tuple[str, TicketEvent]] = field(default_factory=list)
    notes: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    system = "small"
    title = "Smalldesk"
    settle_s = 0.0

    @property
    def capabilities(self) -> frozenset[Capability]:
        return self.can

    @property
    def by_hand(self) -> Mapping[Capability, str]:
        return SmallLimits(self.can).BY_HAND

    def _ask(self, name: str) -> None:
        self.asked.append(name)
        self.flaw(name)

    def me(self) -> DeskAgent:
        self._ask("me")
        return ME

    def create(self, draft: TicketDraft, *, key: IdempotencyKey) -> Ticket:
        self._ask("create")
        found = next((one for one in self.tickets.values() if one.key == key), None)
        if found is None:
            number = str(len(self.tickets) + 1)
            url, tags = f"https://desk.example/{number}", draft.tags
            group = draft.group if Capability.GROUPS in self.can else None
            priority = draft.priority if Capability.PRIORITIES in self.can else None
            new = TicketStatus.OPEN
            found = Ticket(
                "small", number, url, draft.subject, new, priority, draft.assignee, group, key, AT, "new", "", tags
            )
            self.tickets[number] = found
        self.flaw("created")
        return found

    def find(self, key: IdempotencyKey, *, since: datetime | None = None) -> Ticket | None:
        self._ask("find")
        return next((one for one in self.tickets.values() if one.key == key), None)

    def get(self, ticket: str) -> Ticket:
        self._ask("get")
        return self.tickets[ticket]

    def update(self, ticket: str, change: TicketChange, *, key: IdempotencyKey) -> None:
        self._ask("update")
        if change.status is TicketStatus.SOLVED and len(change.fields) < len(self.fields):
            raise Rejected("Root cause is empty", system="small", code="fields_missing")
        shown = self.tickets[ticket]
        self.tickets[ticket] = replace(
            shown,
            status=change.status or shown.status,
            priority=change.priority or shown.priority,
            assignee=shown.assignee if change.assignee is None else change.assignee or None,
            group=change.group or shown.group,
            fields=change.fields or shown.fields,
        )

    def note(self, ticket: str, text: str, *, author: str | None, key: IdempotencyKey) -> None:
        self._ask("note")
        if key not in self.notes:
            self.notes.add(key)
            self.said.append((ticket, TicketEvent(str(len(self.said)), AT, "internal", "Handoff", None, True, text)))

    def reply(self, ticket: str, text: str, *, confirmed_by: Actor, key: IdempotencyKey) -> None:
        raise AssertionError("nobody confirmed a reply")

    def agents(self) -> Iterator[DeskAgent]:
        self._ask("agents")
        yield from self.people

    def groups(self) -> Iterator[str]:
        self._ask("groups")
        yield from self.queues

    def changed(self, since: str | None) -> Changed:
        self._ask("changed")
        ids = sorted(self.tickets, key=int)
        begin = len(ids) if since is None else int(since or 0)
        page = ids[begin : begin + PAGE]
        end = begin + len(page)
        shown = tuple(self.tickets[one] for one in page if self.tickets[one].status is not TicketStatus.ON_HOLD)
        return Changed(tuple(page), str(end), end < len(ids), shown)

    def events(self, ticket: str, *, after: str | None) -> Iterator[TicketEvent]:
        self._ask("events")
        yield from (event for of, event in self.said if of == ticket)

    def required_fields(self) -> Iterator[TicketField]:
        self._ask("required_fields")
        yield from self.fields

    def assigned(self, email: str) -> Iterator[Ticket]:
        self._ask("assigned")
        done = TicketStatus.SOLVED, TicketStatus.CLOSED
        yield from (one for one in self.tickets.values() if one.assignee == email and one.status not in done)

    def metrics(self, ticket: str) -> TicketMetrics:
        return TicketMetrics(ticket, None, None)

    def writing_triggers(self) -> Iterator[str]:
        self._ask("writing_triggers")
        yield from self.triggers


class SmallAccess:
    """`DeskAccess` of which only the readings are filled."""

    system, title = "small", "Smalldesk"

    def __init__(self, desk: SmallDesk) -> None:
        self._desk = desk
        self.capabilities, self.by_hand = desk.can, desk.by_hand

    def agent(self, email: str) -> DeskAgent | None:
        return next((one for one in self._desk.people if one.email == email), None)

    def agents(self) -> Iterator[DeskAgent]:
        self._desk.flaw("access")
        yield from self._desk.people

    def everybody(self) -> Iterator[AgentAccess]:
        self._desk.flaw("everybody")
        for one in self._desk.people:
            yield AgentAccess(one, ("Support",), (DeskToken("1", "export"),))

    def seats(self) -> Seats:
        return Seats(len(self._desk.people), 5)

    def roles(self) -> Iterator[str]:
        yield from ("agent", "admin")

    def groups(self) -> Iterator[str]:
        yield "Support"

    def memberships(self, email: str) -> Iterator[str]:
        yield "Support"

    def tokens(self, email: str) -> Iterator[DeskToken]:
        yield DeskToken("1", "export")

    def _changes(self, *_args: object, **_options: object) -> None:
        raise AssertionError("a check changes no agent")

    invite = invite_again = set_role = suspend = reactivate = remove = join = leave = sign_out = revoke_token = _changes


class SmallBook:
    """`CustomerBook` with one customer."""

    system, title = "small", "Smalldesk"

    def __init__(self, desk: SmallDesk) -> None:
        self.capabilities, self.by_hand = desk.can, desk.by_hand
        self._flaw = desk.flaw

    def customers(self) -> Iterator[Customer]:
        self._flaw("customers")
        yield self.customer("1")

    def customer(self, customer: str) -> Customer:
        return Customer(customer, "Acme", None, (), "", "active", ())

    def find_customer(self, *, reference: str | None = None, domain: str | None = None) -> Customer | None:
        return None

    def create_customer(self, customer: CustomerChange, *, key: IdempotencyKey) -> Customer:
        raise AssertionError("a check makes no customer")

    def _changes(self, *_args: object) -> None:
        raise AssertionError("a check changes no customer")

    update_customer = suspend_customer = resume_customer = _changes


def small_kind(desk: SmallDesk, *calls: Call) -> Kind:
    """A kind of desk that opens this one."""
    access: Callable[[object], DeskAccess] = lambda _line: SmallAccess(desk)  # noqa: E731 - typed for the checker
    book: Callable[[object], CustomerBook] = lambda _line: SmallBook(desk)  # noqa: E731 - as above
    return Kind(lambda _line: desk, book, access, SmallLimits(desk.can), lambda _section: calls)
