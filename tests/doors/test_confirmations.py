"""Confirmations that come too late, from elsewhere, changed or from the wrong person, through the door of two replicas.

Which buttons are out of date, in all their states, is in `tests/bot/listeners/test_stale_buttons`.
"""

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import cycle
from typing import Any

import pytest
from sqlalchemy import update

from automations.plan import RunState
from automations.runs.journal import surfaces
from bot.gateway import CACHE_S
from bot.wire_runs import RunAct
from storage.models import Notification, Run
from tests.automations.failure_tickets.world import World
from tests.bot.listeners.access_world import Access
from tests.bot.listeners.people import click
from tests.bot.slack_room import gateway_in
from tests.bot.workspace.room import Room
from tests.doors.room import Doors, rows
from tests.figures.told import tell

pytestmark = pytest.mark.timeout(500)
WRONG = int(os.environ.get("HANDOFF_CONFIRMATIONS", "40"))
"""Confirmations that must do nothing, over all ways to be wrong; 200 for the figure."""
ROUNDS = int(os.environ.get("HANDOFF_RACES", "1"))
"""Rounds of fifty clicks at once; 10 for the aim of five hundred."""
CLICKS = 50
MAY = ("U_LEAD1", "U_LEAD2", "U_ADMIN")
KEPT = ("inbox", "audit_entry", "audit_head", "person_alias")
"""Where it is written down what was tried."""


@dataclass
class Stage:
    """Two replicas over one database, and runs that wait for a yes."""

    world: World
    room: Room
    access: Access
    bots: list[Doors]
    seconds: list[float]

    def proposed(self, number: int, **asked: Any) -> int:
        return self.access.proposed("offboard", f"x{number}@team.example", **asked)

    def payload(self, run: int, user: str = "U_LEAD1", act: RunAct = RunAct.CONFIRM, **changes: str) -> dict[str, Any]:
        button = self.access.button(run, act)
        return click(user, act, changes.get("value", button.encode()))

    def change(self, run: int, **values: Any) -> None:
        with self.world.begin() as session:
            session.execute(update(Run).where(Run.id == run).values(**values))

    def state(self, run: int) -> str:
        return self.access.run(run).state


@pytest.fixture
def stage(world: World, room: Room) -> Iterator[Stage]:
    seconds, groups = [1_000.0], dict(room.workspace.usergroups)
    access = Access.on(world)
    bots = []
    for _ in range(2):
        gateway = gateway_in(room, monotonic=lambda: seconds[0])
        bots.append(Doors.on(world, room, gateway, access.ctx))
    yield Stage(world, room, access, bots, seconds)
    room.workspace.usergroups.update(groups)
    for bot in bots:
        bot.side.close()


def too_late(stage: Stage, run: int) -> dict[str, Any]:
    """One second after its end."""
    ends = stage.access.run(run).expires_at
    assert ends is not None
    stage.change(run, expires_at=stage.world.clock.now() - timedelta(seconds=1))
    return stage.payload(run)


def by_another(stage: Stage, run: int) -> dict[str, Any]:
    """By somebody who may not: an agent, a guest, a stranger, a bot, nobody."""
    users = ("U_AGENT1", "U_GUEST", "U_HANDOFF", "U_NOBODY", "")
    return stage.payload(run, users[run % len(users)])


def elsewhere(stage: Stage, run: int) -> dict[str, Any]:
    """In a channel where the run's message is not."""
    with stage.world.begin() as session:
        keys = [key for key, _ in surfaces(session.get_one(Run, run))]
        assert keys
        session.execute(update(Notification).where(Notification.key.in_(keys)).values(posted_channel="C_ACCESS"))
    return stage.payload(run)


