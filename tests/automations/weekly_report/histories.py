"""Generated histories: everything that happens to tickets, much of it exactly on the borders of days and periods."""

from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis.strategies import DrawFn, SearchStrategy, composite, integers, lists, none, sampled_from

from automations.weekly_report.period import before, days_of, parse_period
from automations.weekly_report.request import Filters, Period, Request
from tests.automations.weekly_report.mirrored import Event, History
from tests.support import START

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia")
PERIODS = (
    "2026-W13",  # the clocks of Europe go forward in it
    "2026-W43",  # and back
    "2026-W10",  # those of New York go forward
    "2025-W44",  # and back
    "2026-W14",  # Lord Howe's go back by half an hour
    "2026-W01",  # across the year's end
    "2024-W09",  # with 29 February
    "2024-02",
    "2025-10-26",  # one day of 25 hours in Europe
    "2025-12-01..2026-01-20",  # told week by week
)
"""Periods in which something is out of the ordinary, in one zone or another."""
FILTERS = (
    Filters(),
    Filters((("group", ("support",)),)),
    Filters((("priority", ("high", "urgent")), ("tier", ("gold",)))),
    Filters((("tag", ("über", "vip")),)),
    Filters((("assignee", ("ann@team.example",)),)),
    Filters((("customer", ("c1",)),)),
)
STATUSES = ("open", "pending", "on_hold", "solved", "closed")
GROUPS, PRIORITIES = ("Support", "Billing", ""), ("urgent", "high", "normal", "low", "")
PEOPLE = ("", "ann@team.example", "bob@team.example")
CHANGES = {
    "status": STATUSES,
    "priority": PRIORITIES,
    "group_name": GROUPS,
    "assignee": PEOPLE,
    "said": ("customer", "agent", "bot"),
    "merged": (True,),
}
KINDS = ("status", "status", "status", "said", "said", "group_name", "priority", "assignee", "merged")


@composite
def requests(draw: DrawFn) -> Request:
    """A period in some zone, filters, and what ends a ticket."""
    period = parse_period(draw(sampled_from(PERIODS)), START, draw(sampled_from(ZONES)))
    until = draw(sampled_from(("solved", "closed")))
    return Request(period, draw(sampled_from(FILTERS)), until)  # type: ignore[arg-type]  # one of the two words


def moments(period: Period) -> SearchStrategy[datetime]:
    """Moments before, within and after a period; every second one on a border, or beside it."""
    earlier = before(period)
    borders = [one.from_at for one in (*days_of(earlier), *days_of(period))] + [period.to_at]
    near = [at + timedelta(microseconds=by) for at in borders for by in (-1, 0, 0, 1)]
    span = int((period.to_at - earlier.from_at).total_seconds())
    anywhere = integers(-span // 3, span * 4 // 3).map(lambda seconds: earlier.from_at + timedelta(seconds=seconds))
    return sampled_from(near) | anywhere


@composite
def histories(draw: DrawFn, period: Period, *, most: int = 8) -> list[History]:
    """Lives of a few tickets around a period."""
    at = moments(period)
    return [draw(_history(f"{n:03}", at)) for n in range(draw(integers(1, most)))]


@composite
def _history(draw: DrawFn, name: str, at: SearchStrategy[datetime]) -> History:
    created, *later = sorted([draw(at), *draw(lists(at, max_size=7))])
    events: list[Event] = []
    for moment in later:
        field = draw(sampled_from(KINDS))
        events.append(Event(moment, field, draw(sampled_from(CHANGES[field]))))
        if field == "merged":  # and nothing happens to it any more
            events.append(Event(moment, "status", "closed"))
            break
    made = History(
        name,
        created,
        tuple(events),
        status=draw(sampled_from(("open", "open", "pending", "solved"))),
        priority=draw(sampled_from(PRIORITIES)),
        group=draw(sampled_from(GROUPS)),
        assignee=draw(sampled_from(PEOPLE)),
        opened_by=draw(sampled_from(("customer", "customer", "agent", "bot"))),
        tier=draw(sampled_from(("", "Gold", "silver"))),
        tags=draw(sampled_from(((), ("vip",), ("ÜBER", "printer")))),
        customer=draw(sampled_from(("", "C1", "c2"))),
    )
    return replace(made, deleted_at=draw(none() | none() | none() | at))
