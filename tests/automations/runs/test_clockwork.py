"""What happens by the clock, once for all replicas, and not at all if it is no longer due."""

from datetime import timedelta

import pytest

from automations.runs import clockwork
from bot import run_jobs
from tests.automations.runs.stage import BEN, BENS, LEA, LEO, Rooms, Stage, step

CHANGE = step("desk.role", BENS)

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""The rows are those that the other tests of runs change on both databases."""
INVITED = step("invite", BENS, after="accepted", before="out", waits=True, undo="")


def test_a_proposal_ends_and_who_asked_is_told(stage: Stage) -> None:
    run_id = stage.ask(CHANGE)
    stage.wait(hours=7, minutes=59)
    assert stage.state(run_id) == "proposed"
    stage.wait(minutes=1)
    run = stage.run(run_id)
    assert (run.state, run.open_key, run.words) == (
        "expired",
        None,
        "Nobody confirmed it in time. Nothing was changed.",
    )
    told = f"RUN-{run_id} (Change {BENS}) ended without being confirmed. Nothing was changed; you may ask again."
    assert stage.told(LEA) == [told]
    assert stage.heard == [(run_id, "expired")]
    assert stage.outside.writes == []
    stage.tick()
    assert len(stage.audited("plan.expired")) == 1


def test_what_was_confirmed_in_time_does_not_end(stage: Stage) -> None:
    run_id = stage.ask(CHANGE)
    stage.clock.move(timedelta(hours=9))
    with stage.database.read() as session:
        (due,) = clockwork.expired(session, stage.ctx)
    stage.clock.move(timedelta(hours=-2))
    stage.confirm(run_id)
    stage.clock.move(timedelta(hours=2))
    with stage.database.begin() as session:
        clockwork.expire(session, due[1], stage.ctx)
    assert stage.state(run_id) == "done"


def test_reminders_come_after_fifteen_minutes_then_twice_the_time_each(stage: Stage) -> None:
    run_id = stage.ask(CHANGE)
    spoken = []
    for minute in range(1, 8 * 60):
        before = len(stage.audited("plan.reminded"))
        stage.wait(minutes=1)
        if len(stage.audited("plan.reminded")) > before:
            spoken.append(minute)
    assert spoken == [15, 30, 60, 120, 240]
    lines = stage.lines(f"run/{run_id}")
    assert (len(lines), lines[0]) == (5, f"RUN-{run_id} still waits to be confirmed. It ends at 11:14.")


def test_a_reminder_is_said_once_for_all_replicas(stage: Stage) -> None:
    run_id = stage.ask(CHANGE)
    stage.clock.move(timedelta(minutes=15))
    for _ in range(2):
        run_jobs.ask(stage.database, [stage.ctx.automation], lambda _automation: stage.ctx)
    stage.play(twice=True)
    assert len(stage.lines(f"run/{run_id}")) == 1


def test_a_private_card_is_reminded_of_where_it_is(stage: Stage) -> None:
    stage.rooms = Rooms(inside={"U_BEN"})
    run_id = stage.ask(CHANGE, kind="leave")
    stage.wait(minutes=15)
    for user in ("U_LEA", "U_LEO", "U_ADA"):
        assert len(stage.lines(f"run/{run_id}/to/{user}")) == 1
    assert stage.told(BEN) == []


def test_what_waits_is_looked_at_once_in_each_interval(stage: Stage) -> None:
    stage.done(INVITED)
    stage.outside.looks.clear()
    for _ in range(10):
        stage.wait(minutes=1)
    assert len(stage.outside.looks) == 2


def test_a_task_is_reminded_of_daily_and_does_not_end(stage: Stage) -> None:
    run_id = stage.done(step("desk.role", "a", by_hand="Tick it.", owner="leo@team.example", undo=""))
    for _ in range(10):
        stage.wait(days=1)
    reminders = [text for text in stage.told(LEO) if text.endswith("is yours to do by hand: Tick it.")]
    assert (len(reminders), stage.states(run_id)) == (10, ["waiting"])


def test_a_look_that_finds_a_task_done_needs_nobodys_word(stage: Stage) -> None:
    run_id = stage.done(step("desk.role", "a", by_hand="Tick it.", owner="leo@team.example", undo=""))
    stage.outside.drift("desk.role", "a", "in")
    stage.wait(minutes=5)
    (row,) = stage.steps(run_id)
    assert (row.state, row.stated_by, stage.state(run_id)) == ("verified", None, "done")


def test_who_was_blocked_is_told_nothing_any_more(stage: Stage) -> None:
    stage.ask(CHANGE, by=LEO)
    stage.block("leo@team.example")
    stage.wait(hours=8)
    assert stage.told(LEO) == []
