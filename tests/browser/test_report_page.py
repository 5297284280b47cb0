"""A report on the page: its table, its picture in the message and in the thread, its figures to download."""

import struct
import zlib
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.bot.workspace.room import Room
from tests.browser.scene import Json, Keep, OpenPage, button, mrkdwn, option, plain

pytestmark = pytest.mark.browser

CHANNEL = "C_REPORTS"
WIDTH, HEIGHT = 960, 420
ROWS = (
    ("", "This week", "Week before"),
    ("Created", "41", "38"),
    ("Solved", "44", "35"),
    ("Open at the end", "37", "40"),
)


def chart() -> bytes:
    """A PNG of seven bars on white, without any library."""
    tops = (120, 190, 90, 240, 300, 60, 40)

    def line(y: int) -> bytes:
        dots = (
            b"\x2a\x6f\x97" if 40 <= x < 880 and (x - 40) % 120 < 80 and HEIGHT - y - 30 < tops[(x - 40) // 120] > 0
            and y < HEIGHT - 30 else b"\xff\xff\xff"
            for x in range(WIDTH)
        )  # fmt: skip
        return b"\0" + b"".join(dots)

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"".join(line(y) for y in range(HEIGHT)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def post_report(room: Room) -> str:
    """As the bot does it: the message, its two files in the thread, then the picture into the message."""
    cells = [[{"type": "raw_text", "text": text or " "} for text in row] for row in ROWS]
    numbers = [{"align": "left"}, {"align": "right"}, {"align": "right"}]
    pick = {"type": "static_select", "action_id": "report.tickets", "placeholder": plain("Show tickets")}
    blocks: list[Json] = [
        {"type": "header", "text": plain("Queue report, 2 to 8 November")},
        {"type": "section", "text": mrkdwn("*37 open* · 41 created · 44 solved · 2 reopened")},
        {"type": "table", "rows": cells, "column_settings": numbers},
        {"type": "actions", "elements": [
            button("Rerun", "report.rerun"), button("Data sheet", "report.data_sheet"),
            {**pick, "options": [option("37 open", "backlog_end"), option("41 created", "created")]},
        ]},
        {"type": "context", "elements": [mrkdwn("Europe/Berlin · definitions 1 · data of 9 Nov, 08:58")]},
    ]  # fmt: skip
    ts = room.post(channel=CHANNEL, text="Queue report", blocks=blocks)
    for name, title, content in (
        ("week-45.png", "The week in a picture", chart()), ("week-45.csv", "Data sheet", b"number,value\ncreated,41\n")
    ):  # fmt: skip
        shown = room.client.files_upload_v2(
            filename=name, title=title, content=content, alt_txt=f"{title}: bars", channel=CHANNEL, thread_ts=ts
        )
        if name.endswith(".png"):
            picture = {"type": "image", "alt_text": "Bars", "slack_file": {"id": shown["file"]["id"]}}
    room.client.chat_update(channel=CHANNEL, ts=ts, text="Queue report", blocks=[*blocks[:2], picture, *blocks[2:]])
    return ts


def is_drawn(image: Locator) -> bool:
    return bool(image.evaluate("node => node.complete && node.naturalWidth > 0"))


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 1440), ("dark", 390)])
def test_a_report_is_seen_whole(
    room: Room, open_page: OpenPage, picture: Keep, tmp_path: Path, scheme: str, width: int
) -> None:
    ts = post_report(room)
    page = open_page(f"user=U_LEAD1&channel={CHANNEL}&thread={ts}", scheme=scheme, width=width, height=1000)
    thread = page.get_by_role("complementary")
    expect(thread.get_by_text("2 replies")).to_be_visible()
    in_thread = thread.get_by_alt_text("The week in a picture: bars")
    in_thread.scroll_into_view_if_needed()
    room.until(lambda: is_drawn(in_thread))
    assert in_thread.evaluate("node => node.scrollWidth <= node.closest('.column').clientWidth")
    with page.expect_download() as download:
        thread.get_by_role("link", name="Download Data sheet").click()
    kept = tmp_path / "kept.csv"
    download.value.save_as(kept)
    assert (download.value.suggested_filename, kept.read_bytes()) == ("week-45.csv", b"number,value\ncreated,41\n")
    picture(page, f"report-{scheme}-{width}")
    if width > 1000:
        main = page.get_by_role("main")
        room.until(lambda: is_drawn(main.get_by_alt_text("Bars")))
        expect(main.get_by_role("cell", name="44")).to_be_visible()
        expect(main.get_by_role("combobox")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
