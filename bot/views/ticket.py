"""The line that says how the case stands in the desk. Green means read back; everything else is amber and says why."""

from datetime import datetime

from automations.failure_tickets.card_types import TicketLine
from bot.views.blocks import Part, link, words
from bot.views.texts import Look, clock, moment, one_line, system_name


def is_verified(ticket: TicketLine) -> bool:
    """True exactly if the last reading of the desk showed the case's present state."""
    return ticket.state == "verified" and ticket.current and not ticket.missing


def unverified_words(ticket: TicketLine) -> str:
    """Say in a headline why a closed case is not green; nothing for one that was read back."""
    if is_verified(ticket):
        return ""
    return ", its ticket is gone" if ticket.gone else ", not verified yet"


def ticket_parts(ticket: TicketLine, look: Look, *, follows: datetime | None = None) -> list[Part]:
    """Say the ticket's number (a link) and whether the desk shows what it should.

    `follows`: the desk is left alone until then, since the closing may still be taken back.
    """
    desk = system_name(ticket.system)
    missing = f": {ticket.missing}" if ticket.missing else ""
    waits = f"{desk} follows at {clock(follows, look)} unless this is taken back" if follows else ""
    found = [words(f" · found by {one_line(ticket.found_by, 80)}")] if ticket.found_by else []
    if ticket.id is None and not waits and (ticket.asked or ticket.named):
        reading = f"{ticket.found_by} found #{ticket.named} in {desk}; it is read before it counts{missing}"
        return [words(f"🟠 {ticket.missing if ticket.asked else reading}", limit=400)]
    if ticket.id is None:
        how = _UNBORN.get(ticket.state, _UNBORN["wanted"]).format(desk=desk)
        return [words(f"🟠 {waits or how + missing}", limit=400)]
    shown = one_line(f"#{ticket.id}", 100)
    number = link(ticket.url, shown) if ticket.url else words(shown)
    if ticket.gone:
        gone = f" · {ticket.missing or 'gone'}; nothing is written there any more"
        return [words("🟠 "), number, words(gone, limit=400)]
    if waits:
        return [words("🟠 "), number, words(f" · {waits}")]
    if is_verified(ticket):
        when = [words(" "), moment(ticket.verified_at, look)] if ticket.verified_at else []
        return [words("🟢 "), number, *found, words(f" · verified in {desk}"), *when, *_read(ticket, look)]
    what = "the latest change is not verified yet" if ticket.verified_at else "not verified yet"
    not_yet = words(f" · {what} in {desk}{missing}", limit=400)
    return [words("🟠 "), number, *found, not_yet, *_read(ticket, look)]


def _read(ticket: TicketLine, look: Look) -> list[Part]:
    """Say how old the reading is, of a desk that is looked at ticket by ticket."""
    return [words(" · read "), moment(ticket.read_at, look)] if ticket.read_at else []


_UNBORN = {
    "wanted": "not opened yet in {desk}",
    "creating": "being opened in {desk}",
    "unknown": "{desk} did not say whether it was opened; looking there before another try",
}
