"""`handoff demo --check`: plays the main job without hands and says what it saw.

It acts only as people and applications do (`/_control`, `/v1/failures`) and judges only by what they would see
(`/_control/messages`, `/v1/cases`).
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import uuid4

import httpx

from bot.cli.demo_failures import invoice_sync, send

FAILURES = "C_FAILURES"
WAIT_S = 12.0
CLAIMERS = {"U_AGENT2": "ravi.nair@example.com", "U_AGENT3": "june.adler@example.com"}
T = TypeVar("T")
Json = dict[str, Any]


class NotSeen(Exception):
    """Something that should have been there was not, within the time a person would wait."""


class Check:
    """One run of the check against a running demo."""

    def __init__(self, workspace: str, bot: str, token: str, stopped: threading.Event) -> None:
        self.slack = httpx.Client(base_url=workspace, timeout=20)
        self.bot = httpx.Client(base_url=bot, headers={"Authorization": f"Bearer {token}"}, timeout=20)
        self.stopped = stopped
        self.run = uuid4().hex[:6]
        self.case = ""
        self.ts = ""
        self.holder = ""

    def play(self) -> int:
        """Play every act in order; 0 if all was seen, else 1 after the first that was not."""
        began = time.monotonic()
        acts = [
            self.retries,
            self.gives_up,
            self.once,
            self.claims,
            self.reassigns,
            self.reacts,
            self.resolves,
        ]
        for act in acts:
            try:
                print(f"✓ {act()}", flush=True)
            except (NotSeen, httpx.HTTPError, KeyError, IndexError) as exc:
                print(f"✗ {(act.__doc__ or act.__name__).strip()} {type(exc).__name__}: {exc}", flush=True)
                return 1
        print(f"All seen in {time.monotonic() - began:.0f} s.", flush=True)
        return 0

    def retries(self) -> str:
        """A job that is still retrying is recorded and opens nothing."""
        for attempt in range(1, 5):
            status = send(self.bot, self._event(attempt))
            self._expect(status == "recorded", f"attempt {attempt} was {status}")
        self._expect(not self._messages(), "a message was posted for a job that is still retrying")
        return "four failed attempts: recorded, no ticket, no message"

    def gives_up(self) -> str:
        """The fifth failure opens one case with one message and one verified ticket."""
        answer = self.bot.post("/v1/failures", json=self._event(5))
        answer.raise_for_status()
        result = answer.json()["results"][0]
        self._expect(result["status"] == "opened", f"the fifth attempt was {result['status']}")
        self.case = result["case_id"]
        message = self._until(self._message, "one message in #failures")
        self.ts = message["ts"]
        case = self._until(lambda: self._case_if(lambda c: c["ticket"]["verified"]), "the ticket read back")
        points = " + ".join(f"{why['label']} {why['points']}" for why in case["priority_why"])
        self._expect(case["priority"] in message["text"].lower(), "the message does not say the priority")
        told = f"owner {case['owner_name']}, {case['priority']} ({points})"
        return f"the fifth: {self.case}, one message, ticket #{case['ticket']['id']}, {told}"

    def once(self) -> str:
        """The same event again changes nothing."""
        status = send(self.bot, self._event(5))
        self._expect(status == "duplicate", f"the repeated event was {status}")
        self._expect(len(self._messages()) == 1, "there is a second message")
        return "the same event again: duplicate, still one message"

    def claims(self) -> str:
        """Two agents press Claim at once: one has it, the other is told privately who was first."""
        with ThreadPoolExecutor(2) as people:
            list(people.map(lambda user: self._click(user, "case.claim"), CLAIMERS))
        case = self._until(lambda: self._case_if(lambda c: c["status"] == "claimed"), "the claim")
        self.holder = next(user for user, email in CLAIMERS.items() if email == case["claimed_by"])
        other = next(user for user in CLAIMERS if user != self.holder)
        name = case["owner_name"]
        told = self._until(lambda: self._private(other, name), "the private answer to the second")
        self._until(lambda: self._shows(name), f"{name} in the same message")
        return f"two pressed Claim at once: {name} has it, the other was told alone: {told}"

    def reassigns(self) -> str:
        """The form with a people picker gives the case to somebody else."""
        self._click(self.holder, "case.reassign")
        view = self._until(lambda: self._view(self.holder), "the form")
        self._post("submit", user=self.holder, view_id=view["id"], values={"to": "U_AGENT1"})
        self._until(lambda: self._case_if(lambda c: c["owner"] == "ines.holt@example.com"), "the new owner")
        self._until(lambda: self._shows("Ines Holt"), "the new owner in the same message")
        return "reassigned in a form with a people picker: Ines owns it"

    def reacts(self) -> str:
        """Eyes on the message claim it."""
        self._post("react", user="U_AGENT1", channel=FAILURES, ts=self.ts, name="eyes")
        self._until(
            lambda: self._case_if(lambda c: c["claimed_by"] == "ines.holt@example.com"), "the claim by reaction"
        )
        return "Ines reacted with eyes: claimed"

    def resolves(self) -> str:
        """Resolving asks for a note, solves the ticket, and turns the message only after the read-back."""
        self._click("U_AGENT1", "case.resolve")
        view = self._until(lambda: self._view("U_AGENT1"), "the form")
        self._post("submit", user="U_AGENT1", view_id=view["id"], values={"note": "Ledger is back, sync ran again."})
        case = self._until(
            lambda: self._case_if(lambda c: c["status"] == "resolved" and c["ticket"]["verified"]), "the solved ticket"
        )
        self._expect(case["ticket"]["seen"]["status"] == "solved", "the desk does not show the ticket as solved")
        self._until(lambda: self._shows("✅ Resolved"), "the message in green, which it is only after the read-back")
        lines = self._until(lambda: self._thread(at_least=4), "claim, reassign, claim and resolve in the thread")
        self._expect(len(self._messages()) == 1, "there is more than one message")
        self._expect(bool(case["audit"]), "nothing was audited")
        return f"resolved: ticket solved and read back, still one message, {lines} lines in its thread"

    def _event(self, attempt: int) -> Json:
        return invoice_sync(f"check{self.run}", attempt=attempt, last=attempt == 5, now=datetime.now(UTC))

    def _messages(self) -> list[Json]:
        found: list[Json] = self.slack.get("/_control/messages", params={"channel": FAILURES}).json()["messages"]
        return [message for message in found if self.case and f"({self.case}" in message["text"]]

    def _message(self) -> Json | None:
        found = self._messages()
        self._expect(len(found) <= 1, f"there are {len(found)} messages for one case")
        return found[0] if found else None

    def _thread(self, *, at_least: int) -> int:
        """How many lines the message's thread has, 0 while there are fewer than `at_least`."""
        where = {"channel": FAILURES, "thread_ts": self.ts}
        found: list[Json] = self.slack.get("/_control/messages", params=where).json()["messages"]
        lines = sum(message["ts"] != self.ts for message in found)
        return lines if lines >= at_least else 0

    def _shows(self, words: str) -> bool:
        message = self._message()
        return message is not None and message["ts"] == self.ts and words in str(message)

    def _case_if(self, fits: Callable[[Json], bool]) -> Json | None:
        case: Json = self.bot.get(f"/v1/cases/{self.case}").raise_for_status().json()
        return case if fits(case) else None

    def _private(self, user: str, words: str) -> str | None:
        told = self.slack.get("/_control/ephemerals", params={"user": user}).json()["messages"]
        return next((message["text"] for message in told if words in message["text"]), None)

    def _view(self, user: str) -> Json | None:
        views: list[Json] = self.slack.get("/_control/views", params={"user": user}).json()["views"]
        return views[-1] if views else None

    def _click(self, user: str, action: str) -> None:
        """Press the button, or choose it from the overflow menu if it is there."""
        body = {"user": user, "channel": FAILURES, "ts": self.ts, "action_id": action}
        if f"'action_id': '{action}'" not in str(self._message()):
            number, verb = self.case.rpartition("-")[2], action.removeprefix("case.")
            body |= {"action_id": "case.more", "value": f"case:{number}:{verb}"}
        self._post("click", **body)

    def _post(self, what: str, **body: Any) -> None:
        answer = self.slack.post(f"/_control/{what}", json=body)
        self._expect(answer.status_code == 200, f"{what} was answered {answer.text}")
        self._expect(answer.json().get("acked", True) is True, f"the bot did not acknowledge: {answer.text}")

    def _until(self, look: Callable[[], T | None], what: str) -> T:
        deadline = time.monotonic() + WAIT_S
        while True:
            found = look()
            if found:
                return found
            if time.monotonic() > deadline or self.stopped.wait(0.1):
                raise NotSeen(f"waited {WAIT_S:.0f} s for {what}")

    def _expect(self, held: bool, otherwise: str) -> None:
        if not held:
            raise NotSeen(otherwise)
