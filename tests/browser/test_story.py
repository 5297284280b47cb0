"""The demo's story as people play it: Next from the first scene to the last, on a wide screen and on a phone."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from bot.cli.demo import Running, running
from bot.cli.demo_story.table import SCENES
from tests.browser.scene import Keep, OpenPage

pytestmark = [pytest.mark.browser, pytest.mark.timeout(450)]  # the whole story takes minutes where others test too

SCENE_MS = 120_000
"""How long a scene may take on a machine that is busy with other tests."""
ACTED_BY = {"failing-job": "Ines Holt", "outage": "Mara Lind", "desk-away": "Ines Holt", "wrong-click": "Ines Holt"}


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """`handoff demo` on free ports, before its opening; in a thread of its own, since Playwright keeps a loop here."""
    monkeypatch.setenv("HANDOFF_HTTP__PORT", "0")
    with ThreadPoolExecutor(1) as thread:
        here = running(0, tmp_path, undo_for="3s")
        yield thread.submit(here.__enter__).result()
        thread.submit(here.__exit__, None, None, None).result()


def story_of(page: Page) -> Locator:
    return page.get_by_role("region", name="Story")


def seen(page: Page, title: str) -> None:
    """Wait until this page shows the scene as seen."""
    expect(story_of(page).get_by_role("heading")).to_contain_text(title, timeout=SCENE_MS)
    expect(story_of(page).get_by_title("seen")).to_be_visible(timeout=SCENE_MS)


def test_the_story_on_a_wide_screen_and_on_a_phone(demo: Running, visit: OpenPage, picture: Keep) -> None:
    """One story, two people looking at it, who press Next in turn."""
    wide, phone = visit(demo.workspace), visit(demo.workspace, width=390, height=844, scheme="dark")
    expect(wide.get_by_role("region", name="Desk")).to_have_count(0)
    for number, scene in enumerate(SCENES, 1):
        pressed, other = (phone, wide) if number % 2 else (wide, phone)
        story_of(pressed).get_by_role("button", name="Next").click()
        seen(pressed, scene.title)
        seen(other, scene.title)
        look_at_wide(wide, scene.id)
        picture(wide, f"story-{number}-{scene.id}-wide")
        if pressed is not phone:  # who presses Next is shown the chat
            story_of(phone).get_by_role("button", name="Chat").click()
        expect(phone.get_by_role("main")).to_be_visible()
        picture(phone, f"story-{number}-{scene.id}-phone")
        look_at_desk_on_a_phone(phone)
        picture(phone, f"story-{number}-{scene.id}-phone-desk")
    for page in (wide, phone):
        expect(story_of(page).get_by_role("button", name="Next")).to_be_disabled()
        expect(story_of(page).get_by_role("button", name="Skip")).to_be_disabled()
    expect(story_of(wide)).to_contain_text("reactions:read")
    ticket = wide.frame_locator("iframe")
    ticket.get_by_label("Priority").focus()  # as a person does: a page that is worked in is not read anew
    ticket.get_by_label("Priority").select_option("urgent")
    ticket.get_by_role("button", name="Save").click()
    expect(ticket.get_by_text("priority low → urgent")).to_be_visible()  # the ticket of the scene of triage


def look_at_wide(page: Page, scene: str) -> None:
    """The ticket stands beside the chat, with the person who acts."""
    ticket = page.frame_locator("iframe")
    if scene in ACTED_BY:
        expect(page.get_by_role("button", name=f"Acting as {ACTED_BY[scene]}")).to_be_visible()
        expect(ticket.get_by_text(f"Built-in desk · {ACTED_BY[scene]}")).to_be_visible()
    expect(ticket.get_by_role("heading", level=1)).to_be_visible()


def look_at_desk_on_a_phone(page: Page) -> None:
    """The ticket takes the chat's place, nothing is cut off, and every button is within reach."""
    story, desk = story_of(page), page.get_by_role("region", name="Desk")
    story.get_by_role("button", name="Desk").click()
    expect(desk.locator("iframe")).to_be_visible()
    expect(page.get_by_role("main")).to_be_hidden()
    expect(page.frame_locator("iframe").get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    for name in ("Next", "Skip", "Chat", "Desk"):
        expect(story.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)


def test_skip_and_fold(demo: Running, visit: OpenPage) -> None:
    page = visit(demo.workspace)
    story = page.get_by_role("region", name="Story")
    story.get_by_role("button", name="Skip").click()
    expect(story.get_by_role("heading")).to_contain_text(SCENES[0].title)
    expect(story.get_by_title("skipped")).to_be_visible()
    expect(page.get_by_role("main").get_by_role("article")).to_have_count(0)
    story.get_by_role("button", name="Fold the story").click()
    expect(story.get_by_text(SCENES[0].look)).not_to_be_in_viewport()
    expect(story.get_by_role("button", name="Unfold the story")).to_have_attribute("aria-expanded", "false")
