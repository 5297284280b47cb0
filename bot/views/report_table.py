"""The native table of a report's message: one row for each group, the sums last."""

from collections.abc import Sequence
from typing import Final

from automations.weekly_report.card_types import ReportCard
from automations.weekly_report.result import Breakdown, CountName, Counts, Spread, TimeName
from bot.views import Block
from bot.views.report_words import headline_counts, length, name_words, number_title, times_of

_TIMES: Final[tuple[TimeName, ...]] = ("first_reply", "resolution")


def table_of(card: ReportCard) -> Breakdown | None:
    """What the table breaks down: the groups, or else the first breakdown that has rows; None if there is none."""
    filled = [one for one in card.result.breakdowns if one.rows] if card.result else []
    return next((one for one in filled if one.by == "group"), filled[0] if filled else None)


def table_rows(card: ReportCard, shown: Breakdown, most: int) -> list[list[str]]:
    """The table's cells as text: names of the columns, at most `most` rows, and all of them together."""
    assert card.result is not None, "a breakdown belongs to a result"
    counts = headline_counts(card)
    head = [shown.by.capitalize(), *(number_title(card, name) for name in counts)]
    head += [f"{number_title(card, name)}, median" for name in _TIMES]
    rows = [
        [name_words(row.name), *_counts(row.counts, counts), *_medians([getattr(row, name) for name in _TIMES])]
        for row in shown.rows[:most]
    ]
    whole = _medians([times_of(card.result, name).calendar for name in _TIMES])
    return [head, *rows, ["All", *_counts(card.result.counts, counts), *whole]]


def report_table(card: ReportCard, most: int) -> list[Block]:
    """Make the table with at most `most` rows between its head and its sums; nothing where there is nothing to show.

    Cells are raw text: Slack shows it literally.
    """
    shown = table_of(card)
    if shown is None or not most:
        return []
    rows = table_rows(card, shown, most)
    return [
        {
            "type": "table",
            "rows": [[{"type": "raw_text", "text": text} for text in row] for row in rows],
            "column_settings": [{"is_wrapped": True}, *({"align": "right"} for _ in rows[0][1:])],
        }
    ]


def left_out_words(card: ReportCard, most: int) -> str:
    """Say how many rows the table does not show; empty if it shows them all."""
    shown = table_of(card)
    more = 0 if shown is None else len(shown.rows) - most
    if shown is None or more <= 0:
        return ""
    return f"{more:,} more in the breakdown by {shown.by}: the data sheet has them"


def _counts(counts: Counts, names: Sequence[CountName]) -> list[str]:
    return [f"{getattr(counts, name) or 0:,}" for name in names]


def _medians(spreads: Sequence[Spread]) -> list[str]:
    return [length(spread.median) for spread in spreads]
