"""What systemd hears."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.systemd import READY, STOPPING, WELL, say, until_stopped_saying_so


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    """Its end of the socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(tmp_path / "notify"))
        ear.settimeout(10)
        yield ear


def heard(ear: socket.socket) -> str:
    return ear.recv(100).decode()


def test_up_well_and_going(systemd: socket.socket) -> None:
    env = {"NOTIFY_SOCKET": str(systemd.getsockname()), "WATCHDOG_USEC": "30000"}
    stopped = threading.Event()
    asked: list[bool] = []

    def well() -> bool:
        asked.append(True)
        return True

    bot = threading.Thread(target=until_stopped_saying_so, args=(stopped, well, env))
    bot.start()
    assert [heard(systemd), heard(systemd), heard(systemd)] == [READY, WELL, WELL]
    stopped.set()
    bot.join()
    assert asked
    said = [heard(systemd)]
    while said[-1] != STOPPING:
        said.append(heard(systemd))
    assert set(said[:-1]) <= {WELL}


def test_a_bot_that_is_not_well_is_silent(systemd: socket.socket) -> None:
    env = {"NOTIFY_SOCKET": str(systemd.getsockname()), "WATCHDOG_USEC": "3000"}
    stopped = threading.Event()
    looks = iter(range(5))

    def well() -> bool:
        if next(looks) == 4:
            stopped.set()
        return False

    until_stopped_saying_so(stopped, well, env)
    assert [heard(systemd), heard(systemd)] == [READY, STOPPING]


def test_a_name_in_no_folder_is_found() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind("\0handoff-test-notify")
        ear.settimeout(10)
        assert say(READY, {"NOTIFY_SOCKET": "@handoff-test-notify"})
        assert heard(ear) == READY


def test_where_nobody_listens_nothing_happens(tmp_path: Path) -> None:
    assert not say(READY, {})
    assert not say(READY, {"NOTIFY_SOCKET": str(tmp_path / "nobody")})
    stopped = threading.Event()
    stopped.set()
    until_stopped_saying_so(stopped, lambda: True, {"WATCHDOG_USEC": "soon"})
