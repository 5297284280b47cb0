"""What a period comes to, against an oracle that plays each ticket's history: nothing lost, nothing counted twice.

`HANDOFF_REPORTS` sets how many worlds are made up for each law; the default is for every day.
"""

import os
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import DataObject, data, randoms

from automations.weekly_report.breakdown import ORDERS
from automations.weekly_report.count import count, members_of
from automations.weekly_report.facts import Facts
from automations.weekly_report.observe import observe, open_at
from automations.weekly_report.period import before, days_of
from automations.weekly_report.request import Filters, Request
from automations.weekly_report.result import Counts, Members, Result, Times
from automations.weekly_report.spread import spread
from automations.weekly_report.tally import tally
from storage.engine import Database
from tests.automations.weekly_report.histories import histories, requests
from tests.automations.weekly_report.mirrored import SYSTEM, TIMES, Event, History, Played, play, week, write
from tests.support import START

WORLDS = settings(
    max_examples=int(os.environ.get("HANDOFF_REPORTS", "30")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def facts(database: Database, request: Request) -> Facts:
    with database.read() as session:
        return observe(session, request, SYSTEM, None)


def counted(database: Database, request: Request) -> tuple[Result, Members]:
    return both(facts(database, request))


def both(seen: Facts) -> tuple[Result, Members]:
    counted = tally(seen, seen.tickets)
    return count(seen, counted, None, list(ORDERS)), members_of(seen, counted, per_person=True)


def balanced(counts: Counts) -> bool:
    left = counts.closed if counts.solved is None else counts.solved
    return counts.backlog_start + counts.created + counts.reopened - left == counts.backlog_end


def numbers(counts: Counts) -> dict[str, int]:
    left = counts.closed if counts.solved is None else counts.solved
    return {**counts.model_dump(exclude={"solved"}), "left": left}


@sqlite
@WORLDS
@given(data())
def test_every_ticket_is_counted_once_and_none_is_lost(database: Database, data: DataObject) -> None:
    request = data.draw(requests())
    lives = data.draw(histories(request.period))
    with database.begin() as session:
        write(session, lives)
    result, members = counted(database, request)
    played = play(lives, request)
    assert numbers(result.counts) == {name: played.size(name) for name in numbers(result.counts)}
    assert result.deleted == played.size("deleted")
    for name in ("created", "reopened", "closed", "resolved", "backlog_start", "backlog_end"):
        assert [one.ticket for one in members[name]] == sorted(played.numbers[name]), name
    for time in TIMES:
        assert getattr(result, time).calendar == spread(seconds for _, seconds in played.times[time])
        assert sorted((one.ticket, one.value) for one in members[time]) == sorted(played.times[time])  # type: ignore[index]  # a time's name
    _adds_up(result, played, request)


def _adds_up(result: Result, played: Played, request: Request) -> None:
    """The whole and each of its parts balance, and the parts are the whole."""
    assert balanced(result.counts)
    for shares in (result.by_age, result.by_status, result.by_priority):
        assert sum(share.n for share in shares) == result.counts.backlog_end
    keys = {"group": "group_name", "priority": "priority", "tier": "tier", "assignee": "assignee"}
    assert [one.by for one in result.breakdowns] == list(keys)
    for breakdown in result.breakdowns:
        whole = Counter[str]()
        for row in breakdown.rows:
            assert balanced(row.counts), (breakdown.by, row.name)

            def ours(ticket: str, key: str = keys[breakdown.by], name: str = row.name) -> bool:
                return bool(played.at_end[ticket][key] == name)

            assert numbers(row.counts) == {name: played.size(name, ours) for name in numbers(row.counts)}
            whole.update(numbers(row.counts))
            for time in TIMES:
                inside = [seconds for ticket, seconds in played.times[time] if ours(ticket)]
                assert getattr(row, time) == spread(inside)
        assert {name: whole[name] for name in numbers(result.counts)} == numbers(result.counts)
    days = result.days
    assert sum(day.created for day in days) == result.counts.created
    assert days[-1].backlog == result.counts.backlog_end
    assert len(days) == len(days_of(request.period))


@sqlite
@WORLDS
@given(data())
def test_one_period_ends_where_the_next_one_begins(database: Database, data: DataObject) -> None:
    """Filters by what a ticket is at the end of each period would move it from one to another, so there are none."""
    request = replace(data.draw(requests()), filters=Filters())
    earlier = replace(request, period=before(request.period))
    with database.begin() as session:
        write(session, data.draw(histories(request.period)))
    (first, were), (second, are) = counted(database, earlier), counted(database, request)
    with database.read() as session:
        border = open_at(session, request, request.period.from_at)
        assert observe(session, earlier, SYSTEM, None, ended=border) == facts(database, earlier), "walked back"
        assert observe(session, request, SYSTEM, None, began=border) == facts(database, request)
    assert earlier.period.to_at == request.period.from_at
    assert [one.ticket for one in were["backlog_end"]] == [one.ticket for one in are["backlog_start"]]
    days = counted(database, replace(request, period=replace(request.period, from_at=earlier.period.from_at)))[0]
    for name in ("created", "reopened", "resolved", "closed"):
        assert numbers(first.counts)[name] + numbers(second.counts)[name] == numbers(days.counts)[name], name


@sqlite
@WORLDS
@given(data(), randoms())
def test_the_same_facts_in_any_order_give_the_same_hash(database: Database, data: DataObject, random: Random) -> None:
    request = data.draw(requests())
    with database.begin() as session:
        write(session, data.draw(histories(request.period)))
    seen = facts(database, request)
    moves, answers, tickets = list(seen.moves), list(seen.answers), list(seen.tickets.items())
    for several in (moves, answers, tickets):
        random.shuffle(several)
    other = replace(seen, moves=tuple(moves), answers=tuple(answers), tickets=dict(tickets))
    (one, members), (two, same) = both(seen), both(other)
    assert (one.hash, members) == (two.hash, same)
    assert Result.of(one.stored()).hash == one.hash


@sqlite
@WORLDS
@given(data())
def test_what_a_time_cannot_contain_is_told_and_adds_up(database: Database, data: DataObject) -> None:
    """Of the tickets that were open, made or ended each has its figure, had it before, or is among the uncounted."""
    request = replace(data.draw(requests()), filters=Filters())
    lives = [replace(one, deleted_at=None) for one in data.draw(histories(request.period))]
    with database.begin() as session:
        write(session, lives)
    result, members = counted(database, request)
    known = {one.id: one for one in lives}
    concerned = {one.ticket for name in ("backlog_start", "created", "reopened", "closed") for one in members[name]}
    concerned |= {one.ticket for one in members.get("solved", ())}
    end = request.period.to_at

    def replied(ticket: str) -> bool:
        return any(row["first"] and row["at"] < end for row in known[ticket].messages())

    assert _uncounted(result.first_reply) == sum(not replied(ticket) for ticket in concerned)
    assert _uncounted(result.response) == sum(_waits(known[ticket], request) for ticket in concerned)
    unsolved = {ticket for ticket in concerned if _unsolved(known[ticket], request)}
    assert _uncounted(result.resolution) == len(unsolved - {one.ticket for one in members["resolution"]})


def _uncounted(times: Times) -> int:
    return sum(share.n for share in times.uncounted)


def _waits(one: History, request: Request) -> bool:
    """Whether a customer waited at the end of the period, by what had been said until then."""
    until = tuple(event for event in one.events if event.at < request.period.to_at)
    return replace(one, events=until).waiting_since() is not None


def _unsolved(one: History, request: Request) -> bool:
    """Whether the ticket has no resolution at the end of the period, or got one within it."""
    until = replace(one, events=tuple(event for event in one.events if event.at < request.period.to_at))
    statuses = [("", one.created_at), *((values["status"], at) for at, values in until.changes())]
    done = {"solved", "closed"}
    within = (
        status in done and before not in done
        for (before, _), (status, at) in pairwise(statuses)
        if at >= request.period.from_at
    )
    return statuses[-1][0] not in done or any(within)


LIVES = (
    History("1", START.replace(day=2, hour=0, minute=0)),
    History("2", START.replace(day=3), (Event(START.replace(day=3, hour=5), "said", "agent"),
                                       Event(START.replace(day=4), "status", "solved"),
                                       Event(START.replace(day=5), "status", "open"),
                                       Event(START.replace(day=6), "status", "solved")), tier="Gold"),
    History("3", START.replace(day=1), (Event(START.replace(day=8), "group_name", "Billing"),), opened_by="agent"),
    History("4", START.replace(day=9, hour=0, minute=0)),
)  # fmt: skip


def test_a_week_by_hand(database: Database) -> None:
    """On both databases the same, to the hash."""
    with database.begin() as session:
        write(session, LIVES)
    result, members = counted(database, Request(week(2026, 11, 2)))
    assert result.counts == Counts(
        created=2, reopened=1, solved=2, resolved=1, closed=0, merged=0, backlog_start=1, backlog_end=2
    )
    assert [one.ticket for one in members["solved"]] == ["2", "2"]
    assert [(share.name, share.n) for share in result.by_age if share.n] == [("7 to 30 days", 2)]
    assert [(share.name, share.n) for share in result.first_reply.uncounted] == [
        ("not replied to yet", 1),
        ("opened by the team", 1),
    ]
    assert result.first_reply.calendar.median == 3 * 3600
    assert [(row.name, row.counts.backlog_end) for row in result.breakdowns[0].rows] == [("Billing", 1), ("Support", 1)]
    assert [day.backlog for day in result.days] == [2, 3, 2, 3, 2, 2, 2]
    assert result.hash == "f4cc39f6b426e5e01e4a20421dcf94fcf7091b44eccc382507bd8ec562ad4763"


@sqlite
def test_a_ticket_solved_and_merged_is_told_also_where_only_closing_ends_it(database: Database) -> None:
    """Its solving moves nothing in this backlog, and is known all the same."""
    merge = START.replace(day=4)
    events = (
        Event(START.replace(day=3), "status", "solved"),
        Event(merge, "merged", True),
        Event(merge, "status", "closed"),
    )
    with database.begin() as session:
        write(session, [History("1", START.replace(day=1), events)])
    result, _ = counted(database, Request(week(2026, 11, 2), open_until="closed"))
    assert [(share.name, share.n) for share in result.resolution.uncounted] == [("merged into another ticket", 1)]
