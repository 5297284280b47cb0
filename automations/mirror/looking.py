"""What a desk tells of a page of tickets: each as it is now, with everything that happened to it."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from automations.desks import Capability
from automations.domain import Ticket, TicketEvent
from automations.errors import Rejected
from automations.ports import HelpDesk, ToldTogether, ToldWhole

log: Final = logging.getLogger(__name__)

ALL_REFUSED: Final = 10
"""So many tickets of one page refused, and none shown, are no odd tickets: the desk refuses us."""


@dataclass(slots=True)
class Seen:
    """What was seen: tickets with their events, tickets that are gone with theirs, and those the desk refused."""

    there: list[tuple[Ticket, Sequence[TicketEvent]]] = field(default_factory=list)
    gone: dict[str, Sequence[TicketEvent]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)


def look(desk: HelpDesk, tickets: Sequence[str], shown: Mapping[str, Ticket]) -> Seen:
    """Look at these tickets; `shown` are those that the desk has shown whole already.

    One that the desk refuses is left as it was, and logged, so that it does not hold up the others for ever.
    Raises: Unavailable; Rejected if it is us that the desk refuses.
    """
    together = desk.events_of(tickets) if isinstance(desk, ToldTogether) else None
    seen = Seen()
    for one in tickets:
        try:
            _look_at(desk, one, shown.get(one), together, seen)
        except Rejected as exc:
            seen.refused.append(one)
            if exc.code == "unauthorized" or (len(seen.refused) >= ALL_REFUSED and not (seen.there or seen.gone)):
                raise
            log.warning("ticket %s of %s was not read: %s", one, desk.system, exc)
    return seen


def _look_at(
    desk: HelpDesk,
    one: str,
    shown: Ticket | None,
    together: Mapping[str, Sequence[TicketEvent]] | None,
    seen: Seen,
) -> None:
    try:
        if isinstance(desk, ToldWhole):
            seen.there.append(desk.whole(one))
        else:
            ticket = shown or desk.get(one)
            seen.there.append((ticket, _events(desk, one, together)))
    except Rejected as exc:
        if exc.code != "no_ticket":
            raise
        seen.gone[one] = _last_words(desk, one, together)


def _events(desk: HelpDesk, one: str, together: Mapping[str, Sequence[TicketEvent]] | None) -> Sequence[TicketEvent]:
    if together is not None:
        return together.get(one, ())
    return tuple(desk.events(one, after=None)) if Capability.EVENTS in desk.capabilities else ()


def _last_words(
    desk: HelpDesk, one: str, together: Mapping[str, Sequence[TicketEvent]] | None
) -> Sequence[TicketEvent]:
    """What a desk with a history still tells of a ticket that is gone: when it was deleted."""
    if Capability.HISTORY not in desk.capabilities:
        return ()
    try:
        return _events(desk, one, together)
    except Rejected:
        return ()
