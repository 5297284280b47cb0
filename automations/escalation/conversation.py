"""The whole conversation of a ticket, for one person who asks: read from the desk, redacted, a page at a time."""

from dataclasses import dataclass
from typing import Final

from automations.desks import Capability, require
from automations.domain import TicketEvent
from automations.escalation.card_types import MessageLine
from automations.escalation.context import EscalationContext
from automations.ports import HelpDesk

PER_PAGE: Final = 8
LONGEST: Final = 2_500
"""Characters of a message that are shown; the desk has the rest."""
_SIDES: Final = {"customer": "customer", "public": "agent"}


@dataclass(frozen=True, slots=True)
class ConversationPage:
    """Some messages of a ticket, oldest first. `page` counts from 1 up to `pages`; `total` counts all messages."""

    ticket_id: str
    lines: tuple[MessageLine, ...]
    page: int
    pages: int
    total: int


def conversation(
    desk: HelpDesk, ticket_id: str, ctx: EscalationContext, *, page: int | None = None
) -> ConversationPage:
    """One page of what customer and team wrote to each other; the last one, which holds the newest, if none is named.

    Internal notes stay in the desk. Raises: Refused if the desk lists no messages; AdapterError.
    """
    require(desk, Capability.EVENTS)
    said = [event for event in desk.events(ticket_id, after=None) if event.kind in _SIDES]
    pages = max((len(said) + PER_PAGE - 1) // PER_PAGE, 1)
    number = min(max(page or pages, 1), pages)
    shown = said[(number - 1) * PER_PAGE : number * PER_PAGE]
    return ConversationPage(ticket_id, tuple(_line(one, ctx) for one in shown), number, pages, len(said))


def _line(event: TicketEvent, ctx: EscalationContext) -> MessageLine:
    text = ctx.redactor.text(event.body).strip()
    side = "bot" if event.automatic else _SIDES[event.kind]
    return MessageLine(event.at, side, ctx.redactor.text(event.author), text[:LONGEST], len(text) > LONGEST)
