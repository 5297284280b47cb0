"""Reports at their limits: long periods, huge numbers, nothing at all, and texts that somebody outside chose."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

from automations.weekly_report.card_types import Changed, Comparison, ReportCard, TicketLine, TicketList
from automations.weekly_report.definitions import definitions
from automations.weekly_report.request import Filters, Request
from automations.weekly_report.result import (
    Breakdown,
    CaseQueue,
    Counts,
    Day,
    DeskFigure,
    Result,
    Row,
    Share,
    Signal,
    Spread,
    Times,
)
from bot.cli.view_examples.reports import CARD, EARLIER, EMPTY, FILTERED, HOUR, MONDAY, RESULT
from bot.cli.view_examples.runs import LOOK
from bot.views.report import report_message
from bot.views.report_list import ticket_list_modal
from bot.views.report_sheet import sheet_modal


def over(days: int, before: int, *, size: int = 30) -> tuple[Day, ...]:
    """So many days up to 8 November 2026, and as many as named before them; on every fifth nothing happened."""
    first = date(2026, 11, 9) - timedelta(days=days + before)
    return tuple(
        Day(
            date=(first + timedelta(days=place)).isoformat(), current=place >= before,
            backlog=size * 3 + place * 7 % (size + 1), created=place * 13 * size // 30 % size + 1,
            left=place * 5 * size // 30 % size,
            first_reply_median=None if place % 5 == 4 else (1 + place % 6) * HOUR,
            resolution_median=None if place % 5 == 4 else (30 + place * 11 % 70) * HOUR,
        )
        for place in range(days + before)
    )  # fmt: skip


def spanning(days: int, before: int, title: str, **more: Any) -> ReportCard:
    """The card of a period of so many days."""
    period = replace(CARD.request.period, from_at=CARD.request.period.to_at - timedelta(days=days), word="days")
    result = RESULT.model_copy(update={"days": over(days, before, **more)})
    return replace(CARD, request=replace(CARD.request, period=period), result=result, title=title)


def hostile(text: str, rows: int = 60) -> ReportCard:
    """A card in which every name and text is one that somebody outside chose, in breakdowns of so many rows."""
    share = (Share(name=text, n=3),)
    times = Times(calendar=Spread(n=2, mean=HOUR, median=HOUR, p90=HOUR), uncounted=share)
    row = Row(name=text, counts=Counts(created=1, solved=1), first_reply=times.calendar)
    result = Result(
        counts=RESULT.counts, by_age=share * rows, by_status=share * rows, by_priority=share * rows,
        first_reply=times, response=times, resolution=times,
        breakdowns=(Breakdown(by="group", rows=(row,) * rows), Breakdown(by="assignee", rows=(row,) * rows)),
        days=RESULT.days, own_cases=(CaseQueue(queue=text, opened=1, resolved=1, open_at_end=0),),
        signals=(Signal(kind="tag", name=text, n=1, before=1, link=f"https://desk.example/{text}"),) * (rows // 3),
        desk_figures=(
            DeskFigure(name="response", compared=1, of=2, ours=HOUR, desk=None, differing=1, words=text),
        ),
    )  # fmt: skip
    filters = Filters((("group", (text,) * 4), ("tag", (text,))))
    return replace(
        CARD, title=text, desk=text, by=text, owner=text, result=result, since=MONDAY, again=5, change_count=40,
        before=Comparison(None, text), request=Request(CARD.request.period, filters),
        changes=(Changed(text, f"https://desk.example/{text}", text),) * (rows // 2),
    )  # fmt: skip


HUGE: Final = replace(
    spanning(7, 7, "Weekly queue report, week 45, 2–8 Nov 2026", size=2_000_000),
    result=RESULT.model_copy(
        update={
            "days": over(7, 7, size=2_000_000),
            "counts": Counts(created=9_876_543, reopened=1_234_567, solved=8_765_432, backlog_end=7_654_321),
            "first_reply": Times(calendar=Spread(n=9_876_543, mean=9.9e8, median=8.8e8, p90=9.99e8)),
            "breakdowns": (
                Breakdown(
                    by="group",
                    rows=tuple(
                        Row(name=f"Region {n} escalations and returns", counts=Counts(created=1_000_000 + n))
                        for n in range(60)
                    ),
                ),
            ),
        }
    ),
)
CLOSED: Final = replace(
    CARD,
    request=replace(CARD.request, open_until="closed"),
    definitions=definitions("closed"),
    result=RESULT.model_copy(update={"counts": RESULT.counts.model_copy(update={"solved": None})}),
    before=Comparison(EARLIER.model_copy(update={"counts": EARLIER.counts.model_copy(update={"solved": None})})),
)
LONG_NAMES: Final = replace(
    FILTERED,
    title="Queue report, 1 October 2026 to 8 November 2026, of everything that came in by every way there is",
    desk="The help desk of the northern and the southern offices together",
    request=replace(CARD.request, filters=Filters((("group", ("billing and refunds",) * 5),))),
    since=MONDAY,
)
TICKETS: Final = TicketList(
    7, "resolution", tuple(TicketLine("x" * 300, "https://desk.example/" + "y" * 900, *("z" * 200,) * 3, 9e9, "c" * 400)
                           for _ in range(50)), count=1_000_000, page=3, pages=20_000,
    customers_by="s" * 100, customers_as_of=MONDAY,
)  # fmt: skip
PICTURES: Mapping[str, Callable[[], ReportCard]] = {
    "week": lambda: CARD,
    "day": lambda: spanning(1, 1, "Queue report, 8 Nov 2026"),
    "month": lambda: spanning(31, 30, "Queue report, October 2026"),
    "two_weeks": lambda: spanning(14, 14, "Queue report, 26 Oct 2026 to 8 Nov 2026"),
    "year": lambda: spanning(365, 365, "Queue report, 9 Nov 2025 to 8 Nov 2026"),
    "not_compared": lambda: spanning(30, 0, "Queue report, 10 Oct 2026 to 8 Nov 2026"),
    "empty": lambda: EMPTY,
    "no_days": lambda: replace(EMPTY, result=EMPTY.result and EMPTY.result.model_copy(update={"days": ()})),
    "huge": lambda: HUGE,
    "closed": lambda: CLOSED,
    "partial": lambda: replace(CARD, since=MONDAY - timedelta(days=20)),
    "long_names": lambda: LONG_NAMES,
    "hostile": lambda: hostile(r"$\frac{1}{0}$ <!channel> \alpha_{x}^{y} 漢字 " + "&" * 400),
}
"""A card for each kind of picture."""

LIMIT_EXAMPLES: Mapping[str, Callable[[], Mapping[str, Any]]] = {
    "report_huge": lambda: report_message(HUGE, LOOK),
    "report_open_until_closed": lambda: report_message(CLOSED, LOOK),
    "report_hostile": lambda: report_message(hostile("=<!channel> *invoices* & <https://evil.example|click>"), LOOK),
    "report_sheet_hostile": lambda: sheet_modal(hostile("<@U_AGENT1> _tags_", rows=12), LOOK, page=2),
    "report_tickets_long": lambda: ticket_list_modal(TICKETS, LOOK),
}
"""Views of them by their golden files' names."""
