"""`handoff demo` as a process of its own: its words, its children, its story by the control API.

Every scene of it is played in a browser (tests/browser/test_story.py).
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.cli.demo_story.table import SCENES
from tests.bot.engine.world import until

READY_S = 60.0
ENV = {"HANDOFF_HTTP__PORT": "0", "HANDOFF_CONFIG": "/nowhere.toml", "HANDOFF_SLACK__BOT_TOKEN": "a-real-token"}
"""What stands in somebody's shell; of it, the demo takes the port alone."""


@dataclass(frozen=True)
class Shown:
    """A demo that said that it is ready."""

    process: "subprocess.Popen[str]"
    said: dict[str, str]
    control: httpx.Client

    def post(self, path: str, **body: Any) -> Any:
        return self.control.post(f"/_control/{path}", json=body).json()

    @property
    def story(self) -> Any:
        return self.control.get("/_control/story").json()["story"]

    def bot(self) -> int:
        """The process id of the bot."""
        pids = children(self.process.pid)
        assert len(pids) == 1
        return pids[0]


def children(pid: int) -> list[int]:
    """The processes that one has started."""
    found = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for task in found.parents[1].iterdir() for child in (task / "children").read_text().split()]


def runs(pid: int) -> bool:
    """Whether a process does anything still."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


@contextmanager
def demo(*args: str) -> Iterator[Shown]:
    command = [sys.executable, "-m", "bot", "demo", "--no-open", "--port", "0", *args]
    env = {**os.environ, **ENV}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as process:
        assert process.stdout is not None
        try:
            said = {}
            for line in process.stdout:
                word, _, rest = line.strip().partition(" ")
                said[word] = rest
                if word == "ready":
                    break
            assert list(said) == ["workspace", "ingest", "token", "ready"]
            with httpx.Client(base_url=said["workspace"], timeout=60, trust_env=False) as control:
                yield Shown(process, said, control)
        finally:
            process.send_signal(signal.SIGTERM)


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """One demo whose opening has been played."""
    with demo("--data-dir", str(tmp_path_factory.mktemp("demo"))) as here:
        until(lambda: here.story["state"] == "done", within_s=READY_S)
        yield here


def test_the_opening_plays_by_itself_and_the_rest_waits(shown: Shown) -> None:
    story = shown.story
    assert (story["at"], story["scene"]["id"], story["problem"]) == (0, "failing-job", "")
    assert len(story["lines"]) == 3
    assert story["next"]["id"] == SCENES[1].id
    assert int(story["view"]["ticket"]) > 100, "the desk had tickets before this day"
    assert [scene["id"] for scene in story["scenes"]] == [scene.id for scene in SCENES]
    page = shown.control.get("/_page/state").json()
    assert page["story"] == story


def test_the_desk_is_beside_the_chat_and_lets_the_acting_person_in(shown: Shown) -> None:
    page = f"/desk/tickets/{shown.story['view']['ticket']}"
    with httpx.Client(base_url=shown.said["workspace"], follow_redirects=True, trust_env=False) as browser:
        ticket = browser.get("/_desk/enter", params={"user": "U_AGENT1", "to": page})
        assert "frame-ancestors 'self'" in ticket.headers["content-security-policy"]
        assert "Ines Holt" in ticket.text
        assert "Add internal note" in ticket.text
        assert browser.get("/_desk/enter", params={"user": "U_GUEST", "to": page}).status_code == 200
        assert "Add internal note" not in browser.get(page).text, "a guest looks on"
        assert (
            browser.get("/v1/cases/CASE-1", follow_redirects=False).headers["location"].startswith("http://127.0.0.1")
        )
        shown.post("demo/desk", on=False)
        assert browser.get(page).status_code == 503
        shown.post("demo/desk", on=True)
        assert browser.get(page).status_code == 200


def test_the_bot_is_killed_and_started_again_at_the_same_address(shown: Shown) -> None:
    bot, before = httpx.Client(base_url=shown.said["ingest"].removesuffix("/v1/failures"), trust_env=False), shown.bot()
    assert shown.post("demo/kill") == {"ok": True, "pid": before}
    with pytest.raises(httpx.ConnectError):
        bot.get("/healthz")
    assert shown.control.get("/desk/tickets").status_code == 200, "the desk stays"
    shown.post("demo/start")
    assert bot.get("/healthz").status_code == 200
    assert shown.bot() != before
    bot.close()


def test_a_form_that_somebody_left_open_is_not_taken_for_the_storys(shown: Shown) -> None:
    while shown.story["next"]["id"] != "wrong-click":
        shown.post("story/skip")
    shown.post("command", user="U_AGENT1", channel="C_FAILURES", command="/support", text="new")
    until(lambda: shown.control.get("/_control/views?user=U_AGENT1").json()["views"], within_s=READY_S)
    played = shown.post("story/next", wait=True)["story"]
    assert (played["state"], played["problem"]) == ("done", "")


def test_skip_passes_by_and_next_plays(shown: Shown) -> None:
    while shown.story["next"]["id"] != "records":
        assert shown.post("story/skip")["story"]["state"] == "skipped"
    played = shown.post("story/next", wait=True)["story"]
    assert (played["scene"]["id"], played["state"], played["problem"]) == ("records", "done", "")
    assert "rows are right" in played["lines"][0]
    shown.post("story/next", wait=True)
    refused = shown.post("story/next")
    assert (refused["ok"], refused["error"]) == (False, "nothing_to_play")
    assert shown.post("story/skip")["error"] == "nothing_to_skip"


def test_it_ends_in_order_with_its_children() -> None:
    with demo() as here:
        bot = here.bot()
        here.process.send_signal(signal.SIGINT)
        assert here.process.wait(READY_S) == 0
        assert not runs(bot)


def test_a_crash_of_the_demo_leaves_no_orphan() -> None:
    with demo() as here:
        bot = here.bot()
        here.process.kill()
        until(lambda: not runs(bot), within_s=READY_S)


def test_a_bot_that_ends_by_itself_ends_the_demo() -> None:
    with demo() as here:
        os.kill(here.bot(), signal.SIGTERM)
        assert here.process.wait(READY_S) == 1
