"""Runs and findings on the page: nothing is cut or too wide, on a phone and a desktop, light and dark."""

import pytest
from playwright.sync_api import expect

from tests.bot.views.examples import EXAMPLES
from tests.bot.workspace.room import Room
from tests.browser.scene import Keep, OpenPage

pytestmark = pytest.mark.browser

SHOWN = ("run_proposed", "run_waiting_invitation", "run_partial", "run_done_stated", "findings", "findings_stopped")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")])
def test_nothing_is_cut_or_wider_than_its_message(
    room: Room, open_page: OpenPage, picture: Keep, width: int, scheme: str
) -> None:
    for name in SHOWN:
        made = EXAMPLES[name]()
        room.post(channel="C_ACCESS", text=made["text"], blocks=made["blocks"])
    page = open_page("user=U_LEAD1&channel=C_ACCESS", width=width, height=6_400, scheme=scheme)
    rows = page.get_by_role("article")
    expect(rows).to_have_count(len(SHOWN))
    for row in rows.all():
        assert row.evaluate("node => node.scrollWidth <= node.clientWidth + 1"), "text is wider than its message"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    picture(page, f"access-{width}-{scheme}")


def test_confirm_asks_first_and_names_what_is_for_good(room: Room, open_page: OpenPage, picture: Keep) -> None:
    made = EXAMPLES["run_proposed"]()
    room.post(channel="C_ACCESS", text=made["text"], blocks=made["blocks"])
    page = open_page("user=U_LEAD2&channel=C_ACCESS", width=390, height=900)
    page.get_by_role("button", name="Confirm").click()
    dialog = page.get_by_role("alertdialog", name="Offboard Ben Okafor?")
    expect(dialog).to_contain_text("A revoked token cannot be brought back")
    picture(page, "access-confirm")
    dialog.get_by_role("button", name="Not now").click()
    expect(dialog).to_have_count(0)
