"""The bot dies at each boundary of a delivery; workspace and database live on; there is one message in the end."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import pytest

from bot.delivery import JOB
from bot.engine import EngineClient, prepare
from storage import notifications
from storage.boundaries import VARIABLE
from storage.engine import Database
from tests.bot.delivery.child import ROUTE, delivering
from tests.bot.engine.world import WallClock, stuck_items, until
from tests.bot.slack_room import CHANNEL, posted
from tests.bot.workspace.room import Room

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

HEAD, LINES = "case/1", ("line/1", "line/2", "line/3")


@contextmanager
def child(database: Database, room: Room, crash_at: str = "") -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.bot.delivery.child", database.url, room.server.base_url]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, VARIABLE: crash_at}
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def put(database: Database, client: EngineClient, key: str, text: str, parent: str | None = None) -> None:
    """As an automation does: the row, and its job if none is on the way, in one transaction."""
    with database.begin() as session:
        if notifications.put(
            session, key=key, kind="t", channel=CHANNEL, data={"text": text}, at=WallClock().now(), parent_key=parent
        ):
            version = notifications.version(session, key)
            client.enqueue(session, JOB, f"deliver/{key}/{version}", {"key": key})


def all_delivered(database: Database) -> bool:
    with database.read() as session:
        rows = [notifications.get(session, key) for key in (HEAD, *LINES)]
        return all(row is not None and row.state == "delivered" for row in rows)


@pytest.mark.faults
@pytest.mark.parametrize(
    "boundary",
    [
        "slack.sending", "slack.posted", "slack.stored", "job.enqueued", "job.finished",
        "slack.sending:2", "slack.posted:2", "slack.stored:3",
    ],
)  # fmt: skip
def test_a_kill_at_any_boundary_leaves_one_message_each(database: Database, room: Room, boundary: str) -> None:
    prepare(database)
    client = EngineClient(database, [ROUTE])
    put(database, client, HEAD, "head")
    for line in LINES:
        put(database, client, line, line, parent=HEAD)
    with child(database, room, boundary) as process:
        assert process.wait(30) == -signal.SIGKILL
    with child(database, room):
        until(lambda: all_delivered(database), within_s=30)
    assert posted(room) == ["head"]
    (head,) = room.messages()
    assert posted(room, thread_ts=head["ts"]) == ["head", *LINES]
    assert stuck_items(database) == []


@pytest.mark.faults
@pytest.mark.parametrize("boundary", ["slack.updated", "slack.sending:2"])
def test_a_kill_around_an_edit_leaves_the_newest_state(database: Database, room: Room, boundary: str) -> None:
    prepare(database)
    client = EngineClient(database, [ROUTE])
    put(database, client, HEAD, "old")
    with child(database, room, boundary) as process:
        until(lambda: posted(room) == ["old"])
        put(database, client, HEAD, "new")
        assert process.wait(30) == -signal.SIGKILL
    put(database, client, HEAD, "newest")
    with child(database, room):
        until(lambda: posted(room) == ["newest"])
    assert len(room.messages()) == 1


def test_a_lost_answer_a_429_and_a_500_leave_one_message_each_in_order(database: Database, room: Room) -> None:
    """The same through the running engine, with its own waits."""
    engine = delivering(database, room.server.base_url)
    engine.start()
    client = EngineClient(database, [ROUTE])
    room.act("faults", method="chat.postMessage", kind="drop_reply")
    room.act("faults", method="chat.postMessage", kind="rate_limited", retry_after=3)
    room.act("faults", method="chat.postMessage", kind="http_500")
    try:
        for number in range(4):
            put(database, client, f"n/{number}", f"message {number}")
        until(lambda: len(posted(room)) == 4, within_s=40)
    finally:
        engine.stop()
    assert posted(room) == [f"message {number}" for number in range(4)]
    calls = room.read("calls", method="chat.postMessage")["calls"]
    texts = [call["arguments"]["text"] for call in calls]
    assert texts == ["message 0", "message 1", "message 1", "message 1", "message 2", "message 3"]
    refused, next_try = (datetime.fromisoformat(calls[index]["at"]).timestamp() for index in (1, 2))
    assert next_try - refused >= 3.0
    assert stuck_items(database) == []
