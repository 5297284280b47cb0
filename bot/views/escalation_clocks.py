"""SLA clocks in a line: how much is left or overdue, and until when. A message stands still, so both are said."""

from collections.abc import Sequence
from datetime import timedelta

from automations.escalation.card_types import ClockLine
from bot.views import Block
from bot.views.blocks import Part, bullets, label, link, section, words
from bot.views.escalation_words import clock_name, clock_sign, left_words
from bot.views.texts import Look, moment, moment_mrkdwn, one_line


def clock_parts(clock: ClockLine, look: Look) -> list[Part]:
    """`First reply: 🔴 12 min overdue, due 14:02 (target enterprise: 30 min)` within a section."""
    due = [words(", due "), moment(clock.due_at, look)] if clock.due_at is not None else []
    said = f"{clock_sign(clock)}{left_words(clock)}"
    return [label(clock_name(clock.kind)), words(said, bold=bool(clock_sign(clock))), *due, *_target(clock)]


def clocks_as_of(clocks: Sequence[ClockLine], look: Look) -> str:
    """Say in small print (mrkdwn) when what is left was counted; nothing where no clock runs."""
    for clock in clocks:
        if clock.due_at is not None and clock.left_s is not None:
            return f"times left as of {moment_mrkdwn(clock.due_at - timedelta(seconds=clock.left_s), look)}"
    return ""


def clock_list(title: str, clocks: Sequence[ClockLine], look: Look) -> list[Block]:
    """List clocks of several tickets (elements of `rich`), nothing for none."""
    if not clocks:
        return []
    return [section(words(title, bold=True)), bullets([clock_line(clock, look) for clock in clocks])]


def clock_line(clock: ClockLine, look: Look) -> list[Part]:
    """Put a ticket's clock in one line: which ticket, which clock, what is left."""
    shown = one_line(f"#{clock.ticket_id} {clock.title}", 100)
    due = [words(", due "), moment(clock.due_at, look)] if clock.due_at is not None else []
    return [
        link(clock.url, shown) if clock.url else words(shown),
        words(f" · {clock_name(clock.kind)}: "),
        words(f"{clock_sign(clock)}{left_words(clock)}", bold=bool(clock_sign(clock))),
        *due,
    ]


def _target(clock: ClockLine) -> list[Part]:
    counted = ", ".join(filter(None, (one_line(clock.target, 40), one_line(clock.counted, 60))))
    return [words(f" ({counted})")] if counted else []
