"""A failure that comes back: the same case soon after its source had closed it, a new one linked both ways else."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from automations.domain import CaseStatus
from automations.failure_tickets import closing, life
from automations.failure_tickets.card import case_card, entry_line
from automations.people import Absence, Roster
from storage import notifications
from storage.engine import Database
from storage.models import Case, FailureEventRow
from tests.automations.failure_tickets.world import ANNA, BEN, ROSTER, World
from tests.support import START, FakeClock, RecordingJobs

LINK = "https://chat.example/p/"


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> World:
    return World.on(database, clock, jobs)


def over(world: World, minutes: int = 5) -> None:
    """The source calls the failure over, minutes after the last thing that happened."""
    now = world.clock.move(timedelta(minutes=minutes))
    assert world.fail(status="resolved", occurred_at=now, summary="It works again").status == "resolved"


def again(world: World, minutes: int = 4) -> str | None:
    """The failure comes back, minutes later; gives the number of the case that took it."""
    receipt = world.fail(occurred_at=world.clock.move(timedelta(minutes=minutes)))
    assert receipt.status == "joined"
    return receipt.case_id


def posted(world: World, number: int) -> None:
    with world.begin() as session:
        key = f"case/{number}"
        row = notifications.take(session, key, world.clock.now())
        notifications.delivered(
            session, key, row.version, "C_FAILURES", f"17952272{number}.1", f"{LINK}{number}", world.clock.now()
        )


def mentions(world: World, number: int) -> list[str | None]:
    """Whom each line of the case's thread calls."""
    lines = [world.notification(f"case/{number}/entry/{entry.seq}") for entry in world.entries(number)]
    return [line.data["mention"] for line in lines if line is not None and line.data["mention"]]


def test_soon_after_its_source_closed_it_the_same_case_reopens(world: World) -> None:
    case = world.open()
    over(world)
    assert again(world) == "CASE-1"
    row = world.case(case)
    assert (row.status, row.count, row.flaps, row.open_key) == (CaseStatus.OPEN, 2, 1, row.case_key)
    assert (row.closed_at, row.closed_by, row.close_note, row.owner) == (None, None, None, "anna@team.example")
    assert row.escalate_at == world.clock.now() + timedelta(minutes=30)
    line = world.entries(case)[-1]
    assert line.text == "reopened this case: the failure came back 4 min after invoicer had reported it over"
    assert (line.verb, line.actor, line.to_desk) == ("flapped", "handoff", True)
    assert world.ticket(case).wanted_version >= 3, "the ticket is opened again by the next sync"
    with world.database.read() as session:
        assert case_card(session, case, world.ctx).flaps == 1


def test_a_storm_calls_the_owner_once_and_does_not_put_escalation_off(world: World) -> None:
    case = world.open()
    posted(world, case)
    for _ in range(3):
        over(world)
        again(world)
    row = world.case(case)
    assert (row.flaps, row.count) == (3, 4)
    assert mentions(world, case) == ["anna@team.example"]
    assert row.escalate_at == START + timedelta(minutes=9 + 30), "counted from when it first came back"
    assert world.entries(case)[-1].text.endswith("(flapping, came back 3 times)")
    assert len(world.audited("case.flapped")) == 3


def test_what_was_claimed_between_gets_its_whole_time_again(world: World) -> None:
    case = world.open()
    over(world)
    again(world)
    with world.begin() as session:
        life.claim(session, case, BEN, world.ctx)
    over(world)
    again(world)
    row = world.case(case)
    assert (row.status, row.owner, row.claimed_by) == (CaseStatus.OPEN, "ben@team.example", None)
    assert row.escalate_at == world.clock.now() + timedelta(minutes=30)


def test_what_was_escalated_is_not_escalated_again(world: World) -> None:
    case = world.open()
    with world.begin() as session:
        life.escalate(session, case, BEN, "customers call", world.ctx)
    over(world)
    again(world)
    assert (world.case(case).escalation_reason, world.case(case).escalated_at) == ("customers call", START)


