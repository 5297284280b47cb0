"""What stands beside escalations: the summary after an outage, and what mode shadow would have done in a day."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from automations.escalation.card_types import ShadowDay, SummaryCard
from automations.words import PersonRef
from bot.views import Message
from bot.views.blocks import Part, bullets, context, header, label, link, message, new_line, ping, rich, section, words
from bot.views.texts import Look, moment, one_line

LATE_SHOWN: Final = 20
"""Lines of a summary; each escalation has its own message in the thread."""
CALLED_MOST: Final = 30
SHADOW_LINES: Final = 25


def summary_message(card: SummaryCard, look: Look, *, first_post: bool) -> Message:
    """Render what was found late at once. Everybody whom it concerns is mentioned once, in the first post only."""
    called = [one for one in card.call if one.slack] if first_post else []
    ring = " ".join(f"<@{one.slack}>" for one in called[:CALLED_MOST])
    said = f"{number_of_escalations(card.total)} at once, found late"
    shown = [_late(one, look) for one in card.late[:LATE_SHOWN]]
    more = card.total - len(shown)
    return message(
        f"{ring} {said}".strip(),
        header(f"🚨 {said}"),
        rich(section(*_away(card, look), *_for(called[:CALLED_MOST]))),
        rich(bullets([*shown, *([[words(f"and {more:,} more")]] if more > 0 else [])])),
        context(f"Each has its message with buttons in this thread · all of them: `/{look.prefix} escalations`"),
    )


def shadow_message(card: ShadowDay, look: Look) -> Message:
    """Render a day in mode shadow. It calls nobody and has no button: there is nothing to act on."""
    day = f"{card.day.day} {card.day:%b %Y}"
    said = f"Shadow, {day}: {number_of_escalations(card.total)} would have come"
    shown = [_late(one, look) for one in card.fired[-SHADOW_LINES:]]
    before = card.total - len(shown)
    earlier = [[words(f"{before:,} before these")]] if before > 0 else []
    return message(
        said,
        header(said),
        *([rich(bullets([*earlier, *shown]))] if shown else []),
        context("Nobody was called and nothing was changed. `handoff automations mode escalation auto` lets it act."),
    )


def number_of_escalations(number: int) -> str:
    """`1 escalation`, `40 escalations`."""
    return "1 escalation" if number == 1 else f"{number:,} escalations"


def _away(card: SummaryCard, look: Look) -> list[Part]:
    if card.away_from is None or card.away_until is None:
        return [words("They became due while Handoff did not look, so each is told once and late.")]
    return [
        words("Handoff looked at no ticket from "), moment(card.away_from, look), words(" to "),
        moment(card.away_until, look), words(". What became due meanwhile is told once, here."),
    ]  # fmt: skip


def _for(called: Sequence[PersonRef]) -> list[Part]:
    parts: list[Part] = [new_line(), label("For")] if called else []
    for number, one in enumerate(called):
        parts += [*([words(", ")] if number else []), ping(one.slack or "")]
    return parts


def _late(line: tuple[str, str, str, str, datetime], look: Look) -> list[Part]:
    ref, url, title, reason, due = line
    shown = one_line(f"{ref} {title}", 80)
    where = link(url, shown) if url else words(shown)
    return [where, words(f" · {reason}", limit=120), words(" · "), moment(due, look)]