def edited(stage: Stage, run: int) -> dict[str, Any]:
    """With a value that was changed: another digest, another run's, another act's, other words, nothing."""
    good = stage.access.button(run, RunAct.CONFIRM)
    values = (
        replace(good, digest=good.digest[:-1] + ("0" if good.digest[-1] != "0" else "1")).encode(),
        replace(good, run_id=run + 1_000).encode(),
        replace(good, act=RunAct.CANCEL).encode(),
        good.encode() + " ",
        good.encode().upper(),
        "",
    )
    return stage.payload(run, value=values[run % len(values)])


def without_the_role(stage: Stage, run: int) -> dict[str, Any]:
    """By somebody who had the role when the message was made."""
    groups = stage.room.workspace.usergroups
    groups["S_LEADS"] = {**groups["S_LEADS"], "users": ["U_LEAD1"]}
    stage.seconds[0] += CACHE_S
    return stage.payload(run, "U_LEAD2")


def of_an_older_plan(stage: Stage, run: int) -> dict[str, Any]:
    """The plan has changed since."""
    made = stage.payload(run)
    stage.change(run, digest="0123456789abcdef")
    return made


def once_more(stage: Stage, run: int) -> dict[str, Any]:
    """Of what is confirmed already."""
    made = stage.payload(run, "U_ADMIN")
    assert stage.bots[0].interact(stage.payload(run)).status_code == 200
    assert stage.state(run) == RunState.APPROVED
    return made


def from_another_workspace(stage: Stage, run: int) -> dict[str, Any]:
    """By a user of the same id in another workspace."""
    made = stage.payload(run)
    made["user"]["team_id"] = "T_OTHER"
    return made


WAYS: tuple[Callable[[Stage, int], dict[str, Any]], ...] = (
    too_late, by_another, elsewhere, edited, without_the_role, of_an_older_plan, once_more, from_another_workspace,
)  # fmt: skip
EACH = -(-WRONG // len(WAYS))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_it_does_nothing_and_is_written_down(stage: Stage, way: Callable[[Stage, int], dict[str, Any]]) -> None:
    bots = cycle(stage.bots)
    for number in range(EACH):
        payload = way(stage, stage.proposed(number))
        before, asked = rows(stage.world.database, *KEPT), stage.world.jobs.asked
        refused = len(stage.world.audited("click.refused"))
        assert next(bots).interact(payload).status_code == 200
        assert rows(stage.world.database, *KEPT) == before, payload
        assert stage.world.jobs.asked == asked
        assert len(stage.world.audited("click.refused")) == refused + 1, payload
    tell("16", f"{way.__name__.replace('_', ' ')}: {EACH} confirmations on two replicas, 0 effects")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_second_before_its_end_it_counts(stage: Stage) -> None:
    """Else the others would show nothing."""
    run = stage.proposed(0)
    stage.change(run, expires_at=stage.world.clock.now() + timedelta(seconds=1))
    assert stage.bots[1].interact(stage.payload(run)).status_code == 200
    assert stage.state(run) == RunState.APPROVED


def press(gate: threading.Barrier, answers: list[int], bot: Doors, payload: dict[str, Any]) -> None:
    gate.wait()
    answers.append(bot.interact(payload).status_code)


def test_of_fifty_clicks_at_once_on_two_replicas_one_wins(stage: Stage) -> None:
    for turn in range(ROUNDS):
        run, before = stage.proposed(turn), len(stage.world.audited("plan.approved"))
        refused = len(stage.world.audited("click.refused"))
        gate = threading.Barrier(CLICKS, timeout=90)
        answers: list[int] = []
        pressed = [(stage.bots[one % 2], stage.payload(run, MAY[one % len(MAY)])) for one in range(CLICKS)]
        threads = [threading.Thread(target=press, args=(gate, answers, *one)) for one in pressed]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(100)
        assert answers == [200] * CLICKS
        assert stage.state(run) == RunState.APPROVED
        assert len(stage.world.audited("plan.approved")) == before + 1
        assert len(stage.world.audited("click.refused")) == refused + CLICKS - 1
    tell("16", f"{ROUNDS} times {CLICKS} clicks at once through two replicas: exactly 1 of {CLICKS} wins each time")
