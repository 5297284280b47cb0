"""A whole bot beside a local workspace, with the demo's team, as `handoff serve` would run it."""

import json
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import Any

from bot.app import Bot
from bot.settings import Settings
from bot.settings_file import load
from bot.workspace import WorkspaceServer, sample_app, sample_seed
from tests.bot.http_world import an_event

TOKEN = "test-token"


def workspace(*, port: int = 0, request_url: str | None = None) -> WorkspaceServer:
    """A workspace with the sample team, in memory, not yet started."""
    return WorkspaceServer(sample_seed(), sample_app(request_url), port=port)


def team_file(*, watching: bool = False) -> str:
    """The demo team's settings, without triage and escalation unless a test is about them."""
    text = resources.files("bot.cli").joinpath("demo_team.toml").read_text("utf-8")
    return text if watching else text.partition("\n# Where tickets belong")[0]


def settings_for(
    folder: Path,
    base_url: str,
    change: Callable[[str], str] = str,
    *,
    env: Mapping[str, str] | None = None,
    watching: bool = False,
) -> Settings:
    """The demo team's settings with a database in `folder`; `change` edits the file's text."""
    text = team_file(watching=watching)
    path = folder / "handoff.toml"
    path.write_text(change(text), encoding="utf-8")
    return load(path, {**environment(folder, base_url), **(env or {})}).settings


def environment(folder: Path, base_url: str) -> dict[str, str]:
    """What the environment tells such a bot: the workspace's address and secrets, the database."""
    return {
        "HANDOFF_SLACK__BASE_URL": base_url,
        "HANDOFF_SLACK__BOT_TOKEN": "xoxb-demo-handoff",
        "HANDOFF_SLACK__APP_TOKEN": "xapp-demo-handoff",
        "HANDOFF_INGEST__TOKENS": f"*={TOKEN}",
        "HANDOFF_DATABASE__URL": f"sqlite:///{folder / 'handoff.db'}",
        "HANDOFF_HTTP__PORT": "0",
    }


@contextmanager
def running(settings: Settings) -> Iterator[Bot]:
    """The bot, started, and stopped in the end."""
    bot = Bot(settings)
    bot.start()
    try:
        yield bot
    finally:
        bot.stop()


def ask(url: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """GET, or POST of JSON; status and JSON of the answer, also of a refusal."""
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, content, {"Content-Type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, json.load(refusal)


def address(bot: Bot, path: str) -> str:
    """Where the bot answers."""
    return f"http://127.0.0.1:{bot.http.port}{path}"


def fail(bot: Bot, **changes: Any) -> str:
    """Send a failure; the name of its case."""
    status, answer = ask(address(bot, "/v1/failures"), an_event(**changes), Authorization=f"Bearer {TOKEN}")
    assert status == 202, answer
    return str(answer["results"][0]["case_id"])


def until(look: Callable[[], Any], good: Callable[[Any], Any], *, within_s: float = 20) -> Any:
    """Look until it is good; fails with what was seen last."""
    pause, deadline = threading.Event(), time.monotonic() + within_s
    while not good(found := look()):
        assert time.monotonic() < deadline, f"never came; last seen: {found!r}"
        pause.wait(0.05)
    return found


def finished_case(bot: Bot, name: str) -> dict[str, Any]:
    """The case once its ticket is verified and its message in Slack is up to date."""

    def done(case: dict[str, Any]) -> bool:
        return bool(case["ticket"]["verified"] and case["slack"] and case["slack"]["up_to_date"])

    found: dict[str, Any] = until(lambda: ask(address(bot, f"/v1/cases/{name}"))[1], done)
    return found


def posts(server: WorkspaceServer, channel: str) -> list[dict[str, Any]]:
    """What was first posted in a channel, whatever it was edited to since."""
    calls = ask(f"{server.url}/_control/calls?method=chat.postMessage")[1]["calls"]
    return [call["arguments"] for call in calls if call["arguments"]["channel"] == channel]


def messages(server: WorkspaceServer, channel: str) -> list[dict[str, Any]]:
    """What stands in a channel."""
    return list(ask(f"{server.url}/_control/messages?channel={channel}")[1]["messages"])
