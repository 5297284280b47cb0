"""What scenes act and look with: the workspace's control API, the bot's ingest and cases, conditions to wait for."""

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import uuid4

import httpx

FAILURES = "C_FAILURES"
WAIT_S = 12.0
"""How long a person would wait for what the bot does by itself."""
T = TypeVar("T")
Json = dict[str, Any]


class NotSeen(Exception):
    """Something that should have been there was not, within the time a person would wait."""


def expect(holds: object, otherwise: str) -> None:
    """Raises: NotSeen with `otherwise`, unless it holds."""
    if not holds:
        raise NotSeen(otherwise)


class Stage:
    """A running demo, as scenes see it. `show` tells the page who acts and where to look."""

    def __init__(
        self, workspace: str, bot: str, token: str, stopped: threading.Event, show: Callable[[Json], None] | None = None
    ) -> None:
        self.slack = httpx.Client(base_url=workspace, timeout=30)
        self.bot = httpx.Client(base_url=bot, headers={"Authorization": f"Bearer {token}"}, timeout=30)
        self.run = uuid4().hex[:6]
        self.main_case = ""
        self._stopped = stopped
        self._show = show or (lambda _view: None)

    def close(self) -> None:
        """Give the connections back."""
        self.slack.close()
        self.bot.close()

    def show(self, **view: Any) -> None:
        """Let the page follow: `user` who acts, `channel`, `thread` (ts), `ticket` (id), `phone` (bool)."""
        self._show(view)

    def report(self, *events: Json) -> list[Json]:
        """Report failures; what became of each. Raises: httpx.HTTPError if they were not accepted."""
        answer = self.bot.post("/v1/failures", json=list(events))
        answer.raise_for_status()
        results: list[Json] = answer.json()["results"]
        return results

    def case(self, ref: str) -> Json:
        """A case as the bot tells it."""
        case: Json = self.bot.get(f"/v1/cases/{ref}").raise_for_status().json()
        return case

    def case_when(self, ref: str, fits: Callable[[Json], object], what: str, *, wait_s: float = WAIT_S) -> Json:
        """The case once it fits. Raises: NotSeen naming `what` was waited for."""

        def look() -> Json | None:
            found = self.case(ref)
            return found if fits(found) else None

        return self.until(look, what, wait_s=wait_s)

    def messages(self, words: str = "", channel: str = FAILURES) -> list[Json]:
        """The channel's messages that hold these words somewhere."""
        found: list[Json] = self.slack.get("/_control/messages", params={"channel": channel}).json()["messages"]
        return [message for message in found if words in str(message)]

    def message(self, ref: str) -> Json | None:
        """The case's own message, if it is there. Raises: NotSeen if there are several."""
        found = [message for message in self.messages() if f"({ref}" in message["text"]]
        expect(len(found) <= 1, f"there are {len(found)} messages for {ref}")
        return found[0] if found else None

    def message_when(self, ref: str, words: str, *, wait_s: float = WAIT_S) -> Json:
        """The case's message once it shows these words."""

        def look() -> Json | None:
            found = self.message(ref)
            return found if found is not None and words in str(found) else None

        return self.until(look, f"{words!r} in the message of {ref}", wait_s=wait_s)

    def thread(self, ts: str, channel: str = FAILURES) -> list[Json]:
        """The replies below a message, oldest first."""
        where = {"channel": channel, "thread_ts": ts}
        found: list[Json] = self.slack.get("/_control/messages", params=where).json()["messages"]
        return [message for message in found if message["ts"] != ts]

    def private(self, user: str, words: str) -> str | None:
        """What the person was told alone, if it holds these words; the newest."""
        told = self.slack.get("/_control/ephemerals", params={"user": user}).json()["messages"]
        return next((message["text"] for message in reversed(told) if words in str(message)), None)

    def view(self, user: str) -> Json | None:
        """The form that lies open before the person."""
        views: list[Json] = self.slack.get("/_control/views", params={"user": user}).json()["views"]
        return views[-1] if views else None

    def click(self, user: str, ref: str, action: str) -> None:
        """Press a button on the case's message, or choose it from the overflow menu if it is there."""
        message = self.until(lambda: self.message(ref), f"the message of {ref}")
        body = {"user": user, "channel": FAILURES, "ts": message["ts"], "action_id": action}
        if f"'action_id': '{action}'" not in str(message):
            number, verb = ref.rpartition("-")[2], action.removeprefix("case.")
            body |= {"action_id": "case.more", "value": f"case:{number}:{verb}"}
        self.act("click", **body)

    def submit(self, user: str, **values: Any) -> None:
        """Fill in the form that opens, and send it."""
        view = self.until(lambda: self.view(user), "the form")
        self.act("submit", user=user, view_id=view["id"], values=values)

    def act(self, what: str, **body: Any) -> Json:
        """One act under `/_control`. Raises: NotSeen if it was refused, or not acknowledged by the bot."""
        answer = self.slack.post(f"/_control/{what}", json=body)
        expect(answer.status_code == 200, f"{what} was answered {answer.text}")
        said: Json = answer.json()
        expect(said.get("acked", True) is True, f"the bot did not acknowledge: {answer.text}")
        return said

    def until(self, look: Callable[[], T | None], what: str, *, wait_s: float = WAIT_S) -> T:
        """What `look` finds, as soon as it finds something. Raises: NotSeen."""
        deadline = time.monotonic() + wait_s
        while True:
            found = look()
            if found:
                return found
            if time.monotonic() > deadline or self._stopped.wait(0.1):
                raise NotSeen(f"waited {wait_s:.0f} s for {what}")
