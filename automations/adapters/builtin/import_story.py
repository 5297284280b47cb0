"""What the rows of a log come to: the life of a ticket as lines of history, each with what it changed.

Every ticket begins open. Closed is final: nothing after the last closing leaves it, and a solving after it is written
as one that is closed again at once. A solving of which only the last counts is final but for a closing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from automations.adapters.builtin.import_fields import UNFILLED
from automations.adapters.builtin.import_mapping import Effect
from automations.adapters.builtin.moves import DONE, Moved, history_line
from automations.domain import TicketStatus

OPEN, SOLVED, CLOSED = TicketStatus.OPEN.value, TicketStatus.SOLVED.value, TicketStatus.CLOSED.value
UPDATED: Final = "updated"
"""What an update is called that changed nothing of ours."""

State = Mapping[str, str]
"""Status, priority, group and assignee at a moment, empty for none."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A row to be told: `words` are an event's activity, `state` is the ticket after an update as far as it says."""

    key: str
    at: datetime
    author: str
    words: str
    state: State


@dataclass(frozen=True, slots=True)
class Line:
    """A line of history as the desk keeps it."""

    key: str
    at: datetime
    author: str
    body: str
    changes: tuple[Moved, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """A ticket's lines in order of time, and how it is after them."""

    lines: tuple[Line, ...]
    state: State
    solved_at: datetime | None


def of_events(moments: Sequence[Moment], effects: Mapping[str, Effect]) -> Story:
    """Tell a ticket by what happened to it. `moments` are in order; `effects` go by activity in lower case."""
    names = [moment.words.lower() for moment in moments]
    last = {name: place for place, name in enumerate(names)}
    wanted = [_wanted(effects.get(name), last[name] == place) for place, name in enumerate(names)]
    closing = max((place for place, status in enumerate(wanted) if status == CLOSED), default=len(names))
    final = max((place for name, place in last.items() if _is_final(effects.get(name))), default=len(names))
    status, lines = OPEN, []
    for place, (moment, after) in enumerate(zip(moments, wanted, strict=True)):
        changes: tuple[Moved, ...] = ()
        if after is None or after == status or (place > final and after not in DONE):
            pass
        elif place > closing:
            changes = (("status", CLOSED, SOLVED), ("status", SOLVED, CLOSED)) if after == SOLVED else ()
        else:
            changes, status = (("status", status, after),), after
        lines.append(Line(moment.key, moment.at, moment.author, moment.words, changes))
    return Story(tuple(lines), {"status": status}, _solved_at(lines))


def of_updates(moments: Sequence[Moment]) -> Story:
    """Tell a ticket by how it was after each update. `moments` are in order.

    What the first update says of priority, group and assignee, the ticket had from the beginning. What an update does
    not say stays as it was.
    """
    state: dict[str, str] = {**UNFILLED, **moments[0].state, "status": OPEN}
    lines = []
    for moment in moments:
        changes = tuple((field, state[field], now) for field, now in moment.state.items() if state[field] != now)
        state.update(moment.state)
        lines.append(Line(moment.key, moment.at, moment.author, history_line(changes) or UPDATED, changes))
    return Story(tuple(lines), state, _solved_at(lines))


def states(lines: Sequence[Line], now: State) -> Iterator[State]:
    """How a ticket was after each of its lines, the last one first: `now`, and back through what they changed."""
    state = dict(now)
    for line in reversed(lines):
        yield dict(state)
        state.update({field: before for field, before, _ in reversed(line.changes)})


def _wanted(effect: Effect | None, is_last: bool) -> str | None:
    """What an event wants its ticket to become, None for nothing."""
    return effect.status.value if effect is not None and (is_last or effect.counts == "each") else None


def _is_final(effect: Effect | None) -> bool:
    return effect is not None and effect.counts == "last" and effect.status == TicketStatus.SOLVED


def _solved_at(lines: Sequence[Line]) -> datetime | None:
    """When a ticket that is done was solved last, or closed if it never was; None for one that is not done."""
    at = None
    for line in lines:
        for now in (now for field, _, now in line.changes if field == "status"):
            at = None if now not in DONE else line.at if now == SOLVED or at is None else at
    return at
