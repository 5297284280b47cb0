"""What was said on a ticket, as it is kept: its opening, the customer's newest words, the last messages. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from automations.domain import TicketEvent
from automations.mirror.fitting import fitting
from automations.mirror.messages import OPENING
from automations.redact import Redactor
from automations.texts.language import language
from automations.texts.plain import written
from automations.texts.sentiment import sentiment

LONGEST: Final = 4_000
"""Characters kept of the opening and of the newest words: what somebody wants is said at the start."""
LONGEST_SHOWN: Final = 1_500
"""Characters kept of each of the last messages, which are shown to people; the desk has the rest."""
SHOWN: Final = 3
_MOST_READ: Final = 200_000
"""Characters of a message that are looked at. Redaction goes over them before anything is cut out of them."""
_MOST_WORDS: Final = 20

_SIDES: Final = {"customer": "customer", "public": "agent"}


@dataclass(frozen=True, slots=True)
class Said:
    """The words of a ticket, redacted; the fields are those of `TicketText`."""

    opening: str = ""
    latest: str = ""
    latest_at: datetime | None = None
    last: tuple[dict[str, Any], ...] = ()
    event_id: str = ""
    customer_messages: int = 0
    language: str = ""
    tone: float = 0.0
    tone_words: tuple[str, ...] = ()


def said(events: Sequence[TicketEvent], created_at: datetime, redactor: Redactor) -> Said:
    """What to keep of a ticket's events, in the desk's order. Notes are not read: they are not for customers' eyes.

    `opening` and `latest` hold what a person wrote, without quoted mail and signature; a message of nothing else is
    kept as it is. Language and tone are those of the customer's newest words, the language of the opening where they
    are too few to tell.
    """
    public = [event for event in events if event.kind in _SIDES]
    theirs = [event for event in public if event.kind == "customer"]
    opens = public[0] if public and _is_opening(public[0], created_at) else None
    opening = _words(opens, redactor)
    newest = theirs[-1] if theirs and theirs[-1] is not opens else None
    latest = _words(newest, redactor)
    heard = latest or (opening if theirs else "")
    mood = sentiment(heard)
    return Said(
        opening=opening,
        latest=latest,
        latest_at=newest.at if newest else None,
        last=tuple(_shown(event, redactor) for event in public[-SHOWN:]),
        event_id=fitting(events[-1].id) if events else "",
        customer_messages=len(theirs),
        language=language(heard) or language(opening),
        tone=mood.score,
        tone_words=mood.words[:_MOST_WORDS],
    )


def _is_opening(first: TicketEvent, created_at: datetime) -> bool:
    """Whether the first message is what the ticket began with: some desks do not tell those words as a message."""
    return first.kind == "customer" or first.at <= created_at + OPENING


def _words(event: TicketEvent | None, redactor: Redactor) -> str:
    if event is None:
        return ""
    text = _storable(event, redactor)
    return written(text, LONGEST).words or text.strip()[:LONGEST]


def _shown(event: TicketEvent, redactor: Redactor) -> dict[str, Any]:
    """A message for people's eyes. `cut`: it goes on in the desk. A customer's name is not kept here."""
    text = _storable(event, redactor).strip()
    side = "bot" if event.automatic else _SIDES[event.kind]
    author = "" if side == "customer" else fitting(redactor.text(event.author))
    cut = len(text) > LONGEST_SHOWN
    return {"at": event.at.isoformat(), "side": side, "author": author, "text": text[:LONGEST_SHOWN], "cut": cut}


def _storable(event: TicketEvent, redactor: Redactor) -> str:
    return fitting(redactor.text(event.body[:_MOST_READ]), _MOST_READ)
