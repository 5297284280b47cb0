"""Tickets with generated lives, told as desks tell them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from automations.domain import Priority, Ticket, TicketEvent, TicketStatus
from tests.support import START

STATUSES = [status.value for status in TicketStatus]
WORDS = {
    "status": STATUSES,
    "priority": [priority.value for priority in Priority],
    "group": ["", "Support", "Billing"],
    "assignee": ["", "anna@team.example", "ben@team.example"],
}


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def ticket(**more: Any) -> Ticket:
    """A ticket made at START that changed last an hour later."""
    values: dict[str, Any] = {
        "system": "builtin",
        "id": "7",
        "url": "https://desk.example/7",
        "subject": "Export stops",
        "status": TicketStatus.OPEN,
        "priority": Priority.NORMAL,
        "assignee": None,
        "group": "Support",
        "key": None,
        "created_at": START,
        "updated_at": at(60),
    }
    return Ticket(**(values | more))


def event(minutes: float, kind: str = "change", *changes: tuple[str, str, str], **more: Any) -> TicketEvent:
    values: dict[str, Any] = {"id": str(minutes), "at": at(minutes), "kind": kind, "changes": changes}
    by = {"author": "Anna Berg", "author_email": "anna@team.example", "ours": False}
    return TicketEvent(**(values | by | more))


def changed(minutes: float, field: str, before: str, after: str) -> TicketEvent:
    return event(minutes, "change", (field, before, after))


@dataclass(frozen=True)
class History:
    """A ticket as it is now, its events in the order of their times, and what it was at each of them."""

    ticket: Ticket
    events: tuple[TicketEvent, ...]
    first: dict[str, str]


@st.composite
def histories(draw: st.DrawFn) -> History:
    """A ticket that began open and then changed and was talked about, often at one moment."""
    now = {"status": "open"} | {name: draw(st.sampled_from(words)) for name, words in WORDS.items() if name != "status"}
    first, minute, events = dict(now), 0, list[TicketEvent]()
    for number in range(draw(st.integers(0, 12))):
        minute += draw(st.sampled_from([0, 1, 1, 30]) if events else st.sampled_from([1, 30]))
        kind = draw(st.sampled_from(["change", "change", "customer", "public", "internal"]))
        moved = list[tuple[str, str, str]]()
        if kind == "change":
            for name in draw(st.lists(st.sampled_from(sorted(WORDS)), min_size=1, max_size=3)):
                before, now[name] = now[name], draw(st.sampled_from(WORDS[name]))
                moved.append((name, before, now[name]))
        events.append(event(minute, kind, *moved, id=str(number), automatic=draw(st.booleans())))
    shown = ticket(
        status=TicketStatus(now["status"]),
        priority=Priority(now["priority"]),
        group=now["group"] or None,
        assignee=now["assignee"] or None,
        updated_at=at(minute),
    )
    return History(shown, tuple(events), first)
