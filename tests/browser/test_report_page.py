"""A report on the page: its table, its picture in the message and in the thread, its figures to download."""

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from bot.cli.view_examples.reports import CARD
from bot.cli.view_examples.runs import LOOK
from bot.views.chart import report_picture
from bot.views.report import report_message
from bot.views.report_csv import data_sheet
from tests.bot.workspace.room import Room
from tests.browser.scene import Keep, OpenPage

pytestmark = pytest.mark.browser

CHANNEL = "C_REPORTS"
PICTURE = "Weekly queue report, week 45, 2–8 Nov 2026, day by day"
SHEET = data_sheet(CARD)


def post_report(room: Room) -> str:
    """As the bot does it: the message, its two files in the thread, then the picture into the message."""
    ts = room.post(channel=CHANNEL, **report_message(replace(CARD, picture=None), LOOK))
    for name, title, content in (
        ("report-7.png", "REPORT-7, picture", report_picture(CARD)), ("report-7.csv", "REPORT-7, data sheet", SHEET)
    ):  # fmt: skip
        shown = room.client.files_upload_v2(
            filename=name, title=title, content=content, alt_txt=title, channel=CHANNEL, thread_ts=ts
        )
        if name.endswith(".png"):
            card = replace(CARD, picture=shown["file"]["id"])
    room.client.chat_update(channel=CHANNEL, ts=ts, **report_message(card, LOOK))
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
    in_thread = thread.get_by_alt_text("REPORT-7, picture")
    in_thread.scroll_into_view_if_needed()
    room.until(lambda: is_drawn(in_thread))
    assert in_thread.evaluate("node => node.scrollWidth <= node.closest('.column').clientWidth")
    with page.expect_download() as download:
        thread.get_by_role("link", name="Download REPORT-7, data sheet").click()
    kept = tmp_path / "kept.csv"
    download.value.save_as(kept)
    assert (download.value.suggested_filename, kept.read_bytes()) == ("report-7.csv", SHEET)
    picture(page, f"report-{scheme}-{width}")
    if width > 1000:
        main = page.get_by_role("main")
        in_message = main.get_by_alt_text(PICTURE)
        in_message.scroll_into_view_if_needed()
        room.until(lambda: is_drawn(in_message))
        expect(main.get_by_role("row", name="Support 25 71 76 5 1 h 5 min 22 h")).to_be_visible()
        expect(main.get_by_role("combobox")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
