"""Workspace, desk and bot, each a process of its own, and what people and senders do to them."""

import os
import random
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx

from tests.faults import team
from tests.faults.bots import BotProcess, Forked, Fresh
from tests.remote_desk.adapter import PLAIN

T = TypeVar("T")
Json = dict[str, Any]

PAUSE = threading.Event()
"""Never set: waited on between two looks."""


def until(look: Callable[[], T | None], what: str, timeout_s: float = 60) -> T:
    """Look again and again until something is there; what was seen last is part of the failure."""
    deadline = time.monotonic() + timeout_s
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"waited {timeout_s:.0f} s for {what}; last seen: {found!r}"
        PAUSE.wait(0.05)


@dataclass
class Slack:
    """The workspace's control API. `channels`: where cases are posted."""

    url: str
    channels: tuple[str, ...] = team.channels()

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.url, timeout=30, verify=PLAIN)

    def act(self, act: str, /, **body: Any) -> Json:
        """One act of a person, or an order; whatever the answer."""
        answer: Json = self.http.post(f"/_control/{act}", json=body).json()
        return answer

    def fault(self, **order: Any) -> None:
        answer = self.act("faults", **order)
        assert answer["ok"], answer

    def read(self, what: str, /, **query: str) -> Json:
        answer: Json = self.http.get(f"/_control/{what}", params=query).json()
        return answer

    def messages(self, channel: str, **query: str) -> list[Json]:
        return list(self.read("messages", channel=channel, **query)["messages"])

    def calls(self, method: str) -> list[Json]:
        return list(self.read("calls", method=method)["calls"])

    def everywhere(self) -> list[tuple[str, Json]]:
        """Every top-level message with its channel."""
        return [(channel, message) for channel in self.channels for message in self.messages(channel)]

    def thread(self, channel: str, ts: str) -> list[Json]:
        """What was said below a message."""
        return [message for message in self.messages(channel, thread_ts=ts) if message["ts"] != ts]

    def click(self, user: str, channel: str, ts: str, act: str = "case.claim") -> Json:
        return self.act("click", user=user, channel=channel, ts=ts, action_id=act)


@dataclass
class Desk:
    """The remote desk's knobs and journal."""

    url: str

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.url, timeout=30, verify=PLAIN)

    def fault(self, **order: float) -> None:
        self.http.post("/_faults", json=order).raise_for_status()

    def reset_faults(self) -> None:
        """No faults any more; tickets stay."""
        self.http.post("/_faults", json={}).raise_for_status()

    def reset(self) -> None:
        self.http.post("/_reset").raise_for_status()

    def journal(self) -> Json:
        everything: Json = self.http.get("/_all").raise_for_status().json()
        return everything

    def tickets(self) -> list[Json]:
        return list(self.journal()["tickets"])

    def act(self, kind: str, ticket: str, email: str, **body: Any) -> None:
        """One act of a person in the desk."""
        told = {"kind": kind, "ticket": int(ticket), "by": {"name": email.partition("@")[0], "email": email}, **body}
        self.http.post("/_act", json=told).raise_for_status()


