"""What failed in the tools of others, played against ours. The numbers are those of the acceptance list."""

from datetime import timedelta

import pytest

from automations.domain import CaseStatus
from automations.errors import Refused
from automations.failure_tickets import closing, life, stale
from storage.engine import Database
from storage.models import Case, FailureEventRow
from tests.automations.failure_tickets.deeds import do
from tests.automations.failure_tickets.timeline import Timeline
from tests.automations.failure_tickets.world import ANNA, BEN, World
from tests.support import FakeClock, RecordingJobs


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> World:
    return World.on(database, clock, jobs)


def test_peer_failure_03_what_recurs_after_its_close_is_a_new_case_and_a_late_end_changes_nothing(
    world: World,
) -> None:
    """Others reopened in silence what a person had closed, or closed the new episode by the old one's end."""
    first = world.open()
    with world.begin() as session:
        closing.resolve(session, first, ANNA, "restarted the ledger", world.ctx)
    world.clock.move(timedelta(minutes=1))
    late = world.fail(id="evt_late", status="resolved", occurred_at=world.clock.now())
    closed = world.case(first)
    assert (late.status, late.case_id) == ("recorded", "CASE-1")
    assert (closed.status, closed.closed_by, closed.close_note) == (
        CaseStatus.RESOLVED, "anna@team.example", "restarted the ledger",
    )  # fmt: skip
    assert [line.verb for line in world.entries(first)] == ["opened", "resolved"]
    assert [row.outcome for row in world.audited("event.resolved_ignored")] == ["no open case"]

    second = world.open(occurred_at=world.clock.now())
    assert (second, world.case(second).previous_id, world.case(first).status) == (2, first, CaseStatus.RESOLVED)
    assert world.entries(first)[-1].text == "saw this failure come back as CASE-2"
    assert "it follows CASE-1" in world.entries(second)[0].text

    older = world.fail(id="evt_older", status="resolved", occurred_at=world.clock.now() - timedelta(minutes=2))
    assert (older.status, world.case(second).status) == ("recorded", CaseStatus.OPEN)
    with world.database.read() as session:
        assert [row.case_id for row in session.query(FailureEventRow).order_by(FailureEventRow.id)] == [1, 1, 2, 2]


def test_peer_failure_03_only_its_source_may_let_a_case_reopen_and_not_in_silence(world: World) -> None:
    case = world.open()
    world.clock.move(timedelta(minutes=1))
    world.fail(status="resolved", occurred_at=world.clock.now(), summary="the ledger answers")
    assert world.case(case).status == CaseStatus.RESOLVED
    world.clock.move(timedelta(minutes=1))
    assert world.fail(occurred_at=world.clock.now()).case_id == "CASE-1"
    assert (world.case(case).flaps, world.entries(case)[-1].verb) == (1, "flapped")


def test_peer_failure_04_a_claim_a_second_after_the_source_closed_it_leaves_it_closed_and_says_so(
    world: World,
) -> None:
    """Elsewhere such a late acknowledgement opened the alert again."""
    case = world.open()
    world.clock.move(timedelta(minutes=1))
    world.fail(status="resolved", occurred_at=world.clock.now(), summary="the ledger answers")
    before = world.case(case).version
    world.clock.move(timedelta(seconds=1))
    with pytest.raises(Refused) as told, world.begin() as session:
        life.claim(session, case, BEN, world.ctx)
    words = "Handoff resolved CASE-1 at 03:15: invoicer reports: the ledger answers. It can be reopened."
    assert str(told.value) == words
    row = world.case(case)
    assert (row.status, row.claimed_by, row.version) == (CaseStatus.RESOLVED, None, before)
    with world.database.read() as session:
        assert session.query(Case).count() == 1


def test_peer_failure_05_an_acknowledged_case_forgotten_for_90_days_is_named_stale_and_never_escalated(
    world: World,
) -> None:
    """Somebody acknowledged it and forgot it; months later it must not wake anybody, since it was said long before."""
    timeline, case = Timeline(world), world.open()
    timeline.run()
    do(world, life.claim, case, ANNA)
    claimed_at = world.clock.now()
    timeline.go(timedelta(days=90), step=timedelta(days=1))
    after = world.case(case)
    assert (after.status, after.claimed_by, after.escalated_at) == ("claimed", "anna@team.example", None)
    assert after.stale_at is not None
    assert after.stale_at - claimed_at <= timedelta(days=3)
    said = [one.verb for one in world.entries(case)]
    assert said == ["opened", "claimed", stale.REMINDED, stale.REMINDED, stale.STALE]
    assert [one for one in timeline.slack.said if one.channel == "C_ESCALATIONS"] == []
    assert max(one.at for one in timeline.slack.said) <= after.stale_at, "after that it is quiet"
    assert "stale" in timeline.shown(f"case/{case}")["blocks"][0]["text"]["text"]
