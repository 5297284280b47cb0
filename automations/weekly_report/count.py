"""From facts to a period's numbers. Pure: the same facts, in whatever order, give the same result."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Final, TypeVar

from automations.weekly_report.breakdown import TIMES, Property, breakdowns, counts, urgent_first
from automations.weekly_report.facts import Facts, Standing
from automations.weekly_report.period import Slice, days_of
from automations.weekly_report.result import (
    Day,
    Judged,
    Member,
    Members,
    NumberName,
    Result,
    Share,
    TimeName,
    Times,
)
from automations.weekly_report.spread import median, spread
from automations.weekly_report.tally import DELETED, REASONS, Entry, Tally, Why, tally

Worked = Callable[[datetime, datetime], float]
"""The working seconds between two moments."""

AGES: Final = (
    ("under 1 day", timedelta(days=1)),
    ("1 to 3 days", timedelta(days=3)),
    ("3 to 7 days", timedelta(days=7)),
    ("7 to 30 days", timedelta(days=30)),
    ("over 30 days", timedelta.max),
)
"""Bands of age, each up to and without its end; what is older belongs to the next."""
STATUSES: Final = ("open", "pending", "on_hold", "solved")
_Key = TypeVar("_Key", bound=Hashable)


def count(facts: Facts, counted: Tally, worked: Worked | None, by: Collection[Property]) -> Result:
    """Count a period from the facts and what they tally to, broken down by these properties.

    `worked` is None for a team without working hours.
    """
    tickets, gone = facts.tickets, tally(facts, facts.gone)
    at_end = [tickets[one.ticket] for one in counted.entries["backlog_end"]]
    statuses = Counter(one.status for one in at_end)
    lengths = _working(counted, worked)
    times = {name: _times(name, counted, gone, lengths) for name in TIMES}
    return Result(
        counts=counts({name: len(entries) for name, entries in counted.numbers().items()}),
        by_age=_by_age(at_end, facts.until),
        by_status=tuple(Share(name=one, n=statuses[one]) for one in STATUSES if one in facts.open_statuses),
        by_priority=_shares(Counter(one.priority for one in at_end), urgent_first),
        first_reply=times["first_reply"],
        response=times["response"],
        resolution=times["resolution"],
        breakdowns=breakdowns(counted, tickets, by),
        days=_days(counted, facts),
        deleted=len(gone.concerned),
    )


def members_of(facts: Facts, counted: Tally, *, per_person: bool) -> Members:
    """The tickets behind each number; properties that many share are one and the same tuple."""
    tickets = facts.tickets
    shared: dict[Judged, Judged] = {}

    def judged(ticket: int) -> Judged:
        one, why = tickets[ticket], counted.why.get(ticket, Why())
        assignee = one.assignee if per_person else ""
        made = Judged(one.status, one.group, one.priority, one.tier, assignee, *why)
        return shared.setdefault(made, made)

    properties = {ticket: judged(ticket) for ticket in tickets}
    ids = {ticket: one.ticket_id for ticket, one in tickets.items()}
    return {
        name: tuple(
            sorted([Member(ids[ticket], at, properties[ticket], seconds) for ticket, at, _, seconds in entries])
        )
        for name, entries in counted.entries.items()
    }


def _by_age(at_end: Iterable[Standing], until: datetime) -> tuple[Share, ...]:
    borders = [age for _, age in AGES]
    sizes = Counter(bisect_right(borders, until - one.created_at) for one in at_end)
    return tuple(Share(name=name, n=sizes[n]) for n, (name, _) in enumerate(AGES))


def _shares(sizes: Mapping[str, int], order: Callable[[str], tuple[int, str]]) -> tuple[Share, ...]:
    return tuple(Share(name=name, n=sizes[name]) for name in sorted(sizes, key=order))


def _seconds(entries: Iterable[Entry]) -> list[float]:
    return [one.seconds for one in entries if one.seconds is not None]


def _working(counted: Tally, worked: Worked | None) -> dict[int, float] | None:
    """The working seconds of each timed entry, by its identity: a first reply is also a response, and one entry."""
    if worked is None:
        return None
    entries = (*counted.entries["response"], *counted.entries["resolution"])
    return {id(one): worked(one.since, one.at) for one in entries if one.since is not None}


def _times(name: TimeName, counted: Tally, gone: Tally, lengths: Mapping[int, float] | None) -> Times:
    entries = counted.entries[name]
    business = None if lengths is None else spread(lengths[id(one)] for one in entries if one.since is not None)
    reasons = Counter(_reason(name, why) for why in counted.why.values())
    reasons[DELETED] = len(gone.entries[name]) + sum(bool(_reason(name, why)) for why in gone.why.values())
    uncounted = tuple(Share(name=reason, n=reasons[reason]) for reason in REASONS if reasons[reason])
    return Times(calendar=spread(_seconds(entries)), business=business, uncounted=uncounted)


def _reason(name: TimeName, why: Why) -> str:
    match name:
        case "first_reply":
            return why.unanswered
        case "response":
            return why.waiting
        case _:
            return why.unsolved


def _grouped(entries: Iterable[Entry], key: Callable[[Entry], _Key]) -> dict[_Key, list[Entry]]:
    found: dict[_Key, list[Entry]] = defaultdict(list)
    for one in entries:
        found[key(one)].append(one)
    return found


def _days(counted: Tally, facts: Facts) -> tuple[Day, ...]:
    """The period's days, up to when the desk was read."""
    slices = days_of(facts.request.period)
    left: NumberName = "solved" if facts.request.open_until == "solved" else "closed"
    begins = [one.from_at for one in slices]

    def by_day(name: NumberName) -> dict[int, list[Entry]]:
        return _grouped(counted.entries[name], lambda one: bisect_right(begins, one.at) - 1)

    created, reopened, gone = by_day("created"), by_day("reopened"), by_day(left)
    replied, resolved = by_day("first_reply"), by_day("resolution")
    of = range(len(slices))
    changes = (len(created.get(n, ())) + len(reopened.get(n, ())) - len(gone.get(n, ())) for n in of)
    backlogs = list(accumulate(changes, initial=len(counted.entries["backlog_start"])))[1:]
    return tuple(
        Day(
            date=slices[n].date.isoformat(),
            current=True,
            backlog=backlogs[n],
            created=len(created.get(n, ())),
            left=len(gone.get(n, ())),
            first_reply_median=median(_seconds(replied.get(n, ()))),
            resolution_median=median(_seconds(resolved.get(n, ()))),
        )
        for n in of
        if _begun(slices[n], facts.until)
    )


def _begun(one: Slice, until: datetime) -> bool:
    return one.from_at < until
