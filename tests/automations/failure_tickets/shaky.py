"""A desk behind a bad line, and a loop that advances a ticket as the engine does."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from automations.adapters.builtin.desk import BuiltinDesk
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
)
from automations.errors import AdapterError
from automations.failure_tickets import tickets
from tests.automations.failure_tickets.world import World


@dataclass
class ShakyDesk:
    """A real desk behind a bad line: `before` and `after` a call of that name, what is listed there happens once."""

    desk: BuiltinDesk
    system: ClassVar[str] = "builtin"
    title: ClassVar[str] = BuiltinDesk.title
    capabilities: ClassVar[frozenset[Capability]] = BuiltinDesk.capabilities
    by_hand: ClassVar[Mapping[Capability, str]] = BuiltinDesk.by_hand
    settle_s: float = 0.0
    before: dict[str, list[AdapterError]] = field(default_factory=dict)
    after: dict[str, list[AdapterError]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    shown: Callable[[Ticket], Ticket] = lambda ticket: ticket

    def _reach(self, call: str) -> None:
        self.calls.append(call)
        if self.before.get(call):
            raise self.before[call].pop(0)

    def _answer(self, call: str) -> None:
        if self.after.get(call):
            raise self.after[call].pop(0)

    def create(self, draft: TicketDraft, *, key: IdempotencyKey) -> Ticket:
        self._reach("create")
        made = self.desk.create(draft, key=key)
        self._answer("create")
        return made

    def me(self) -> DeskAgent:
        return self.desk.me()

    def find(self, key: IdempotencyKey, *, since: datetime | None = None) -> Ticket | None:
        self._reach("find")
        return self.desk.find(key, since=since)

    def get(self, ticket: str) -> Ticket:
        self._reach("get")
        return self.shown(self.desk.get(ticket))

    def update(self, ticket: str, change: TicketChange, *, key: IdempotencyKey) -> None:
        self._reach("update")
        self.desk.update(ticket, change, key=key)
        self._answer("update")

    def note(self, ticket: str, text: str, *, author: str | None, key: IdempotencyKey) -> None:
        self._reach("note")
        self.desk.note(ticket, text, author=author, key=key)
        self._answer("note")

    def agents(self) -> Iterator[DeskAgent]:
        return self.desk.agents()

    def groups(self) -> Iterator[str]:
        return self.desk.groups()

    def changed(self, since: str | None) -> Changed:
        self._reach("changed")
        return self.desk.changed(since)

    def events(self, ticket: str, *, after: str | None) -> Iterator[TicketEvent]:
        self._reach("events")
        return self.desk.events(ticket, after=after)

    def required_fields(self) -> Iterator[TicketField]:
        self._reach("required_fields")
        return self.desk.required_fields()

    def assigned(self, email: str) -> Iterator[Ticket]:
        self._reach("assigned")
        return self.desk.assigned(email)

    def reply(self, ticket: str, text: str, *, confirmed_by: Actor, key: IdempotencyKey) -> None:
        self.desk.reply(ticket, text, confirmed_by=confirmed_by, key=key)

    def metrics(self, ticket: str) -> TicketMetrics:
        return self.desk.metrics(ticket)

    def writing_triggers(self) -> Iterator[str]:
        return self.desk.writing_triggers()

    @classmethod
    def on(cls, world: World) -> "ShakyDesk":
        """A built-in desk with the team's groups and people."""
        made = BuiltinDesk(world.database, world.clock, "https://bot.example")
        for group in ("Support", "Billing"):
            made.ensure_group(group)
        for name in ("anna@team.example", "b.okoro@desk.example", "lea@team.example"):
            made.ensure_agent(name.partition("@")[0], name)
        return cls(made)


def run(world: World, desk: ShakyDesk, case: int, limit: int = 30) -> list[str]:
    """Advance until rest, as the engine does."""
    steps: list[str] = []
    while (step := tickets.advance(world.database, desk, case, world.ctx)) is not None:
        steps.append(step)
        assert len(steps) < limit, f"never comes to rest: {steps[-6:]}"
    return steps
