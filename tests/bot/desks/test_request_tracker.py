"""Request Tracker by the settings: each door with its own credential, and what cannot be is said."""

from pathlib import Path

import pytest

from automations.adapters.request_tracker.access import RequestTrackerAccess
from automations.adapters.request_tracker.desk import RequestTrackerDesk
from automations.adapters.request_tracker.line import Line
from automations.desks import Capability, require
from automations.errors import ConfigError, Refused
from bot.desk import open_access, open_customers, open_desk
from bot.settings import Settings
from storage.engine import Database
from tests.bot.bot_room import settings_for
from tests.support import FakeClock

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def over(folder: Path, section: str = "", **env: str) -> Settings:
    def change(text: str) -> str:
        return f"""{text}
[desk]
kind = "request_tracker"
url = "https://rt.example"
requester = "handoff@team.example"
calls_per_minute = 600

[desk.request_tracker]
{section}
"""

    return settings_for(folder, "https://slack.example/api/", change, env=env)


@SQLITE
def test_each_door_has_its_own_credential(
    tmp_path: Path, database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: dict[str, Line] = {}
    for kind in (RequestTrackerDesk, RequestTrackerAccess):
        monkeypatch.setattr(kind, "__init__", lambda self, line: lines.__setitem__(type(self).__name__, line))
    env = {"HANDOFF_DESK__TOKEN": "1-7-tickets", "HANDOFF_DESK__ADMIN_TOKEN": "1-8-access"}
    settings = over(tmp_path, 'on_hold = "waiting"\npriorities = [1, 2, 3, 4]', **env)
    open_desk(settings, database, clock)
    assert open_access(settings, database, clock) is not None
    assert lines["RequestTrackerDesk"].token == "1-7-tickets"
    assert lines["RequestTrackerAccess"].token == "1-8-access"
    line = lines["RequestTrackerDesk"]
    assert (line.url, line.requester, line.per_minute) == ("https://rt.example", "handoff@team.example", 600)
    assert (line.terms.on_hold, line.terms.priorities, line.terms.solved) == ("waiting", (1, 2, 3, 4), "resolved")


@SQLITE
def test_without_the_administrative_one_there_is_no_access(
    tmp_path: Path, database: Database, clock: FakeClock
) -> None:
    settings = over(tmp_path, HANDOFF_DESK__TOKEN="1-7-tickets")
    assert open_access(settings, database, clock) is None
    book = open_customers(settings, database, clock)
    with pytest.raises(Refused, match="Request Tracker cannot create and update customers"):
        require(book, Capability.CUSTOMERS)


def test_priorities_grow(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"desk\.request_tracker.*must grow"):
        over(tmp_path, "priorities = [0, 50, 50, 100]", HANDOFF_DESK__TOKEN="1-7-tickets")
