"""What scenes act and look with: the workspace's control API, the bot's ingest and cases, conditions to wait for."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar
from uuid import uuid4

import httpx

from bot.cli.demo_failures import failure

FAILURES = "C_FAILURES"
WAIT_S = 12.0
"""How long a person would wait for what the bot does by itself."""
_MENTION = re.compile(r"(?:<@|user_id\W{1,10})(U\w+)")
T = TypeVar("T")
Json = dict[str, Any]


class NotSeen(Exception):
    """Something that should have been there was not, within the time a person would wait."""


def expect(holds: object, otherwise: str) -> None:
    """Raises: NotSeen with `otherwise`, unless it holds."""
    if not holds:
        raise NotSeen(otherwise)


def values(node: object) -> Iterator[str]:
    """What the buttons and options of a message carry."""
    if isinstance(node, dict):
        if isinstance(node.get("value"), str):
            yield node["value"]
        node = list(node.values())
    if isinstance(node, list):
        for one in node:
            yield from values(one)


class Stage:
    """A running demo, as scenes see it. `show` tells the page who acts and where to look.

    `main_case` is the case that several scenes tell of; `pace_s` is how long a scene waits for people to look.
    """

    def __init__(
        self, workspace: str, bot: str, token: str, stopped: threading.Event, show: Callable[[Json], None] | None = None
    ) -> None:
        self.slack = httpx.Client(base_url=workspace, timeout=30)
        self.bot = httpx.Client(base_url=bot, headers={"Authorization": f"Bearer {token}"}, timeout=30)
        self.run = uuid4().hex[:6]
        self.main_case = ""
        self.pace_s = 0.0
        self.stopped = stopped
        self._show = show or (lambda _view: None)

    def close(self) -> None:
        """Give the connections back."""
        self.slack.close()
        self.bot.close()

    def show(self, **view: Any) -> None:
        """Let the page follow: `user` who acts, `channel`, `message`, `thread` (both ts), `ticket`, `phone` (bool)."""
        self._show({"thread": None, **view})

    def show_case(self, ref: str, **view: Any) -> Json:
        """Let the page follow to the case's message, which is given, once it is there; `view` as for `show`."""
        message = self.until(lambda: self.message(ref), f"the message of {ref}")
        self.show(channel=FAILURES, message=message["ts"], **view)
        return message

    def report(self, *events: Json) -> list[Json]:
        """Report failures; what became of each. Raises: httpx.HTTPError if they were not accepted."""
        answer = self.bot.post("/v1/failures", json=list(events))
        answer.raise_for_status()
        results: list[Json] = answer.json()["results"]
        return results

    def pause(self) -> None:
        """Give people time to look, as long as `pace_s` says."""
        self.stopped.wait(self.pace_s)

    def open_case(self, name: str, **changes: Any) -> str:
        """Let a job of this name give up, for a case of the scene's own; `changes` are to the event. The case.

        Each name is a source of its own, so that the scenes' cases do not make a group together.
        """
        event = failure(f"{name}-{uuid4().hex[:6]}", job=name, source=f"billing-{name}", **changes)
        (result,) = self.report(event)
        expect(result["status"] == "opened", f"the failure of {name} was {result['status']}, not opened")
        return str(result["case_id"])

    def verified(self, ref: str, *, wait_s: float = WAIT_S) -> Json:
        """The case once its ticket was read back from the desk as it should be."""
        ready = "the ticket, read back from the desk"
        return self.case_when(ref, lambda one: one["ticket"] and one["ticket"]["verified"], ready, wait_s=wait_s)

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

    def pings(self) -> list[str]:
        """Whom posts have mentioned so far, each once per post; an edit mentions nobody anew."""
        calls: list[Json] = self.slack.get("/_control/calls", params={"method": "chat.postMessage"}).json()["calls"]
        return [user for call in calls for user in set(_MENTION.findall(json.dumps(call["arguments"])))]

    def private(self, user: str, *words: str) -> Json | None:
        """The newest message that the person alone was told and that holds all these words."""
        told: list[Json] = self.slack.get("/_control/ephemerals", params={"user": user}).json()["messages"]
        return next((one for one in reversed(told) if all(word in str(one) for word in words)), None)

    def view(self, user: str, ref: str) -> Json | None:
        """The form about a case that lies open before the person; another one may lie there since before."""
        views: list[Json] = self.slack.get("/_control/views", params={"user": user}).json()["views"]
        about = f"case:{ref.rpartition('-')[2]}:"
        return next((view for view in reversed(views) if view["private_metadata"].startswith(about)), None)

    def click(self, user: str, ref: str, action: str) -> None:
        """Press a button on the case's message, or choose it from the overflow menu if it is there."""
        message = self.until(lambda: self.message(ref), f"the message of {ref}")
        body = {"user": user, "channel": FAILURES, "ts": message["ts"], "action_id": action}
        if f"'action_id': '{action}'" not in str(message):
            number, verb = ref.rpartition("-")[2], action.removeprefix("case.")
            body |= {"action_id": "case.more", "value": f"case:{number}:{verb}"}
        self.act("click", **body)

    def submit(self, user: str, ref: str, **values: Any) -> None:
        """Fill in the form that opens about a case, and send it."""
        view = self.until(lambda: self.view(user, ref), f"the form about {ref}")
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
            if time.monotonic() > deadline or self.stopped.wait(0.1):
                raise NotSeen(f"waited {wait_s:.0f} s for {what}")
