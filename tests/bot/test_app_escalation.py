"""Escalations in a whole bot over the built-in desk and the local workspace, as people meet them on a phone."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect, sync_playwright
from sqlalchemy import func, select

from automations.desks import Capability
from automations.domain import Actor, IdempotencyKey
from bot.app import Bot
from bot.cli.demo import demo_app
from bot.demo_history import customer_opens
from bot.wire_escalation import ESCALATION_MORE, EscalationAct, EscalationButton
from bot.workspace import WorkspaceServer, sample_seed
from storage.engine import Database
from storage.models import DeskMessage, Escalation
from tests.bot.bot_room import ask, messages, settings_for, until
from tests.bot.test_app_watch import Moved, Office
from tests.browser.conftest import ARTEFACTS, FLAGS, NAMES

CHANNEL = "C_ESCALATIONS"
INES = "U_AGENT1"
NOTE = "Thank you for your patience. A specialist has taken this over and will write to you."


class Answering:
    """The built-in desk with a way to customers, which it has not by itself: what is sent stands in its ticket."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.capabilities = inner.capabilities | {Capability.REPLIES}

    def reply(self, ticket: str, text: str, *, confirmed_by: Actor, key: IdempotencyKey) -> None:
        self._inner.note(ticket, text, author=confirmed_by.email, key=key)
        with DESKS[0].begin() as session:
            row = session.scalars(select(DeskMessage).where(DeskMessage.key == key)).one()
            row.kind = "public"

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


DESKS: list[Database] = []
"""The database of the office's desk."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder: Path = tmp_path_factory.mktemp("escalation")
    with pytest.MonkeyPatch.context() as quicker:
        quicker.setattr("bot.watch_side.WATCH_EVERY", timedelta(seconds=1))
        quicker.setattr("bot.watch_side.READ_EVERY", timedelta(seconds=1))
        slack, clock = WorkspaceServer(sample_seed(), demo_app()).start(), Moved()
        bot = Bot(settings_for(folder, slack.base_url, watching=True), clock=clock, around_desk=Answering)
        here = Office(slack, folder, clock, bot)
        DESKS.append(bot.database)
        try:
            here.bot.start()
            until(lambda: messages(slack, CHANNEL), lambda seen: "Escalation is on" in json.dumps(seen))
            yield here
        finally:
            here.bot.stop()
            slack.stop()


@pytest.fixture
def chromium() -> str:
    """The system's Chromium. Without one the test skips, or fails where HANDOFF_REQUIRE names the browser."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        if "browser" in os.environ.get("HANDOFF_REQUIRE", ""):
            pytest.fail("HANDOFF_REQUIRE asks for a browser, and no Chromium is on the path")
        pytest.skip("no Chromium on the path")
    return program


def test_a_breach_and_a_keyword_escalate(office: Office) -> None:
    words = "We want to cancel <!channel> our *contract*, see https://evil.example"
    keyword = shown(office, opens(office, "Contract", words), "🚨 Open")
    assert "cancel" in first_line(keyword)
    assert "<!channel>" in json.dumps(keyword["blocks"]), "literal, as the customer wrote it"
    assert "<!channel>" not in keyword["text"]
    late = office.opens("Second site", "How do we add a second site?")
    until(lambda: office.decided(late), bool)
    office.clock.by += timedelta(minutes=31)
    breach = shown(office, late, "🚨 Open")
    assert "SLA breached" in first_line(breach)
    assert "overdue" in json.dumps(breach)


@pytest.mark.browser
def test_a_thumb_claims_it(office: Office, chromium: str) -> None:
    number = opens(office, "A whole town without light", "This is a case for our lawyer.")
    shown(office, number, "🚨 Open")
    with ThreadPoolExecutor(1) as apart:  # beside the bot: a page's event loop and the engine's do not share a thread
        apart.submit(thumb, office.slack.url, chromium).result()
    assert first_line(shown(office, number, "👤")).startswith("👤 Claimed by Ines Holt ·")


