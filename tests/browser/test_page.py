"""People's acts on the page, by keyboard alone and by mouse."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.bot.workspace.room import Room
from tests.browser.scene import Json, Keep, OpenPage, post_case

pytestmark = pytest.mark.browser


def tab_to(page: Page, target: Locator, key: str = "Tab") -> None:
    """Press Tab until the control has the focus, as a person without a mouse does."""
    for _ in range(60):
        if target.evaluate("node => node === document.activeElement"):
            return
        page.keyboard.press(key)
    pytest.fail("Tab does not reach the control")


def test_a_case_is_claimed_by_keyboard_alone(room: Room, open_page: OpenPage, clicks: list[Json]) -> None:
    post_case(room)
    page = open_page()
    tab_to(page, page.get_by_role("button", name="Claim"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Urgent · case 7 · claimed")).to_be_visible()
    expect(page.get_by_role("button", name="Resolve")).to_be_focused()
    expect(page.get_by_role("button", name="1 reply")).to_be_visible()
    assert [(click["user"]["id"], click["actions"][0]["action_id"]) for click in clicks] == [("U_AGENT1", "case.claim")]


def test_a_modal_holds_the_focus_and_gives_it_back(room: Room, open_page: OpenPage) -> None:
    post_case(room)
    page = open_page()
    opener = page.get_by_role("button", name="Reassign")
    opener.press("Enter")
    dialog = page.get_by_role("dialog", name="Reassign case 7")
    expect(page.get_by_label("New owner")).to_be_focused()
    for key in ["Tab"] * 12 + ["Shift+Tab"] * 12:
        page.keyboard.press(key)
        assert dialog.evaluate("node => node.contains(document.activeElement)"), f"{key} left the dialog"
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(opener).to_be_focused()
    room.until(lambda: room.read("views", user="U_AGENT1")["views"] == [])


def test_a_modal_shows_errors_and_keeps_what_was_typed(room: Room, open_page: OpenPage, picture: Keep) -> None:
    post_case(room)
    page = open_page()
    page.get_by_role("button", name="Reassign").click()
    dialog = page.get_by_role("dialog")
    owner, note = dialog.get_by_label("New owner"), dialog.get_by_label("Why")
    dialog.get_by_role("button", name="Reassign").click()
    expect(dialog.get_by_text("Please complete this required field.")).to_have_count(2)
    expect(owner).to_be_focused()
    expect(owner).to_have_attribute("aria-invalid", "true")
    owner.press_sequentially("ines")
    page.keyboard.press("Enter")
    note.fill("She knows the ledger")
    picture(page, "modal")
    page.keyboard.press("Control+Enter")
    expect(dialog.get_by_text("You own this case already.")).to_be_visible()
    expect(note).to_have_value("She knows the ledger")
    owner.fill("")
    owner.press_sequentially("rav")
    expect(dialog.get_by_role("option", name="Ravi Nair")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(owner).to_have_value("Ravi Nair")
    dialog.get_by_role("button", name="Reassign").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("article").filter(has_text="case 7 · claimed")).to_contain_text("@Ravi Nair")


def test_a_confirmation_is_asked_before_the_click(room: Room, open_page: OpenPage, clicks: list[Json]) -> None:
    post_case(room)
    page = open_page()
    escalate = page.get_by_role("main").get_by_role("button", name="Escalate")
    escalate.press("Enter")
    question = page.get_by_role("alertdialog", name="Escalate this case?")
    expect(question).to_be_visible()
    page.keyboard.press("Escape")
    expect(question).to_have_count(0)
    expect(escalate).to_be_focused()
    assert clicks == []
    escalate.press("Enter")
    question.get_by_role("button", name="Escalate").click()
    expect(page.get_by_text("Only visible to you")).to_be_visible()
    assert [click["actions"][0]["action_id"] for click in clicks] == ["case.escalate"]


def test_an_overflow_menu_works_by_keyboard(room: Room, open_page: OpenPage, clicks: list[Json]) -> None:
    post_case(room)
    page = open_page()
    more = page.get_by_role("button", name="More actions")
    more.press("Enter")
    expect(page.get_by_role("menuitem", name="Not needed")).to_be_focused()
    page.keyboard.press("Escape")
    expect(more).to_be_focused()
    more.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Only the owner or a lead may do that.")).to_be_visible()
    assert clicks[0]["actions"][0]["selected_option"]["value"] == "release"


def test_a_slash_command_is_offered_and_sent(room: Room, open_page: OpenPage) -> None:
    page = open_page()
    box = page.get_by_label("Message #failures")
    box.press_sequentially("/su")
    expect(page.get_by_role("option", name="/support help")).to_be_visible()
    page.keyboard.press("Enter")
    expect(box).to_have_value("/support ")
    box.press_sequentially("mine")
    page.keyboard.press("Enter")
    row = page.get_by_role("article").filter(has_text="Only visible to you")
    expect(row).to_contain_text("You asked for mine")
    box.fill("/nonsense")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("/nonsense is not a command")


def test_threads_reactions_and_links(room: Room, open_page: OpenPage) -> None:
    ts = post_case(room)
    page = open_page()
    row = page.get_by_role("main").get_by_role("article")
    row.focus()
    tab_to(page, row.get_by_role("button", name="Reply in thread"))
    page.keyboard.press("Enter")
    reply = page.get_by_label("Reply…")
    expect(reply).to_be_focused()
    reply.press_sequentially("checking @ravi")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("complementary").get_by_text("@Ravi Nair")).to_be_visible()
    assert f"thread={ts}" in page.url
    page.keyboard.press("Escape")
    expect(page.get_by_role("complementary")).to_have_count(0)
    expect(row.get_by_role("button", name="1 reply")).to_be_focused()
    row.get_by_role("button", name="React with eyes").focus()
    page.keyboard.press("Enter")
    mine = row.get_by_role("button", name="eyes, 1: You")
    expect(mine).to_have_attribute("aria-pressed", "true")
    row.get_by_role("button", name="Add a reaction").first.press("Enter")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(row.get_by_role("button", name="rotating light, 1: You")).to_be_visible()
    mine.click()
    expect(mine).to_have_count(0)
    page.goto(room.messages(thread_ts=ts)[1]["permalink"])
    expect(page.get_by_role("complementary").get_by_text("checking")).to_be_visible()


def test_a_late_app_leaves_a_visible_mark(room: Room, open_page: OpenPage) -> None:
    post_case(room)
    page = open_page()
    for handler in room.handlers:
        handler.client.auto_reconnect_enabled = False
        handler.client.disconnect()
    room.until(lambda: room.server.runtime.sockets.count == 0)
    page.get_by_role("button", name="Claim").click()
    notice = page.get_by_role("alert").filter(has_text="dispatch_failed")
    expect(notice).to_be_visible()
    notice.get_by_role("button", name="Dismiss").click()
    expect(notice).to_have_count(0)
