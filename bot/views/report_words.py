"""The words and figures of a report as message, data sheet, picture and terminal share them: no adjectives, no causes.

Everything here is literal text: whoever puts it into mrkdwn escapes it.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from automations.durations import in_words
from automations.weekly_report.card_types import ReportCard, report_ref
from automations.weekly_report.period import before as period_before
from automations.weekly_report.period import period_words
from automations.weekly_report.request import Filters, Period
from automations.weekly_report.result import CountName, NumberName, Result, Share, Spread, TimeName, Times
from bot.views.texts import one_line

TIME_NAMES: Final[tuple[TimeName, ...]] = ("first_reply", "response", "resolution")
MINUS: Final = "−"
NOTHING: Final = "–"
HASH: Final = 8
"""Characters of a report's hash that people are shown."""


def left_name(card: ReportCard) -> CountName:
    """The number of what left the backlog: what is solved, or closed where only closing ends a ticket."""
    return "solved" if card.request.open_until == "solved" else "closed"


def headline_counts(card: ReportCard) -> tuple[CountName, ...]:
    """The counts that stand on top, in order."""
    return ("backlog_end", "created", left_name(card), "reopened")


def number_title(card: ReportCard, name: NumberName) -> str:
    """What people call a number."""
    return next((one.title for one in card.definitions if one.name == name), name.replace("_", " ").capitalize())


def count_of(result: Result, name: CountName) -> int:
    """A count; 0 for one that this kind of report does not have."""
    return int(getattr(result.counts, name) or 0)


def times_of(result: Result, name: TimeName) -> Times:
    """One of the three times."""
    found: Times = getattr(result, name)
    return found


def tickets_behind(result: Result, name: NumberName) -> int:
    """How many tickets, or events of tickets, a number was made of."""
    match name:
        case "first_reply" | "response" | "resolution":
            return times_of(result, name).calendar.n
        case _:
            return count_of(result, name)


def count_words(card: ReportCard, result: Result, name: CountName) -> str:
    """`37 (+3)`; without brackets where nothing is compared."""
    now, before = count_of(result, name), card.before.result
    return f"{now:,}{count_change(now, None if before is None else count_of(before, name))}"


def count_change(now: int, before: int | None) -> str:
    """` (+3)`, ` (−3)`, ` (0)`; nothing without a period before."""
    if before is None:
        return ""
    return f" ({_sign(now - before)}{abs(now - before):,})"


def time_words(card: ReportCard, result: Result, name: TimeName) -> str:
    """Say a time in a line: median with its change, average, n, what is not counted and why."""
    times, before = times_of(result, name), card.before.result
    spread, uncounted = times.calendar, uncounted_words(times.uncounted)
    without = f"; not counted: {uncounted}" if uncounted else ""
    if not spread.n:
        return f"n 0{without}"
    then = None if before is None else times_of(before, name).calendar.median
    median = f"median {length(spread.median)}{_time_change(spread.median, then)}"
    return f"{median}, average {length(spread.mean)}, n {spread.n:,}{without}"


def uncounted_words(uncounted: Sequence[Share]) -> str:
    """`12 not replied to, 3 by bots alone`; empty where everything is counted."""
    return ", ".join(f"{one.n:,} {name_words(one.name, 80)}" for one in uncounted if one.n)


def spread_words(spread: Spread, *, worked: bool = False) -> str:
    """`n 98, average 3 h, median 1 h, p90 8 h`."""
    if not spread.n:
        return "n 0"
    named = (("average", spread.mean), ("median", spread.median), ("p90", spread.p90))
    return ", ".join([f"n {spread.n:,}", *(f"{name} {length(value, worked=worked)}" for name, value in named)])


def length(seconds: float | None, *, worked: bool = False) -> str:
    """`2 d 3 h`, `1 h 12 min`, `4 min 5 s`. From ten minutes on seconds are noise, and rounded away.

    Working time goes no further than hours: a working day is no fixed time.
    """
    if seconds is None:
        return NOTHING
    whole = round(seconds) if seconds < 600 else round(seconds / 60) * 60
    if not worked or whole < 86_400:
        return in_words(timedelta(seconds=whole))
    hours, rest = divmod(whole, 3_600)
    return f"{hours:,} h {rest // 60} min" if rest >= 60 else f"{hours:,} h"


