"""Uploads against the local workspace: one file per row, whatever is lost, late or refused on the way."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from automations.errors import AdapterError, NotFound, OutcomeUnknown, Refused, Unavailable
from bot.delivery import JOB as DELIVER
from bot.delivery import PICTURE, Delivery
from bot.picture_shown import JOB as SHOW
from bot.uploading import JOB, ROUTES, channel_of_files
from storage import audit, stuck
from storage.engine import Database
from tests.bot.delivery.acts import calls, deliver
from tests.bot.delivery.acts import render as plain
from tests.bot.engine.world import WallClock
from tests.bot.slack_room import CHANNEL, gateway_in, posted, slack_room
from tests.bot.uploads_world import CARD, PICTURE_KEY, SHEET_KEY, Desk, desk_in
from tests.bot.workspace.room import Room
from tests.support import FakeClock, RecordingJobs

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SHOWS, ASKS = "files.completeUploadExternal", "files.getUploadURLExternal"
LATER = timedelta(seconds=30)


@pytest.fixture(scope="module")
def workspace() -> Iterator[Room]:
    with slack_room() as made:
        yield made


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(WallClock().now())


@pytest.fixture
def desk(database: Database, workspace: Room, jobs: RecordingJobs, clock: FakeClock) -> Desk:
    workspace.act("reset")
    return desk_in(workspace, Delivery(database, gateway_in(workspace, timeout_s=2), plain, jobs, clock))


def test_files_wait_for_their_message_and_are_asked_for_once(desk: Desk, jobs: RecordingJobs) -> None:
    desk.asks(posted=False)
    assert desk.uploading.ask() == 0
    with pytest.raises(Unavailable, match="not in Slack yet"):
        desk.upload()
    deliver(desk.delivery, CARD)
    assert (desk.uploading.ask(), desk.uploading.ask()) == (2, 2)
    assert {job.key: job.args for job in jobs.of(JOB)} == {
        f"upload/{PICTURE_KEY}": {"key": PICTURE_KEY},
        f"upload/{SHEET_KEY}": {"key": SHEET_KEY},
    }
    with desk.delivery.database.read() as session:
        assert channel_of_files(session, {"key": SHEET_KEY}) == f"files/{CHANNEL}", "never before a message"
    assert {route.name for route in ROUTES} == {JOB, SHOW}


def test_what_was_given_up_is_asked_for_by_a_person_alone(desk: Desk, clock: FakeClock) -> None:
    """Else it would come back by itself once the engine has forgotten its job."""
    desk.asks()
    with desk.delivery.database.begin() as session:
        item = stuck.add(
            session, job=JOB, key=f"upload/{SHEET_KEY}", args={"key": SHEET_KEY}, target=SHEET_KEY, owner="", reason="",
            attempts=9, at=clock.now(),
        )  # fmt: skip
    assert desk.uploading.ask() == 1
    with desk.delivery.database.begin() as session:
        stuck.discard(session, item.id, by="lea@team.example", note="no need", at=clock.now())
    assert desk.uploading.ask() == 1


def test_both_files_are_in_the_thread_and_the_picture_in_the_message(desk: Desk, jobs: RecordingJobs) -> None:
    desk.asks()
    jobs.clear()
    desk.upload(PICTURE_KEY)
    desk.upload(SHEET_KEY)
    assert desk.shown() == ["week-45.png", "week-45.csv"]
    first, second = desk.thread()
    assert [line["files"][0]["title"] for line in (first, second)] == ["The week", "Data sheet"]
    assert [(row.state, row.error) for row in (desk.row(PICTURE_KEY), desk.row(SHEET_KEY))] == [("shared", None)] * 2
    assert [job.args["key"] for job in jobs.of(SHOW)] == [PICTURE_KEY]
    desk.pictures.advance({"key": PICTURE_KEY})
    desk.pictures.advance({"key": PICTURE_KEY})
    assert [job.args for job in jobs.of(DELIVER)] == [{"key": CARD}]
    deliver(desk.delivery, CARD)
    (message,) = desk.room.messages(CHANNEL)
    assert message["blocks"][1]["slack_file"] == {"id": desk.row().file_id}
    assert desk.uploading.ask() == 0
    with desk.delivery.database.read() as session:
        written = audit.entries(session, action="slack.file_shared")
        assert [(e.target, e.outcome, (e.after or {})["file"]) for e in written] == [
            (CARD, "done", PICTURE_KEY), (CARD, "done", SHEET_KEY)
        ]  # fmt: skip


def test_doing_it_again_shows_nothing_again(desk: Desk) -> None:
    desk.asks()
    for _ in range(3):
        desk.upload()
    assert desk.shown() == ["week-45.png"]
    with pytest.raises(NotFound):
        desk.upload("report/2/picture")
    with pytest.raises(NotFound):
        replace(desk.uploading, drawers={}).advance({"key": SHEET_KEY})


@pytest.mark.parametrize("kind", ["drop_reply", "http_500", "reset"])
def test_a_lost_answer_is_looked_up_before_a_repeat(desk: Desk, clock: FakeClock, kind: str) -> None:
    """Slack did it (`drop_reply`) or not; after a while it is known, and the file is there once."""
    desk.asks()
    desk.room.act("faults", method=SHOWS, kind=kind)
    with pytest.raises(OutcomeUnknown):
        desk.upload()
    assert desk.row().state == "sharing"
    with pytest.raises(Unavailable, match="may still arrive"):
        desk.upload()
    clock.move(LATER)
    desk.upload()
    assert desk.shown() == ["week-45.png"]
    assert len(calls(desk.room, SHOWS)) == (1 if kind == "drop_reply" else 2)


def test_a_place_that_slack_lists_late_is_found_in_the_thread(desk: Desk, clock: FakeClock) -> None:
    desk.asks()
    desk.room.act("faults", files_ready_after=600)
    desk.room.act("faults", method=SHOWS, kind="drop_reply")
    with pytest.raises(OutcomeUnknown):
        desk.upload()
    clock.move(LATER)
    desk.upload()
    assert (desk.row().state, desk.shown()) == ("shared", ["week-45.png"])


@pytest.mark.parametrize("method", ["files.info", "conversations.replies"])
def test_a_look_that_fails_is_never_taken_for_nothing_there(desk: Desk, clock: FakeClock, method: str) -> None:
    desk.asks()
    desk.room.act("faults", files_ready_after=600)
    desk.room.act("faults", method=SHOWS, kind="drop_reply")
    with pytest.raises(OutcomeUnknown):
        desk.upload()
    clock.move(LATER)
    desk.room.act("faults", method=method, kind="error", error="missing_scope")
    with pytest.raises(Unavailable, match="cannot see"):
        desk.upload()
    assert (desk.row().state, len(calls(desk.room, SHOWS))) == ("sharing", 1)


@pytest.mark.parametrize("kind", ["drop_reply", "http_503", "rate_limited"])
def test_bytes_that_may_not_have_come_go_to_a_new_address(desk: Desk, kind: str) -> None:
    desk.asks()
    desk.room.act("faults", method="upload", kind=kind, retry_after=7)
    with pytest.raises(Unavailable) as waits:
        desk.upload()
    assert waits.value.retry_after_s == (7 if kind == "rate_limited" else None)
    first = desk.row()
    assert (first.state, bool(first.file_id)) == ("named", True)
    desk.upload()
    assert desk.row().file_id != first.file_id
    assert desk.shown() == ["week-45.png"]


def test_an_address_that_ran_out_gets_a_successor(desk: Desk) -> None:
    """Slack had the bytes and has forgotten them: nobody saw them, so another file takes their place."""
    desk.asks()
    desk.room.act("faults", method=SHOWS, kind="error", error="file_not_found")
    with pytest.raises(Unavailable, match="another address"):
        desk.upload()
    assert (desk.row().state, desk.row().file_id) == ("pending", None)
    desk.upload()
    assert (desk.row().state, desk.shown()) == ("shared", ["week-45.png"])


@pytest.mark.parametrize(
    ("method", "code", "words"),
    [
        (ASKS, "missing_scope", "lacks the scope files:write"),
        (ASKS, "file_uploads_disabled", "takes no files"),
        (SHOWS, "not_in_channel", "not_in_channel"),
        (SHOWS, "storage_limit_reached", "no room"),
        (SHOWS, "blocked_file_type", "of this type"),
    ],
)
def test_what_slack_refuses_is_said_in_the_thread_and_the_text_stands(
    desk: Desk, jobs: RecordingJobs, method: str, code: str, words: str
) -> None:
    desk.asks()
    desk.room.act("faults", method=method, kind="error", error=code)
    jobs.clear()
    desk.upload()
    desk.upload()
    row = desk.row()
    assert row.state == "refused"
    assert words in (row.error or "")
    assert [job.args["key"] for job in jobs.of(DELIVER)] == [CARD, f"{PICTURE_KEY}/refused"]
    assert desk.card().data == {"text": "report", "picture_refused": True}
    deliver(desk.delivery, CARD)
    deliver(desk.delivery, f"{PICTURE_KEY}/refused")
    (line,) = desk.thread()
    assert "week-45.png" in line["text"]
    assert words in line["text"]
    assert posted(desk.room) == ["report"]
    with desk.delivery.database.read() as session:
        (entry,) = audit.entries(session, action="slack.file_refused")
        assert audit.verify(session).ok
    assert (entry.outcome, entry.target) == ("refused", CARD)
    desk.upload(SHEET_KEY)
    assert desk.shown() == ["week-45.csv"], "the other file is not held up"


@pytest.mark.parametrize(
    "fault", [{"kind": "rate_limited", "retry_after": 9}, {"kind": "error", "error": "token_revoked"}]
)
def test_what_passes_is_waited_for(desk: Desk, fault: dict[str, str | int]) -> None:
    desk.asks()
    desk.room.act("faults", method=ASKS, **fault)
    with pytest.raises(Unavailable) as waits:
        desk.upload()
    assert waits.value.retry_after_s == (9 if fault["kind"] == "rate_limited" else 30)
    desk.upload()
    assert desk.shown() == ["week-45.png"]


def test_an_address_elsewhere_gets_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.asks()
    monkeypatch.setattr(desk.uploading.files, "address", lambda *_a, **_k: ("F0000000000", "http://169.254.169.254/"))
    with pytest.raises(Refused, match="not Slack's"):
        desk.upload()
    assert desk.row().state == "named"


def test_a_picture_is_waited_for_until_slack_can_show_it(desk: Desk, jobs: RecordingJobs, clock: FakeClock) -> None:
    desk.asks()
    desk.room.act("faults", files_ready_after=600)
    desk.upload()
    jobs.clear()
    with pytest.raises(Unavailable, match="still looks") as waits:
        desk.pictures.advance({"key": PICTURE_KEY})
    assert waits.value.retry_after_s == 5
    clock.move(timedelta(seconds=61))
    desk.pictures.advance({"key": PICTURE_KEY})
    deliver(desk.delivery, CARD)
    assert desk.card().data == {"text": "report", PICTURE: None, "picture_refused": True}
    assert [block["type"] for block in desk.room.messages(CHANNEL)[0]["blocks"]] == ["section"]
    assert desk.shown() == ["week-45.png"], "in the thread it stays"
    desk.pictures.advance({"key": PICTURE_KEY})
    assert not desk.card().data[PICTURE], "and is not tried again"


def test_any_order_of_faults_leaves_one_file_each(desk: Desk, clock: FakeClock) -> None:
    """Lost answers after the work was done, at each of the calls, until it is through."""
    desk.asks()
    for method in (ASKS, "upload", SHOWS, "files.info", "conversations.replies"):
        desk.room.act("faults", method=method, kind="drop_reply", times=2)
    for _ in range(20):
        for key in (PICTURE_KEY, SHEET_KEY):
            try:
                desk.upload(key)
            except AdapterError:
                clock.move(LATER)
    assert sorted(desk.shown()) == ["week-45.csv", "week-45.png"]
    assert {desk.row(key).state for key in (PICTURE_KEY, SHEET_KEY)} == {"shared"}


def test_four_at_once_show_it_once(desk: Desk) -> None:
    desk.asks()
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: desk.upload(), range(4)))
    assert desk.shown() == ["week-45.png"]
    assert len(calls(desk.room, SHOWS)) == 1
