"""Work done in the desk reaches Slack within seconds, on the bot as it runs; a desk that is away is looked at again."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from automations.adapters.builtin.desk import BuiltinDesk
from automations.domain import Priority, TicketChange, TicketStatus
from automations.errors import Unavailable
from automations.failure_tickets import desk_facts, desk_feed
from bot.desk_round import FEED, DeskRound
from bot.workspace import WorkspaceServer
from storage.engine import Database
from storage.models import DeskMessage
from tests.automations.failure_tickets.shaky import ShakyDesk
from tests.automations.failure_tickets.world import World
from tests.bot.bot_room import address, ask, fail, finished_case, running, settings_for, until, workspace
from tests.support import FakeClock, RecordingJobs


@pytest.fixture
def slack() -> Iterator[WorkspaceServer]:
    server = workspace().start()
    yield server
    server.stop()


def often(text: str) -> str:
    """Look at the desk every second, and let acts stand at once."""
    return (
        text + '\n[desk]\nlook_every = "1s"\n'
        if "[desk]" not in text
        else text.replace("[desk]", '[desk]\nlook_every = "1s"', 1)
    )


def test_the_real_bot_follows_the_desk_within_seconds(slack: WorkspaceServer, tmp_path: Path) -> None:
    with running(settings_for(tmp_path, slack.base_url, often)) as bot:
        name = fail(bot)
        case = finished_case(bot, name)
        desk = BuiltinDesk(bot.database, bot.context.clock, "https://bot.example")
        ticket = str(case["ticket"]["id"])
        owner = str(case["owner"]["email"] if isinstance(case["owner"], dict) else case["owner"])
        desk.work.change(ticket, TicketChange(priority=Priority.LOW), by=owner)
        desk.work.change(ticket, TicketChange(status=TicketStatus.SOLVED), by=owner)

        def seen() -> Any:
            return ask(address(bot, f"/v1/cases/{name}"))[1]

        found = until(seen, lambda one: one["status"] == "resolved" and one["priority"] == "low")
        finished_case(bot, name)
        assert found["status"] == "resolved"
        with bot.database.read() as session:
            ours = select(func.count()).where(DeskMessage.kind == "change", DeskMessage.author == "handoff")
            assert session.scalar(ours) == 0, "nothing came back to the desk"
            assert desk_facts.agent_problem(session, "builtin", owner) is None
            assert desk_facts.agent_problem(session, "builtin", "nobody@team.example") == "has no agent in the desk"


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> World:
    return World.on(database, clock, jobs)


def test_replicas_ask_for_one_look_at_a_time(world: World) -> None:
    looking = [DeskRound(world.database, ShakyDesk.on(world), lambda: world.ctx) for _ in range(2)]
    for one in looking:
        one.ask(timedelta(seconds=15))
    world.clock.move(timedelta(seconds=15))
    looking[0].ask(timedelta(seconds=15))
    assert len({job.key for job in world.jobs.of(FEED)}) == 2


def test_a_desk_that_is_away_is_looked_at_again_from_where_it_was(world: World) -> None:
    desk = ShakyDesk.on(world)
    look = DeskRound(world.database, desk, lambda: world.ctx).spec().advance
    desk.before["required_fields"] = [Unavailable("away", system="builtin")]
    assert look({"fresh": 1}) is None
    with world.database.read() as session:
        assert desk_feed.last_read(session, "builtin") is None
        assert desk_facts.stale(session, "builtin", world.clock.now())
    assert look({"fresh": 0}) is None
    with world.database.read() as session:
        assert desk_feed.last_read(session, "builtin") == world.clock.now()
        assert not desk_facts.stale(session, "builtin", world.clock.now())
        assert desk_facts.agent_problem(session, "builtin", "LEA@team.example") is None
        assert desk_facts.required_fields(session, "builtin") == ()
