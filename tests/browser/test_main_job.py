"""The main job as people see it: the real demo (workspace, bot, built-in desk) in a headless Chromium."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from bot.cli.demo import TOKEN, Running, running
from bot.cli.demo_failures import invoice_sync, send
from tests.browser.conftest import ARTEFACTS
from tests.browser.picture import take
from tests.browser.scene import CHANNEL, Keep, OpenPage

pytestmark = pytest.mark.browser

FOR_THE_BOT_MS = 15_000
"""How long a person would wait for something that the bot does by itself."""


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """`handoff demo` on free ports, before it sends its samples.

    In a thread of its own: the engine does not start beside the event loop that Playwright runs in this one.
    """
    monkeypatch.setenv("HANDOFF_HTTP__PORT", "0")
    with ThreadPoolExecutor(1) as thread:
        here = running(0, tmp_path, undo_for="3s")
        yield thread.submit(here.__enter__).result()
        thread.submit(here.__exit__, None, None, None).result()


@pytest.fixture
def application(demo: Running) -> Iterator[httpx.Client]:
    """The application whose job fails."""
    with httpx.Client(base_url=demo.bot, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=20) as client:
        yield client


def fail(application: httpx.Client, attempt: int) -> str:
    """The job reports a failed attempt, the fifth being its last. What became of it."""
    return send(application, invoice_sync("run1", attempt=attempt, last=attempt == 5, now=datetime.now(UTC)))


def as_person(demo: Running, user: str) -> str:
    return f"{demo.workspace}/#user={user}&channel={CHANNEL}"


def the_case(page: Page) -> Locator:
    """The one message of the case, once it is there and its ticket was read back."""
    case = page.get_by_role("main").get_by_role("article").filter(has_text="Invoice sync failed after 5 attempts")
    expect(case).to_contain_text("verified in the built-in desk", timeout=FOR_THE_BOT_MS)
    return case


def switch_to(page: Page, name: str) -> None:
    page.get_by_role("button", name="Acting as").click()
    page.get_by_role("menu", name="Act as").get_by_text(name).click()
    expect(page.get_by_role("button", name=f"Acting as {name}")).to_be_visible()


def choose(page: Page, label: str, typed: str, name: str) -> None:
    """Find a person in a picker by a few letters."""
    box = page.get_by_role("dialog").get_by_label(label)
    box.fill(typed)
    expect(page.get_by_role("option", name=name)).to_have_count(1)
    box.press("Enter")
    expect(box).to_have_value(name)


def in_one_line(case: Locator, *names: str) -> bool:
    boxes = [case.get_by_role("button", name=name).first.bounding_box() for name in names]
    return len({box["y"] for box in boxes if box}) == 1 and None not in boxes


def test_a_failed_job_becomes_one_owned_case_until_it_is_resolved(
    demo: Running, application: httpx.Client, visit: OpenPage, picture: Keep, pytestconfig: pytest.Config
) -> None:
    page = visit(as_person(demo, "U_AGENT2"))
    messages = page.get_by_role("main").get_by_role("article")
    assert [fail(application, attempt) for attempt in (1, 2, 3, 4)] == ["recorded"] * 4
    page.get_by_label("Message #failures").fill("Invoice sync looks slow today")
    page.keyboard.press("Enter")
    expect(messages).to_have_count(1)
    expect(messages).to_contain_text("Invoice sync looks slow today")

    assert fail(application, 5) == "opened"
    case = the_case(page)
    expect(messages).to_have_count(2)
    ts = case.get_attribute("data-ts")
    same = page.locator(f'[data-row="main/{ts}"]')
    expect(same.get_by_role("heading")).to_contain_text("Urgent")
    expect(same).to_contain_text("Nobody has claimed this yet")
    picture(page, "main-1-open")
    if pytestconfig.getoption("--picture"):
        take(page)

    same.get_by_role("button", name="Claim").click()
    expect(same.get_by_role("heading")).to_contain_text("claimed by Ravi Nair", timeout=FOR_THE_BOT_MS)
    the_case(page)
    picture(page, "main-2-claimed")

    same.get_by_role("button", name="Reassign").click()
    expect(page.get_by_role("dialog", name="Reassign")).to_be_visible()
    choose(page, "New owner", "june", "June Adler")
    picture(page, "main-3-reassign")
    page.get_by_role("dialog").get_by_role("button", name="Reassign").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(same).to_contain_text("Owner: June Adler", timeout=FOR_THE_BOT_MS)
    the_case(page)
    picture(page, "main-4-reassigned")

    switch_to(page, "June Adler")
    same.get_by_role("button", name="More actions").click()
    picture(page, "main-5-menu")
    page.keyboard.press("Escape")
    same.get_by_role("button", name="replies").click()
    thread = page.get_by_role("complementary")
    for line in ("Ravi Nair claimed this case", "Ravi Nair reassigned this case from Ravi Nair to June Adler"):
        expect(thread).to_contain_text(line, timeout=FOR_THE_BOT_MS)
    assert in_one_line(thread, "Claim", "Reassign", "Escalate", "More actions")
    picture(page, "main-6-thread")

    same.get_by_role("button", name="Claim").click()
    expect(same.get_by_role("heading")).to_contain_text("claimed by June Adler", timeout=FOR_THE_BOT_MS)
    same.get_by_role("button", name="Resolve").click()
    note = page.get_by_role("dialog", name="Resolve").get_by_label("What was done?")
    note.fill("Ledger is back; the sync ran again and wrote all 12 invoices.")
    assert in_one_line(thread, "Resolve", "Reassign", "Escalate", "More actions")
    picture(page, "main-7-resolve")
    page.get_by_role("dialog").get_by_role("button", name="Resolve").click()
    expect(same.get_by_role("heading")).to_have_text("✅ Resolved · CASE-1", timeout=FOR_THE_BOT_MS)
    expect(same).to_contain_text("verified in the built-in desk")
    expect(same).to_contain_text("wrote all 12 invoices")
    expect(same.get_by_role("button", name="Reopen")).to_be_visible()
    expect(thread).to_contain_text("June Adler resolved this case", timeout=FOR_THE_BOT_MS)
    picture(page, "main-8-resolved")

    switch_to(page, "Mara Lind")
    expect(same.get_by_role("heading")).to_have_text("✅ Resolved · CASE-1")
    expect(same).to_contain_text("Resolved by June Adler")
    expect(page.get_by_role("main").get_by_role("article")).to_have_count(2)
    picture(page, "main-9-second-person")

    with page.expect_popup() as opened:
        same.get_by_role("link", name=re.compile(r"^#\d+$")).click()
    ticket = opened.value
    expect(ticket.get_by_role("heading", level=1)).to_contain_text("Invoice sync failed after 5 attempts")
    details = ticket.get_by_role("complementary", name="Details")
    expect(details).to_contain_text("solved")
    expect(details).to_contain_text("June Adler")
    ticket.screenshot(path=ARTEFACTS / "main-a-ticket.png", full_page=True)


def test_the_main_job_on_a_phone(demo: Running, application: httpx.Client, visit: OpenPage, picture: Keep) -> None:
    assert fail(application, 5) == "opened"
    page = visit(as_person(demo, "U_AGENT2"), width=390, height=844)
    case = the_case(page)
    case.get_by_role("button", name="Claim").scroll_into_view_if_needed()
    picture(page, "main-phone-1-open")
    for name in ("Claim", "Reassign", "Escalate", "More actions"):
        expect(case.get_by_role("button", name=name).first).to_be_in_viewport(ratio=1)
    case.get_by_role("button", name="Claim").click()
    expect(case.get_by_role("heading")).to_contain_text("claimed by Ravi Nair", timeout=FOR_THE_BOT_MS)
    assert in_one_line(case, "Resolve", "Reassign", "Escalate", "More actions")
    case.get_by_role("button", name="Resolve").click()
    expect(page.get_by_role("dialog", name="Resolve")).to_be_visible()
    picture(page, "main-phone-2-resolve")
    page.get_by_label("What was done?").fill("Ledger is back.")
    page.get_by_role("dialog").get_by_role("button", name="Resolve").click()
    expect(page.get_by_role("heading", name="✅ Resolved · CASE-1")).to_be_visible(timeout=FOR_THE_BOT_MS)
    picture(page, "main-phone-3-resolved")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
