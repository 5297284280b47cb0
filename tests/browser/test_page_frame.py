"""The frame of the page: who acts, what is new, a workspace that goes away, phones, themes, names and contrast."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.bot.workspace.room import Room
from tests.browser.scene import CHANNEL, WHAT, Keep, OpenPage, case_blocks, mrkdwn, option, post_case

pytestmark = pytest.mark.browser

AUDIT = Path(__file__).with_name("audit.js").read_text(encoding="utf-8")


def test_the_acting_person_is_switched_and_kept(room: Room, open_page: OpenPage) -> None:
    room.post(text="<@U_AGENT2> please look")
    room.client.chat_postEphemeral(channel=CHANNEL, user="U_AGENT1", text="For Ines alone")
    page = open_page()
    expect(page.get_by_text("For Ines alone")).to_be_visible()
    expect(page.locator(".mention.me")).to_have_count(0)
    page.get_by_role("button", name="Acting as Ines Holt, Support agent").press("Enter")
    page.keyboard.press("r")
    page.keyboard.press("Enter")
    acting = page.get_by_role("button", name="Acting as Ravi Nair, Support agent")
    expect(acting).to_be_visible()
    expect(page.get_by_text("For Ines alone")).to_have_count(0)
    expect(page.locator(".mention.me")).to_have_text("@Ravi Nair")
    assert "user=U_AGENT2" in page.url
    page.reload()
    expect(acting).to_be_visible()
    page.get_by_label("Message #failures").fill("I am on it")
    page.keyboard.press("Enter")
    expect(page.get_by_text("I am on it")).to_be_visible()
    assert room.messages()[-1]["user"] == "U_AGENT2"


def test_news_disturbs_nobody(room: Room, open_page: OpenPage) -> None:
    for n in range(30):
        room.post(text=f"line {n}")
    ts = post_case(room)
    page = open_page()
    box = page.get_by_label("Message #failures")
    box.fill("half a thought")
    page.get_by_role("button", name="More actions").click()
    room.client.chat_update(channel=CHANNEL, ts=ts, text="changed", blocks=case_blocks("claimed", "Somebody"))
    expect(page.get_by_role("heading", name="case 7 · claimed")).to_be_visible()
    expect(page.get_by_role("menu", name="More actions")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="More actions")).to_be_focused()
    log = page.get_by_role("log", name="Messages in #failures")
    log.evaluate("node => { node.scrollTop = 40; }")
    room.post(text="the newest line")
    expect(page.get_by_role("button", name="New messages below")).to_be_visible()
    assert log.evaluate("node => node.scrollTop") == 40
    expect(box).to_have_value("half a thought")
    page.reload()
    expect(box).to_have_value("half a thought")


def test_the_page_says_when_the_workspace_is_away(room: Room, open_page: OpenPage) -> None:
    page = open_page()
    page.route("**/_page/state**", lambda route: route.abort())
    room.post(text="wakes the poll")
    expect(page.get_by_text("Reconnecting…")).to_be_visible()
    page.unroute("**/_page/state**")
    room.post(text="back again")
    expect(page.get_by_text("Reconnecting…")).to_be_hidden()
    expect(page.get_by_text("back again")).to_be_visible()


def test_home_and_unread_marks(room: Room, open_page: OpenPage) -> None:
    page = open_page()
    room.client.chat_postMessage(channel="C_ESCALATIONS", text="<@U_AGENT1> case 7")
    expect(page.get_by_role("button", name="escalations, 1 unread, 1 mention you")).to_be_visible()
    page.get_by_role("button", name="Handoff, Home").click()
    expect(page.get_by_role("heading", name="Your cases")).to_be_visible()
    assert "home=1" in page.url
    page.get_by_role("button", name="escalations").click()
    expect(page.get_by_role("button", name="escalations", exact=True)).to_have_attribute("aria-current", "page")


def test_a_phone_shows_one_thing_at_a_time(room: Room, open_page: OpenPage, picture: Keep) -> None:
    ts = post_case(room)
    room.post(text="in the thread", thread_ts=ts)
    page = open_page(width=390, height=844)
    expect(page.get_by_role("button", name="Acting as Ines Holt")).to_be_in_viewport()
    expect(page.get_by_role("button", name="reports")).to_have_count(0)
    picture(page, "phone")
    page.get_by_role("button", name="Channels").press("Enter")
    expect(page.get_by_role("button", name="failures", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Channels")).to_be_focused()
    page.get_by_role("button", name="1 reply").click()
    assert page.get_by_role("complementary").bounding_box() == {"x": 0, "y": 56, "width": 390, "height": 788}
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_has_a_name_and_enough_contrast(room: Room, open_page: OpenPage, picture: Keep, scheme: str) -> None:
    ts = post_case(room)
    room.post(text="a thread with `code` and <https://a.example|a link>", thread_ts=ts)
    room.act("react", user="U_AGENT1", channel=CHANNEL, ts=ts, name="eyes")
    room.client.chat_postEphemeral(channel=CHANNEL, user="U_AGENT1", text="<@U_AGENT1>, only for you")
    room.client.chat_postMessage(channel="C_REPORTS", text="unread")
    page = open_page(f"user=U_AGENT1&channel=C_FAILURES&thread={ts}", scheme=scheme)
    expect(page.get_by_role("complementary").get_by_text("a thread with")).to_be_visible()
    main = page.get_by_role("main")
    main.get_by_role("article").first.hover()
    assert page.evaluate(AUDIT) == []
    picture(page, f"thread-{scheme}")
    page.get_by_role("button", name="Acting as").click()
    assert page.evaluate(AUDIT) == []
    page.keyboard.press("Escape")
    main.get_by_role("button", name="Reassign").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Reassign").click()
    expect(dialog.get_by_text("Please complete this required field.").first).to_be_visible()
    dialog.get_by_label("New owner").press("ArrowDown")
    assert page.evaluate(AUDIT) == []
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.get_by_role("button", name="Handoff, Home").click()
    expect(page.get_by_role("heading", name="Your cases")).to_be_visible()
    assert page.evaluate(AUDIT) == []


def test_the_theme_can_be_chosen(open_page: OpenPage) -> None:
    page = open_page()
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.get_by_role("button", name="Switch to dark").click()
    dark = page.evaluate(ground)
    assert dark != light
    page.reload()
    expect(page.get_by_role("button", name="Switch to light")).to_be_visible()
    assert page.evaluate(ground) == dark


@pytest.mark.parametrize("width", [390, 1280])
def test_a_menu_stands_right_of_its_text(room: Room, open_page: OpenPage, picture: Keep, width: int) -> None:
    menu = {"type": "overflow", "action_id": "case.more", "options": [option("Claim", "claim"), option("Snooze", "s")]}
    entry = f"CASE-7 *Urgent* Acme GmbH\nopen · Anna Berg · ticket not verified yet\n{WHAT} {'and more of it ' * 8}"
    blocks = [{"type": "section", "text": mrkdwn(entry), "accessory": menu} for _ in range(3)]
    room.post(channel=CHANNEL, text="The list", blocks=blocks)
    page = open_page(width=width, height=844)
    menus = page.get_by_role("button", name="More actions", exact=True).filter(visible=True)
    texts = page.locator(".section > .section-text")
    expect(texts).to_have_count(3)
    picture(page, f"section-menu-{width}")
    for text, accessory in zip(texts.all(), page.locator(".section > .accessory").all(), strict=True):
        left, right = text.bounding_box(), accessory.bounding_box()
        assert left is not None
        assert right is not None
        assert right["x"] >= left["x"] + left["width"], "beside it"
        assert abs(right["y"] - left["y"]) < 8, "at its first line"
        assert left["width"] > 200, "the text has the room"
    expect(menus.last).to_be_in_viewport()
