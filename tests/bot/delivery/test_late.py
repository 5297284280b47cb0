"""What comes late: only open cases get a message, what is over is one summary, and nobody is called twice."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from automations.errors import OutcomeUnknown, Unavailable
from automations.failure_tickets import closing, life
from automations.failure_tickets.context import Context
from automations.failure_tickets.lists import status
from bot.delivery import Delivery
from bot.engine import Args
from bot.late import Late, called_by
from bot.render import renderer
from bot.views.texts import Look
from storage import notifications
from storage.engine import Database
from tests.automations.failure_tickets.world import ANNA, World
from tests.bot.live_terms import terms_of
from tests.bot.slack_room import CHANNEL, gateway_in
from tests.bot.workspace.room import Room
from tests.support import FakeClock, RecordingJobs

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> World:
    made = World.on(database, clock, jobs)
    made.without_rules()
    return made


@pytest.fixture
def way(world: World, room: Room) -> Delivery:
    def context() -> Context:
        return world.ctx

    render = renderer(lambda: terms_of(world.ctx, Look(zone="Europe/Oslo")))
    gateway = gateway_in(room, timeout_s=2)
    return Delivery(world.database, gateway, render, world.jobs, world.clock, lambda: CHANNEL, late=Late(context))


def opened(world: World, number: int) -> int:
    return world.open(source=f"source-{number}", dedup_key=f"key-{number}")


def close(world: World, case: int) -> None:
    with world.begin() as session:
        life.claim(session, case, ANNA, world.ctx)
        closing.resolve(session, case, ANNA, "done by hand", world.ctx, fields={})


def drain(world: World, way: Delivery) -> None:
    """Deliver as long as anything is asked for, in the order it was."""
    done: set[str] = set()
    while pending := [job for job in world.jobs.of("slack.deliver") if job.key not in done]:
        for job in pending:
            done.add(job.key)
            _rest(way, job.args)


def _rest(way: Delivery, args: Args) -> None:
    while way.advance(args) is not None:
        pass


def posts(room: Room) -> list[Mapping[str, Any]]:
    calls = room.read("calls", method="chat.postMessage")["calls"]
    return [call["arguments"] for call in calls if call["outcome"] == "ok"]


def heads(room: Room) -> list[str]:
    return [post["metadata"]["event_payload"]["key"] for post in posts(room) if not post.get("thread_ts")]


def calls(room: Room, user: str) -> int:
    return sum(user in called_by(post["blocks"]) for post in posts(room))


def test_after_an_outage_only_open_cases_get_a_message_and_each_person_one_call(
    world: World, way: Delivery, room: Room
) -> None:
    numbers = [opened(world, number) for number in range(6)]
    for case in numbers[:4]:
        close(world, case)
    world.clock.move(timedelta(minutes=12))
    drain(world, way)
    (summary,) = [key for key in heads(room) if key.startswith("meanwhile/")]
    assert [key for key in heads(room) if key != summary] == [f"case/{case}" for case in numbers[4:]]
    shown = str([post for post in posts(room) if post["metadata"]["event_payload"]["key"] == summary])
    updates = str(room.read("calls", method="chat.update")["calls"])
    assert "4 cases opened and closed while Slack could not be reached" in shown + updates
    assert "done by hand" in shown + updates
    assert calls(room, "U_AGENT1") == 1, "the owner of both"
    assert "Anna Berg" in str(posts(room)[-1]), "the others name her"
    assert len(world.audited("slack.gathered")) == 4
    row = world.notification(f"case/{numbers[0]}")
    assert row is not None
    assert (row.state, row.ts, row.job_pending) == ("delivered", None, False)
    with world.database.read() as session:
        assert status(session, world.ctx).waiting_for_slack == 0, "what the summary told waits for nobody"


def test_a_case_that_is_opened_again_gets_its_message_after_all(world: World, way: Delivery, room: Room) -> None:
    case = opened(world, 1)
    close(world, case)
    world.clock.move(timedelta(minutes=12))
    drain(world, way)
    assert f"case/{case}" not in heads(room)
    with world.begin() as session:
        closing.reopen(session, case, ANNA, world.ctx)
    drain(world, way)
    assert heads(room).count(f"case/{case}") == 1


def test_what_is_on_time_is_posted_and_calls_as_ever(world: World, way: Delivery, room: Room) -> None:
    numbers = [opened(world, number) for number in range(3)]
    close(world, numbers[0])
    drain(world, way)
    assert heads(room) == [f"case/{case}" for case in numbers]
    assert calls(room, "U_AGENT1") == 2


def test_a_post_whose_answer_was_lost_is_looked_for_before_it_is_passed_over(
    world: World, way: Delivery, room: Room
) -> None:
    arrived, lost = opened(world, 1), opened(world, 2)
    for case, kind in ((arrived, "drop_reply"), (lost, "reset")):
        room.act("faults", method="chat.postMessage", kind=kind, times=1)
        with pytest.raises((Unavailable, OutcomeUnknown), match=r"chat\.postMessage"):
            way.advance({"key": f"case/{case}"})
        close(world, case)
    world.clock.move(timedelta(minutes=12))
    drain(world, way)
    assert heads(room).count(f"case/{arrived}") <= 1
    with world.database.read() as session:
        one, other = (notifications.get(session, f"case/{case}") for case in (arrived, lost))
    assert one is not None
    assert other is not None
    assert one.ts is not None, "it is there, so it is brought up to date"
    assert (other.ts, other.state) == (None, "delivered")
    assert len(world.audited("slack.gathered")) == 1


def test_who_was_called_a_while_ago_is_called_again(world: World, way: Delivery, room: Room) -> None:
    opened(world, 1)
    world.clock.move(timedelta(minutes=12))
    drain(world, way)
    assert calls(room, "U_AGENT1") == 1
    opened(world, 2)
    world.clock.move(timedelta(minutes=40))
    drain(world, way)
    assert calls(room, "U_AGENT1") == 2
