"""Counting a report from the mirror: the period, the period before beside it, our own cases and signals."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from automations.calendar import WorkedTime
from automations.weekly_report.breakdown import Property
from automations.weekly_report.context import ReportContext
from automations.weekly_report.count import Worked, count, members_of
from automations.weekly_report.facts import Facts
from automations.weekly_report.observe import Known, known, observe, open_at
from automations.weekly_report.own_cases import own_cases
from automations.weekly_report.period import before, why_unknown
from automations.weekly_report.request import Request
from automations.weekly_report.result import Day, Members, Result
from automations.weekly_report.signals import Found, failure_signals, failures, tag_signals, tags
from automations.weekly_report.tally import Tally, tally


class Asked(NamedTuple):
    """A ticket whose times the desk is asked for, by the desk's id; ours in seconds, None if it is not behind one."""

    ticket: str
    first_reply: float | None
    resolution: float | None


@dataclass(frozen=True, slots=True)
class Counted:
    """What a report comes to, and the tickets about which the desk is to be asked for its own figures.

    `read_at` and `since` are the mirror's, when this was counted from it.
    """

    result: Result
    members: Members
    request: Request
    ask: tuple[Asked, ...]
    read_at: datetime | None
    since: datetime | None


class _Period(NamedTuple):
    """One period counted by itself."""

    result: Result
    facts: Facts
    tally: Tally
    tags: Found
    failures: Found


def count_report(
    session: Session, request: Request, ctx: ReportContext, *, case_link: Callable[[int], str] | None = None
) -> Counted:
    """Count a report from what the mirror knows now. The same rows give the same result, and the same hash.

    The period before is counted at the same moment by the same rules, so that the two never differ by when they were
    looked at. `case_link` is where a case opens; without it a signal leads to the case's ticket.
    """
    with _collector_paused():
        return _count(session, request, ctx, case_link)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Keep the collector from looking for cycles: among so many tuples are none, and it takes as long as we do."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _count(session: Session, request: Request, ctx: ReportContext, case_link: Callable[[int], str] | None) -> Counted:
    place = known(session, ctx.desk_system)
    by: list[Property] = ["group", "priority", "tier"]
    border = open_at(session, request, request.period.from_at)
    facts = observe(session, request, ctx.desk_system, place.read_at, began=border)
    current = _one(session, facts, ctx, [*by, "assignee"] if ctx.per_person else by)
    earlier = replace(request, period=before(request.period))
    previous = None
    if _begun(earlier, place):
        past = observe(session, earlier, ctx.desk_system, place.read_at, ended=border)
        previous = _one(session, past, ctx, [])
    compared = previous if why_unknown(request.period, place.since, place.read_at) is None else None
    sizes = compared.tags[0] if compared else None
    failed = compared.failures[0] if compared else None
    result = current.result.model_copy(
        update={
            "days": (*_days_before(previous, place.since, request.period.zone), *current.result.days),
            "signals": (
                *tag_signals(session, current.tags, sizes),
                *failure_signals(session, current.failures, failed, case_link),
            ),
            "before": compared.result.model_copy(update={"days": ()}) if compared else None,
        }
    )
    members = members_of(current.facts, current.tally, per_person=ctx.per_person)
    ask = asked_about(members, ctx.compare_most)
    return Counted(result, members, request, ask, place.read_at, place.since)


def asked_about(members: Members, most: int) -> tuple[Asked, ...]:
    """Choose at most `most` of the tickets behind first replies and resolutions: every n-th by the desk's id.

    So they are the same ones each time, and lie all over the period.
    """
    first = {one.ticket: one.value for one in members.get("first_reply", ())}
    last = {one.ticket: one.value for one in members.get("resolution", ())}
    tickets = sorted(first.keys() | last.keys())
    n = min(most, len(tickets))
    picked = [tickets[place * len(tickets) // n] for place in range(n)]
    return tuple(Asked(one, first.get(one), last.get(one)) for one in picked)


def _one(session: Session, facts: Facts, ctx: ReportContext, by: list[Property]) -> _Period:
    request = facts.request
    counted = tally(facts, facts.tickets)
    result = count(facts, counted, _worked(ctx, facts), by)
    own = own_cases(session, request.period, request.filters)
    created = {one.ticket for one in counted.entries["created"]}
    return _Period(
        result.model_copy(update={"own_cases": own}),
        facts,
        counted,
        tags(session, request.period, created),
        failures(session, request.period, request.filters),
    )


def _worked(ctx: ReportContext, facts: Facts) -> Worked | None:
    """The team's working time from the earliest moment to the latest that a time may have."""
    if ctx.hours is None:
        return None
    asked = (one.asked_at for one in facts.answers)
    made = (one.created_at for one in facts.tickets.values())
    period = facts.request.period
    return WorkedTime(ctx.hours, min((period.from_at, *asked, *made)), period.to_at).between


def _begun(request: Request, place: Known) -> bool:
    """Say whether the mirror knows anything of a period."""
    return place.since is None or place.since < request.period.to_at


def _days_before(previous: _Period | None, since: datetime | None, zone: str) -> list[Day]:
    """The days of the period before for the picture, from where the desk's past is known on."""
    first = "" if since is None else since.astimezone(ZoneInfo(zone)).date().isoformat()
    days = previous.result.days if previous else ()
    return [day.model_copy(update={"current": False}) for day in days if day.date >= first]