def share_words(shares: Sequence[Share], most: int = 12) -> str:
    """`open: 20 · pending: 10`, and how many names more there are."""
    shown = [f"{name_words(one.name)}: {one.n:,}" for one in shares[:most]]
    more = [f"{len(shares) - most} more"] if len(shares) > most else []
    return " · ".join([*shown, *more]) or "none"


def name_words(name: str, limit: int = 40) -> str:
    """A name from the desk; `none` for tickets without any."""
    return one_line(name, limit).replace("_", " ") or "none"


def moment_words(at: datetime, zone: str) -> str:
    """A time with its year and zone: `9 Nov 2026 09:00 CET`."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%b %Y %H:%M %Z}"


def span_words(period: Period) -> str:
    """From when to when exactly, and in which zone."""
    begin, end = (moment_words(at, period.zone) for at in (period.from_at, period.to_at))
    return f"{begin} to {end}, the end not included ({period.zone})"


def filter_words(filters: Filters) -> str:
    """`group: billing or refunds; priority: high`, or that all tickets count."""
    said = [f"{key}: {' or '.join(one_line(value, 60) for value in values)}" for key, values in filters.chosen]
    return "; ".join(said) or "none, all tickets count"


def only_words(card: ReportCard) -> str:
    """Which tickets a report counts, where those are not all; else empty."""
    return f"Tickets with {filter_words(card.request.filters)}" if card.request.filters else ""


def definition_words(card: ReportCard) -> str:
    """`version 1`, or each number with its version where they are not all the same."""
    if len({one.version for one in card.definitions}) == 1:
        return f"version {card.definitions[0].version}"
    return ", ".join(one.stamp for one in card.definitions) or NOTHING


def compared_words(card: ReportCard) -> str:
    """Against what the changes are, or why there are none; empty if nothing is said of it."""
    if card.before.result is not None:
        return f"In brackets: the change against {period_words(period_before(card.request.period))}."
    return f"Not compared with the period before: {one_line(card.before.why_not, 300)}" if card.before.why_not else ""


def history_words(card: ReportCard) -> str:
    """That the past is known only from some moment on; empty if all of it is."""
    return "" if card.since is None else f"Partial history since {moment_words(card.since, card.request.period.zone)}"


def data_words(card: ReportCard) -> str:
    """From which desk the data are, and as of when."""
    of = "" if card.data_at is None else f", as of {moment_words(card.data_at, card.request.period.zone)}"
    return f"{one_line(card.desk, 60)}{of}"


def about(card: ReportCard) -> list[str]:
    """What the numbers rest on, line by line: period, filters, definitions, data, and which report this is."""
    result = card.result
    deleted = result.deleted if result else 0
    worked = result is not None and any(times_of(result, name).business is not None for name in TIME_NAMES)
    lines = [
        f"Period: {span_words(card.request.period)}",
        f"Filters: {filter_words(card.request.filters)}. A ticket is open until it is {card.request.open_until}",
        f"Definitions: {definition_words(card)}",
        f"Times: calendar hours{'; working hours are in the data sheet' if worked else ''}",
        f"Data: {data_words(card)}",
        history_words(card),
        f"{deleted:,} deleted in the desk: no number contains them" if deleted else "",
        f"{report_ref(card.id)} · hash {card.hash[:HASH]}",
    ]
    return [line for line in lines if line]


def again_words(card: ReportCard) -> str:
    """Say what came of counting another report again; empty for a report that does not."""
    if card.again is None:
        return ""
    said = f"{report_ref(card.id)} counts {report_ref(card.again)} again"
    if not card.change_count:
        return f"{said}: same numbers."
    return f"{said}: {card.change_count:,} {'change' if card.change_count == 1 else 'changes'} since."


def _time_change(now: float | None, before: float | None) -> str:
    if now is None or before is None:
        return ""
    change = round(now) - round(before)
    return f" ({_sign(change)}{length(abs(change)) if change else '0'})"


def _sign(change: int) -> str:
    return "+" if change > 0 else MINUS if change < 0 else ""
