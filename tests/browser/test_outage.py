"""40 customers hit within a minute by one outage: one group message, 40 tickets, nobody called twice; the real bot.

Also looked at: the group's message and its list, on a phone and on a desktop, in light and dark.
"""

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from bot.cli.demo import TOKEN, Running, running
from bot.cli.demo_failures import failure
from tests.browser.scene import CHANNEL, Keep, OpenPage

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

CUSTOMERS = 40
TIERS = ("enterprise", "business", "standard")
PACE_S = 1.0
"""Slack lets one message a second into a channel. The bot leaves 1.1 s between two, less what the way takes longer."""
Json = dict[str, Any]


@pytest.fixture
def demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    """`handoff demo` on free ports. In a thread of its own, as in `test_main_job`."""
    monkeypatch.setenv("HANDOFF_HTTP__PORT", "0")
    with ThreadPoolExecutor(1) as thread:
        here = running(0, tmp_path, undo_for="3s")
        yield thread.submit(here.__enter__).result()
        thread.submit(here.__exit__, None, None, None).result()


class Outage:
    """What the application sends, what Slack shows, what people click."""

    def __init__(self, demo: Running) -> None:
        self.slack = httpx.Client(base_url=demo.workspace, timeout=20)
        headers = {"Authorization": f"Bearer {TOKEN}"}
        self.bot = httpx.Client(base_url=demo.bot, headers=headers, timeout=20)

    def strike(self, count: int) -> list[str]:
        """Every customer's job fails once, from eight senders at a time."""

        def send(number: int) -> str:
            customer = {"id": f"acct_{number}", "name": f"Customer <{number}> & Söhne", "tier": TIERS[number % 3]}
            said = "Card payments fail: the gateway does not answer"
            event = failure(f"evt-{number}", job="card", source="payment-gateway", summary=said, customer=customer)
            answer = self.bot.post("/v1/failures", json=event)
            assert answer.status_code == 202, answer.text
            return str(answer.json()["results"][0]["case_id"])

        with ThreadPoolExecutor(8) as senders:
            return list(senders.map(send, range(count)))

    def shown(self, path: str, **asked: str) -> Any:
        answer = self.slack.get(f"/_control/{path}", params=asked).json()
        return answer["messages" if path == "ephemerals" else path]

    def messages(self, **asked: str) -> list[Json]:
        return list(self.shown("messages", channel=CHANNEL, **asked))

    def group(self) -> Json | None:
        return next((one for one in self.messages() if "GROUP-1" in one["text"] and "CASE-" not in one["text"]), None)

    def act(self, path: str, **what: str) -> Json:
        answer = self.slack.post(f"/_control/{path}", json=what)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def click(self, user: str, action: str) -> None:
        group = self.group()
        assert group is not None
        self.act("click", user=user, channel=CHANNEL, ts=group["ts"], action_id=action)

    def cases(self) -> list[Json]:
        return [self.bot.get(f"/v1/cases/CASE-{number}").json() for number in range(1, CUSTOMERS + 1)]

    def until(self, look: Callable[[], Any], what: str, *, within_s: float = 60.0) -> Any:
        deadline, pause = time.monotonic() + within_s, threading.Event()
        while not (found := look()):
            assert time.monotonic() < deadline, f"{what} never came; group: {self.group()}"
            pause.wait(0.2)
        return found


@pytest.fixture
def outage(demo: Running) -> Iterator[Outage]:
    made = Outage(demo)
    yield made
    made.slack.close()
    made.bot.close()


