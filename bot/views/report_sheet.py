"""The data sheet of a report: every number with its n, mean, median, p90 and definition, on pages of a modal."""

from collections.abc import Iterator

from automations.weekly_report.card_types import ReportCard, report_ref
from automations.weekly_report.result import Breakdown, DeskFigure, Result, Row, Signal, Spread
from bot.views import Block, Modal
from bot.views.blocks import Part, actions, button, context, label, link, new_line, screen, section, words
from bot.views.paged import gathered, pages
from bot.views.report_words import (
    MINUS,
    TIME_NAMES,
    about,
    again_words,
    compared_words,
    count_change,
    count_words,
    left_name,
    length,
    name_words,
    number_title,
    share_words,
    spread_words,
    times_of,
    uncounted_words,
)
from bot.views.texts import Look, esc, moment_mrkdwn, one_line
from bot.wire_report import ReportAct, ReportButton, ReportForm


def sheet_modal(card: ReportCard, look: Look, *, page: int = 1) -> Modal:
    """Show one page of it. The same is in the report's thread as CSV, with every day."""
    dealt = pages([*gathered(_lines(card))])
    number = min(max(page, 1), len(dealt))
    made = f" · made {moment_mrkdwn(card.made_at, look)}" if card.made_at else ""
    here = f"{esc(card.title, 150)} · page {number} of {len(dealt)}{made}"
    view = screen(
        f"Data sheet {report_ref(card.id)}"[:24],
        *turning(ReportButton(card.id, ReportAct.DATA_SHEET, page=number - 1), "Back", shown=number > 1),
        context(here),
        *dealt[number - 1],
        *turning(ReportButton(card.id, ReportAct.DATA_SHEET, page=number + 1), "Next", shown=number < len(dealt)),
        private_metadata=ReportButton(card.id, ReportAct.DATA_SHEET, page=number).encode(),
    )
    return view | {"callback_id": ReportForm.SHEET}


def turning(target: ReportButton, name: str, *, shown: bool) -> list[Block]:
    """Make the button that turns to another page, in a row of its own: both ways share one action id."""
    return [actions(button(f"{name}: page {target.page:,}", target.act, target.encode()))] if shown else []


def _lines(card: ReportCard) -> Iterator[Block]:
    """Every line, as a section."""
    result = card.result
    if result is None:
        yield _plain("It is not made yet.")
        return
    yield from (_plain(line) for line in about(card)[:-1])
    yield _plain(f"Hash of the result: {card.hash}")
    if said := compared_words(card):
        yield _plain(said)
    yield from _again(card)
    yield from _numbers(card, result)
    for name, shares in (("age", result.by_age), ("status", result.by_status), ("priority", result.by_priority)):
        yield _named(f"By {name}", share_words(shares, most=len(shares) or 1))
    for breakdown in result.breakdowns:
        yield from _breakdown(card, breakdown)
    yield from _cases(result)
    yield from _desk_figures(card, result)
    yield from _signals(result)
    yield _heading("Definitions")
    for one in card.definitions:
        yield section(*_bullet(f"{one.title} ({one.stamp}): "), words(one.words))


def _numbers(card: ReportCard, result: Result) -> Iterator[Block]:
    yield _heading("Numbers")
    for one in card.definitions:
        match one.name:
            case "first_reply" | "response" | "resolution":
                pass
            case name:
                yield section(*_bullet(f"{one.title}: "), words(count_words(card, result, name)))
    yield section(*_bullet("Merged into other tickets: "), words(f"{result.counts.merged:,}"))
    for name in TIME_NAMES:
        title, times = number_title(card, name), times_of(result, name)
        yield section(*_bullet(f"{title}, calendar hours: "), words(spread_words(times.calendar)))
        if times.business is not None:
            worked = spread_words(times.business, worked=True)
            yield section(*_bullet(f"{title}, working hours: "), words(worked))
        if uncounted := uncounted_words(times.uncounted):
            yield section(*_bullet(f"{title}, not counted: "), words(uncounted))


