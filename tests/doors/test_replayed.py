"""Good requests sent again: at once, later, to another replica, after a restart. None has a second effect.

Within five minutes a replay bears a good signature, and the inbox (for failures: their ids) knows it; law 1 wants it
so, since a first delivery that did not commit has to be processed. After five minutes the signature is refused. Slack's
own redeliveries are signed anew, so the inbox alone knows those.
"""

import os
import threading
from collections.abc import Iterator
from itertools import cycle, islice

import pytest
from sqlalchemy import select

from bot.listeners import OUTCOME
from storage import inbox
from storage.engine import Database
from storage.models import InboxRow
from tests.automations.failure_tickets.world import World
from tests.bot.workspace.room import Room
from tests.doors.room import DOORS, SIGNED, Doors, opened, rows
from tests.figures.told import tell
from tests.support import FakeClock, RecordingJobs

pytestmark = pytest.mark.timeout(300)
REPLAYS = int(os.environ.get("HANDOFF_REPLAYS", "100"))
"""Replays in all, over all ways in; 1,000 for the figure."""
EACH = max(4, -(-REPLAYS // len(DOORS)))
CHAIN = ("audit_entry", "audit_head", "person_alias")


@pytest.fixture
def replicas(world: World, room: Room) -> Iterator[list[Doors]]:
    with opened(world, room, 2) as made:
        yield made


def said_so(doors: Doors, name: str, body: bytes, headers: list[tuple[str, str]]) -> None:
    """Send it again: it is taken, and the answer says that it was done already."""
    answer = doors.send(DOORS[name].path, body, headers)
    assert answer.status_code in (200, 202), (name, answer.text)
    if DOORS[name].path.startswith("/slack"):
        assert answer.headers[OUTCOME] == "already done", name
        assert answer.content == b""
    else:
        assert {one["status"] for one in answer.json()["results"]} == {"duplicate"}, name


@pytest.mark.parametrize("name", DOORS)
def test_within_five_minutes_on_any_replica_and_after_a_restart(
    replicas: list[Doors], world: World, room: Room, name: str
) -> None:
    door = DOORS[name]
    body = door.body()
    headers = door.headers(body, replicas[0].now)
    first = replicas[0].send(door.path, body, headers)
    assert first.status_code in (200, 202)
    assert OUTCOME not in first.headers
    before = rows(world.database)
    asked = world.jobs.asked
    for number, doors in enumerate(islice(cycle(replicas), EACH // 2)):
        doors.seconds[0] = replicas[0].now + (299 if number else 0) * (doors is replicas[1])
        said_so(doors, name, body, headers)
    url = world.database.url
    again = World.on(Database(url), world.clock, world.jobs)  # another process would have nothing but the rows
    with opened(again, room) as (restarted,):
        for _ in range(EACH - EACH // 2):
            said_so(restarted, name, body, headers)
    again.database.close()
    assert rows(world.database) == before
    assert world.jobs.asked == asked
    tell("15", f"{name}: {EACH} replays on two replicas and after a restart: 0 second effects, all told 'already done'")


@pytest.mark.parametrize("name", SIGNED)
def test_after_five_minutes_the_signature_is_no_longer_good(replicas: list[Doors], world: World, name: str) -> None:
    """Sentry signs no time, so there the ids alone tell a replay."""
    door = DOORS[name]
    if not door.stamp:
        pytest.skip("a signature without a time does not grow old")
    body = door.body()
    old = door.headers(body, replicas[0].now - 330)  # what was good 330 seconds ago
    assert replicas[0].knock(door, body).status_code in (200, 202)
    before = rows(world.database, *CHAIN)
    for doors in islice(cycle(replicas), EACH):
        assert doors.send(door.path, body, old).status_code == 401
    assert rows(world.database, *CHAIN) == before
    assert [doors.turned_away() for doors in replicas][-1] == EACH, "each writes its own, both read all"
    tell("15", f"{name}: {EACH} replays after 300 s: 401, 0 second effects")


@pytest.mark.parametrize("name", [name for name in DOORS if name.startswith("slack")])
def test_what_slack_delivers_again_is_signed_anew_and_done_already(
    replicas: list[Doors], world: World, name: str
) -> None:
    door = DOORS[name]
    body = door.body()
    assert replicas[0].knock(door, body).status_code == 200
    before = rows(world.database)
    for number, doors in enumerate(islice(cycle(replicas), 6), start=1):
        later = door.headers(body, doors.now + 60 * number)
        doors.seconds[0] += 60 * number
        retried = [("x-slack-retry-num", str(number)), ("x-slack-retry-reason", "http_timeout")]
        said_so(doors, name, body, [*later, *retried])
    assert rows(world.database) == before


def test_one_click_that_arrives_twenty_times_at_once_has_one_effect(replicas: list[Doors], world: World) -> None:
    door = DOORS["slack click"]
    body = door.body()
    headers = door.headers(body, replicas[0].now)
    gate, answers = threading.Barrier(20, timeout=90), []

    def send(doors: Doors) -> None:
        gate.wait()
        answers.append(doors.send(door.path, body, headers))

    threads = [threading.Thread(target=send, args=(replicas[number % 2],)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(100)
    assert [answer.status_code for answer in answers] == [200] * 20
    assert len([answer for answer in answers if OUTCOME not in answer.headers]) == 1


def test_what_did_not_commit_is_done_when_it_comes_again(
    database: Database, clock: FakeClock, jobs: RecordingJobs, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So a store of signatures seen, kept before the commit, would be wrong: it would lose the click."""
    world = World.on(database, clock, jobs)
    world.open()
    door = DOORS["slack event"]
    body = door.body()
    with opened(world, room) as (doors,):
        headers = door.headers(body, doors.now)

        def broken(*_: object) -> None:
            raise LookupError("power cut")

        with monkeypatch.context() as patched:
            patched.setattr(inbox, "settle", broken)
            assert doors.send(door.path, body, headers).status_code == 500
        answer = doors.send(door.path, body, headers)
        assert (answer.status_code, OUTCOME in answer.headers) == (200, False)
    with database.read() as session:
        assert session.scalars(select(InboxRow.kind)).all() == ["slack.event"]
