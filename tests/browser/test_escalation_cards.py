"""Escalations on the page: read at a glance and pressed with a thumb, on a phone and a desktop, light and dark."""

import pytest
from playwright.sync_api import expect

from tests.bot.views.examples import EXAMPLES
from tests.bot.workspace.room import Room
from tests.browser.picture import ESCALATION, take_message
from tests.browser.scene import Keep, OpenPage

pytestmark = pytest.mark.browser

SHOWN = ("esc_open", "esc_claimed", "esc_snoozed", "esc_stale", "esc_closed", "esc_hostile", "esc_summary")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_nothing_is_cut_or_wider_than_its_message(
    room: Room, open_page: OpenPage, picture: Keep, width: int, scheme: str
) -> None:
    for name in SHOWN:
        made = EXAMPLES[name]()
        room.post(channel="C_ESCALATIONS", text=made["text"], blocks=made["blocks"])
    page = open_page("user=U_AGENT1&channel=C_ESCALATIONS", width=width, height=8_000, scheme=scheme)
    rows = page.get_by_role("article")
    expect(rows).to_have_count(len(SHOWN))
    for row in rows.all():
        assert row.evaluate("node => node.scrollWidth <= node.clientWidth + 1"), "text is wider than its message"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    picture(page, f"escalation-{width}-{scheme}")


def test_the_note_to_the_customer_asks_first(room: Room, open_page: OpenPage, picture: Keep) -> None:
    made = EXAMPLES["esc_open"]()
    room.post(channel="C_ESCALATIONS", text=made["text"], blocks=made["blocks"])
    page = open_page("user=U_AGENT1&channel=C_ESCALATIONS", width=390, height=1_500)
    page.get_by_role("button", name="Send note to customer").click()
    dialog = page.get_by_role("alertdialog", name="Send this to Acme GmbH?")
    expect(dialog).to_contain_text("nothing takes it back")
    picture(page, "escalation-note")
    dialog.get_by_role("button", name="Not now").click()
    expect(dialog).to_have_count(0)


def test_the_picture_in_the_readme_shows_an_open_escalation(
    room: Room, open_page: OpenPage, pytestconfig: pytest.Config
) -> None:
    made = EXAMPLES["esc_open"]()
    room.post(channel="C_ESCALATIONS", text=made["text"], blocks=made["blocks"])
    page = open_page("user=U_AGENT1&channel=C_ESCALATIONS", width=900, height=1_400)
    message = page.get_by_role("article")
    expect(message.get_by_role("button", name="Claim")).to_be_visible()
    if pytestconfig.getoption("--picture"):
        take_message(message)
    assert ESCALATION.read_bytes().startswith(b"\x89PNG")
