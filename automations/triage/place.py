"""Where a ticket stands as far as triage cares, group and priority, and what a decision makes of that. Pure."""

from typing import Final, Literal, NamedTuple

from automations.domain import Priority, Ticket, TicketChange

SetPriority = Literal["raise", "always", "never"]

_RISING: Final = ("", *(priority.value for priority in Priority))


class Place(NamedTuple):
    """A ticket's group and priority in our words, empty for none."""

    group: str
    priority: str


Change = tuple[str, str, str]
"""A field, what it was and what it becomes."""


def place_of(ticket: Ticket) -> Place:
    """Where the desk shows a ticket now."""
    return Place(ticket.group or "", ticket.priority.value if ticket.priority else "")


def wanted(queue: str, priority: str, set_priority: SetPriority, before: Place) -> Place:
    """Where a ticket that stood there belongs. Raising never makes a ticket less urgent than it is."""
    if set_priority == "never" or (
        set_priority == "raise" and _RISING.index(priority) <= _RISING.index(before.priority)
    ):
        priority = before.priority
    return Place(queue or before.group, priority)


def changes(before: Place, after: Place) -> tuple[Change, ...]:
    """What differs between two places."""
    fields = zip(("queue", "priority"), before, after, strict=True)
    return tuple((name, one, other) for name, one, other in fields if one != other)


def as_change(before: Place, after: Place) -> TicketChange:
    """What to ask of the desk so that a ticket that stands at `before` stands at `after`.

    A priority cannot be taken away again: desks know no change to none.
    """
    priority = Priority(after.priority) if after.priority and after.priority != before.priority else None
    return TicketChange(priority=priority, group=after.group if after.group != before.group else None)


def between(here: Place, one: Place, other: Place) -> bool:
    """Whether each field is as in one of two places, so that nobody but us has moved the ticket on the way."""
    return all(now in (before, after) for now, before, after in zip(here, one, other, strict=True))


def in_words(place: Place) -> str:
    """`Billing, high`, for people."""
    return ", ".join(part for part in (place.group or "no queue", place.priority) if part)
