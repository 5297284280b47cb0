"""Reading the words of tickets that changed: one look at the desk for each of them, and none for any other."""

import logging
from datetime import timedelta
from typing import Final

from automations.desks import Capability
from automations.errors import Rejected
from automations.mirror.looking import ALL_REFUSED
from automations.ports import Clock, HelpDesk
from automations.redact import Redactor
from automations.ticket_texts.keeping import SOLVED_LATELY, Due, due, keep, pass_over
from automations.ticket_texts.said import said
from storage.engine import Database

log: Final = logging.getLogger(__name__)


def read_changed(
    database: Database,
    desk: HelpDesk,
    clock: Clock,
    redactor: Redactor,
    *,
    most: int,
    kept_for: timedelta = SOLVED_LATELY,
) -> list[str]:
    """Read the words of at most so many tickets that changed in the mirror since; the ids of those that were read.

    Each is kept by itself, so what was read before an error stays. A ticket that the desk refuses is logged and passed
    over until it changes again. Raises: Unavailable; Rejected if it is us that the desk refuses.
    """
    if Capability.EVENTS not in desk.capabilities:
        return []
    with database.read() as session:
        changed = due(session, desk.system, clock.now(), most=most, keep=kept_for)
    read: list[str] = []
    refused = 0
    for ticket in changed:
        try:
            events = tuple(desk.events(ticket.ticket_id, after=None))
        except Rejected as exc:
            refused += 1
            if exc.code == "unauthorized" or (refused >= ALL_REFUSED and not read):
                raise
            log.warning("the words of ticket %s of %s were not read: %s", ticket.ticket_id, desk.system, exc)
            _pass_over(database, desk.system, ticket, clock)
            continue
        words = said(events, ticket.created_at, redactor)
        with database.begin() as session:
            keep(session, desk.system, ticket, words, clock.now())
        read.append(ticket.ticket_id)
    return read


def _pass_over(database: Database, system: str, ticket: Due, clock: Clock) -> None:
    with database.begin() as session:
        pass_over(session, system, ticket, clock.now())
