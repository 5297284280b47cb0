"""Intercom by the settings: what has to be there, and which credential each door is given."""

from pathlib import Path

import pytest

from automations.desks import Capability
from automations.errors import ConfigError
from bot.desk import open_access, open_customers, open_desk
from bot.settings import Settings
from bot.settings_file import load
from storage.engine import Database
from tests.support import FakeClock

FILE = """
[desk]
kind = "intercom"
url = "https://api.eu.intercom.io"
requester = "handoff@team.example"
[desk.intercom]
{section}
[failure_tickets]
default_owner = "lead@team.example"
default_channel = "failures"
escalation_channel = "failures"
escalation_lead = "lead@team.example"
[channels]
failures = "C0FAILURE"
[[people]]
name = "Lead"
email = "lead@team.example"
"""


def settings(tmp_path: Path, section: str, **secrets: str) -> Settings:
    path = tmp_path / "handoff.toml"
    path.write_text(FILE.format(section=section), encoding="utf-8")
    return load(path, {f"HANDOFF_DESK__{name.upper()}": value for name, value in secrets.items()}).settings


def test_the_ticket_type_has_to_be_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"desk\.intercom\.ticket_type must name the ticket type"):
        settings(tmp_path, 'key_attribute = "our_key"')


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_each_door_opens_with_its_own_credential(tmp_path: Path, database: Database, clock: FakeClock) -> None:
    given = settings(tmp_path, 'ticket_type = "Incident"', token="ordinary")
    desk = open_desk(given, database, clock)
    assert (desk.system, desk.title) == ("intercom", "Intercom")
    assert Capability.PRIORITIES not in desk.capabilities, "no attribute is named for it"
    assert open_customers(given, database, clock) is not None
    assert open_access(given, database, clock) is None
    both = settings(tmp_path, 'ticket_type = "Incident"\npriority_attribute = "Priority"', token="a", admin_token="b")
    assert Capability.PRIORITIES in open_desk(both, database, clock).capabilities
    assert open_access(both, database, clock) is not None
