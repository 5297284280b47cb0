"""kill -9 while a message and its files go to Slack, and two replicas at that moment: one message, one of each file."""

import signal
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from bot.delivery import ask_for
from bot.engine import EngineClient, prepare
from bot.jobs import ROUTES
from storage import audit, notifications, uploads
from storage.engine import Database
from storage.models import AuditEntry, Upload
from tests.bot.uploads_world import CARD, PICTURE_KEY, SHEET_KEY
from tests.faults.checks import settled
from tests.faults.room import Room, new_port, until
from tests.faults.test_kill import EITHER, FILES

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

CHANNEL = "C_REPORTS"
DRAWS = {"FAULTS_FILES": "1"}


def ask(database: Database) -> None:
    """Write what an automation writes: the message with its job, and two files for its thread."""
    prepare(database)
    client, at = EngineClient(database, ROUTES), datetime.now(UTC)
    with database.begin() as session:
        said = {"text": "The week"}
        if notifications.put(session, key=CARD, kind="team.line", channel=CHANNEL, data=said, at=at):
            ask_for(session, client, CARD)
        for kind, key in (("report.picture", PICTURE_KEY), ("report.csv", SHEET_KEY)):
            uploads.put(session, key=key, notification=CARD, kind=kind, args={"week": 45}, at=at)
    client.close()


def over(database: Database) -> bool:
    """Every file is shown, and the picture is in the message."""
    with database.read() as session:
        states = list(session.scalars(select(Upload.state)))
        message = notifications.get(session, CARD)
    return states == ["shared", "shared"] and message is not None and bool(message.data.get("picture"))


def check_once(database: Database, room: Room) -> None:
    """One message, each file once in its thread and in Slack's own list, and once in the audit log."""
    (message,) = room.slack.messages(CHANNEL)
    assert message["metadata"]["event_payload"]["key"] == CARD
    shown = [file["id"] for line in room.slack.thread(CHANNEL, message["ts"]) for file in line["files"]]
    with database.read() as session:
        rows = {key: uploads.get(session, key) for key in (PICTURE_KEY, SHEET_KEY)}
        card = notifications.get(session, CARD)
        told = session.scalar(select(func.count()).where(AuditEntry.action == "slack.file_shared"))
        assert audit.verify(session).ok
    ids = {key: row.file_id for key, row in rows.items() if row is not None}
    assert Counter(shown) == Counter(ids.values()), "a file is missing or there twice"
    listed = [file for file in room.slack.read("files")["files"] if file["state"] == "shared"]
    assert {file["id"]: len(file["shares"]["public"][CHANNEL]) for file in listed} == dict.fromkeys(ids.values(), 1)
    assert card is not None
    assert card.data["picture"] == ids[PICTURE_KEY]
    assert told == len(ids)


@pytest.mark.parametrize("boundary", FILES)
@pytest.mark.parametrize("database_url", EITHER, indirect=True)
def test_a_kill_while_files_go_to_slack(database: Database, room: Room, boundary: str) -> None:
    ask(database)
    with room.bot(database.url, crash_at=boundary, env=DRAWS) as bot:
        assert bot.wait(60) == -signal.SIGKILL
    with room.bot(database.url, env=DRAWS):
        until(lambda: over(database), "both files in Slack")
        settled(database)
    check_once(database, room)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_replicas_and_lost_answers_at_the_moment_of_posting(database: Database, room: Room) -> None:
    """Slack does what it is asked and the answer is lost, at each call that shows something."""
    for method in ("chat.postMessage", "files.completeUploadExternal"):
        room.slack.fault(method=method, kind="drop_reply")
    with ExitStack() as both:
        for port in (room.port, new_port()):
            both.enter_context(room.bot(database.url, env={**DRAWS, "HANDOFF_HTTP__PORT": str(port)}))
        ask(database)
        until(lambda: over(database), "both files in Slack")
        settled(database)
    check_once(database, room)
