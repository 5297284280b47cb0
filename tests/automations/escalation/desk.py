"""A desk of one agent's tickets behind a bad line: what it is told to do once, it does."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from automations.desks import Capability
from automations.domain import Actor, IdempotencyKey, Ticket, TicketChange, TicketEvent, TicketStatus
from automations.errors import AdapterError
from automations.ports import Clock
from tests.support import START


@dataclass
class OneDesk:
    """Ticket 1. `before` and `after` a call of that name, what is listed there is raised once."""

    clock: Clock
    system: str = "builtin"
    title: str = "The desk"
    capabilities: frozenset[Capability] = frozenset({Capability.EVENTS, Capability.REPLIES})
    by_hand: Mapping[Capability, str] = field(default_factory=dict)
    shown: Ticket = field(
        default_factory=lambda: Ticket(
            "builtin",
            "1",
            "https://desk.example/1",
            "Cannot log in",
            TicketStatus.OPEN,
            None,
            None,
            "Support",
            None,
            START,
        )
    )
    said: list[TicketEvent] = field(default_factory=list)
    before: dict[str, list[AdapterError]] = field(default_factory=dict)
    after: dict[str, list[AdapterError]] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)

    def get(self, _ticket: str) -> Ticket:
        self._reach("get")
        return self.shown

    def update(self, _ticket: str, change: TicketChange, *, key: IdempotencyKey) -> None:
        self._reach("update")
        self.keys.add(key)
        self.shown = replace(self.shown, assignee=change.assignee or self.shown.assignee)
        self._answer("update")

    def note(self, _ticket: str, text: str, *, author: str | None, key: IdempotencyKey) -> None:
        self._reach("note")
        self._say("internal", text, author or "handoff", key)
        self._answer("note")

    def reply(self, _ticket: str, text: str, *, confirmed_by: Actor, key: IdempotencyKey) -> None:
        self._reach("reply")
        self._say("public", f"<p>{text}</p>", confirmed_by.email or "", key)
        self._answer("reply")

    def events(self, _ticket: str, *, after: str | None) -> Iterator[TicketEvent]:
        assert after is None
        self._reach("events")
        return iter(self.said)

    def tell(self, kind: str, text: str, author: str = "Kim") -> None:
        """Somebody said something."""
        self.said.append(TicketEvent(str(len(self.said)), self.clock.now(), kind, author, None, ours=False, body=text))

    def _say(self, kind: str, text: str, author: str, key: str) -> None:
        if key not in self.keys:
            self.keys.add(key)
            self.tell(kind, text, author)

    def _reach(self, call: str) -> None:
        self.calls.append(call)
        if self.before.get(call):
            raise self.before[call].pop(0)

    def _answer(self, call: str) -> None:
        if self.after.get(call):
            raise self.after[call].pop(0)

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"nobody asks the desk for {name} here")
