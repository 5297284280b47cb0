"""What is sent so that a ticket becomes what is wanted, and what of it a reading does not show. Pure."""

from dataclasses import dataclass
from typing import Any, Final

from automations.adapters.request_tracker.users import NOBODY
from automations.adapters.request_tracker.values import Terms, number_of, statuses
from automations.domain import Priority, Ticket, TicketStatus

_DONE: Final = frozenset({TicketStatus.SOLVED, TicketStatus.CLOSED})


@dataclass(frozen=True, slots=True)
class Wish:
    """A change with the assignee's user name beside the address; both are empty for nobody. None: as it is."""

    status: TicketStatus | None
    priority: Priority | None
    assignee: str | None
    login: str | None
    queue: str | None
    parent: str | None


def body_for(wish: Wish, shown: Ticket, terms: Terms) -> dict[str, Any]:
    """The body of a PUT that makes the wish true; empty if it is."""
    left, body = still_open(wish, shown), dict[str, Any]()
    if "status" in left and wish.status is not None:
        body["Status"] = statuses(terms).words[wish.status]
    if "priority" in left and wish.priority is not None:
        body["Priority"] = number_of(wish.priority, terms.priorities)
    if "assignee" in left:
        body["Owner"] = wish.login or NOBODY
    if "group" in left:
        body["Queue"] = wish.queue
    if "parent" in left:
        # An empty list would leave the link as it is; a list of one replaces all.
        body |= {"MemberOf": [wish.parent]} if wish.parent else {"DeleteMemberOf": [shown.parent]}
    return body


def still_open(wish: Wish, shown: Ticket) -> list[str]:
    """The fields in which a reading does not show what is wanted, in a fixed order."""
    differs = {
        "status": wish.status is not None and not _same(wish.status, shown.status),
        "priority": wish.priority not in (None, shown.priority),
        "assignee": wish.login is not None and (wish.assignee or "").lower() != (shown.assignee or ""),
        "group": wish.queue not in (None, shown.group),
        "parent": wish.parent is not None and wish.parent != (shown.parent or ""),
    }
    return [name for name, differ in differs.items() if differ]


def _same(one: TicketStatus, other: TicketStatus) -> bool:
    """Request Tracker has nothing final, so closed is wanted as solved is."""
    return one is other or (one is TicketStatus.CLOSED and other in _DONE)
