"""The stretches of a ticket's life, from the ticket as it is now and from what is told of its past. Pure.

Its beginning is found by walking backwards: what a field was before its first change, or what it is now if none is
told. Where the changes told do not lead to what the ticket is now, something changed without a word; that is put where
the mirror saw it first, else at the time of the ticket's last change.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise
from typing import Any, Final, NamedTuple

from automations.domain import Priority, Ticket, TicketEvent, TicketStatus
from automations.mirror.fitting import fitting


class Values(NamedTuple):
    """What a ticket is during a stretch, in the words of its row: empty for none. `merged`: it went into another."""

    status: str
    priority: str
    group_name: str
    assignee: str
    merged: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """[from_at, until_at), None for one that has not ended. `before`: the status until then, empty for the first."""

    from_at: datetime
    until_at: datetime | None
    before: str
    values: Values


@dataclass(frozen=True, slots=True)
class Life:
    """A ticket's stretches without a gap. `solved_at`, `closed_at`: the last time it became so, None once reopened."""

    stretches: tuple[Stretch, ...]
    solved_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Change:
    """One field that became `after`. `before` is None where nobody says what it was."""

    at: datetime
    field: str
    before: Any
    after: Any


_COLUMNS: Final = {"status": "status", "priority": "priority", "group": "group_name", "assignee": "assignee"}
_DONE: Final = frozenset({TicketStatus.SOLVED.value, TicketStatus.CLOSED.value})
_STATUSES: Final = frozenset(status.value for status in TicketStatus)
_PRIORITIES: Final = frozenset(priority.value for priority in Priority)


def began(ticket: Ticket, events: Iterable[TicketEvent]) -> datetime:
    """When the ticket was made; where the desk does not say, the first thing told of it."""
    return ticket.created_at or min([ticket.updated_at, *(event.at for event in events)])


def life(ticket: Ticket, events: Sequence[TicketEvent], known: Sequence[Stretch] = (), *, whole: bool) -> Life:
    """The ticket's stretches from its creation to now.

    `events` may come in any order: an import tells older ones later. `whole`: the desk tells every change. Without it
    `known`, the stretches that looks at the ticket have found so far, are a part of its past; with it they only say
    since when something is known that no event tells.
    """
    begin = began(ticket, events)
    now = _now(ticket)
    changes = _told(events, begin)
    start = known[0].values if known and not whole else _start(changes, now)
    if not whole:
        changes = _in_order([*changes, *_seen(known)])
    changes = _in_order([*changes, *_untold(ticket, begin, start, changes, now, known)])
    solved_at, closed_at = _ended(begin, start, changes)
    return Life(_stretches(begin, start, changes), solved_at, closed_at)


def _now(ticket: Ticket) -> Values:
    priority = ticket.priority.value if ticket.priority else ""
    merged = ticket.merged_into is not None
    group, assignee = _word("group_name", ticket.group or ""), _word("assignee", ticket.assignee or "")
    return Values(ticket.status.value, priority, group, assignee, merged)


def _told(events: Sequence[TicketEvent], begin: datetime) -> list[_Change]:
    """The changes of the fields that are mirrored, by time; what happens at one moment stays in the order told."""
    return _in_order(change for event in events if event.changes for change in _of(event, max(event.at, begin)))


def _of(event: TicketEvent, at: datetime) -> Iterator[_Change]:
    for field, before, after in event.changes:
        column = _COLUMNS.get(field)
        if column == "status":
            if after in _STATUSES:
                yield _Change(at, column, before if before in _STATUSES else None, after)
        elif column is not None:
            yield _Change(at, column, _word(column, before), _word(column, after))
    for field, before, after in event.changes:
        if field == "merged_into":
            yield _Change(at, "merged", bool(before), bool(after))
            if after:  # some desks tell no more of a merge than where the ticket went
                yield _Change(at, "status", None, TicketStatus.CLOSED.value)


def _word(column: str, value: str) -> str:
    if column == "priority":
        return value if value in _PRIORITIES else ""
    return fitting(value.lower() if column == "assignee" else value)


def _in_order(changes: Iterable[_Change]) -> list[_Change]:
    return sorted(changes, key=lambda change: change.at)


def _start(changes: Sequence[_Change], now: Values) -> Values:
    """What the ticket was when it was made. No ticket begins solved, closed or merged unless a change says so."""
    status = TicketStatus.OPEN.value if now.status in _DONE else now.status
    start = now._replace(status=status, merged=False)
    for change in reversed(changes):
        start = _with(start, change.field, TicketStatus.OPEN.value if change.before is None else change.before)
    return start


def _with(values: Values, field: str, value: Any) -> Values:
    return values._replace(**{field: value})


def _seen(known: Sequence[Stretch]) -> Iterator[_Change]:
    for one, other in pairwise(known):
        for field, before, after in zip(Values._fields, one.values, other.values, strict=True):
            if before != after:
                yield _Change(other.from_at, field, before, after)


def _untold(
    ticket: Ticket,
    begin: datetime,
    start: Values,
    changes: Sequence[_Change],
    now: Values,
    known: Sequence[Stretch],
) -> Iterator[_Change]:
    """What has to have changed since the last change told of a field, so that it is what it is now."""
    last, told_at = start, dict.fromkeys(Values._fields, begin)
    for change in changes:
        last = _with(last, change.field, change.after)
        told_at[change.field] = change.at
    for field, before, after in zip(Values._fields, last, now, strict=True):
        if before != after:
            at = _first_seen(known, field, after) or ticket.updated_at
            yield _Change(max(at, told_at[field]), field, before, after)


def _first_seen(known: Sequence[Stretch], field: str, value: Any) -> datetime | None:
    """Since when the mirror knows the field as it is now; None if it was something else when it looked last."""
    at = None
    for stretch in reversed(known):
        if getattr(stretch.values, field) != value:
            break
        at = stretch.from_at
    return at


def _stretches(begin: datetime, start: Values, changes: Sequence[_Change]) -> tuple[Stretch, ...]:
    lived = [(begin, start)]
    for at, together in groupby(changes, key=lambda change: change.at):
        values = lived[-1][1]
        for change in together:
            values = _with(values, change.field, change.after)
        if at == begin:
            lived = [(begin, values)]
        elif values != lived[-1][1]:
            lived.append((at, values))
    ends: list[datetime | None] = [*(at for at, _ in lived[1:]), None]
    befores = ["", *(values.status for _, values in lived)]
    return tuple(
        Stretch(at, until, before, values)
        for (at, values), until, before in zip(lived, ends, befores[:-1], strict=True)
    )


def _ended(begin: datetime, start: Values, changes: Sequence[_Change]) -> tuple[datetime | None, datetime | None]:
    ended: dict[str, datetime] = {}
    for at, status in [(begin, start.status), *((one.at, one.after) for one in changes if one.field == "status")]:
        if status in _DONE:
            ended[status] = at
        else:
            ended = {}
    return ended.get(TicketStatus.SOLVED.value), ended.get(TicketStatus.CLOSED.value)
