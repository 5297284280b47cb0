"""The built-in desk's pages as people see them: on a wide and a narrow screen, light and dark, by keyboard."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.server import HttpServer, listen
from storage.engine import Database
from tests.automations.failure_tickets.world import World
from tests.bot.desk_world import FAILURES, desk_of, open_tickets, with_pages
from tests.browser.scene import Keep
from tests.support import FakeClock, RecordingJobs

pytestmark = pytest.mark.browser
AUDIT = Path(__file__).with_name("audit.js").read_text(encoding="utf-8")
SCREENS = [(1280, 800, "light"), (1280, 800, "dark"), (390, 844, "light"), (390, 844, "dark")]


@pytest.fixture(scope="module")
def desk(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a desk with a few tickets."""
    path = tmp_path_factory.mktemp("desk") / "handoff.db"
    shutil.copyfile(sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    world = World.on(database, FakeClock(), RecordingJobs())
    builtin = desk_of(world)
    open_tickets(world, builtin, *FAILURES)
    server = HttpServer(with_pages(world, builtin).app(), listen("127.0.0.1", 0)).start()
    yield f"http://127.0.0.1:{server.port}"
    server.stop()
    database.close()


@pytest.fixture
def visit(browser: Browser, desk: str) -> Iterator[Any]:
    """Open a page of the desk: `visit(path, width, height, scheme)`. A script error fails the test."""
    contexts, errors = [], []

    def visited(path: str, width: int = 1280, height: int = 800, scheme: Any = "light") -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{desk}{path}")
        return page

    yield visited
    for context in contexts:
        context.close()
    assert errors == []


TOO_WIDE = """() => [...document.querySelectorAll("body *")]
    .filter(one => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map(one => `${one.tagName} ${one.className} ${one.textContent.trim().slice(0, 40)}`)"""


def faults(page: Page) -> list[str]:
    """What reaches beyond the screen's right edge, or is hard to read or has no name."""
    page.wait_for_load_state()  # its style sheet is part of it
    return [*page.evaluate(TOO_WIDE), *page.evaluate(AUDIT)]


@pytest.mark.parametrize(("width", "height", "scheme"), SCREENS)
def test_the_list_and_a_ticket_are_whole_on_every_screen(
    visit: Any, picture: Keep, width: int, height: int, scheme: str
) -> None:
    page = visit("/desk/tickets", width, height, scheme)
    expect(page.get_by_role("link", name="Invoice sync failed")).to_be_visible()
    assert faults(page) == []
    picture(page, f"desk-list-{width}-{scheme}")
    page.get_by_role("link", name="Invoice sync failed").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Invoice sync failed")
    assert faults(page) == []
    picture(page, f"desk-ticket-{width}-{scheme}")
    page.get_by_role("link", name="CASE-1", exact=True).click()
    expect(page.get_by_role("heading", name="History")).to_be_visible()
    assert faults(page) == []
    picture(page, f"desk-case-{width}-{scheme}")


def test_by_keyboard_from_the_list_to_a_ticket_and_back(visit: Any) -> None:
    page = visit("/desk/tickets")
    page.get_by_label("Words").fill("ledger")
    page.keyboard.press("Enter")
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("link", name="Ledger refuses").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("complementary")).to_contain_text("Anna Berg")
    page.get_by_role("link", name="All tickets").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("row")).to_have_count(len(FAILURES) + 1)


def test_a_ticket_that_is_not_there_leads_back(visit: Any, picture: Keep) -> None:
    page = visit("/desk/tickets/99")
    expect(page.get_by_role("heading", name="No such ticket")).to_be_visible()
    picture(page, "desk-missing")
    page.get_by_role("link", name="All tickets").click()
    expect(page.get_by_role("heading", name="Tickets")).to_be_visible()
