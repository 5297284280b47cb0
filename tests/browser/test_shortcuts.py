"""The menu of a message: what the app put there, by mouse and by touch, and what is sent when it is chosen."""

import pytest
from playwright.sync_api import expect

from tests.bot.workspace.room import Room
from tests.browser.scene import Keep, OpenPage


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_more_actions_lists_the_shortcuts_and_sends_the_one_chosen(
    open_page: OpenPage, room: Room, picture: Keep, width: int, scheme: str
) -> None:
    ts = room.act("message", user="U_AGENT2", channel="C_FAILURES", text="Exports hang since noon")["ts"]
    page = open_page(width=width, scheme=scheme)
    row = page.locator(f'[data-row="main/{ts}"]')
    row.click(position={"x": 80, "y": 20})
    row.hover()
    row.get_by_role("button", name="Message actions").click()
    entries = page.get_by_role("menu", name="Message actions").get_by_role("menuitem")
    expect(entries).to_have_text(["Create case", "Add as internal note", "Escalate"])
    picture(page, f"shortcuts-{width}-{scheme}")
    with page.expect_request("**/_control/shortcut") as sent:
        entries.first.click()
    assert sent.value.post_data_json == {
        "user": "U_AGENT1", "channel": "C_FAILURES", "ts": ts, "callback_id": "message.create_case",
    }  # fmt: skip


def test_what_only_you_see_has_no_menu(open_page: OpenPage, room: Room) -> None:
    room.client.chat_postEphemeral(channel="C_FAILURES", user="U_AGENT1", text="for you alone")
    page = open_page()
    expect(page.get_by_text("for you alone")).to_be_visible()
    expect(page.get_by_role("button", name="Message actions")).to_have_count(0)
