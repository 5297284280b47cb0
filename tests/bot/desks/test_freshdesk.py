"""What the settings of a Freshdesk account come to: its three doors, with the right credential each."""

from pathlib import Path

import pytest

from automations.adapters.freshdesk.access import FreshdeskAccess
from automations.adapters.freshdesk.customers import FreshdeskCustomers
from automations.adapters.freshdesk.desk import FreshdeskDesk
from automations.adapters.freshdesk.options import Options, Scope
from automations.errors import ConfigError
from bot.desk import open_access, open_customers, open_desk
from bot.desks.freshdesk import options
from bot.settings import Settings
from storage.engine import Database
from tests.bot.test_settings import MINIMAL, loaded
from tests.support import FakeClock

FRESHDESK = """
[desk]
kind = "freshdesk"
url = "https://northwind.freshdesk.com"
requester = "handoff@northwind.example"
"""
TOKEN = {"HANDOFF_DESK__TOKEN": "fd-ordinary"}
ADMIN = {"HANDOFF_DESK__ADMIN_TOKEN": "fd-admin"}


def settings(tmp_path: Path, more: str = "", env: dict[str, str] | None = None) -> Settings:
    return loaded(tmp_path, f"{MINIMAL}{FRESHDESK}{more}", TOKEN if env is None else env).settings


def test_each_door_is_opened(tmp_path: Path, database: Database, clock: FakeClock) -> None:
    both = settings(tmp_path, env=TOKEN | ADMIN)
    assert isinstance(open_desk(both, database, clock), FreshdeskDesk)
    assert isinstance(open_customers(both, database, clock), FreshdeskCustomers)
    assert isinstance(open_access(both, database, clock), FreshdeskAccess)


def test_access_needs_its_own_credential_and_nothing_else_does(
    tmp_path: Path, database: Database, clock: FakeClock
) -> None:
    assert open_access(settings(tmp_path), database, clock) is None
    assert open_desk(settings(tmp_path), database, clock).title == "Freshdesk"
    with pytest.raises(ConfigError, match=r"desk\.token"):
        open_desk(settings(tmp_path, env=ADMIN), database, clock)


def test_the_names_of_the_settings_are_the_adapters(tmp_path: Path) -> None:
    assert options(settings(tmp_path).desk) == Options()
    named = """
[desk.freshdesk]
key_field = "cf_case_key"
attach_company = true
on_hold_statuses = ["Parked", "In the lab"]
agent_scope = "restricted"
"""
    assert options(settings(tmp_path, named).desk) == Options(
        key_field="cf_case_key",
        attach_company=True,
        on_hold_statuses=("Parked", "In the lab"),
        agent_scope=Scope.RESTRICTED,
    )
