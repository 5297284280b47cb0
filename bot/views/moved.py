"""The private message to somebody who is away: which of their cases went to whom."""

from collections.abc import Sequence

from automations.domain import case_ref
from automations.failure_tickets.card_types import MovedLine
from bot.views import Message
from bot.views.blocks import Part, bullets, context, link, message, rich, section, words
from bot.views.texts import Look, esc

SHOWN = 10
"""How many cases are listed, the newest; the rest is counted."""


def moved_message(lines: Sequence[MovedLine], look: Look) -> Message:
    """Show what went to whom. It grows while the absence lasts, and calls once."""
    count = len(lines)
    what = "One of your cases has" if count == 1 else f"{count} of your cases have"
    text = f"{what} gone to somebody else while you are away"
    shown = lines[-SHOWN:]
    named = "; ".join(f"{case_ref(line.id)} to {line.to.name}" for line in shown)
    more = [context(f"and {count - SHOWN} before these")] if count > SHOWN else []
    return message(
        esc(f"{text}: {named}", 1_500),
        rich(section(words(f"{text}:", bold=True)), bullets([_line(line) for line in shown])),
        *more,
        context(f"They stay there when you are back · `/{look.prefix} mine` shows what is yours"),
    )


def _line(line: MovedLine) -> list[Part]:
    ref = case_ref(line.id)
    return [
        link(line.permalink, ref) if line.permalink else words(ref),
        words(f" {line.summary}", limit=120),
        words(" → "),
        words(line.to.name, bold=True, limit=80),
    ]
