"""`handoff demo --check`: plays the main job without hands and says what it saw.

It acts only as people and applications do (`/_control`, `/v1/failures`) and judges only by what they would see
(`/_control`, `/v1/cases`).
"""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx

from bot.cli.demo_failures import invoice_sync
from bot.cli.demo_story.stage import FAILURES, Json, NotSeen, Stage, expect

CLAIMERS = {"U_AGENT2": "ravi.nair@example.com", "U_AGENT3": "june.adler@example.com"}
INES = "ines.holt@example.com"


class Check:
    """One run of the check against a running demo."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
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
            status = self._report(attempt)["status"]
            expect(status == "recorded", f"attempt {attempt} was {status}")
        expect(not self.stage.messages(self._run), "a message was posted for a job that is still retrying")
        return "four failed attempts: recorded, no ticket, no message"

    def gives_up(self) -> str:
        """The fifth failure opens one case with one message and one verified ticket."""
        result = self._report(5)
        expect(result["status"] == "opened", f"the fifth attempt was {result['status']}")
        self.case = result["case_id"]
        message = self.stage.until(lambda: self.stage.message(self.case), "one message in #failures")
        self.ts = message["ts"]
        case = self.stage.verified(self.case)
        points = " + ".join(f"{why['label']} {why['points']}" for why in case["priority_why"])
        expect(case["priority"] in message["text"].lower(), "the message does not say the priority")
        told = f"owner {case['owner_name']}, {case['priority']} ({points})"
        return f"the fifth: {self.case}, one message, ticket #{case['ticket']['id']}, {told}"

    def once(self) -> str:
        """The same event again changes nothing."""
        status = self._report(5)["status"]
        expect(status == "duplicate", f"the repeated event was {status}")
        expect(self.stage.message(self.case), "the message is gone")
        return "the same event again: duplicate, still one message"

    def claims(self) -> str:
        """Two agents press Claim at once: one has it, the other is told privately who was first."""
        with ThreadPoolExecutor(2) as people:
            list(people.map(lambda user: self.stage.click(user, self.case, "case.claim"), CLAIMERS))
        case = self.stage.case_when(self.case, lambda c: c["status"] == "claimed", "the claim")
        self.holder = next(user for user, email in CLAIMERS.items() if email == case["claimed_by"])
        other = next(user for user in CLAIMERS if user != self.holder)
        name = case["owner_name"]
        told = self.stage.until(lambda: self.stage.private(other, name), "the private answer to the second")
        self._shows(name)
        return f"two pressed Claim at once: {name} has it, the other was told alone: {told['text']}"

    def reassigns(self) -> str:
        """The form with a people picker gives the case to somebody else."""
        self.stage.click(self.holder, self.case, "case.reassign")
        self.stage.submit(self.holder, self.case, to="U_AGENT1")
        self.stage.case_when(self.case, lambda c: c["owner"] == INES, "the new owner")
        self._shows("Ines Holt")
        return "reassigned in a form with a people picker: Ines owns it"

    def reacts(self) -> str:
        """Eyes on the message claim it."""
        self.stage.act("react", user="U_AGENT1", channel=FAILURES, ts=self.ts, name="eyes")
        self.stage.case_when(self.case, lambda c: c["claimed_by"] == INES, "the claim by reaction")
        return "Ines reacted with eyes: claimed"

    def resolves(self) -> str:
        """Resolving asks for a note, solves the ticket, and turns the message only after the read-back."""
        self.stage.click("U_AGENT1", self.case, "case.resolve")
        self.stage.submit("U_AGENT1", self.case, note="Ledger is back, sync ran again.")
        case = self.stage.case_when(
            self.case,
            lambda c: c["ticket"]["verified"] and c["ticket"]["seen"]["status"] == "solved",
            "the solved ticket",
        )
        expect(case["status"] == "resolved", f"the case is {case['status']}")
        self._shows("✅ Resolved")
        lines = self.stage.until(lambda: self._thread(at_least=4), "claim, reassign, claim and resolve in the thread")
        expect(bool(case["audit"]), "nothing was audited")
        return f"resolved: ticket solved and read back, still one message, {lines} lines in its thread"

    @property
    def _run(self) -> str:
        return f"check{self.stage.run}"

    def _report(self, attempt: int) -> Json:
        event = invoice_sync(self._run, attempt=attempt, last=attempt == 5, now=datetime.now(UTC))
        return self.stage.report(event)[0]

    def _shows(self, words: str) -> None:
        """The case's one message, the same as at first, shows these words."""
        message = self.stage.message_when(self.case, words)
        expect(message["ts"] == self.ts, "it is another message than at first")

    def _thread(self, *, at_least: int) -> int:
        """How many lines the message's thread has, 0 while there are fewer than `at_least`."""
        lines = len(self.stage.thread(self.ts))
        return lines if lines >= at_least else 0
