"""The systemd unit of the README: systemd understands it, and its lines do with three bots what it says."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.socket_mode import CONNECTIONS
from storage.engine import Database
from tests.faults import team
from tests.faults.room import Room, new_port, until
from tests.serving import ROOT

TEXT = (ROOT / "README.md").read_text("utf-8")
SYSTEMD = shutil.which("systemd-analyze")
VERIFY_S = 60
UNITS = int(os.environ.get("REPLICAS_UNITS", "1"))
SLACK_ALLOWS = 10
"""Connections of one app at a time, as Slack's manual says."""


def unit() -> str:
    (found,) = re.findall(r"```ini\n# /etc/systemd/system/handoff@\.service\n(.*?)```", TEXT, re.DOTALL)
    return str(found)


def value(key: str) -> str:
    (found,) = re.findall(rf"^{key}=(.*)$", unit(), re.MULTILINE)
    return str(found)


def test_systemd_finds_no_fault_in_it(tmp_path: Path) -> None:
    """With this machine's paths and user instead of the README's, which are not there."""
    if SYSTEMD is None:
        words = "systemd-analyze is not installed"
        if "systemd" in os.environ.get("HANDOFF_REQUIRE", "").split(","):
            pytest.fail(words)
        pytest.skip(words)
    there = unit().replace("/opt/handoff/.venv/bin/handoff", sys.executable).replace("User=handoff\n", "User=root\n")
    (tmp_path / "handoff@.service").write_text(there, "utf-8")
    shutil.copy(tmp_path / "handoff@.service", tmp_path / "handoff@1.service")
    checked = subprocess.run(
        [SYSTEMD, "verify", "--man=no", "--recursive-errors=no", str(tmp_path / "handoff@1.service")],
        capture_output=True,
        text=True,
        timeout=VERIFY_S,
        check=False,
    )
    assert (checked.returncode, [line for line in checked.stderr.splitlines() if "handoff@" in line]) == (0, [])


def test_it_says_how_many_processes_slack_has_connections_for() -> None:
    numbers = {2: "two", 5: "five"}
    assert f"each process opens {numbers[CONNECTIONS]} connections" in TEXT
    assert f"so {numbers[SLACK_ALLOWS // CONNECTIONS]} processes are the most" in TEXT


class Served:
    """`handoff serve` as the unit runs it: its variables, its command, a socket that hears what it says of itself."""

    def __init__(self, number: int, env: Mapping[str, str], folder: Path) -> None:
        self.ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.ear.bind(str(folder / f"notify-{number}"))
        self.ear.settimeout(60)
        own = {name: text for name, text in os.environ.items() if not name.startswith("HANDOFF_")}
        told = {"NOTIFY_SOCKET": str(self.ear.getsockname()), "WATCHDOG_USEC": f"{int(value('WatchdogSec'))}000000"}
        program, verb = value("ExecStart").split()
        assert Path(program).name == "handoff"
        with (folder / f"serve-{number}.log").open("w") as log:
            self.child = subprocess.Popen(
                [sys.executable, "-m", "bot", verb], env=own | told | dict(env), cwd=ROOT, stdout=log, stderr=log
            )

    def heard(self) -> str:
        return self.ear.recv(100).decode()

    def end(self) -> None:
        self.child.kill()
        self.child.wait()
        self.ear.close()


@pytest.mark.faults
@pytest.mark.timeout(180)
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_they_start_reload_and_stop_as_the_unit_says(
    database: Database, database_url: str, room: Room, tmp_path: Path
) -> None:
    """Real `handoff serve` on one database; one is hung up on as by ExecReload; each ends in time, with 0."""
    port = str(new_port())[:-1]
    assert value("ExecReload") == "/bin/kill -HUP $MAINPID"
    variables = dict(one.split("=", 1) for one in value("Environment").split())
    assert variables["HANDOFF_HTTP__PORT"] == "808%i"
    env = {
        "HANDOFF_CONFIG": str(room.settings),
        "HANDOFF_DATABASE__URL": database_url,
        "HANDOFF_INGEST__TOKENS": f"*={team.TOKEN}",
        "HANDOFF_SLACK__BASE_URL": f"{room.slack.url}/api/",
        "HANDOFF_SLACK__BOT_TOKEN": "xoxb-demo-handoff",
        "HANDOFF_SLACK__APP_TOKEN": "xapp-demo-handoff",
    }
    bots = [Served(n, env | {"HANDOFF_HTTP__PORT": f"{port}{n}"}, tmp_path) for n in range(1, UNITS + 1)]
    try:
        assert [bot.heard() for bot in bots] == ["READY=1"] * UNITS
        until(lambda: room.slack.read("status")["connections"] == UNITS * CONNECTIONS, "the connections of all")
        os.kill(bots[0].child.pid, signal.SIGHUP)
        until(lambda: "reload" in (tmp_path / "serve-1.log").read_text("utf-8"), "the settings read again")
        for bot in bots:
            bot.child.terminate()
            assert bot.child.wait(float(value("TimeoutStopSec"))) == 0
            said = bot.heard()
            while said == "WATCHDOG=1":
                said = bot.heard()
            assert said == "STOPPING=1"
    finally:
        for bot in bots:
            bot.end()
