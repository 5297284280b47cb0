"""What happened to a case's ticket in the desk that the case has to follow. Pure.

A field has three values: what the case wants, what the desk shows, and `ours`, those that were read last or sent since.
An event by somebody else says that they changed it. Where a desk tells no events, a value that is neither wanted nor
ours does. What they set wins over what the case wants, even if an answer of ours was lost or ours came over it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from automations.domain import TicketEvent
from automations.failure_tickets.compare import alike

Values = Mapping[str, str | None]
"""Fields by name (assignee, status, priority, group, parent) with the desk's plain words; None or empty for nothing."""

Ours = Mapping[str, Sequence[str | None]]
"""For each field the value read last, first, and those sent since. An empty list: whatever is shown is not ours."""

SAID = {"internal": "note", "public": "reply", "customer": "customer"}


@dataclass(frozen=True, slots=True)
class Author:
    """Who did something in the desk. An empty `name`: the desk does not say."""

    name: str = ""
    email: str | None = None
    customer: bool = False


@dataclass(frozen=True, slots=True)
class FieldMove:
    """Somebody set a field in the desk, for which the case wants another value.

    `conflict`: the case has come to want it since both sides agreed last.
    """

    field: str
    value: str | None
    by: Author
    wanted: str | None
    conflict: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """Something worth a line in the thread that changes nothing: a status that waits, a note, a reply, a customer's."""

    kind: str
    text: str
    by: Author


@dataclass(frozen=True, slots=True)
class Plan:
    """What the case has to follow, in this order, and the id of the last event that is settled by it."""

    fields: tuple[FieldMove, ...]
    lines: tuple[Line, ...]
    heard: str | None

    @property
    def empty(self) -> bool:
        """True if nobody but us did anything."""
        return not self.fields and not self.lines


def make_plan(
    want: Values,
    shown: Values,
    ours: Ours | None,
    events: Sequence[TicketEvent],
    *,
    told: bool,
    accepts: Callable[[str, str | None], bool] = lambda _field, _value: False,
) -> Plan:
    """Compare the sides.

    Args: `told` is True if the desk tells events, so that what no event explains is nobody's doing; `accepts` says
    whether the desk was let have a value already.
    """
    customers = {event.author for event in events if event.kind == "customer"}
    foreign = [event for event in events if not event.ours]
    moves = []
    for name, wanted in want.items():
        last = _last_set(name, events, customers)
        if last is None and _is_theirs(name, wanted, shown.get(name), ours, told=told):
            last = shown.get(name), Author()
        if last is not None and not alike(name, last[0], wanted) and not accepts(name, last[0]):
            value, by = last
            conflict = _changed_since(name, wanted, ours) and not alike(name, value, (ours or {})[name][0])
            moves.append(FieldMove(name, value or None, by, wanted, conflict))
    return Plan(_in_order(moves), _lines(foreign, customers), events[-1].id if events else None)


def settled(shown: Values) -> dict[str, list[str | None]]:
    """What counts as ours once a reading has been followed."""
    return {name: [value] for name, value in shown.items()}


def with_sent(ours: Ours | None, sent: Values) -> dict[str, list[str | None]]:
    """What counts as ours while something is on its way: what was before, and what is sent."""
    known: dict[str, list[str | None]] = {name: list(values) for name, values in (ours or {}).items()}
    for name, value in sent.items():
        values = known.setdefault(name, [])
        if value not in values:
            values.append(value)
    return known


def merged_by(events: Sequence[TicketEvent]) -> Author:
    """Who merged the ticket, by its newest event of that kind."""
    return _newest("merged", events)


def deleted_by(events: Sequence[TicketEvent]) -> Author:
    """Who deleted the ticket, by its newest event of that kind."""
    return _newest("deleted", events)


def _newest(kind: str, events: Sequence[TicketEvent]) -> Author:
    found = [event for event in events if event.kind == kind]
    return _author(found[-1], set()) if found else Author()


def _last_set(name: str, events: Sequence[TicketEvent], customers: set[str]) -> tuple[str | None, Author] | None:
    """The value that others gave a field last and who it was; None if nobody did.

    What we sent parts their changes: a value they set counts even if ours came over it. A status that came back to
    where it was is no change, since a case may have been closed here while a colleague only let its ticket wait.
    """
    first, last = "", None
    ours_since = False
    for event in events:
        for _, before, after in (change for change in event.changes if change[0] == name):
            if event.ours:
                ours_since = True
                continue
            if last is None or ours_since:
                first, ours_since = before, False
            last = after, _author(event, customers)
    return None if last is None or (name == "status" and alike(name, first, last[0])) else last


def _is_theirs(name: str, wanted: str | None, shown: str | None, ours: Ours | None, *, told: bool) -> bool:
    """True for a value that is neither wanted nor ours, where no event could have said so."""
    if ours is None or name not in ours or alike(name, shown, wanted):
        return False
    return not ours[name] or (not told and not any(alike(name, shown, one) for one in ours[name]))


def _changed_since(name: str, wanted: str | None, ours: Ours | None) -> bool:
    return bool(ours and ours.get(name)) and not alike(name, wanted, (ours or {})[name][0])


def _in_order(moves: Sequence[FieldMove]) -> tuple[FieldMove, ...]:
    """A ticket that was solved is closed last, one that was reopened opens first."""
    status = [move for move in moves if move.field == "status"]
    rest = [move for move in moves if move.field != "status"]
    opening = [move for move in status if alike("status", move.value, "open")]
    return (*opening, *rest, *(move for move in status if move not in opening))


def _lines(foreign: Sequence[TicketEvent], customers: set[str]) -> tuple[Line, ...]:
    """A line for each thing said, and for a status that only waits; a waiting that ended again is none."""
    lines = []
    for number, event in enumerate(foreign):
        by = _author(event, customers)
        if event.kind in SAID:
            lines.append(Line(SAID[event.kind], event.body, by))
        for name, before, after in event.changes:
            later = any(f == "status" for one in foreign[number + 1 :] for f, _, _ in one.changes)
            if name == "status" and after in ("pending", "on_hold") and alike(name, before, after) and not later:
                lines.append(Line("status", after, by))
    return tuple(lines)


def _author(event: TicketEvent, customers: set[str]) -> Author:
    return Author(event.author, event.author_email, event.kind == "customer" or event.author in customers)