def thumb(url: str, program: str) -> None:
    """Press Claim on a page as wide as a phone."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, headless=True, args=FLAGS)
        page = launched.new_page(viewport={"width": 390, "height": 900})
        page.goto(f"{url}/#user={INES}&channel={CHANNEL}")
        message = page.get_by_role("article").filter(has_text="A whole town without light")
        claim = message.get_by_role("button", name="Claim")
        claim.scroll_into_view_if_needed()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        claim.click()
        expect(message.get_by_text("Claimed by Ines Holt ·")).to_be_visible(timeout=20_000)
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=ARTEFACTS / "app-escalation-phone.png")
        launched.close()


def test_snoozed_it_comes_back_by_itself(office: Office) -> None:
    number = opens(office, "Lawyers", "Our lawyer will write to you.")
    message = shown(office, number, "🚨 Open")
    act(office, INES, message, EscalationAct.SNOOZE)
    submit(office, INES, EscalationAct.SNOOZE, end="1h")
    shown(office, number, "💤 Snoozed until")
    office.clock.by += timedelta(minutes=61)
    message = shown(office, number, "🚨 Open")
    thread = until(lambda: messages_of(office, message["ts"]), lambda seen: "This is back" in json.dumps(seen))
    assert json.dumps(thread).count("This is back") == 2, "said once, in the text and in its block"


def test_the_note_reaches_the_customer_once_and_turns_green_when_the_desk_shows_it(office: Office) -> None:
    number = opens(office, "Refund", "Refund us or we cancel.")
    message = shown(office, number, "🚨 Open")
    assert sent(office, number) == 0, "nothing goes by itself"
    act(office, INES, message, EscalationAct.SEND_NOTE)
    shown(office, number, "🚨 Open", lambda one: "🟢 sent by " in json.dumps(one, ensure_ascii=False))
    assert sent(office, number) == 1
    assert f'"{EscalationAct.SEND_NOTE}"' not in json.dumps(shown(office, number, "🚨 Open"))


def test_the_conversation_is_private_until_somebody_wants_it_in_the_thread(office: Office) -> None:
    number = opens(office, "Data", "Where is our data? We want to cancel.")
    message = shown(office, number, "🚨 Open")
    act(office, INES, message, EscalationAct.SHOW_ALL, page=0)
    view = until(lambda: views(office, INES), lambda seen: "Where is our data?" in json.dumps(seen))[-1]
    office_act(office, "close", user=INES, view_id=view["id"])
    assert "Conversation of" not in json.dumps(messages_of(office, message["ts"]))
    act(office, INES, message, EscalationAct.SHOW_IN_THREAD)
    submit(office, INES, EscalationAct.SHOW_IN_THREAD)
    until(lambda: messages_of(office, message["ts"]), lambda seen: "Where is our data?" in json.dumps(seen))


def test_a_person_escalates_and_sees_it_on_the_home_tab(office: Office) -> None:
    number = opens(office, "Quiet", "A calm question.", customer="Lumen AS")  # who has not written before
    until(lambda: office.decided(number), bool)
    text = f"escalate #{number} because they rang twice"
    office_act(office, "command", user=INES, channel=CHANNEL, command="/support", text=text)
    message = shown(office, number, "🚨 Open")
    assert "they rang twice" in first_line(message)
    act(office, INES, message, EscalationAct.CLAIM)
    shown(office, number, "👤 Claimed by Ines Holt")
    office_act(office, "home", user=INES)
    tab = f"{office.slack.url}/_control/views?user={INES}"
    home = until(lambda: ask(tab)[1]["home"], lambda seen: "My escalations" in json.dumps(seen))
    assert f"#{number} Quiet" in json.dumps(home)


def opens(office: Office, subject: str, words: str, customer: str = "Fjord AS") -> str:
    """A customer to whom nothing was promised opens a ticket."""
    now = office.clock.now()
    return customer_opens(office.bot.database, subject, words, customer=customer, tier="basic", at=now, until=now)


def shown(
    office: Office, ticket: str, begins: str, good: Callable[[dict[str, Any]], bool] = lambda _: True
) -> dict[str, Any]:
    """The escalation's message about this ticket, once it begins so and is `good`."""

    def fits(message: dict[str, Any]) -> bool:
        return first_line(message).startswith(begins) and good(message)

    def look() -> list[dict[str, Any]]:
        return [one for one in messages(office.slack, CHANNEL) if f"#{ticket} " in json.dumps(one.get("blocks", []))]

    found: dict[str, Any] = list(filter(fits, until(look, lambda seen: any(map(fits, seen)), within_s=40)))[-1]
    return found


def first_line(message: dict[str, Any]) -> str:
    first = message["blocks"][0]
    return str(first["text"]["text"]) if first["type"] == "header" else ""


def messages_of(office: Office, ts: str) -> list[dict[str, Any]]:
    where = f"channel={CHANNEL}&thread_ts={ts}"
    return list(ask(f"{office.slack.url}/_control/messages?{where}")[1]["messages"])[1:]


def views(office: Office, user: str) -> list[dict[str, Any]]:
    return list(ask(f"{office.slack.url}/_control/views?user={user}")[1]["views"])


def office_act(office: Office, name: str, **body: Any) -> None:
    answer = ask(f"{office.slack.url}/_control/{name}", body)[1]
    assert answer.get("acked", answer["ok"]), answer


def act(office: Office, user: str, message: dict[str, Any], what: EscalationAct, *, page: int = 1) -> None:
    """Press a button of the message, or choose it in the menu where it has none."""
    with office.bot.database.read() as session:
        number = next(
            one.id
            for one in session.scalars(select(Escalation).order_by(Escalation.id.desc()))
            if f"#{one.subject_id} " in json.dumps(message["blocks"])
        )
    value = EscalationButton(number, what, page).encode()
    has_button = f'"action_id": "{what}"' in json.dumps(message["blocks"])
    name = what if has_button else ESCALATION_MORE
    office_act(office, "click", user=user, channel=CHANNEL, ts=message["ts"], action_id=name, value=value)


def submit(office: Office, user: str, what: EscalationAct, **values: str) -> None:
    """Send the form of an act, once it is open."""
    view = until(lambda: views(office, user), lambda seen: bool(seen) and seen[-1].get("callback_id") == what)[-1]
    office_act(office, "submit", user=user, view_id=view["id"], values=values)


def sent(office: Office, ticket: str) -> int:
    """Public replies with the note in the desk's own table."""
    with office.bot.database.read() as session:
        mine = DeskMessage.ticket_id == int(ticket), DeskMessage.kind == "public", DeskMessage.body.contains(NOTE[:40])
        return session.scalar(select(func.count()).select_from(DeskMessage).where(*mine)) or 0
