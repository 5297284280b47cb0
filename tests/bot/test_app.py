"""The whole bot with the local workspace: start, one failure to its end, an escalation, readiness, stop; bad starts."""

import json
import logging
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from automations.errors import ConfigError
from bot.app import Bot
from bot.server import listen
from bot.workspace import WorkspaceServer
from tests.bot.bot_room import (
    TOKEN,
    address,
    ask,
    fail,
    finished_case,
    messages,
    posts,
    running,
    settings_for,
    until,
    workspace,
)
from tests.serving import free_port


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for what is overdue and for Slack more often than in life."""
    monkeypatch.setattr("bot.sides.ESCALATIONS_S", 0.3)
    monkeypatch.setattr("bot.app.CONNECT_S", 0.3)


@pytest.fixture
def slack() -> Iterator[WorkspaceServer]:
    server = workspace().start()
    yield server
    server.stop()


def loggers_that_write() -> list[str]:
    """Loggers with a way out of their own, past redaction. The workspace's uvicorn has one, outside of the bot."""
    known = logging.root.manager.loggerDict.items()
    ways = {name: [h for h in one.handlers if type(h) is not logging.NullHandler] for name, one in known
            if isinstance(one, logging.Logger)}  # fmt: skip
    return [name for name, handlers in ways.items() if handlers and not name.startswith("uvicorn")]


def quick_escalation(text: str) -> str:
    """Escalate after a second instead of after hours."""
    return re.sub(r'escalate_after = "[^"]+"', 'escalate_after = "1s"', text)


def test_from_start_to_stop(slack: WorkspaceServer, tmp_path: Path) -> None:
    bot = Bot(settings_for(tmp_path, slack.base_url, quick_escalation))
    bot.start()
    try:
        assert ask(address(bot, "/readyz")) == (
            200, {"status": "ok", "database": "ok", "engine": "ok", "slack": "ok"},
        )  # fmt: skip
        assert loggers_that_write() == []

        case = finished_case(bot, fail(bot))
        assert case["ticket"]["system"] == "builtin"
        assert case["ticket"]["seen"]["assignee"] == case["owner"]

        escalated = until(
            lambda: [m for m in messages(slack, "C_ESCALATIONS") if not m.get("subtype")], lambda found: found
        )
        assert len(escalated) == 1
        assert "<@U_LEAD2>" in json.dumps(posts(slack, "C_ESCALATIONS"))
        assert len([m for m in messages(slack, "C_ESCALATIONS") if not m.get("subtype")]) == 1
        posted = [m for m in messages(slack, "C_FAILURES") if not m.get("subtype")]
        assert len(posted) == 1
        assert case["ticket"]["url"] in json.dumps(posted, ensure_ascii=False)
    finally:
        bot.stop()
    with pytest.raises(OSError, match="refused"):
        ask(address(bot, "/healthz"))
    left = [thread.name for thread in threading.enumerate() if thread.name.startswith(("http", "answer", "queue"))]
    assert left == []


def test_it_starts_without_slack_and_catches_up_when_slack_comes(tmp_path: Path) -> None:
    port = free_port()
    settings = settings_for(tmp_path, f"http://127.0.0.1:{port}/api/")
    with running(settings) as bot:
        status, ready = ask(address(bot, "/readyz"))
        assert (status, ready["database"], ready["engine"]) == (503, "ok", "ok")
        assert ready["slack"] != "ok"
        name = fail(bot)
        until(lambda: ask(address(bot, f"/v1/cases/{name}"))[1]["ticket"]["verified"], bool)
        server = workspace(port=port).start()
        try:
            until(lambda: ask(address(bot, "/readyz"))[0], lambda status: status == 200)
            case = finished_case(bot, name)
            assert case["slack"]["channel"] == "C_FAILURES"
            assert len([m for m in messages(server, "C_FAILURES") if not m.get("subtype")]) == 1
        finally:
            bot.slack.close()
            server.stop()


def test_slack_over_http_works_from_the_same_listeners(tmp_path: Path) -> None:
    port = free_port()
    server = workspace(request_url=f"http://127.0.0.1:{port}/slack/events").start()
    env = {
        "HANDOFF_SLACK__TRANSPORT": "http",
        "HANDOFF_SLACK__SIGNING_SECRET": "demo-signing-secret",
        "HANDOFF_HTTP__PORT": str(port),
    }
    try:
        with running(settings_for(tmp_path, server.base_url, env=env)) as bot:
            case = finished_case(bot, fail(bot))
            ts = case["slack"]["ts"]
            click = {"user": "U_AGENT1", "channel": "C_FAILURES", "ts": ts, "action_id": "case.claim"}
            assert ask(f"{server.url}/_control/click", click)[1]["acked"] is True
            assert ask(address(bot, "/v1/cases/1"))[1]["claimed_by"] == "ines.holt@example.com"
            assert "/slack/events" in ask(address(bot, "/openapi.json"))[1]["paths"]
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"HANDOFF_SLACK__BOT_TOKEN": "xoxb-of-somebody-else"}, "HANDOFF_SLACK__BOT_TOKEN"),
        ({"HANDOFF_SLACK__APP_TOKEN": "xapp-of-somebody-else"}, "HANDOFF_SLACK__APP_TOKEN"),
    ],
)
def test_a_token_that_slack_refuses_ends_the_start_in_words(
    slack: WorkspaceServer, tmp_path: Path, env: dict[str, str], words: str
) -> None:
    bot = Bot(settings_for(tmp_path, slack.base_url, env=env))
    with pytest.raises(ConfigError, match=words) as error:
        bot.start()
    assert "somebody-else" not in str(error.value)
    assert not bot.schedule.running
    listen("127.0.0.1", bot.http.port).close()


def test_settings_that_cannot_work_are_told_before_anything_runs(slack: WorkspaceServer, tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigError, match=f"port {port}"):
            Bot(settings_for(tmp_path, slack.base_url, env={"HANDOFF_HTTP__PORT": str(port)}))
    free = free_port()
    wrong = settings_for(
        tmp_path, slack.base_url, lambda text: text.replace("rotation:billing-duty", "rotation:nobody"),
        env={"HANDOFF_HTTP__PORT": str(free)},
    )  # fmt: skip
    with pytest.raises(ConfigError, match="nobody"):
        Bot(wrong)
    listen("127.0.0.1", free).close()
    with pytest.raises(ConfigError, match="HANDOFF_SLACK__APP_TOKEN"):
        Bot(settings_for(tmp_path, slack.base_url, env={"HANDOFF_SLACK__APP_TOKEN": ""}))
    with pytest.raises(ConfigError, match="HANDOFF_INGEST__TOKENS"):
        Bot(settings_for(tmp_path, slack.base_url, env={"HANDOFF_INGEST__TOKENS": ""}))


def test_a_stop_without_a_start_gives_everything_back(slack: WorkspaceServer, tmp_path: Path) -> None:
    bot = Bot(settings_for(tmp_path, slack.base_url))
    bot.stop()
    listen("127.0.0.1", bot.http.port).close()
    assert TOKEN not in repr(bot.settings)
