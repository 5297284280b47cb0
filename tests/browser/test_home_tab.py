"""The Home tab as people see it: on a phone and a desktop, light and dark, nothing cut or wider than the page."""

import pytest
from playwright.sync_api import expect

from tests.bot.views.examples import EXAMPLES
from tests.bot.workspace.room import Room
from tests.browser.scene import Keep, OpenPage

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")])
def test_the_home_tab_is_read_and_pressed_anywhere(
    room: Room, open_page: OpenPage, picture: Keep, width: int, scheme: str
) -> None:
    page = open_page(width=width, height=2_000, scheme=scheme, route="user=U_AGENT1&home=1")
    home = page.get_by_role("region", name="Home tab")
    expect(home.get_by_text("Your cases")).to_be_visible()
    room.client.views_publish(user_id="U_AGENT1", view=EXAMPLES["home"]())
    expect(home.get_by_text("Waiting for you")).to_be_visible()
    expect(home.get_by_role("button", name="Retry")).to_be_visible()
    assert home.evaluate("node => node.scrollWidth <= node.clientWidth + 1"), "text is wider than the tab"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    picture(page, f"home-{width}-{scheme}")
