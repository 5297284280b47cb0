"""Statuses and priorities of MuninX in our words and back, and the text of notes.

Source: the status guide (new, open, pending, on-hold, solved, closed; the last one is set by the workspace's timer
alone) and the list of priorities in the analytics filter.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Final

from automations.domain import Priority, TicketStatus

STATUS_OF: Final[Mapping[str, TicketStatus]] = {
    "new": TicketStatus.OPEN,
    "open": TicketStatus.OPEN,
    "pending": TicketStatus.PENDING,
    "on-hold": TicketStatus.ON_HOLD,
    "solved": TicketStatus.SOLVED,
    "closed": TicketStatus.CLOSED,
}
STATUS_TO: Final[Mapping[TicketStatus, str]] = {
    TicketStatus.OPEN: "open",
    TicketStatus.PENDING: "pending",
    TicketStatus.ON_HOLD: "on-hold",
    TicketStatus.SOLVED: "solved",
    TicketStatus.CLOSED: "solved",  # nobody can close a ticket by hand; the timer closes a solved one
}
DONE: Final = frozenset({TicketStatus.SOLVED, TicketStatus.CLOSED})
PRIORITY_OF: Final[Mapping[str, Priority]] = {
    "low": Priority.LOW,
    "medium": Priority.NORMAL,
    "high": Priority.HIGH,
    "urgent": Priority.URGENT,
}
PRIORITY_TO: Final[Mapping[Priority, str]] = {ours: theirs for theirs, ours in PRIORITY_OF.items()}

_MARK: Final = re.compile(r"\n*^ref handoff:[0-9a-f]{12}\s*\Z", re.MULTILINE)


def status_of(word: str) -> TicketStatus:
    """Our status for theirs. One that is not known is not done, so nobody takes it for settled."""
    return STATUS_OF.get(word.strip().lower(), TicketStatus.OPEN)


def marked(text: str, key: str) -> str:
    """The text of a note with our mark in its last line, since messages have neither keys nor ids."""
    return f"{text}\n\n{mark(key)}"


def mark(key: str) -> str:
    """The last line of the note that bears this key."""
    return f"ref handoff:{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def unmarked(body: str) -> tuple[str, bool]:
    """A message without our mark, and whether it had one."""
    bare = _MARK.sub("", body)
    return bare, bare != body
