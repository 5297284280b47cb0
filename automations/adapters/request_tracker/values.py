"""Statuses and priorities of Request Tracker in our words and back, by the settings. A priority is a number there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from automations.domain import CustomerRef, Priority, TicketStatus


@dataclass(frozen=True, slots=True)
class Terms:
    """What has to be known about one Request Tracker: names of custom fields and statuses, numbers of priorities.

    `on_hold` is None where the lifecycle has one status for all tickets that wait. `priorities` grow, from low to
    urgent.
    """

    key_field: str = "Handoff key"
    customer_field: str = "Customer"
    tags_field: str = "Tags"
    open: str = "open"
    pending: str = "stalled"
    on_hold: str | None = None
    solved: str = "resolved"
    priorities: tuple[int, int, int, int] = (0, 50, 80, 100)


DELETED: Final = "deleted"


@dataclass(frozen=True, slots=True)
class Statuses:
    """Statuses of a lifecycle by their names, which are compared in lower case."""

    known: Mapping[str, TicketStatus]
    words: Mapping[TicketStatus, str]

    def read(self, word: str, *, inactive: bool) -> TicketStatus:
        """Our word for a status. `inactive` says whether the desk counts one that is not known here as done."""
        found = self.known.get(word.lower())
        return found or (TicketStatus.CLOSED if inactive else TicketStatus.OPEN)


def statuses(terms: Terms) -> Statuses:
    """The statuses that the settings name; beside them those of the default lifecycle that nothing is set to."""
    ours = {TicketStatus.OPEN: terms.open, TicketStatus.PENDING: terms.pending, TicketStatus.SOLVED: terms.solved}
    if terms.on_hold is not None:
        ours[TicketStatus.ON_HOLD] = terms.on_hold
    known = {"new": TicketStatus.OPEN, "rejected": TicketStatus.CLOSED, DELETED: TicketStatus.CLOSED}
    known |= {word.lower(): status for status, word in ours.items()}
    return Statuses(known, ours | {TicketStatus.CLOSED: terms.solved})


CUSTOMER_CHARS: Final = 255
_CUSTOMER: Final = re.compile(r"(?P<name>.*) \((?P<id>[^(),]+)(?:, (?P<tier>[^(),]+))?\)")


def customer_words(customer: CustomerRef) -> str:
    """A customer as a custom field keeps it: `Acme GmbH (acct_42, enterprise)`."""
    known = ", ".join(part for part in (customer.id, customer.tier) if part)
    return (f"{customer.name} ({known})" if customer.name else known)[:CUSTOMER_CHARS]


def customer_in(words: str) -> CustomerRef:
    """The customer in those words; of any other words all are the id and the name."""
    if (found := _CUSTOMER.fullmatch(words)) is None:
        return CustomerRef(words, words)
    return CustomerRef(found["id"], found["name"], found["tier"] or "")


def priority_of(number: int, numbers: tuple[int, ...]) -> Priority:
    """The highest of our priorities whose number is reached; the lowest below all of them."""
    return [one for one, least in zip(Priority, numbers, strict=True) if number >= least or one is Priority.LOW][-1]


def number_of(priority: Priority, numbers: tuple[int, ...]) -> int:
    """The number that a priority is sent as."""
    return numbers[list(Priority).index(priority)]
