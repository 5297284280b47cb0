"""Reports in every state, as their messages, pages and forms show them: an invented desk in an ordinary week."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from automations.weekly_report.card_types import Changed, Comparison, ReportCard, TicketLine, TicketList
from automations.weekly_report.definitions import definitions
from automations.weekly_report.request import Filters, Period, Request
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
from bot.cli.view_examples.runs import LOOK
from bot.views.report import report_message
from bot.views.report_form import DAYS, report_form, report_usage
from bot.views.report_list import ticket_list_modal
from bot.views.report_notices import preflight_message, report_failed_message
from bot.views.report_sheet import sheet_modal

OSLO: Final = ZoneInfo("Europe/Oslo")
MONDAY: Final = datetime(2026, 11, 9, 9, 0, tzinfo=OSLO)
HOUR: Final = 3_600.0


def days_from(first: date, *, current: bool, numbers: tuple[tuple[int, int, int], ...]) -> tuple[Day, ...]:
    """Days in a row; each of `numbers` is what was open at the end of a day, and what was created and left on it."""
    return tuple(
        Day(
            date=(first + timedelta(days=place)).isoformat(), current=current, backlog=backlog, created=created,
            left=left, first_reply_median=(0.6 + 0.35 * (place % 4)) * HOUR if created else None,
            resolution_median=(9.5 + 4 * (place * 3 % 5)) * HOUR if left else None,
        )
        for place, (backlog, created, left) in enumerate(numbers)
    )  # fmt: skip


_BEFORE = days_from(date(2026, 10, 26), current=False, numbers=(
    (33, 19, 17), (36, 22, 20), (34, 17, 19), (38, 21, 18), (37, 18, 20), (40, 5, 2), (40, 3, 3)))  # fmt: skip
_DAYS = days_from(date(2026, 11, 2), current=True, numbers=(
    (45, 24, 20), (43, 20, 23), (40, 19, 23), (39, 23, 26), (34, 20, 26), (35, 4, 4), (37, 2, 0)))  # fmt: skip
RESULT: Final = Result(
    counts=Counts(
        created=112, reopened=7, solved=122, resolved=113, closed=98, merged=4, backlog_start=40, backlog_end=37
    ),
    by_age=(Share(name="under 1 day", n=6), Share(name="1 to 3 days", n=9), Share(name="3 to 7 days", n=14),
            Share(name="over 7 days", n=8)),
    by_status=(Share(name="open", n=21), Share(name="pending", n=12), Share(name="on_hold", n=4)),
    by_priority=(Share(name="urgent", n=1), Share(name="high", n=8), Share(name="normal", n=26), Share(name="", n=2)),
    first_reply=Times(
        calendar=Spread(n=104, mean=3.2 * HOUR, median=4_320.0, p90=9.1 * HOUR),
        business=Spread(n=104, mean=1.4 * HOUR, median=2_700.0, p90=4.0 * HOUR),
        uncounted=(Share(name="not replied to yet", n=8),),
    ),
    response=Times(
        calendar=Spread(n=251, mean=4.1 * HOUR, median=5_100.0, p90=11.0 * HOUR),
        business=Spread(n=251, mean=1.8 * HOUR, median=3_000.0, p90=4.6 * HOUR),
        uncounted=(Share(name="not answered yet", n=19),),
    ),
    resolution=Times(
        calendar=Spread(n=113, mean=52.5 * HOUR, median=26.25 * HOUR, p90=140.0 * HOUR),
        business=Spread(n=113, mean=15.0 * HOUR, median=8.5 * HOUR, p90=38.0 * HOUR),
        uncounted=(Share(name="not solved yet", n=37),),
    ),
    breakdowns=(
        Breakdown(by="group", rows=(
            Row(name="Support", counts=Counts(created=71, reopened=5, solved=76, backlog_start=25, backlog_end=25),
                first_reply=Spread(n=68, mean=2.9 * HOUR, median=3_900.0, p90=8.0 * HOUR),
                resolution=Spread(n=72, mean=44.0 * HOUR, median=22.0 * HOUR, p90=120.0 * HOUR)),
            Row(name="Billing", counts=Counts(created=38, reopened=2, solved=43, backlog_start=13, backlog_end=10),
                first_reply=Spread(n=36, mean=3.8 * HOUR, median=5_400.0, p90=10.0 * HOUR),
                resolution=Spread(n=41, mean=67.4 * HOUR, median=31.0 * HOUR, p90=150.0 * HOUR)),
            Row(name="", counts=Counts(created=3, solved=3, backlog_start=2, backlog_end=2)),
        )),
        Breakdown(by="tier", rows=(
            Row(name="enterprise", counts=Counts(created=18, solved=20, backlog_start=7, backlog_end=5)),
            Row(name="", counts=Counts(created=94, reopened=7, solved=102, backlog_start=33, backlog_end=32)),
        )),
    ),
    days=(*_BEFORE, *_DAYS),
    own_cases=(CaseQueue(queue="Billing", opened=9, resolved=8, open_at_end=2),),
    signals=(
        Signal(kind="tag", name="invoice", n=21, before=14, link="https://desk.example/tickets/812"),
        Signal(kind="tag", name="login", n=9, before=12, link="https://desk.example/tickets/799"),
        Signal(kind="failure", name="billing-worker: all retries failed", n=6, before=None,
               link="https://example.slack.com/archives/C1/p1"),
    ),
    desk_figures=(
        DeskFigure(name="first_reply", compared=96, of=104, ours=3.2 * HOUR, desk=3.1 * HOUR, differing=5),
        DeskFigure(name="resolution", compared=None, of=113, ours=52.5 * HOUR, desk=49.0 * HOUR, differing=None,
                   words="The desk counts to the first solving."),
    ),
    deleted=2,
)  # fmt: skip
EARLIER: Final = RESULT.model_copy(
    update={
        "counts": Counts(created=105, reopened=7, solved=96, resolved=90, closed=91, backlog_start=31, backlog_end=40),
        "first_reply": Times(calendar=Spread(n=99, mean=3.4 * HOUR, median=4_020.0, p90=9.0 * HOUR)),
        "response": Times(calendar=Spread(n=240, mean=4.1 * HOUR, median=5_100.0, p90=11.0 * HOUR)),
        "resolution": Times(calendar=Spread(n=90, mean=60.0 * HOUR, median=30.0 * HOUR, p90=150.0 * HOUR)),
    }
)
CARD: Final = ReportCard(
    id=7,
    state="made",
    request=Request(
        Period(datetime(2026, 11, 2, tzinfo=OSLO), datetime(2026, 11, 9, tzinfo=OSLO), "Europe/Oslo", "week")
    ),
    title="Weekly queue report, week 45, 2–8 Nov 2026",
    desk="Zendesk",
    by="",
    owner="Ingrid Holm",
    result=RESULT,
    before=Comparison(EARLIER),
    definitions=definitions("solved"),
    hash=RESULT.hash,
    made_at=MONDAY + timedelta(minutes=1),
    data_at=MONDAY,
    since=None,
    picture="F0REPORT7",
)
FILTERED: Final = replace(
    CARD,
    request=replace(CARD.request, filters=Filters((("group", ("billing", "refunds")), ("priority", ("high",))))),
    by="Ingrid Holm",
    before=Comparison(None, "REPORT-6 counted other tickets: its filters were none."),
)
CHANGES: Final = tuple(
    Changed(f"#{700 + n} Invoice of {n} November is missing", f"https://desk.example/tickets/{700 + n}",
            "solved then, not now" if n % 2 else "first reply 40 min then, 1 h now")
    for n in range(12)
)  # fmt: skip
AGAIN: Final = replace(CARD, id=9, again=7, by="Ingrid Holm")
EMPTY: Final = replace(
    CARD,
    before=Comparison(None, "There is no report before it."),
    result=Result(
        counts=Counts(), by_age=(), by_status=(), by_priority=(), first_reply=Times(), response=Times(),
        resolution=Times(), breakdowns=(Breakdown(by="group", rows=()),),
        days=days_from(date(2026, 11, 2), current=True, numbers=((0, 0, 0),) * 7),
    ),
)  # fmt: skip
FAILED: Final = replace(
    CARD, state="failed", result=None, hash="", made_at=None, data_at=None,
    error="Zendesk answered 503 for two hours. What was read is kept; nothing was counted.",
)  # fmt: skip
LIST: Final = TicketList(
    7, "first_reply",
    tuple(
        TicketLine(f"#{700 + n} Invoice is missing", f"https://desk.example/tickets/{700 + n}", "on_hold", "Billing",
                   "high", (40 - n) * HOUR)
        for n in range(20)
    ),
    count=104, page=2, pages=6,
)  # fmt: skip
KEPT: Final = replace(
    LIST,
    lines=(
        replace(LIST.lines[0], customer="Acme GmbH: enterprise, active; open conflict on its tier"),
        replace(LIST.lines[1], customer="mail.example belongs to no customer"),
        *LIST.lines[2:],
    ),
    customers_by="crm", customers_as_of=MONDAY,
)  # fmt: skip

REPORT_EXAMPLES: Mapping[str, Callable[[], Mapping[str, Any]]] = {
    "report": lambda: report_message(CARD, LOOK),
    "report_not_compared": lambda: report_message(FILTERED, LOOK),
    "report_partial_history": lambda: report_message(replace(CARD, since=MONDAY - timedelta(days=20)), LOOK),
    "report_picture_refused": lambda: report_message(replace(CARD, picture=None, refused=True), LOOK),
    "report_again_same": lambda: report_message(AGAIN, LOOK),
    "report_again_changed": lambda: report_message(replace(AGAIN, changes=CHANGES, change_count=14), LOOK),
    "report_empty": lambda: report_message(EMPTY, LOOK),
    "report_asked": lambda: report_message(replace(FAILED, state="asked", error=""), LOOK),
    "report_failed": lambda: report_failed_message(FAILED),
    "report_failed_then_made": lambda: report_failed_message(CARD),
    "report_preflight": lambda: preflight_message(
        ["reports: Handoff is not in #reports.", "Zendesk could not be reached."], MONDAY, "#reports", LOOK
    ),
    "report_sheet": lambda: sheet_modal(CARD, LOOK),
    "report_sheet_again": lambda: sheet_modal(replace(AGAIN, changes=CHANGES, change_count=14), LOOK),
    "report_tickets": lambda: ticket_list_modal(LIST, LOOK),
    "report_tickets_customers": lambda: ticket_list_modal(KEPT, LOOK),
    "report_no_tickets": lambda: ticket_list_modal(TicketList(7, "reopened", (), 0, 1, 1), LOOK),
    "form_report": lambda: report_form("#reports", may_post=True),
    "form_report_other_period": lambda: report_form(
        "#reports", may_post=False, span=DAYS, days=(date(2026, 11, 2), date(2026, 11, 8)), filters="priority=high",
        about="report:7:period::1",
    ),
    "report_usage": lambda: report_usage(LOOK, problem="I do not know “colour”."),
}  # fmt: skip
"""Every view of a report by its golden file's name."""
