"""Servers that live through the session; each test finds them empty."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.faults import team
from tests.faults.room import Desk, Room, Slack, new_port
from tests.serving import Process


@pytest.fixture(scope="session")
def faults_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("faults")


@pytest.fixture(scope="session")
def desk_url(faults_folder: Path) -> Iterator[str]:
    with Process("tests.remote_desk.server", ["--data", str(faults_folder / "desk")]) as process:
        yield process.url


@pytest.fixture(scope="session")
def slack_url(faults_folder: Path) -> Iterator[str]:
    """A workspace that delivers over Socket Mode."""
    with Process("tests.faults.slack_process", ["--data", str(_made(faults_folder / "slack"))]) as process:
        yield process.url


@pytest.fixture(scope="session")
def signed_slack(faults_folder: Path) -> Iterator[tuple[str, int]]:
    """A workspace that delivers by signed HTTP, and the port on which it expects the bot."""
    port = new_port()
    args = ["--data", str(_made(faults_folder / "signed")), "--request-url", f"http://127.0.0.1:{port}/slack/events"]
    with Process("tests.faults.slack_process", args) as process:
        yield process.url, port


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bots of this test pause less than in earnest; for tests that show what is done, not how soon."""
    monkeypatch.setenv("FAULTS_PACE", "quick")


@pytest.fixture
def room(slack_url: str, desk_url: str, tmp_path: Path) -> Iterator[Room]:
    """Empty workspace and desk, without faults."""
    with emptied(Room(Slack(slack_url), Desk(desk_url), settings_in(tmp_path), tmp_path, new_port())) as made:
        yield made


@pytest.fixture
def http_room(signed_slack: tuple[str, int], desk_url: str, tmp_path: Path) -> Iterator[Room]:
    """As `room`, with Slack over HTTP."""
    url, port = signed_slack
    with emptied(Room(Slack(url), Desk(desk_url), settings_in(tmp_path), tmp_path, port, "http")) as made:
        yield made


def settings_in(folder: Path) -> Path:
    return team.write_settings(folder / "handoff.toml")


@contextmanager
def emptied(room: Room) -> Iterator[Room]:
    """The room without messages, tickets and faults."""
    try:
        room.slack.fault(clear=True)
        assert room.slack.act("reset")["ok"]
        room.desk.reset()
        yield room
    finally:
        room.close()


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
