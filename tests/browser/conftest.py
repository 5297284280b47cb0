"""A headless Chromium, a running workspace with a real app, and a page that fails the test on any script error."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, ViewportSize, expect, sync_playwright

from bot.workspace import WorkspaceServer, sample_app, sample_seed
from tests.bot.workspace.room import Room
from tests.browser.scene import Json, Keep, OpenPage, install

ARTEFACTS = Path(os.environ.get("TEST_ARTEFACTS", "artefacts")) / "page"
"""Where pictures are kept."""
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
ROUTE = "user=U_AGENT1&channel=C_FAILURES"
NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")

expect.set_options(timeout=5_000)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The system's Chromium. Without one the tests skip, or fail where HANDOFF_REQUIRE names the browser.

    Of this package alone: while it is there, asyncio runs in this thread, and the job engine starts in none such.
    """
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        if "browser" in os.environ.get("HANDOFF_REQUIRE", ""):
            pytest.fail("HANDOFF_REQUIRE asks for a browser, and no Chromium is on the path")
        pytest.skip("no Chromium on the path")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, headless=True, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture
def clicks() -> list[Json]:
    """What the app received, oldest first."""
    return []


@pytest.fixture
def room(clicks: list[Json]) -> Iterator[Room]:
    """A workspace in memory with the sample team and a connected app."""
    room = Room(WorkspaceServer(sample_seed(), sample_app()).start())
    room.workspace.pace.burst = 0  # pages full of messages are made faster than Slack would take them
    app = room.bolt()
    install(app, clicks)
    room.connect(app)
    yield room
    room.leave()


@pytest.fixture
def visit(browser: Browser) -> Iterator[OpenPage]:
    """Open an address as a person would: `visit("http://…", width=390, scheme="dark")`.

    Any script error fails the test; that the workspace refuses an act is none.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def note(line: ConsoleMessage) -> None:
        if line.type == "error" and "Failed to load resource" not in line.text:
            errors.append(line.text)

    def visited(address: str, *, width: int = 1280, height: int = 800, scheme: Any = "light") -> Page:
        viewport: ViewportSize = {"width": width, "height": height}
        context = browser.new_context(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", note)
        page.goto(address)
        expect(page.get_by_role("button", name="Acting as")).to_be_visible()
        return page

    yield visited
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def open_page(visit: OpenPage, room: Room) -> OpenPage:
    """Open the room's page: `open_page("user=U_AGENT1", width=390, scheme="dark")`."""

    def opened(route: str = ROUTE, **look: Any) -> Page:
        return visit(f"{room.server.url}/#{route}", **look)

    return opened


@pytest.fixture
def picture() -> Keep:
    """Keep a screenshot as a test artefact."""

    def keep(page: Page, name: str) -> None:
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=ARTEFACTS / f"{name}.png")

    return keep
