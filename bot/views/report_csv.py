"""The data sheet of a report as CSV: one figure a line, so that it can be sorted, filtered and pivoted.

UTF-8, RFC 4180. Times are seconds, numbers stay numbers, and no text can be taken for a formula.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from automations.escalation.card_types import RuleFigures
from automations.spreadsheet import cell
from automations.weekly_report.card_types import ReportCard, report_ref
from automations.weekly_report.result import CountName, Counts, Result, Share, Spread
from bot.views.report_words import TIME_NAMES, filter_words, left_name, times_of
from bot.views.texts import tame

COLUMNS: Final = ("part", "name", "number", "hours", "measure", "value", "unit")
"""`part` is the section; `name` the row in it (a group, a day, a reason); `hours` is calendar or business."""

Line = tuple[str, str, str, str, str, object, str]


def data_sheet(card: ReportCard, rules: Sequence[RuleFigures] = ()) -> bytes:
    """Every number of a report with its definition, and what they rest on.

    `rules` is how the rules of escalation did in its period; without any there is no such part.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in (*_lines(card), *_rules(rules)):
        writer.writerow([cell(tame(value) if isinstance(value, str) else value) for value in line])
    return text.getvalue().encode()


def _lines(card: ReportCard) -> Iterator[Line]:
    yield from _about(card)
    for one in card.definitions:
        yield "definition", one.title, one.name, "", "version", one.version, ""
        yield "definition", one.title, one.name, "", "meaning", one.words, ""
    result, before = card.result, card.before.result
    if result is None:
        return
    yield from _numbers("number", "", result.counts, left_name(card))
    yield "number", "", "merged", "", "n", result.counts.merged, "tickets"
    for name in TIME_NAMES:
        times = times_of(result, name)
        yield from _spread("number", "", name, "calendar", times.calendar)
        if times.business is not None:
            yield from _spread("number", "", name, "business", times.business)
        yield from (("number", one.name, name, "", "not counted", one.n, "tickets") for one in times.uncounted)
    if before is not None:
        yield from _before(before, left_name(card))
    yield from _shares(result)
    yield from _breakdowns(card, result)
    yield from _days(result)
    yield from _around(result)
    for number, change in enumerate(card.changes, start=1):
        yield "changed", change.title, str(number), "", "how", change.words, ""
        yield "changed", change.title, str(number), "", "link", change.url, ""


def _about(card: ReportCard) -> Iterator[Line]:
    request, zone = card.request, card.request.period.zone
    said: tuple[tuple[str, object], ...] = (
        ("report", report_ref(card.id)),
        ("title", card.title),
        ("desk", card.desk),
        ("from", _stamp(request.period.from_at, zone)),
        ("to (not included)", _stamp(request.period.to_at, zone)),
        ("zone", zone),
        ("filters", filter_words(request.filters)),
        ("open until", request.open_until),
        ("data as of", _stamp(card.data_at, zone)),
        ("history since", _stamp(card.since, zone) or "all of it"),
        ("made at", _stamp(card.made_at, zone)),
        ("asked for by", card.by or "the schedule"),
        ("counts again", "" if card.again is None else report_ref(card.again)),
        ("not compared", card.before.why_not),
        ("deleted in the desk", card.result.deleted if card.result else ""),
        ("hash of the result", card.hash),
    )
    return (("about", "", "", "", measure, value, "") for measure, value in said)


def _before(before: Result, left: CountName) -> Iterator[Line]:
    yield from _numbers("period before", "", before.counts, left)
    for name in TIME_NAMES:
        yield from _spread("period before", "", name, "calendar", times_of(before, name).calendar)


def _shares(result: Result) -> Iterator[Line]:
    parts: Sequence[tuple[str, Sequence[Share]]] = (
        ("by age", result.by_age), ("by status", result.by_status), ("by priority", result.by_priority),
    )  # fmt: skip
    return ((part, one.name, "", "", "n", one.n, "tickets") for part, shares in parts for one in shares)


def _breakdowns(card: ReportCard, result: Result) -> Iterator[Line]:
    for breakdown in result.breakdowns:
        for row in breakdown.rows:
            part = f"by {breakdown.by}, breakdown"
            yield from _numbers(part, row.name, row.counts, left_name(card))
            spreads = (("first_reply", row.first_reply), ("response", row.response), ("resolution", row.resolution))
            for name, spread in spreads:
                yield from _spread(part, row.name, name, "calendar", spread)


def _days(result: Result) -> Iterator[Line]:
    for day in result.days:
        part = "day" if day.current else "day of the period before"
        yield part, day.date, "backlog", "", "n", day.backlog, "tickets"
        yield part, day.date, "created", "", "n", day.created, "tickets"
        yield part, day.date, "left", "", "n", day.left, "tickets"
        yield part, day.date, "first_reply", "calendar", "median", day.first_reply_median, "seconds"
        yield part, day.date, "resolution", "calendar", "median", day.resolution_median, "seconds"


def _around(result: Result) -> Iterator[Line]:
    for queue in result.own_cases:
        told = (("opened", queue.opened), ("resolved", queue.resolved), ("open at the end", queue.open_at_end))
        yield from (("own cases", queue.queue, "", "", measure, n, "cases") for measure, n in told)
    for one in result.signals:
        yield f"signal, {one.kind}", one.name, "", "", "n", one.n, ""
        yield f"signal, {one.kind}", one.name, "", "", "n before", one.before, ""
        yield f"signal, {one.kind}", one.name, "", "", "link", one.link, ""
    for figure in result.desk_figures:
        part = "desk's own figure"
        apart = None if figure.ours is None or figure.desk is None else figure.ours - figure.desk
        yield part, "", figure.name, "calendar", "ours, mean", figure.ours, "seconds"
        yield part, "", figure.name, "calendar", "the desk's, mean", figure.desk, "seconds"
        yield part, "", figure.name, "calendar", "difference", apart, "seconds"
        yield part, "", figure.name, "", "compared", figure.compared, "tickets"
        yield part, "", figure.name, "", "of", figure.of, "tickets"
        yield part, "", figure.name, "", "more than a minute apart", figure.differing, "tickets"
        yield part, "", figure.name, "", "remark", figure.words, ""


def _rules(rules: Sequence[RuleFigures]) -> Iterator[Line]:
    """How each rule of escalation did. `name` is the rule, `number` its reason."""
    for one in rules:
        told = (
            ("fired", one.fired), ("right", one.right), ("not needed", one.not_needed), ("too late", one.too_late),
            ("missed", one.missed), ("unknown", one.unknown),
        )  # fmt: skip
        named = "escalation rule", one.rule, one.reason.value
        yield from ((*named, "", measure, n, "firings") for measure, n in told)
        yield *named, "calendar", "median to acknowledge", one.median_ack_s, "seconds"


def _numbers(part: str, name: str, counts: Counts, left: CountName) -> Iterator[Line]:
    """The counts of one row. `solved` is among them only where solving ends a ticket."""
    names: list[CountName] = ["backlog_start", "created", "reopened", left, "backlog_end", "resolved"]
    names += ["closed"] if left != "closed" else []
    return ((part, name, number, "", "n", getattr(counts, number), "tickets") for number in names)


def _spread(part: str, name: str, number: str, hours: str, spread: Spread) -> Iterator[Line]:
    yield part, name, number, hours, "n", spread.n, "tickets"
    for measure in ("mean", "median", "p90"):
        yield part, name, number, hours, measure, getattr(spread, measure), "seconds"


def _stamp(at: datetime | None, zone: str) -> str:
    return "" if at is None else at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")
