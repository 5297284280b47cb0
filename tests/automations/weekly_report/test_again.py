"""A report counted again: the same numbers, or the tickets by name that count otherwise."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis.strategies import DataObject, data, sampled_from

from automations.weekly_report.again import RULES, differences, length_words
from automations.weekly_report.card_types import Changed
from automations.weekly_report.period import parse_period
from automations.weekly_report.request import Request
from automations.weekly_report.result import Result
from storage.engine import Database
from tests.automations.weekly_report.histories import histories, requests
from tests.automations.weekly_report.made import make
from tests.automations.weekly_report.mirrored import Event, History, write
from tests.automations.weekly_report.terms import ZONE, report_context
from tests.automations.weekly_report.test_count import WORLDS, sqlite

NOW = datetime(2026, 11, 16, 8, tzinfo=UTC)
WEEK = Request(parse_period("2026-W45", NOW, ZONE))
MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)


def after(hours: float) -> datetime:
    return MONDAY + timedelta(hours=hours)


LIFE = History("7", MONDAY, (Event(after(2), "said", "agent"), Event(after(3), "status", "solved")), tags=("vip",))


def again(database: Database, old: Sequence[History], new: Sequence[History]) -> tuple[Changed, ...]:
    """What a report says that is counted once more after `old` became `new` in the desk, and was read anew."""
    with database.begin() as session:
        write(session, old)
        first = make(session, WEEK, report_context(per_person=True))
        write(session, new)
        return differences(session, first, make(session, WEEK, report_context(per_person=True)))


@sqlite
@pytest.mark.parametrize(
    ("new", "words"),
    [
        (replace(LIFE, events=LIFE.events[:1]), (
            "no longer counted in “solved”, “solved for good”, “resolution”; now counted in “open”; status: open "
            "instead of solved; resolution not counted: not solved yet instead of none.")),
        (replace(LIFE, events=(Event(after(3), "said", "agent"), Event(after(3), "status", "solved"))),
            "first reply 3 h instead of 2 h; response 3 h instead of 2 h."),
        (replace(LIFE, events=(*LIFE.events, Event(after(4), "status", "open"), Event(after(5), "status", "solved"))), (
            "counted 2 times instead of 1 in “solved”; now counted in “reopened”; counted in “solved for good” at "
            "another time than before; resolution 5 h instead of 3 h.")),
        (replace(LIFE, tier="gold"), "tier: gold instead of none."),
        (replace(LIFE, assignee="ann@team.example"), None),
        (replace(LIFE, created_at=after(-200)), (
            "no longer counted in “created”; now counted in “open at the start”; first reply 8 d 10 h instead of 2 h; "
            "response 8 d 10 h instead of 2 h; resolution 8 d 11 h instead of 3 h.")),
    ],
)  # fmt: skip
def test_the_ticket_is_named_with_what_became_of_it(database: Database, new: History, words: str | None) -> None:
    changed = [one for one in again(database, [LIFE], [new]) if one.title.startswith("#")]
    if words is None:  # nobody is named where one of the two has no figures per person
        assert changed == []
    else:
        assert changed == [Changed("#7 Ticket 7", "https://desk.example/7", words)]


@sqlite
def test_a_ticket_that_was_deleted_or_is_new_is_named(database: Database) -> None:
    changed = again(database, [LIFE], [replace(LIFE, deleted_at=after(9)), replace(LIFE, id="8")])
    assert [one.title for one in changed] == ["#7 Ticket 7", "#8 Ticket 8", "Tickets deleted in the desk"]
    assert changed[0].words.startswith("deleted in the desk since; no longer counted in “created”")
    assert changed[2].words == "1 not counted instead of 0."
    assert again(database, [LIFE], [])[0] == Changed(
        "#7", "", changed[0].words.removeprefix("deleted in the desk since; ")
    )


@sqlite
def test_what_is_no_ticket_is_told_too(database: Database) -> None:
    changed = again(database, [LIFE, replace(LIFE, id="8")], [LIFE, replace(LIFE, id="8", tags=("new",))])
    assert [(one.title, one.words) for one in changed] == [
        ("Tag new", "1 instead of not among the largest."),
        ("Tag vip", "1 instead of 2."),
    ]


@sqlite
@WORLDS
@given(data())
def test_other_numbers_never_stand_without_a_reason(database: Database, data: DataObject) -> None:
    """Whatever one more event, another time or tier brings: the hash is the same, or something is named."""
    request = data.draw(requests())
    old = data.draw(histories(request.period, most=4))
    new = [*old[1:], *data.draw(sampled_from([old[:1], [], [_changed(old[0])]]))]
    with database.begin() as session:
        write(session, old)
        first = make(session, request, report_context())
        write(session, new)
        second = make(session, request, report_context())
        changed = differences(session, first, second)
    assert (first.hash == second.hash) == (changed == ())
    assert all(one.words != RULES for one in changed)
    if old == [*new[-1:], *new[:-1]]:
        assert Result.of(first.result) == Result.of(second.result), "the order of rows is no part of a report"


def _changed(one: History) -> History:
    moved = tuple(replace(event, at=event.at + timedelta(hours=5)) for event in one.events)
    return replace(one, events=moved, tier="silver", priority="low")


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (20.5, "20.5 s"), (60, "1 min"), (7260, "2 h 1 min"), (90_061, "1 d 1 h")]
)
def test_a_length_of_time_in_words(seconds: float, words: str) -> None:
    assert length_words(seconds) == words