class Sender:
    """An application that reports failures and repeats each request until it is acknowledged, as real ones do."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {team.TOKEN}"}, timeout=30, verify=PLAIN
        )
        self.results: dict[str, Json] = {}
        self.repeats = 0
        self.given_up = threading.Event()

    def send(self, events: Json | list[Json], *, timeout_s: float = 90) -> list[Json]:
        """What became of each event. A repeat may find that the first delivery was taken: a duplicate."""
        found = until(lambda: self._try(events), f"an acknowledgement from {self.http.base_url}", timeout_s)
        self.results |= {result["event_id"]: result for result in found}
        return found

    def _try(self, events: Json | list[Json]) -> list[Json] | None:
        assert not self.given_up.is_set(), "the test failed elsewhere"
        try:
            answer = self.http.post("/v1/failures", json=events)
        except httpx.TransportError:
            self.repeats += 1
            return None
        if answer.status_code in (429, 503):
            assert int(answer.headers["retry-after"]) > 0, "when to come again is not said"
            self.repeats += 1
            return None
        assert answer.status_code == 202, answer.text
        return list(answer.json()["results"])

    def case(self, case: str) -> Json:
        found: Json = self.http.get(f"/v1/cases/{case}", params={"limit": 500}).raise_for_status().json()
        return found


def failure(id: str, *, key: str, lane: int = 0, **more: Any) -> Json:
    """A failure that opens a case of its own per `key`, in the channel of `lane`."""
    return {
        "id": id,
        "source": team.source(lane),
        "occurred_at": "2026-11-21T02:14:00Z",
        "status": "failed",
        "reason": "retries_exhausted",
        "summary": f"Sync of {key} failed after 5 attempts",
        "dedup_key": key,
        "job": {"id": f"job-{id}", "name": "sync"},
        "impact": {"blocked": True, "customers": 1},
    } | more


@dataclass(frozen=True)
class Room:
    """What lives on while bots come and go."""

    slack: Slack
    desk: Desk
    settings: Path
    folder: Path
    port: int
    transport: str = "socket"
    senders: list["Sender"] = field(default_factory=list)

    def sender(self) -> "Sender":
        """A new application that reports failures."""
        self.senders.append(Sender(self.url))
        return self.senders[-1]

    def close(self) -> None:
        for client in (self.slack.http, self.desk.http, *(sender.http for sender in self.senders)):
            client.close()

    @contextmanager
    def threads(self, number: int) -> Iterator[ThreadPoolExecutor]:
        """Threads that send; they end when the test fails, rather than repeat what nobody will take."""
        with ThreadPoolExecutor(number) as pool:
            whole = False
            try:
                yield pool
                whole = True
            finally:
                for sender in self.senders if not whole else ():
                    sender.given_up.set()

    @property
    def url(self) -> str:
        """Where the bot answers, this one and the next."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.folder / "bot.log"

    @contextmanager
    def bot(
        self, database_url: str, *, crash_at: str = "", fresh: bool = False, env: Mapping[str, str] | None = None
    ) -> Iterator[BotProcess]:
        """A bot on this database; killed at the end if it still runs. `fresh`: not forked."""
        settings = {
            "HANDOFF_CONFIG": str(self.settings),
            "HANDOFF_CRASH_AT": crash_at,
            "HANDOFF_DATABASE__URL": database_url,
            "HANDOFF_HTTP__PORT": str(self.port),
            "HANDOFF_INGEST__TOKENS": f"*={team.TOKEN}",
            "HANDOFF_SLACK__BASE_URL": f"{self.slack.url}/api/",
            "HANDOFF_SLACK__TRANSPORT": self.transport,
            "HANDOFF_SLACK__BOT_TOKEN": "xoxb-demo-handoff",
            "HANDOFF_SLACK__APP_TOKEN": "xapp-demo-handoff",
            "HANDOFF_SLACK__SIGNING_SECRET": "demo-signing-secret",
            "FAULTS_DESK_URL": self.desk.url,
            "FAULTS_PACE": os.environ.get("FAULTS_PACE", ""),
        }
        process = (Fresh if fresh else Forked)(settings | dict(env or {}), self.log)
        try:
            if not process.url:  # it may have died of what the one before had left to do
                ordered = crash_at != "" or "FAULTS_DIE_AFTER_S" in (env or {})
                died_as_ordered = process.end() == -signal.SIGKILL and ordered
                assert died_as_ordered, self.log.read_text("utf-8")[-3000:]
            yield process
        finally:
            process.end(signal.SIGKILL)

    def ready(self) -> Json | None:
        """What /readyz says, if it is well."""
        answer = httpx.get(f"{self.url}/readyz", timeout=10, verify=PLAIN)
        body: Json = answer.json()
        return body if answer.status_code == 200 else None


def new_port() -> int:
    """A free port that no outgoing connection is given by chance while the bot is down.

    Linux takes those from 32768 upwards; a sender that knocks at such a port of a dead bot may even meet itself.
    """
    for _ in range(100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", random.randrange(20_000, 30_000)))
            return int(probe.getsockname()[1])
    raise AssertionError("no free port")
