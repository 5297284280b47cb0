"""A real Request Tracker 5 on a free port, with data of our own: one for all tests of a process.

It is started by ../shared/servers/rt5.sh, which installs the packages of Debian, so it needs root there; elsewhere its
tests are skipped with the reason. Where HANDOFF_REQUIRE names `rt`, they fail instead.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from automations.adapters.request_tracker.line import Line
from automations.adapters.request_tracker.values import Terms
from automations.domain import TicketChange
from tests.serving import free_port
from tests.support import shared

FILES: Final = Path(__file__).parents[1] / "fixtures" / "request_tracker"
AGENTS: Final = {"anna@team.example": "aberg", "ben@team.example": "bokoro"}
"""User names by address; they differ, as in life."""
CUSTOMER: Final = "someone@acme.example"
TERMS: Final = Terms(on_hold="waiting")
MARKS: Final = (pytest.mark.servers, pytest.mark.timeout(600))
"""For every test with a Request Tracker, which the first one may have to install."""
_WORKERS: Final = 2


class NoBudget:
    """A budget that never holds anybody back."""

    def take(self, name: str, per_minute: int | None) -> float:
        return 0.0

    def pause(self, name: str, seconds: float) -> None:
        raise AssertionError(f"{name} asked for a pause of {seconds} s")


@dataclass
class RequestTracker:
    """The running server: its address, tokens by user name, and what only its owner can do."""

    script: Path
    folder: Path
    url: str
    tokens: dict[str, str] = field(default_factory=dict)

    def token(self, user: str) -> str:
        """An auth token of this user."""
        if user not in self.tokens:
            self.tokens[user] = self.run("token", user, "tests").strip()
        return self.tokens[user]

    def line(self, user: str = "handoff", terms: Terms = TERMS) -> Line:
        """What the adapter is given."""
        return Line(
            self.url, self.token(user), "handoff@team.example", NoBudget(), lambda: datetime.now(UTC), terms
        )  # fmt: skip

    def client(self, user: str) -> httpx.Client:
        """Its REST API in the name of a user."""
        headers = {"Authorization": f"token {self.token(user)}"}
        return httpx.Client(base_url=f"{self.url}/REST/2.0", headers=headers, timeout=60)

    def forget_keys(self) -> None:
        """Let no ticket bear a key or any other custom field, so that a test finds none of those before it."""
        with closing(sqlite3.connect(self.folder / "var" / "rt.sqlite", timeout=30)) as database, database:
            database.execute("delete from ObjectCustomFieldValues where ObjectType = 'RT::Ticket'")

    @contextmanager
    def without_mails(self) -> Iterator[None]:
        """Send nobody anything while the block runs: writing mails is most of the work of every change there."""
        with self._scrips(disabled=True):
            yield

    @contextmanager
    def _scrips(self, *, disabled: bool) -> Iterator[None]:
        for value in (disabled, not disabled):
            with closing(sqlite3.connect(self.folder / "var" / "rt.sqlite", timeout=30)) as database, database:
                sends = "Description like '%Notify%' or Description like '%Autoreply%'"
                database.execute(f"update Scrips set Disabled = ? where {sends}", (int(value),))
            if value is disabled:
                yield

    def mails(self) -> list[str]:
        """Everything that it mailed so far, as it would have gone out."""
        return [path.read_text("utf-8", "replace") for path in sorted((self.folder / "outbox").glob("*.eml"))]

    def many(self, *args: str) -> subprocess.Popen[str]:
        """Work on many tickets by Perl (`many.pl`), in a process beside the server."""
        where = {"RT_SITE_CONFIG": self.folder / "RT_SiteConfig.pm", "RT_SITE_CONFIG_DIR": self.folder / "site.d"}
        return subprocess.Popen(
            ["/usr/bin/perl", str(FILES / "many.pl"), *args],
            env={**os.environ, **{name: str(path) for name, path in where.items()}},
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip

    def run(self, command: str, *args: str) -> str:
        return _run(self.script, command, self.folder, *args)


@contextmanager
def running(folder: Path) -> Iterator[RequestTracker]:
    """A server with its data in `folder` while the block runs. Skips where that cannot be."""
    script = needed_script()
    (folder / "site.d").mkdir(parents=True)
    for config in FILES.glob("*.pm"):
        shutil.copy(config, folder / "site.d")
    url = _run(script, "start", folder, str(free_port()), RT5_SEED=str(FILES / "seed.pl"), RT5_WORKERS=str(_WORKERS))
    try:
        yield RequestTracker(script, folder, url.strip())
    finally:
        _run(script, "stop", folder)


def needed_script() -> Path:
    """Raises: pytest's skip, or its failure where a Request Tracker is required."""
    servers = shared("servers")
    reasons = [
        "" if servers is not None else "../shared/servers is not there",
        "" if shutil.which("apt-get") else "this is no Debian",
        "" if os.geteuid() == 0 else "installing it needs root",
    ]
    lacking = "; ".join(reason for reason in reasons if reason)
    if servers is None or lacking:
        words = f"no Request Tracker here: {lacking}"
        if "rt" in os.environ.get("HANDOFF_REQUIRE", "").split(","):
            pytest.fail(words)
        pytest.skip(words)
    return servers / "rt5.sh"


def _run(script: Path, command: str, folder: Path, *args: str, **env: str) -> str:
    done = subprocess.run(
        ["bash", str(script), command, str(folder), *args],
        env={**os.environ, **env}, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, f"rt5.sh {command}: {done.stderr[-2000:]}"
    return done.stdout


class Colleagues:
    """People at work in Request Tracker, each with a token of their own, through the same API."""

    def __init__(self, server: RequestTracker) -> None:
        self._server = server
        self._clients = {user: server.client(user) for user in (*AGENTS.values(), "customer")}

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    def change(self, ticket: str, change: TicketChange, *, by: str) -> None:
        numbers = dict(zip(("low", "normal", "high", "urgent"), TERMS.priorities, strict=True))
        statuses = {"open": "open", "pending": "stalled", "on_hold": "waiting", "solved": "resolved"}
        body: dict[str, Any] = {}
        if change.group is not None:
            body["Queue"] = change.group
        if change.status is not None:
            body["Status"] = statuses[change.status]
        if change.priority is not None:
            body["Priority"] = numbers[change.priority]
        if change.assignee is not None:
            body["Owner"] = AGENTS[change.assignee] if change.assignee else "Nobody"
        self._put(ticket, body, by)

    def note(self, ticket: str, text: str, *, by: str) -> None:
        self._say(ticket, "comment", text, AGENTS[by])

    def reply(self, ticket: str, text: str, *, by: str) -> None:
        self._say(ticket, "correspond", text, AGENTS[by])

    def customer_replies(self, ticket: str, text: str) -> None:
        self._say(ticket, "correspond", text, "customer")

    def merge(self, ticket: str, into: str, *, by: str) -> None:
        self._put(ticket, {"MergeInto": into}, by)

    def delete(self, ticket: str, *, by: str) -> None:
        self._clients[AGENTS[by]].delete(f"/ticket/{ticket}").raise_for_status()

    def _put(self, ticket: str, body: dict[str, Any], by: str) -> None:
        answer = self._clients[AGENTS[by]].put(f"/ticket/{ticket}", json=body).raise_for_status().json()
        wrong = [line for line in answer if "changed from" not in line and "Success" not in line]
        assert not wrong, answer

    def _say(self, ticket: str, how: str, text: str, user: str) -> None:
        body = {"Content": text, "ContentType": "text/plain"}
        self._clients[user].post(f"/ticket/{ticket}/{how}", json=body).raise_for_status()
