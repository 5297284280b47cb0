"""The message of a queue report: headline numbers as text, what they rest on, one picture, one table, what can be done.

It calls nobody, judges nothing and explains no number. What does not fit is left out of the table first, never a
headline; the data sheet has all of it.
"""

from typing import Final

from automations.weekly_report.card_types import Changed, ReportCard
from automations.weekly_report.result import Result
from bot.views import Block, Message
from bot.views.blocks import (
    BUDGET,
    Part,
    actions,
    bullets,
    button,
    context,
    header,
    label,
    link,
    menu,
    message,
    plain,
    rich,
    saying,
    section,
    size,
    words,
)
from bot.views.report_table import left_out_words, report_table
from bot.views.report_text import phone_text, unmade_words
from bot.views.report_words import (
    TIME_NAMES,
    about,
    again_words,
    compared_words,
    count_of,
    count_words,
    headline_counts,
    number_title,
    only_words,
    share_words,
    tickets_behind,
    time_words,
)
from bot.views.texts import Look, esc, moment_mrkdwn, one_line
from bot.wire_report import REPORT_ACT_NAMES, ReportAct, ReportButton

CHANGED: Final = 10
"""Tickets named in the message of a report that was run again."""
_ABOVE: Final = 500
"""Characters of JSON left for a line that others may set above a report."""
_SIZES: Final = ((16, CHANGED), (8, CHANGED), (8, 4), (3, 2), (0, 0))
"""Rows of the table and changed tickets named: from what we would like to what always fits."""


def report_message(card: ReportCard, look: Look) -> Message:
    """Render a report as it stands: being made, failed, or made. The text is whole without picture and table."""
    if card.result is None:
        return asked_message(card)
    for rows, changed in _SIZES:
        blocks = _blocks(card, card.result, look, rows, changed)
        if size(blocks) <= BUDGET - _ABOVE:
            break
    return message(phone_text(card), *blocks)


def asked_message(card: ReportCard) -> Message:
    """Say in a line that a report is being made, or why it could not be."""
    said = unmade_words(card)
    return message(esc(said, 900), saying(said))


def _blocks(card: ReportCard, result: Result, look: Look, rows: int, changed: int) -> list[Block]:
    return [
        header(card.title),
        *([rich(section(words(only_words(card), bold=True, limit=400)))] if only_words(card) else []),
        *_again(card, changed),
        rich(bullets(_headlines(card, result)), *_queue(result)),
        *([context(esc(compared_words(card), 600))] if compared_words(card) else []),
        *_picture(card, result),
        *report_table(card, rows),
        *([context(esc(left_out_words(card, rows)))] if left_out_words(card, rows) else []),
        context("\n".join([*(esc(line, 600) for line in about(card)), _asked_by(card, look)])),
        _acts(card, result),
    ]


def _headlines(card: ReportCard, result: Result) -> list[list[Part]]:
    counts = [(name, count_words(card, result, name)) for name in headline_counts(card)]
    times = [(name, time_words(card, result, name)) for name in TIME_NAMES]
    return [[label(number_title(card, name)), words(said, limit=400)] for name, said in [*counts, *times]]


def _queue(result: Result) -> list[Block]:
    """How the open ones are made up. Shares are counts, so that no percentage hides a small number."""
    named = (("age", result.by_age), ("status", result.by_status), ("priority", result.by_priority))
    return [section(label(f"By {name}"), words(share_words(shares), limit=500)) for name, shares in named if shares]


def _again(card: ReportCard, most: int) -> list[Block]:
    if card.again is None:
        return []
    shown = card.changes[:most]
    lines = [bullets([changed_parts(one) for one in shown])] if shown else []
    more = card.change_count - len(shown)
    rest = [section(words(f"and {more:,} more: the data sheet names them"))] if more > 0 and card.change_count else []
    return [rich(section(words(again_words(card), bold=True)), *lines, *rest)]


def changed_parts(one: Changed) -> list[Part]:
    """Name a ticket that counts otherwise than it did, and how."""
    return [link(one.url, one_line(one.title, 120)), words(f": {one.words}", limit=200)]


def _picture(card: ReportCard, result: Result) -> list[Block]:
    if card.refused:
        return [context("Slack took no picture. The numbers above and the data sheet stand without it.")]
    if card.picture is None:
        return []
    counts = ", ".join(
        f"{number_title(card, name).lower()} {count_of(result, name):,}" for name in headline_counts(card)
    )
    alt = f"{one_line(card.title, 150)}, day by day: open tickets, created and {_left(card)}, first reply, resolution."
    told = plain(f"{alt} In all: {counts}.", 500)["text"]
    return [{"type": "image", "slack_file": {"id": card.picture}, "alt_text": told}]


def _left(card: ReportCard) -> str:
    return number_title(card, headline_counts(card)[2]).lower()


def _asked_by(card: ReportCard, look: Look) -> str:
    by = f"Asked for by {esc(card.by, 80)}" if card.by else "By the schedule"
    return f"{by}, made {moment_mrkdwn(card.made_at, look)}" if card.made_at else by


def _acts(card: ReportCard, result: Result) -> Block:
    made = [
        button(REPORT_ACT_NAMES[act], act, ReportButton(card.id, act).encode())
        for act in (ReportAct.RERUN, ReportAct.PERIOD, ReportAct.DATA_SHEET)
    ]
    return actions(*made, *_tickets(card, result))


def _tickets(card: ReportCard, result: Result) -> list[Block]:
    """Offer the tickets behind each number that has any."""
    options = [
        (f"{one.title}: {number:,}", ReportButton(card.id, ReportAct.TICKETS, one.name).encode())
        for one in card.definitions
        if (number := tickets_behind(result, one.name))
    ]
    return [menu(ReportAct.TICKETS, f"{REPORT_ACT_NAMES[ReportAct.TICKETS]} behind …", options)] if options else []
