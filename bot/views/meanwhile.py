"""The summary after an outage of Slack: which cases opened and closed meanwhile. It calls nobody."""

from dataclasses import dataclass

from automations.domain import case_ref
from bot.views import Message
from bot.views.blocks import Part, bullets, context, header, message, rich, words
from bot.views.texts import Look


@dataclass(frozen=True, slots=True)
class MeanwhileLine:
    """One case that is over: its number, what failed, who closed it (empty: its source), and the note."""

    id: int
    summary: str
    by: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class MeanwhileCard:
    """The first lines of `total` cases."""

    lines: tuple[MeanwhileLine, ...]
    total: int


def meanwhile_message(card: MeanwhileCard, look: Look) -> Message:
    """Show what opened and closed meanwhile; each case keeps its history and its ticket."""
    cases = "One case" if card.total == 1 else f"{card.total:,} cases"
    title = f"{cases} opened and closed while Slack could not be reached"
    lines = [_line(one) for one in card.lines]
    if card.total > len(card.lines):
        lines.append([words(f"and {card.total - len(card.lines):,} more")])
    return message(
        title,
        header(f"🟢 {title}"),
        rich(bullets(lines)),
        context(f"Nothing is to be done about them. What is still open has its own message · `/{look.prefix} cases`"),
    )


def _line(one: MeanwhileLine) -> list[Part]:
    how = f" · closed by {one.by}" if one.by else " · over by itself"
    return [
        words(case_ref(one.id), bold=True), words(f" {one.summary}", limit=100), words(how, limit=80),
        *([words(f": {one.note}", limit=100)] if one.note else []),
    ]  # fmt: skip