def _breakdown(card: ReportCard, breakdown: Breakdown) -> Iterator[Block]:
    if breakdown.rows:
        yield _heading(f"By {breakdown.by}, at the end of the period")
    for row in breakdown.rows:
        yield section(*_bullet(f"{name_words(row.name, 80)}: "), *_row(card, row))


def _row(card: ReportCard, row: Row) -> Iterator[Part]:
    """The row's numbers as the sum that they make, and a line for each time."""
    counts, left = row.counts, left_name(card)
    begun = f"{counts.backlog_start:,} open at the start + {counts.created:,} created + {counts.reopened:,} reopened"
    gone = f"{getattr(counts, left) or 0:,} {number_title(card, left).lower()}"
    yield words(f"{begun} {MINUS} {gone} = {counts.backlog_end:,} open")
    for name in TIME_NAMES:
        spread: Spread = getattr(row, name)
        if spread.n:
            yield new_line()
            yield words(f"{number_title(card, name)}: {spread_words(spread)}")


def _cases(result: Result) -> Iterator[Block]:
    if result.own_cases:
        yield _heading("Cases of Handoff, by queue")
    for queue in result.own_cases:
        told = f"opened {queue.opened:,}, resolved {queue.resolved:,}, open at the end {queue.open_at_end:,}"
        yield section(*_bullet(f"{name_words(queue.queue, 80)}: "), words(told))


def _desk_figures(card: ReportCard, result: Result) -> Iterator[Block]:
    if result.desk_figures:
        yield _heading("The desk's own figures beside ours: averages over the same tickets")
    mute = [one for one in result.desk_figures if one.ours is None and one.desk is None and one.words]
    yield from (_plain(f"• Not compared: {one_line(said, 300)}") for said in dict.fromkeys(one.words for one in mute))
    for one in (one for one in result.desk_figures if one not in mute):
        yield section(*_bullet(f"{number_title(card, one.name)}: "), words(desk_words(one)))


def desk_words(one: DeskFigure) -> str:
    """Our mean beside the desk's, their difference, and over how many tickets."""
    if one.ours is None or one.desk is None:
        shown = f"ours {length(one.ours)}, the desk's {length(one.desk)}"
    else:
        apart = round(one.ours) - round(one.desk)
        more = f"{'more' if apart > 0 else 'less'} by {length(abs(apart))}" if apart else "the same"
        shown = f"ours {length(one.ours)}, the desk's {length(one.desk)}: ours is {more}"
    over = f"all {one.of:,} tickets" if one.compared is None else f"{one.compared:,} of {one.of:,} tickets"
    differing = "" if one.differing is None else f"; more than a minute apart on {one.differing:,}"
    return "; ".join(part for part in (f"{shown}; {over}{differing}", one_line(one.words, 300)) if part)


def _signals(result: Result) -> Iterator[Block]:
    for kind, title in (("tag", "Tickets by tag, most first"), ("failure", "Failures by kind, most first")):
        several = [one for one in result.signals if one.kind == kind]
        if several:
            yield _heading(title)
        for one in several:
            yield section(words("• "), link(one.link, name_words(one.name, 80)), words(f": {_signal(one)}"))


def _signal(one: Signal) -> str:
    return f"{one.n:,}{count_change(one.n, one.before)}"


def _again(card: ReportCard) -> Iterator[Block]:
    if card.again is None:
        return
    yield _heading(again_words(card))
    for one in card.changes:
        yield section(words("• "), link(one.url, one_line(one.title, 120)), words(f": {one.words}", limit=300))
    if (more := card.change_count - len(card.changes)) > 0:
        yield _plain(f"and {more:,} more")


def _heading(text: str) -> Block:
    return section(new_line(), words(text, bold=True, limit=200))


def _plain(text: str) -> Block:
    return section(words(text))


def _named(name: str, text: str) -> Block:
    return section(label(name), words(text))


def _bullet(title: str) -> list[Part]:
    return [words("• "), words(title, bold=True, limit=200)]
