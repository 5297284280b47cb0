"""The whole conversation of a ticket, for one person who asks: read from the desk, redacted, a page at a time."""

from dataclasses import dataclass
from typing import Final

from automations.desks import Capability, require
from automations.domain import TicketEvent
from automations.escalation.card_types import MessageLine
from automations.escalation.context import EscalationContext
from automations.ports import HelpDesk

PER_PAGE: Final = 8
ROOM: Final = 4_500
"""Characters of words on one page, so that it fits a message even where each has to be escaped."""
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
    pages = whole_conversation(desk, ticket_id, ctx)
    number = min(max(page or len(pages), 1), len(pages))
    return ConversationPage(ticket_id, pages[number - 1], number, len(pages), sum(map(len, pages)))


def whole_conversation(desk: HelpDesk, ticket_id: str, ctx: EscalationContext) -> list[tuple[MessageLine, ...]]:
    """All pages of it, oldest first; one that is empty where nobody has written. Raises: as `conversation`."""
    require(desk, Capability.EVENTS)
    pages: list[list[MessageLine]] = [[]]
    for event in desk.events(ticket_id, after=None):
        if event.kind not in _SIDES:
            continue
        line, page = _line(event, ctx), pages[-1]
        if page and (len(page) == PER_PAGE or sum(len(one.text) for one in page) + len(line.text) > ROOM):
            pages.append([])
        pages[-1].append(line)
    return [tuple(page) for page in pages]


def _line(event: TicketEvent, ctx: EscalationContext) -> MessageLine:
    text = ctx.redactor.text(event.body).strip()
    side = "bot" if event.automatic else _SIDES[event.kind]
    return MessageLine(event.at, side, ctx.redactor.text(event.author), text[:LONGEST], len(text) > LONGEST)
