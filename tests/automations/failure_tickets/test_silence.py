"""A source that is expected to be heard from: its silence is a case, its next event the end of it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from automations.domain import CaseStatus, Mode
from automations.failure_tickets import closing, pauses, silence
from automations.failure_tickets.hearing import silence_key
from automations.failure_tickets.rules import Rule
from storage.engine import Database
from storage.models import Case, SourceWatch
from tests.automations.failure_tickets.deeds import wants_a_cause
from tests.automations.failure_tickets.world import ANNA, BOOK, LEA, World
from tests.support import START, FakeClock, RecordingJobs

SOURCE = "nightly-export"
DAY = timedelta(hours=24)


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> World:
    made = World.on(database, clock, jobs)
    expecting(made, DAY)
    return made


def expecting(world: World, every: timedelta | None) -> None:
    expected = {} if every is None else {SOURCE: every}
    world.ctx = replace(world.ctx, timing=replace(world.ctx.timing, expect_every=expected))


def tick(world: World, by: timedelta = timedelta()) -> list[str]:
    """Time passes, then everything due is done. Gives what was due."""
    world.clock.move(by)
    with world.database.read() as session:
        listed = silence.sources_due(session, world.ctx)
    for source in listed:
        with world.begin() as session:
            silence.look(session, source, world.ctx)
    with world.database.read() as session:
        assert silence.sources_due(session, world.ctx) == [], "what was done is not due again"
    return listed


def heard(world: World, **changes: object) -> str:
    told = {"source": SOURCE, "reason": "info", "summary": "exported 12 files", "occurred_at": world.clock.now()}
    return world.fail(**told | changes).status


def cases(world: World) -> list[Case]:
    with world.database.read() as session:
        return list(session.query(Case).order_by(Case.id))


def silent(world: World) -> Case:
    """The source fell silent; its case."""
    tick(world)
    assert heard(world) == "recorded"
    assert tick(world, DAY) == [SOURCE]
    (case,) = cases(world)
    return case


def test_where_the_desk_asks_for_more_the_case_stays_open_and_is_told(world: World) -> None:
    case = silent(world)
    wants_a_cause(world)
    heard(world)
    assert world.case(case.id).status == CaseStatus.OPEN
    (said,) = [entry.text for entry in world.entries(case.id) if entry.verb == "reported_over"]
    assert "The desk asks for “Root cause”" in said
    heard(world)
    assert len(world.entries(case.id)) == 2, "it is said once"


def test_silence_for_too_long_is_a_case_of_that_source(world: World) -> None:
    tick(world)
    heard(world)
    assert tick(world, DAY - timedelta(seconds=1)) == []
    tick(world, timedelta(seconds=1))
    (case,) = cases(world)
    assert (case.source, case.reason, case.status, case.count) == (SOURCE, "silent", CaseStatus.OPEN, 1)
    assert case.summary == ("nightly-export has been silent for 24 h (expected every 24 h; last heard 21 Nov 03:14)")
    assert case.case_key == silence_key(SOURCE)
    assert (case.priority, case.priority_why) == ("normal", [["source fell silent", 1]])
    assert len(world.audited("case.opened")) == 1
    assert world.ticket(case.id).state == "wanted"
    assert tick(world, DAY) == [], "an open case is not opened twice"


@pytest.mark.parametrize(("every", "listens"), [(timedelta(minutes=15), timedelta(minutes=15)), (DAY, silence.LISTENS)])
def test_a_bot_that_was_away_itself_listens_first(world: World, every: timedelta, listens: timedelta) -> None:
    expecting(world, every)
    tick(world)
    heard(world)
    world.clock.move(2 * every)
    world.ctx = replace(world.ctx, listening_since=world.clock.now())
    assert tick(world) == []
    assert tick(world, listens - timedelta(seconds=1)) == []
    assert tick(world, timedelta(seconds=1)) == [SOURCE]
    assert [case.reason for case in cases(world)] == ["silent"]


def test_before_its_first_event_the_time_runs_from_when_it_was_first_expected(world: World) -> None:
    assert tick(world) == [SOURCE], "the watch begins"
    assert tick(world, DAY) == [SOURCE]
    (case,) = cases(world)
    assert case.summary.endswith("(expected every 24 h; watched since 21 Nov 03:14)")


def test_an_old_event_does_not_make_a_newly_expected_source_silent(world: World) -> None:
    expecting(world, None)
    heard(world)
    world.clock.move(10 * DAY)
    expecting(world, DAY)
    tick(world)
    assert cases(world) == []


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "recorded"),
        ({"reason": "retrying"}, "recorded"),
        ({"status": "resolved"}, "recorded"),
        ({"reason": "data_blocked"}, "opened"),
    ],
)
def test_the_next_event_closes_it_whatever_it_is(world: World, changes: dict[str, str], outcome: str) -> None:
    case = silent(world)
    world.clock.move(timedelta(minutes=3))
    assert heard(world, **changes) == outcome
    now = world.case(case.id)
    assert (now.status, now.closed_by, now.closed_at) == (CaseStatus.RESOLVED, "handoff", world.clock.now())
    assert now.close_note == "nightly-export was heard from again: exported 12 files"
    assert len(world.audited("case.resolved")) == 1
    assert heard(world) == "recorded"
    assert len(world.audited("case.resolved")) == 1
    assert tick(world) == []


def test_other_sources_and_their_events_leave_it_alone(world: World) -> None:
    case = silent(world)
    world.fail(source="invoicer")
    assert world.case(case.id).status == CaseStatus.OPEN


def test_a_second_silence_follows_the_first(world: World) -> None:
    first = silent(world)
    heard(world)
    tick(world, DAY)
    second = cases(world)[1]
    assert (second.previous_id, second.status) == (first.id, CaseStatus.OPEN)


def test_a_short_silence_soon_after_reopens_the_same_case(world: World) -> None:
    expecting(world, timedelta(minutes=10))
    tick(world)
    tick(world, timedelta(minutes=10))
    heard(world)
    tick(world, timedelta(minutes=10))
    (case,) = cases(world)
    assert (case.status, case.flaps, case.count) == (CaseStatus.OPEN, 1, 2)


def test_what_a_person_closed_comes_again_after_as_long_once_more(world: World) -> None:
    first = silent(world)
    with world.begin() as session:
        closing.resolve(session, first.id, ANNA, "the export is switched off today", world.ctx)
    assert tick(world, DAY - timedelta(seconds=1)) == []
    assert tick(world, timedelta(seconds=1)) == [SOURCE]
    assert [case.previous_id for case in cases(world)] == [None, first.id]
    assert "silent for 2 d (expected every 24 h" in cases(world)[1].summary


@pytest.mark.parametrize("mode", [Mode.OFF, Mode.SHADOW])
def test_nothing_happens_while_the_automation_may_not_act(world: World, mode: Mode) -> None:
    tick(world)
    world.ctx = replace(world.ctx, mode=mode)
    assert tick(world, 2 * DAY) == []
    with world.begin() as session:
        silence.look(session, SOURCE, world.ctx)
    assert cases(world) == []
    world.ctx = replace(world.ctx, mode=Mode.AUTO)
    tick(world)
    assert len(cases(world)) == 1


def test_a_paused_source_is_neither_silent_nor_heard_until_the_pause_ends(world: World) -> None:
    case = silent(world)
    with world.begin() as session:
        pauses.pause(session, SOURCE, world.clock.now() + DAY, "maintenance", LEA, world.ctx)
    heard(world)
    assert tick(world) == []
    assert world.case(case.id).status == CaseStatus.OPEN
    assert tick(world, DAY - timedelta(minutes=1)) == []
    world.clock.move(timedelta(minutes=1))
    heard(world)
    assert world.case(case.id).status == CaseStatus.RESOLVED


def test_an_event_that_was_missed_is_made_up_for_by_the_clock(world: World) -> None:
    """Such as one that was taken in just while another process found the source silent, or while it was off."""
    case = silent(world)
    auto, world.ctx = world.ctx, replace(world.ctx, mode=Mode.OFF)
    heard(world)
    world.ctx = auto
    tick(world)
    assert world.case(case.id).close_note == "nightly-export was heard from 22 Nov 03:14"


def test_a_source_that_is_no_longer_expected_is_forgotten_and_its_case_left_to_people(world: World) -> None:
    case = silent(world)
    expecting(world, None)
    assert tick(world) == [SOURCE]
    with world.database.read() as session:
        assert session.query(SourceWatch).count() == 0
    assert world.case(case.id).status == CaseStatus.OPEN


def test_rules_route_it_and_may_name_its_reason(world: World) -> None:
    rules = (Rule(name="silence", reason=("silent",), queue="Exports", owner="person:lea@team.example"),)
    world.ctx = replace(world.ctx, book=replace(BOOK, rules=rules))
    case = silent(world)
    assert (case.queue, case.owner, case.rule) == ("Exports", "lea@team.example", "silence")


def test_what_is_due_has_a_key_of_its_ten_minutes(world: World) -> None:
    with world.database.read() as session:
        ((key, args),) = silence.due(session, world.ctx)
        assert (key, args) == (f"{silence_key(SOURCE)}/2026-11-21T02:10:00+00:00", {"source": SOURCE})
    with world.begin() as session:
        silence.perform(session, args, world.ctx)
    with world.database.read() as session:
        assert silence.due(session, world.ctx) == []


def test_two_processes_open_it_once(world: World) -> None:
    tick(world)
    world.clock.move(DAY)
    for _ in range(2):
        with world.begin() as session:
            silence.look(session, SOURCE, world.ctx)
    assert [case.count for case in cases(world)] == [1]
    assert world.clock.now() == START + DAY
