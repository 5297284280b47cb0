"""A running bot takes new rules without a restart, and keeps the old ones when the new ones are wrong."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.app import Bot
from bot.cli import run
from bot.settings_file import load
from bot.workspace import WorkspaceServer
from tests.bot.bot_room import address, ask, environment, fail, settings_for, workspace


@pytest.fixture
def slack() -> Iterator[WorkspaceServer]:
    server = workspace().start()
    yield server
    server.stop()


def test_reload_changes_routing_in_a_running_bot(
    slack: WorkspaceServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("bot.app.RELOAD_S", 0.2)
    settings = settings_for(tmp_path, slack.base_url)
    for name, value in environment(tmp_path, slack.base_url).items():
        monkeypatch.setenv(name, value)
    file = tmp_path / "handoff.toml"
    right = file.read_text("utf-8")
    bot = Bot(settings, reread=lambda: load(file).settings)
    bot.start()
    try:
        first = ask(address(bot, f"/v1/cases/{fail(bot, id='one', dedup_key='one')}"))[1]
        file.write_text(right.replace('queue = "Billing"', 'queue = "Money"'), "utf-8")
        assert run(["--config", str(file), "config", "reload"]) == 0
        assert "queue" in capsys.readouterr().out
        second = ask(address(bot, f"/v1/cases/{fail(bot, id='two', dedup_key='two')}"))[1]
        assert (first["queue"], second["queue"]) == ("Billing", "Money")

        file.write_text(right.replace('queue = "Billing"', "queue = 7"), "utf-8")
        assert run(["--config", str(file), "config", "reload"]) == 1
        told = capsys.readouterr().out
        assert "The old settings stay" in told
        assert "queue" in told
        third = ask(address(bot, f"/v1/cases/{fail(bot, id='three', dedup_key='three')}"))[1]
        assert third["queue"] == "Money"
    finally:
        bot.stop()
    assert run(["--config", str(file), "config", "reload"]) == 1
    assert "would not start" in capsys.readouterr().out
    file.write_text(right, "utf-8")
    assert run(["--config", str(file), "config", "reload"]) == 0
    assert "The settings are right" in capsys.readouterr().out
