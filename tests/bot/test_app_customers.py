"""Customers in a whole bot over the built-in desk: syncs by night, groups and conflicts decided by clicks, taken back.

Access is not set up here: nothing of customers may need it.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import NullPool, create_engine, select, text

from automations.adapters.builtin.customers import BuiltinCustomers
from automations.desks import CustomerChange
from automations.domain import IdempotencyKey
from bot.app import Bot
from bot.run_jobs import NIGHTLY
from bot.workspace import WorkspaceServer
from storage.models import AuditEntry, CustomerConflict, CustomerGroup, KnownCustomer, Notification, Run
from tests.bot.bot_room import ask, messages, running, settings_for, workspace
from tests.bot.bot_room import until as soon
from tests.bot.test_app_runs import values

until: Final = partial(soon, within_s=60)
CHANNEL: Final = "C_ACCESS"
CUSTOMERS: Final = """
[customers]
mode = "ask"
channel = "customers"
owner = "mara.lind@example.com"
brake_least = 50

[[customers.sources]]
name = "crm"
SOURCE

[[customers.fields]]
name = "name"
source = "crm"
decision = "Who is meant when a ticket names a customer."

[[customers.fields]]
name = "tier"
source = "crm"
column = "plan"
values = { ENT = "enterprise", PRO = "pro" }
decision = "How soon their tickets are due."
"""


@pytest.fixture
def slack() -> Iterator[WorkspaceServer]:
    server = workspace().start()
    yield server
    server.stop()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "customers.csv"
    path.write_text("id,name,plan\nA-1,Northwind,ENT\nA-2,Fabrikam,PRO\n", encoding="utf-8")
    return path


@contextmanager
def with_source(slack: WorkspaceServer, folder: Path, source: str) -> Iterator[Bot]:
    """A bot of the demo's team with customers from there, and without access."""

    def change(text: str) -> str:
        text = re.sub(r"(?ms)^\[+(?:access|identity|customers)\b.*?(?=^\[|\Z)", "", text)
        text = re.sub(r'(?m)^customers = "C[^"]*"\n', "", text)
        text = text.replace("[channels]\n", f'[channels]\ncustomers = "{CHANNEL}"\n')
        return f"{text}{CUSTOMERS.replace('SOURCE', source)}"

    with running(settings_for(folder, slack.base_url, change)) as bot:
        assert bot.settings.access is None
        yield bot


@pytest.fixture
def bot(slack: WorkspaceServer, tmp_path: Path, source: Path) -> Iterator[Bot]:
    with with_source(slack, tmp_path, f'kind = "file"\npath = "{source}"') as bot:
        yield bot


def rows(bot: Bot, kind: type[Any]) -> list[Any]:
    with bot.database.read() as session:
        return list(session.scalars(select(kind)))


def states(bot: Bot, kind: type[Any] = Run) -> list[tuple[str, str]]:
    return [(row.kind, row.state) for row in rows(bot, kind)]


def by_night(bot: Bot, key: str) -> None:
    """What the timetable does at its hour."""
    with bot.database.begin() as session:
        bot.context.jobs.enqueue(session, NIGHTLY, key, {})


def press(bot: Bot, slack: WorkspaceServer, action: str, *among: str) -> None:
    """Press a button with this action that stands in the channel, by what its value holds."""

    def look() -> tuple[str, str] | None:
        for one in messages(slack, CHANNEL):
            for value in values(one.get("blocks", [])):
                if action_of(one["blocks"], value) == action and all(part in value for part in among):
                    return str(one["ts"]), value
        return None

    ts, value = until(look, bool)
    body = {"user": "U_LEAD1", "channel": CHANNEL, "ts": ts, "action_id": action, "value": value}
    answer = ask(f"{slack.url}/_control/click", body)[1]
    assert answer.get("acked", answer["ok"]), answer


def approve(bot: Bot, slack: WorkspaceServer) -> None:
    """Press Approve of the one open group. The message of an older sync may show its own for a moment more."""
    (number,) = [row.id for row in rows(bot, CustomerGroup) if row.state == "open"]
    press(bot, slack, "group.approve", f"changes:{number}:")


def action_of(node: Any, value: str) -> str | None:
    """The action of the element that bears this value."""
    if isinstance(node, dict):
        if node.get("value") == value and "action_id" in node:
            return str(node["action_id"])
        node = list(node.values())
    found = (action_of(inner, value) for inner in node) if isinstance(node, list) else ()
    return next((one for one in found if one is not None), None)


