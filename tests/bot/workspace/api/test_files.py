"""files.* through the unmodified WebClient: a file is shown where it should be, and what is refused."""

import json
import struct
import urllib.error
import urllib.request
from typing import Any

import pytest

from tests.bot.workspace.api.test_chat import refusal
from tests.bot.workspace.room import FakeSeconds, Json, Room

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + struct.pack(">II", 640, 360) + b"rest"
CSV = b"number,value\nbacklog_end,37\n"


def address(room: Room, name: str = "week.png", length: int = len(PNG), **more: Any) -> tuple[str, str]:
    given = room.client.files_getUploadURLExternal(filename=name, length=length, **more)
    return str(given["file_id"]), str(given["upload_url"])


def send(url: str, content: bytes) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, content), timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode()


def there(room: Room, name: str = "week.png", content: bytes = PNG) -> str:
    """A file whose bytes have come, shown to nobody."""
    file, url = address(room, name, len(content))
    assert send(url, content) == (200, f"OK - {len(content)}")
    return file


def complete(room: Room, file: str, **where: Any) -> Json:
    shown = room.client.files_completeUploadExternal(files=[{"id": file, "title": "The week"}], **where)
    return dict(shown["files"][0])


def picture(file: str) -> list[Json]:
    return [{"type": "image", "alt_text": "The week", "slack_file": {"id": file}}]


def test_the_library_uploads_a_file_into_a_thread(room: Room) -> None:
    ts = room.post(text="report")
    room.client.files_upload_v2(
        filename="week.csv", content=CSV.decode(), title="Sheet", channel="C_FAILURES", thread_ts=ts
    )
    (message,) = room.messages(thread_ts=ts)[1:]
    (file,) = message["files"]
    assert (message["user"], file["title"], file["mimetype"], file["size"]) == (
        "U_HANDOFF", "Sheet", "text/csv", len(CSV)
    )  # fmt: skip
    (listed,) = room.read("files")["files"]
    (place,) = listed["shares"]["public"]["C_FAILURES"]
    assert (place["ts"], place["thread_ts"], listed["channels"]) == (message["ts"], ts, ["C_FAILURES"])
    answer = room.http.get(file["url_private"])
    assert (answer.content, answer.headers["Content-Disposition"]) == (CSV, "attachment; filename*=UTF-8''week.csv")
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_picture_is_measured_and_looked_at_in_place(room: Room) -> None:
    file = there(room)
    assert complete(room, file, channel_id="C_FAILURES")["title"] == "The week"
    seen = room.client.files_info(file=file)["file"]
    assert (seen["original_w"], seen["original_h"], seen["mimetype"]) == (640, 360, "image/png")
    answer = room.http.get(f"/files-pri/{file}")
    assert (answer.content, answer.headers["Content-Disposition"][:6]) == (PNG, "inline")
    room.post(blocks=picture(file))
    room.post(blocks=[{"type": "image", "alt_text": "x", "slack_file": {"url": seen["permalink"]}}])


def test_an_address_takes_the_promised_bytes_once_and_not_for_ever(room: Room, seconds: FakeSeconds) -> None:
    _, url = address(room)
    assert send(url, PNG + b"!") == (400, "wrong_length")
    assert send(url, PNG)[0] == 200
    assert send(url, PNG) == (404, "no_such_address")
    file, url = address(room)
    seconds.at += 301
    assert send(url, PNG) == (404, "no_such_address")
    assert refusal(room, "files.completeUploadExternal", files=[{"id": file}]) == "file_not_found"
    assert refusal(room, "files.info", file=file) == "file_not_found"


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"filename": "a.png"}, "invalid_arguments"),
        ({"filename": "a.png", "length": 0}, "invalid_arguments"),
        ({"length": 3}, "invalid_arguments"),
        ({"filename": "a.png", "length": 20_000_001}, "file_upload_size_restricted"),
        ({"filename": "a.png", "length": 3, "alt_txt": "x" * 1001}, "alt_txt_too_large"),
    ],
)
def test_addresses_that_are_refused(room: Room, given: Json, error: str) -> None:
    assert refusal(room, "files.getUploadURLExternal", **given) == error


def test_completions_that_are_refused_show_nothing(room: Room) -> None:
    file, ts = there(room), room.post(text="report")
    files = [{"id": file}]
    cases: list[tuple[Json, str]] = [
        ({}, "invalid_arguments"),
        ({"files": []}, "invalid_arguments"),
        ({"files": [{"id": file, "name": "x"}]}, "invalid_arguments"),
        ({"files": [{"id": "F0000000000"}]}, "file_not_found"),
        ({"files": files, "channel_id": "C_NONE"}, "channel_not_found"),
        ({"files": files, "channel_id": "C_FAILURES", "thread_ts": "1.000001"}, "thread_not_found"),
        ({"files": files, "channel_id": "C_FAILURES,C_REPORTS"}, "invalid_arguments"),
    ]
    for given, error in cases:
        assert refusal(room, "files.completeUploadExternal", **given) == error, given
    room.act("faults", kick="C_FAILURES")
    where = {"channel_id": "C_FAILURES", "thread_ts": ts}
    assert refusal(room, "files.completeUploadExternal", files=files, **where) == "not_in_channel"
    assert [m["ts"] for m in room.messages(thread_ts=ts)] == [ts]


def test_blocks_count_only_without_a_comment(room: Room) -> None:
    said = [{"type": "section", "text": {"type": "plain_text", "text": "in blocks"}}]
    complete(room, there(room), channel_id="C_FAILURES", initial_comment="in words", blocks=json.dumps(said))
    complete(room, there(room), channel_id="C_FAILURES", blocks=json.dumps(said))
    first, second = room.messages()
    assert (first["text"], "blocks" in first, second["text"], "blocks" in second) == ("in words", False, "", True)


def test_a_picture_must_be_a_picture_that_was_shared_and_looked_at(room: Room, seconds: FakeSeconds) -> None:
    """`invalid slack file` with the place of each, as Slack says it."""
    private, sheet = there(room), there(room, "week.csv", CSV)
    complete(room, sheet, channel_id="C_REPORTS")
    room.act("faults", files_ready_after=30)
    fresh = there(room)
    complete(room, fresh, channel_id="C_REPORTS")
    assert room.client.files_info(file=fresh)["file"]["mimetype"] == ""
    for file in (private, sheet, fresh, "F0000000000"):
        said = {"channel": "C_FAILURES", "text": "x", "blocks": [{"type": "divider"}, *picture(file)]}
        answer = room.http.post(
            "/api/chat.postMessage", json=said, headers={"Authorization": "Bearer xoxb-demo-handoff"}
        ).json()
        assert (answer["error"], answer["errors"]) == (
            "invalid_blocks",
            ["invalid slack file [json-pointer:/blocks/1/slack_file]"],
        )
    assert refusal(room, "chat.postMessage", channel="C_FAILURES", text="x", blocks=picture("nonsense"))
    seconds.at += 31
    room.post(blocks=picture(fresh))
    assert refusal(room, "chat.postMessage", channel="C_FAILURES", attachments=[{"blocks": picture(private)}])


def test_faults_meet_the_bytes_too(room: Room) -> None:
    _, url = address(room)
    room.act("faults", method="upload", kind="rate_limited", retry_after=3)
    assert send(url, PNG)[0] == 429
    assert send(url, PNG)[0] == 200
    assert [call["outcome"] for call in room.read("calls", method="upload")["calls"]] == ["rate_limited", "ok"]
