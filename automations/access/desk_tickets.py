"""The open tickets of somebody who leaves: which they are, and giving them to somebody else.

The list may lag behind where a desk searches, so each ticket is read alone before anything rests on it.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from automations.access import steps
from automations.desks import Capability
from automations.domain import IdempotencyKey, Ticket, TicketChange, TicketStatus
from automations.errors import Refused, Rejected
from automations.plan import Step
from automations.ports import HelpDesk

_DONE: Final = frozenset({TicketStatus.SOLVED, TicketStatus.CLOSED})


def open_tickets(desk: HelpDesk, email: str) -> Iterator[Ticket]:
    """The tickets that are open and theirs, each as it is now. Raises: AdapterError."""
    for listed in desk.assigned(email):
        try:
            ticket = desk.get(listed.id)
        except Rejected as exc:
            if exc.code != "no_ticket":
                raise
            continue
        if (ticket.assignee or "").lower() == email.lower() and ticket.status not in _DONE:
            yield ticket


def hand_over(desk: HelpDesk, tickets: Collection[Ticket], to: str, *, key: IdempotencyKey) -> None:
    """Assign each to `to`. One that is refused stops none of the others.

    Raises: Rejected, naming those that were refused and why; Unavailable or OutcomeUnknown, and a repeat goes on with
    what is left.
    """
    refused: list[tuple[str, Rejected]] = []
    for ticket in tickets:
        try:
            desk.update(ticket.id, TicketChange(assignee=to), key=IdempotencyKey(f"{key}/{ticket.id}"))
        except Rejected as exc:
            refused.append((ticket.id, exc))
    if refused:
        named = ", ".join(f"#{number}" for number, _ in refused[:10])
        first = refused[0][1]
        words = f"{len(refused)} of {len(tickets)} tickets could not be handed over ({named}): {first}"
        raise Rejected(words, system=first.system, code=first.code)


@dataclass(frozen=True, slots=True)
class Tickets:
    """The open tickets of an agent as a whole: open, none."""

    desk: HelpDesk

    def look(self, step: Step) -> str | None:
        if Capability.ASSIGNED not in self.desk.capabilities:
            return None
        return steps.OPEN if next(open_tickets(self.desk, step.target), None) is not None else steps.NONE

    def make(self, step: Step, value: str, *, key: IdempotencyKey) -> None:
        to = step.arg.get("to", "")
        if value != steps.NONE or not to:
            raise Refused("Nobody is named to take the open tickets. Nothing was changed; name a successor.")
        hand_over(self.desk, list(open_tickets(self.desk, step.target)), to, key=key)
