"""A report as plain text: what phones and screen readers get of its message, and what the terminal prints."""

from collections.abc import Sequence

from automations.weekly_report.card_types import ReportCard, report_ref
from bot.views.report_table import left_out_words, table_of, table_rows
from bot.views.report_words import (
    TIME_NAMES,
    about,
    again_words,
    compared_words,
    count_words,
    headline_counts,
    number_title,
    only_words,
    share_words,
    time_words,
)
from bot.views.texts import esc, one_line

_MOST_ROWS = 40
_MOST_TEXT = 3_800
"""Characters of a message's text: Slack recommends at most 4,000 (docs.slack.dev, chat.postMessage)."""


def report_text(card: ReportCard) -> str:
    """All of a report's message but the picture, for the terminal; literal text, tame, with line breaks."""
    if card.result is None:
        return unmade_words(card)
    shown = table_of(card)
    table = [] if shown is None else ["", *_columns(table_rows(card, shown, _MOST_ROWS))]
    rest = [left_out_words(card, _MOST_ROWS)] if left_out_words(card, _MOST_ROWS) else []
    changes = [f"  {one_line(one.title, 120)}: {one_line(one.words, 200)}" for one in card.changes]
    return "\n".join([*_top(card), *changes, *table, *rest, "", *about(card)])


def phone_text(card: ReportCard) -> str:
    """The headline numbers and what they rest on, escaped, within what Slack recommends for a message's text."""
    if card.result is None:
        return esc(unmade_words(card), 900)
    lines: list[str] = []
    for line in (esc(line, 600) for line in [*_top(card), *about(card)]):
        if sum(map(len, lines)) + len(lines) + len(line) > _MOST_TEXT:
            break
        lines.append(line)
    return "\n".join(lines)


def unmade_words(card: ReportCard) -> str:
    """Say in a line that a report is being made, or why it could not be."""
    if card.state == "failed":
        return f"{report_ref(card.id)} could not be made: {one_line(card.error, 600)}"
    return f"{report_ref(card.id)} is being made: {one_line(card.title, 150)}. The desk is read first."


def _top(card: ReportCard) -> list[str]:
    result = card.result
    assert result is not None, "asked for a report that was made"
    counts = [f"{number_title(card, name)}: {count_words(card, result, name)}" for name in headline_counts(card)]
    times = [f"{number_title(card, name)}: {time_words(card, result, name)}" for name in TIME_NAMES]
    shares = (("age", result.by_age), ("status", result.by_status), ("priority", result.by_priority))
    queue = [f"By {name}: {share_words(several)}" for name, several in shares if several]
    lines = [
        one_line(card.title, 150),
        only_words(card),
        *counts,
        *times,
        *queue,
        compared_words(card),
        again_words(card),
    ]
    return [line for line in lines if line]


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Set cells in columns: names to the left, figures to the right."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    return [
        "  ".join(
            cell.rjust(width) if place else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
