"""What the mirror says of a period, as plain facts: what counting is given. Pure.

A ticket is told as it stood at the end of the period, [from, to): at the moment just before `to`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from automations.weekly_report.request import OPEN_STATUSES, Request


class Standing(NamedTuple):
    """A ticket at the end of the period.

    `status`, `priority`, `group` and `assignee` are those of then; the rest is what was known when it was counted.
    Empty words stand for none. `replied`: it had its first reply then; `waiting`: a customer's message had no answer.
    `closed`: it is closed now; `merged`: it was merged then, `merged_into`: it is now.
    """

    ticket_id: str
    created_at: datetime
    status: str
    priority: str
    group: str
    assignee: str
    tier: str
    opened_by: str
    solved_at: datetime | None
    closed: bool
    replied: bool
    merged: bool
    merged_into: bool
    waiting: bool


class Move(NamedTuple):
    """A ticket's status became another within the period. `before` is empty for its creation."""

    ticket: int
    at: datetime
    before: str
    status: str
    merged: bool


class Answer(NamedTuple):
    """A public reply of an agent within the period to what was asked at `asked_at`."""

    ticket: int
    at: datetime
    asked_at: datetime
    first: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a period. Tickets by their number in the mirror.

    `tickets` are those that any of the rest may concern and that the filters let through; `gone` are such tickets that
    the desk has deleted. `start`, `moves` and `answers` may name others too, which do not count. `until` is the
    period's end, or when the desk was read if that was before it.
    """

    request: Request
    until: datetime
    tickets: dict[int, Standing]
    gone: dict[int, Standing]
    start: frozenset[int]
    moves: tuple[Move, ...]
    answers: tuple[Answer, ...]

    @property
    def open_statuses(self) -> frozenset[str]:
        """The statuses of a ticket that is in the backlog."""
        return OPEN_STATUSES[self.request.open_until]