def test_an_owner_who_went_away_is_replaced_by_rule_and_the_new_one_is_told(world: World) -> None:
    case = world.open()
    posted(world, case)
    with world.begin() as session:
        life.reassign(session, case, ANNA, "ben@team.example", world.ctx)
    over(world)
    away = Absence(START, START + timedelta(days=3))
    people = tuple(replace(one, away=(away,)) if one.name.startswith("Ben") else one for one in ROSTER.people)
    world.ctx = replace(world.ctx, roster=Roster(people))
    again(world)
    assert world.case(case).owner == "anna@team.example"
    assert "Ben Okoro is away until" in world.entries(case)[-1].text
    assert mentions(world, case) == ["ben@team.example", "anna@team.example"]


@pytest.mark.parametrize(("minutes", "status"), [(29, "joined"), (30, "opened")])
def test_the_time_counts_by_our_own_clock(world: World, minutes: int, status: str) -> None:
    world.open()
    over(world)
    world.clock.move(timedelta(minutes=minutes))
    assert world.fail(occurred_at=START).status == status


@pytest.mark.parametrize("end", [closing.resolve, closing.not_needed])
def test_what_a_person_closed_stays_closed_and_both_cases_name_each_other(
    world: World, end: Callable[..., object]
) -> None:
    first = world.open()
    posted(world, first)
    with world.begin() as session:
        end(session, first, ANNA, "restarted the ledger", world.ctx)
    before, synced = world.case(first), world.ticket(first).wanted_version
    second = world.open()
    posted(world, second)
    old, new = world.case(first), world.case(second)
    assert (new.previous_id, old.status, old.close_note) == (first, before.status, "restarted the ledger")
    assert world.ticket(first).wanted_version == synced, "the old ticket stays as it was closed"
    line = world.entries(first)[-1]
    assert (line.verb, line.text, line.to_desk) == ("came_back", "saw this failure come back as CASE-2", False)
    with world.database.read() as session:
        card = case_card(session, first, world.ctx)
        assert (card.next_id, card.next_permalink) == (second, f"{LINK}2")
        assert case_card(session, second, world.ctx).previous_permalink == f"{LINK}1"
        assert entry_line(session, first, line.seq, world.ctx).link == ("CASE-2", f"{LINK}2")
    assert old.version > before.version, "the old message is shown anew"
    assert mentions(world, first) == []


def test_until_the_new_message_is_posted_the_old_one_leads_to_the_page(world: World) -> None:
    first = world.open()
    with world.begin() as session:
        closing.resolve(session, first, ANNA, "restarted the ledger", world.ctx)
    world.open()
    with world.database.read() as session:
        assert case_card(session, first, world.ctx).next_permalink == "https://bot.example/cases/2"


def test_a_case_that_was_reopened_by_hand_is_the_one_that_comes_back(world: World) -> None:
    """The one that was closed last counts, not the one with the highest number."""
    for number in (1, 2):
        assert world.open() == number
        with world.begin() as session:
            closing.resolve(session, number, ANNA, "done", world.ctx)
        world.clock.move(timedelta(minutes=1))
    with world.begin() as session:
        closing.reopen(session, 1, BEN, world.ctx)
    over(world)
    assert again(world) == "CASE-1"


def test_a_late_end_of_a_closed_case_changes_nothing_and_is_kept_beside_it(world: World) -> None:
    case = world.open()
    with world.begin() as session:
        closing.resolve(session, case, ANNA, "restarted it", world.ctx)
    before = (world.case(case).version, len(world.entries(case)), world.case(case).closed_by)
    receipt = world.fail(id="evt_late", status="resolved", occurred_at=START + timedelta(hours=1))
    assert (receipt.status, receipt.case_id) == ("recorded", "CASE-1")
    assert (world.case(case).version, len(world.entries(case)), world.case(case).closed_by) == before
    (audited,) = world.audited("event.resolved_ignored")
    assert audited.correlation_id == world.case(case).correlation_id
    with world.database.read() as session:
        row = session.query(FailureEventRow).filter_by(event_id="evt_late").one()
        assert (row.case_id, row.outcome) == (case, "recorded")


def test_processes_that_see_it_come_back_at_once_reopen_it_once(world: World) -> None:
    case = world.open()
    over(world)
    gate = threading.Barrier(4)

    def come_back(_: int) -> str:
        gate.wait()
        return world.fail().status

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(come_back, range(4))) == ["joined"] * 4
    row = world.case(case)
    assert (row.flaps, row.count, len(world.audited("case.flapped"))) == (1, 5, 1)
    with world.database.read() as session:
        assert session.query(Case).count() == 1
