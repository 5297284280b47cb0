"""The team's day on the page: hand-over, status, duty and pauses read well on a phone and a desktop, light and dark."""

import pytest
from playwright.sync_api import expect

from tests.bot.views.examples import EXAMPLES
from tests.bot.workspace.room import Room
from tests.browser.scene import Keep, OpenPage

pytestmark = pytest.mark.browser

SHOWN = ("hand_over", "hand_over_late_and_calm", "status_paused", "on_duty", "away", "pauses", "line_mention")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")])
def test_nothing_is_cut_or_wider_than_its_message(
    room: Room, open_page: OpenPage, picture: Keep, width: int, scheme: str
) -> None:
    for name in SHOWN:
        made = EXAMPLES[name]()
        room.post(text=made["text"], blocks=made["blocks"])
    page = open_page(width=width, height=3_200, scheme=scheme)
    rows = page.get_by_role("article")
    expect(rows).to_have_count(len(SHOWN))
    for row in rows.all():
        assert row.evaluate("node => node.scrollWidth <= node.clientWidth + 1"), "text is wider than its message"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    picture(page, f"team-{width}-{scheme}")
