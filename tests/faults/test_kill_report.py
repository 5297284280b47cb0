"""kill -9 while a report and its files go to Slack, and two replicas at that moment: one message, one of each file."""

import signal
from collections import Counter
from contextlib import ExitStack

import pytest
from sqlalchemy import func, select

from automations.failure_tickets.context import Context
from automations.redact import Redactor
from automations.weekly_report.asking import ask
from automations.weekly_report.posting import card_key, file_key
from automations.weekly_report.request import Request
from automations.weekly_report.windows import Timetable
from bot.engine import EngineClient, prepare
from bot.jobs import ROUTES
from bot.parts import SystemClock
from storage import audit, notifications, uploads
from storage.engine import Database
from storage.models import AuditEntry, Upload
from tests.automations.failure_tickets.world import BOOK, LEA, ROSTER
from tests.faults.checks import settled
from tests.faults.room import Room, new_port, until
from tests.faults.test_kill import EITHER, FILES, ROUNDS
from tests.remote_desk.adapter import RemoteDesk
from tests.report_terms import CHANNEL, report_of

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("quick"), pytest.mark.timeout(400)]

CARD = card_key(1)
ENDINGS = {file_key(1, "picture"): "png", file_key(1, "data"): "csv"}


def ask_for_report(database: Database) -> None:
    """Ask for last week's report, as the timetable does."""
    prepare(database)
    client, clock = EngineClient(database, ROUTES), SystemClock()
    ctx = report_of(
        Context(BOOK, ROSTER, client, clock, Redactor(()), RemoteDesk.system, "https://bot.example/{}".format)
    )
    week = Timetable(ctx.weekday, ctx.at, ctx.zone).window(clock.now())
    with database.begin() as session:
        request = Request(week, ctx.filters, "solved")
        assert ask(session, request, LEA, ctx, channel=CHANNEL, kind="asked").id == 1
    client.close()


def over(database: Database) -> bool:
    """Every file is shown, and the picture is in the message."""
    with database.read() as session:
        states = list(session.scalars(select(Upload.state)))
        message = notifications.get(session, CARD)
    return states == ["shared", "shared"] and message is not None and bool(message.data.get("picture"))


def check_once(database: Database, room: Room) -> None:
    """One message with the picture in it; each file once in its thread, in Slack's own list and in the audit log."""
    (message,) = room.slack.messages(CHANNEL)
    assert message["metadata"]["event_payload"]["key"] == CARD
    with database.read() as session:
        rows = {key: uploads.get(session, key) for key in ENDINGS}
        told = session.scalar(select(func.count()).where(AuditEntry.action == "slack.file_shared"))
        assert audit.verify(session).ok
    ids = {row.file_id: ENDINGS[key] for key, row in rows.items() if row is not None}
    shown = [file for line in room.slack.thread(CHANNEL, message["ts"]) for file in line["files"]]
    assert Counter(file["id"] for file in shown) == Counter(list(ids)), "a file is missing or there twice"
    assert {file["id"]: file["filetype"] for file in shown} == ids
    listed = [file for file in room.slack.read("files")["files"] if file["state"] == "shared"]
    assert {file["id"]: len(file["shares"]["public"][CHANNEL]) for file in listed} == dict.fromkeys(ids, 1)
    assert [block["slack_file"]["id"] for block in message["blocks"] if block["type"] == "image"] == [
        file for file, ending in ids.items() if ending == "png"
    ]
    assert told == len(ids)


@pytest.mark.parametrize("turn", range(ROUNDS))
@pytest.mark.parametrize("boundary", ["slack.posted", *FILES])
@pytest.mark.parametrize("database_url", EITHER, indirect=True)
def test_a_kill_while_a_report_goes_to_slack(database: Database, room: Room, boundary: str, turn: int) -> None:
    """With more rounds at the first file and at the second in turn."""
    ask_for_report(database)
    passage = 1 + turn % 2 if boundary in FILES else 1
    with room.bot(database.url, crash_at=f"{boundary}:{passage}") as bot:
        assert bot.wait(60) == -signal.SIGKILL
    with room.bot(database.url):
        until(lambda: over(database), "the report with both files in Slack")
        settled(database)
    check_once(database, room)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_replicas_and_lost_answers_at_the_moment_of_posting(database: Database, room: Room) -> None:
    """Slack does what it is asked and the answer is lost, at each call that shows something."""
    for method in ("chat.postMessage", "files.completeUploadExternal"):
        room.slack.fault(method=method, kind="drop_reply")
    with ExitStack() as both:
        for port in (room.port, new_port()):
            both.enter_context(room.bot(database.url, env={"HANDOFF_HTTP__PORT": str(port)}))
        ask_for_report(database)
        until(lambda: over(database), "the report with both files in Slack", 90)
        settled(database)
    check_once(database, room)
