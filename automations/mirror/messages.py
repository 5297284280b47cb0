"""A ticket's public messages: who spoke, which of an agent's answer, and how long the customer had waited. Pure.

What counts as an answer: the first public message of an agent after a customer's. A bot answers nobody.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from automations.domain import Ticket, TicketEvent
from automations.mirror.fitting import fitting
from automations.mirror.stretches import began

Side = Literal["customer", "agent", "bot"]

_IMPORTED: Final = "import/"
"""How keys of imported tickets begin."""
OPENING: Final = timedelta(minutes=1)
"""How long after a ticket was made its first message may come and still be what it was opened with."""


@dataclass(frozen=True, slots=True)
class Message:
    """A public message. `author` is an agent's address, else their name; a customer's is not kept.

    On an answer `asked_at` is when the customer began to wait, `waited_s` how many seconds of the calendar they did.
    `first`: it is the ticket's first answer.
    """

    at: datetime
    side: Side
    author: str
    asked_at: datetime | None = None
    first: bool = False
    waited_s: int | None = None


@dataclass(frozen=True, slots=True)
class Talk:
    """The messages by time, who opened the ticket, since when a customer waits, and when they were first answered."""

    messages: tuple[Message, ...]
    opened_by: Side
    waiting_since: datetime | None
    first_reply_at: datetime | None


def talk(ticket: Ticket, events: Sequence[TicketEvent]) -> Talk:
    """What was said on a ticket. `events` may come in any order.

    A customer's ticket whose opening words are told as no message counts as asked when it was made.
    """
    begin = began(ticket, events)
    said = sorted(_said(events, begin), key=lambda message: message.at)
    opening = said[0] if said and said[0].at <= begin + OPENING else None
    opened_by: Side = "customer"
    if made_by_us(ticket):
        opened_by = "bot"
    elif opening is not None:
        opened_by = opening.side
    asked_at = begin if opened_by == "customer" and opening is None else None
    first_reply_at: datetime | None = None
    heard: list[Message] = []
    for one in said:
        message = one
        if one.side == "customer":
            asked_at = asked_at or one.at
        elif one.side == "agent" and asked_at is not None:
            waited_s = int((one.at - asked_at).total_seconds())
            message = Message(one.at, one.side, one.author, asked_at, first_reply_at is None, waited_s)
            first_reply_at, asked_at = first_reply_at or one.at, None
        heard.append(message)
    return Talk(tuple(heard), opened_by, asked_at, first_reply_at)


def made_by_us(ticket: Ticket) -> bool:
    """Whether the ticket bears our key, and was not only imported."""
    return ticket.key is not None and not ticket.key.startswith(_IMPORTED)


def _said(events: Sequence[TicketEvent], begin: datetime) -> Iterator[Message]:
    for event in events:
        at = max(event.at, begin)
        if event.kind == "customer":
            yield Message(at, "customer", "")
        elif event.kind == "public":
            author = fitting((event.author_email or "").lower() or event.author)
            yield Message(at, "bot" if event.automatic else "agent", author)