def test_forty_customers_one_group(demo: Running, outage: Outage, visit: OpenPage, picture: Keep) -> None:
    assert len(set(outage.strike(CUSTOMERS))) == CUSTOMERS
    outage.until(lambda: "40 cases" in (outage.group() or {"text": ""})["text"], "the group message")
    assert len(outage.messages()) == 6
    outage.until(lambda: all(case["ticket"]["verified"] for case in outage.cases()), "40 verified tickets")
    assert len({case["ticket"]["id"] for case in outage.cases()}) == CUSTOMERS
    _nobody_twice(outage)
    _limits_held(outage)
    link = (outage.group() or {})["permalink"]
    singles = [one for one in outage.messages() if "GROUP-1" not in one["text"]]
    assert len(singles) == 5
    outage.until(
        lambda: sum(link in str(one["blocks"]) for one in outage.messages()) >= 5, "the link in the earlier messages"
    )
    address = f"{demo.workspace}/#user=U_AGENT2&channel={CHANNEL}"
    outage.until(lambda: "all 40 verified" in str((outage.group() or {}).get("blocks")), "the tickets on the card")
    for width, scheme in ((390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")):
        page = visit(address, width=width, height=844, scheme=scheme)
        message = page.locator("article, .message", has_text="Claim all").last
        message.scroll_into_view_if_needed()
        picture(page, f"group-{width}-{scheme}")

    outage.click("U_AGENT2", "group_cases.claim_all")
    outage.click("U_AGENT1", "group_cases.claim_all")
    said = {"U_AGENT1": "", "U_AGENT2": ""}

    def both_told() -> bool:
        said.update({user: str(outage.shown("ephemerals", user=user)) for user in said})
        return all(word in "".join(said.values()) for word in ("40 cases are yours", "nothing to claim"))

    outage.until(both_told, "what either was told")
    outage.until(lambda: "40 claimed" in (outage.group() or {"text": ""})["text"].lower(), "the claim on the card")
    group = outage.group()
    assert group is not None
    outage.until(lambda: len(outage.messages(thread_ts=group["ts"])) > 1, "the line in the thread")
    thread = outage.messages(thread_ts=group["ts"])
    told = [one["text"] for one in thread if one["ts"] != group["ts"]]
    assert len(told) == 1, told
    assert told[0].endswith("claimed 40 cases")

    outage.click("U_AGENT2", "group_cases.show")
    view = outage.until(lambda: outage.shown("views", user="U_AGENT2"), "the list")[-1]
    outage.act("click", user="U_AGENT2", view_id=view["id"], action_id="group_cases.page")
    outage.until(lambda: "page 2 of 4" in str(outage.shown("views", user="U_AGENT2")), "the second page")
    for width, scheme in ((390, "light"), (1280, "dark")):
        page = visit(address, width=width, height=844, scheme=scheme)
        expect(page.get_by_text("page 2 of 4")).to_be_visible()
        picture(page, f"group-list-{width}-{scheme}")
    outage.act("close", user="U_AGENT2", view_id=view["id"])

    outage.click("U_AGENT2", "group_cases.resolve_all")
    form = outage.until(lambda: outage.shown("views", user="U_AGENT2"), "the form")[-1]
    outage.slack.post(
        "/_control/submit",
        json={"user": "U_AGENT2", "view_id": form["id"], "values": {"note": {"note": "Back again."}}},
    )
    outage.until(lambda: (outage.group() or {"text": ""})["text"].startswith("40 resolved"), "the end")
    outage.until(lambda: "✅ All 40 cases closed" in str((outage.group() or {}).get("blocks")), "green")
    _limits_held(outage)


def _nobody_twice(outage: Outage) -> None:
    texts = [one["text"] for one in outage.messages()]
    for one in outage.messages():
        texts += [line["text"] for line in outage.messages(thread_ts=one["ts"]) if line["ts"] != one["ts"]]
    first = [str(call["arguments"].get("text")) for call in outage.shown("calls", method="chat.postMessage")]
    called = Counter(name for text in first for name in re.findall(r"<@(\w+)>", text))
    assert called, "somebody was called at all"
    assert max(called.values()) == 1, called
    assert "<!channel>" not in " ".join(texts)


def _goes_to(call: Json) -> bool:
    return bool(call["method"] == "chat.postMessage" and call["arguments"].get("channel") == CHANNEL)


def _limits_held(outage: Outage) -> None:
    """No refused call, and posts into one channel at the pace Slack allows.

    The pace is held over all of them: a post that a busy machine holds up comes closer to the next.
    """
    calls = outage.shown("calls")
    assert not [call for call in calls if "ratelimited" in str(call.get("outcome"))]
    posts = sorted(datetime.fromisoformat(call["at"]) for call in calls if _goes_to(call))
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(posts)]
    assert sum(gaps) >= PACE_S * len(gaps), gaps
