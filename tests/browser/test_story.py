"""The demo's story as people play it: Next from the first scene to the last, on a wide screen and on a phone."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

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


def next_scene(page: Page, title: str) -> None:
    """Press Next, and wait until the scene was seen."""
    story = page.get_by_role("region", name="Story")
    story.get_by_role("button", name="Next").click()
    expect(story.get_by_role("heading")).to_contain_text(title)
    expect(story.get_by_title("seen")).to_be_visible(timeout=SCENE_MS)


def test_the_story_on_a_wide_screen(demo: Running, visit: OpenPage, picture: Keep) -> None:
    page = visit(demo.workspace)
    story, ticket = page.get_by_role("region", name="Story"), page.frame_locator("iframe")
    expect(page.get_by_role("region", name="Desk")).to_have_count(0)
    for number, scene in enumerate(SCENES, 1):
        next_scene(page, scene.title)
        if scene.id in ACTED_BY:
            expect(page.get_by_role("button", name=f"Acting as {ACTED_BY[scene.id]}")).to_be_visible()
            expect(ticket.get_by_text(f"Built-in desk · {ACTED_BY[scene.id]}")).to_be_visible()
        expect(ticket.get_by_role("heading", level=1)).to_be_visible()
        picture(page, f"story-{number}-{scene.id}-wide")
    expect(story.get_by_role("button", name="Next")).to_be_disabled()
    expect(story.get_by_role("button", name="Skip")).to_be_disabled()
    expect(story).to_contain_text("reactions:read")
    ticket.get_by_label("Priority").focus()  # as a person does: a page that is worked in is not read anew
    ticket.get_by_label("Priority").select_option("urgent")
    ticket.get_by_role("button", name="Save").click()
    expect(ticket.get_by_text("priority low → urgent")).to_be_visible()  # the ticket of the scene of triage


def test_the_story_on_a_phone(demo: Running, visit: OpenPage, picture: Keep) -> None:
    page = visit(demo.workspace, width=390, height=844, scheme="dark")
    story, desk = page.get_by_role("region", name="Story"), page.get_by_role("region", name="Desk")
    for number, scene in enumerate(SCENES, 1):
        next_scene(page, scene.title)
        expect(page.get_by_role("main")).to_be_visible()
        picture(page, f"story-{number}-{scene.id}-phone")
        story.get_by_role("button", name="Desk").click()
        expect(desk.locator("iframe")).to_be_visible()
        expect(page.get_by_role("main")).to_be_hidden()
        expect(page.frame_locator("iframe").get_by_role("heading", level=1)).to_be_visible()
        picture(page, f"story-{number}-{scene.id}-phone-desk")
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
