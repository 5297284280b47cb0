"""Syncs, the ledger and customers on the page: nothing is cut or too wide, on a phone and a desktop, light and dark."""

import pytest
from playwright.sync_api import expect

from tests.bot.views.examples import EXAMPLES
from tests.bot.workspace.room import Room
from tests.browser.scene import Keep, OpenPage

pytestmark = pytest.mark.browser

SYNCS = ("customers_sync", "customers_sync_stopped", "customers_sync_decided")
LISTS = ("customers_ledger", "customers_ledger_nothing_left", "customers_rejected", "customers_sheet")


@pytest.mark.parametrize("shown", [SYNCS, LISTS], ids=["syncs", "lists"])
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")])
def test_nothing_is_cut_or_wider_than_its_message(
    room: Room, open_page: OpenPage, picture: Keep, width: int, scheme: str, shown: tuple[str, ...]
) -> None:
    for name in shown:
        made = EXAMPLES[name]()
        room.post(channel="C_CUSTOMERS", text=made["text"], blocks=made["blocks"])
    page = open_page("user=U_LEAD1&channel=C_CUSTOMERS", width=width, height=4_600, scheme=scheme)
    rows = page.get_by_role("article")
    expect(rows).to_have_count(len(shown))
    for row in rows.all():
        assert row.evaluate("node => node.scrollWidth <= node.clientWidth + 1"), "text is wider than its message"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    picture(page, f"{shown[0]}-{width}-{scheme}")


def test_take_source_asks_first_and_says_what_comes_of_it(room: Room, open_page: OpenPage, picture: Keep) -> None:
    made = EXAMPLES["customers_ledger"]()
    room.post(channel="C_CUSTOMERS", text=made["text"], blocks=made["blocks"])
    page = open_page("user=U_LEAD1&channel=C_CUSTOMERS", width=390, height=900)
    page.get_by_role("button", name="Take source").first.click()
    dialog = page.get_by_role("alertdialog", name="tier: enterprise?")
    expect(dialog).to_contain_text("Zendesk gets it at once, and it is read back.")
    picture(page, "customers-take-source")
    dialog.get_by_role("button", name="Not now").click()
    expect(dialog).to_have_count(0)