def desk(bot: Bot) -> dict[str, tuple[str, str]]:
    return {one.reference or "": (one.name, one.tier) for one in BuiltinCustomers(bot.database).customers()}


def test_a_sync_by_night_is_approved_by_a_click_and_taken_back(bot: Bot, slack: WorkspaceServer, source: Path) -> None:
    by_night(bot, "first")
    until(lambda: states(bot), lambda seen: seen == [("customers", "done")])
    ((kind, state),) = states(bot, CustomerGroup)
    assert (kind, state, desk(bot)) == ("added", "open", {})
    approve(bot, slack)
    until(lambda: states(bot), lambda seen: seen[1:] == [("customer_changes", "done")])
    assert desk(bot) == {"A-1": ("Northwind", "enterprise"), "A-2": ("Fabrikam", "pro")}
    assert {row.account: row.tier for row in rows(bot, KnownCustomer)} == {"A-1": "enterprise", "A-2": "pro"}

    source.write_text("id,name,plan\nA-1,Northwind,ENT\nA-2,Fabrikam,ENT\n", encoding="utf-8")
    by_night(bot, "second")
    until(lambda: states(bot), lambda seen: seen[2:] == [("customers", "done")])
    approve(bot, slack)
    until(lambda: states(bot), lambda seen: seen[3:] == [("customer_changes", "done")])
    assert desk(bot)["A-2"] == ("Fabrikam", "enterprise")
    press(bot, slack, "run.undo", "run:4:")
    until(lambda: states(bot), lambda seen: seen[4:] == [("undo", "proposed")])
    assert {row.automation for row in rows(bot, Run)} == {"customers"}
    press(bot, slack, "plan.confirm", "run:5:")
    until(lambda: states(bot), lambda seen: seen[3:] == [("customer_changes", "rolled_back"), ("undo", "done")])
    assert desk(bot)["A-2"] == ("Fabrikam", "pro")

    by_night(bot, "third")
    until(lambda: states(bot), lambda seen: seen[5:] == [("customers", "done")])
    assert [row.state for row in rows(bot, CustomerGroup)] == ["applied", "undone"], "what was taken back stays away"
    asked = [row.actor for row in rows(bot, AuditEntry) if row.action == "run.asked"]
    assert asked.count("handoff") == 3
    delivered = [row.kind for row in rows(bot, Notification) if row.channel == CHANNEL and not row.parent_key]
    assert set(delivered) >= {"customers.sync", "run.card"}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_conflict_with_postgresql_is_settled_by_a_click_and_does_not_come_back(
    slack: WorkspaceServer, tmp_path: Path, database_url: str
) -> None:
    crm = create_engine(database_url, poolclass=NullPool)
    with crm.begin() as tables:
        tables.execute(text("create table account (id text primary key, name text, plan text)"))
        tables.execute(text("insert into account values ('A-1', 'Northwind', 'ENT'), ('A-2', 'Fabrikam', 'PRO')"))
    secret = tmp_path / "crm-url"
    secret.write_text(f"{database_url}\n", encoding="utf-8")
    source = f'kind = "sql"\nurl_file = "{secret}"\nquery = "select id, name, plan from account"'
    with with_source(slack, tmp_path, source) as bot:
        known = CustomerChange(name="Northwind", reference="A-1", tier="pro", fields=())
        BuiltinCustomers(bot.database).create_customer(known, key=IdempotencyKey("made/by/hand"))
        by_night(bot, "first")
        until(lambda: states(bot), lambda seen: seen == [("customers", "done")])
        assert states(bot, CustomerConflict) == [("differs", "open")]
        press(bot, slack, "conflict.take_source")
        until(lambda: states(bot), lambda seen: seen[1:] == [("customer_changes", "done")])
        assert desk(bot) == {"A-1": ("Northwind", "enterprise")}
        approve(bot, slack)
        until(lambda: states(bot), lambda seen: seen[2:] == [("customer_changes", "done")])
        by_night(bot, "second")
        until(lambda: states(bot), lambda seen: seen[3:] == [("customers", "done")])
        assert desk(bot) == {"A-1": ("Northwind", "enterprise"), "A-2": ("Fabrikam", "pro")}
        assert states(bot, CustomerConflict) == [("differs", "taken")]
        assert {row.state for row in rows(bot, CustomerGroup)} == {"applied"}, "the second sync plans nothing"
        said = [[row.after for row in rows(bot, AuditEntry)], [row.data for row in rows(bot, Notification)]]
        assert database_url not in str(said), "it may hold a password"
