"""Customers of a real PostgreSQL brought into the built-in desk, by command and clicks in Slack alone.

What became true is then read in the desk itself.
"""

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import Engine, create_engine, select, text, update

from bot.app import Bot
from bot.workspace import WorkspaceServer
from storage import audit
from storage.models import AuditEntry, CustomerConflict, CustomerGroup, DeskCustomer, Run
from tests.bot.bot_room import ask, messages, running, settings_for, until, workspace
from tests.bot.test_app_runs import values

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

soon: Final = partial(until, within_s=60)
CHANNEL: Final = "C_CUSTOMERS"
CUSTOMERS: Final = """
[customers]
mode = "ask"
channel = "customers"
brake_least = 10

[[customers.sources]]
name = "crm"
kind = "sql"
url_file = "{url_file}"
query = "select id, company, plan, mail_domains from accounts"

[[customers.fields]]
name = "name"
source = "crm"
column = "company"
decision = "Whom an agent says they are writing to"

[[customers.fields]]
name = "domains"
type = "domains"
source = "crm"
column = "mail_domains"
decision = "Whose ticket it is"

[[customers.fields]]
name = "tier"
source = "crm"
column = "plan"
values = {{ "PRO" = "pro", "ENT" = "enterprise" }}
decision = "How soon a first reply is due, and whom it goes to"
"""


@pytest.fixture
def slack() -> Iterator[WorkspaceServer]:
    server = workspace().start()
    yield server
    server.stop()


@pytest.fixture
def crm(database_url: str) -> Iterator[Engine]:
    """The company's own accounts: two the desk is going to know, one whose row cannot be read."""
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("create table accounts (id text, company text, plan text, mail_domains text)"))
        for row in (
            "('acct_1', 'Acme <!channel>', 'PRO', 'acme.example')",
            "('acct_2', 'Globex', 'PRO', 'globex.example, globex.test')",
            "('acct_3', 'Initech', 'FREE FOREVER', 'initech.example')",
        ):
            connection.execute(text(f"insert into accounts values {row}"))
    yield engine
    engine.dispose()


@pytest.fixture
def bot(slack: WorkspaceServer, crm: Engine, database_url: str, tmp_path: Path) -> Iterator[Bot]:
    url_file = tmp_path / "crm-url"
    url_file.write_text(database_url, encoding="utf-8")

    def with_customers(settings: str) -> str:
        settings = re.sub(r"(?ms)^\[+customers\b.*?(?=^\[|\Z)", "", settings)
        if f'customers = "{CHANNEL}"' not in settings:
            settings = settings.replace("[channels]\n", f'[channels]\ncustomers = "{CHANNEL}"\n')
        return settings + CUSTOMERS.format(url_file=url_file)

    with running(settings_for(tmp_path, slack.base_url, with_customers)) as bot:
        yield bot


def act(slack: WorkspaceServer, name: str, **body: Any) -> dict[str, Any]:
    answer: dict[str, Any] = ask(f"{slack.url}/_control/{name}", body)[1]
    assert answer.get("acked", answer["ok"]), answer
    return answer


def sync(bot: Bot, slack: WorkspaceServer) -> int:
    """Have a lead ask for a sync, and wait for it. Its number."""
    with bot.database.read() as session:
        before = session.scalar(select(Run.id).order_by(Run.id.desc()).limit(1)) or 0
    act(slack, "command", user="U_LEAD1", channel="C_FAILURES", command="/support-customers", text="")

    def newest() -> tuple[int, str]:
        with bot.database.read() as session:
            mine = select(Run.id, Run.state).where(Run.kind == "customers", Run.id > before)
            row = session.execute(mine.order_by(Run.id.desc()).limit(1)).one_or_none()
        return (row.id, row.state) if row is not None else (0, "")

    found: tuple[int, str] = soon(newest, lambda seen: seen[1] in ("done", "refused", "failed", "proposed"))
    assert found[1] == "done", found
    return found[0]


def desk(bot: Bot) -> dict[str, tuple[str, str, list[str]]]:
    """The desk's customers by our account id: name, tier, domains."""
    with bot.database.read() as session:
        rows = session.scalars(select(DeskCustomer))
        return {str(row.external_ref): (row.name, row.tier or "", sorted(row.domains)) for row in rows}


def groups(bot: Bot, run: int) -> dict[str, str]:
    """The groups of a sync: kind and field, with their states."""
    with bot.database.read() as session:
        rows = session.scalars(select(CustomerGroup).where(CustomerGroup.run_id == run))
        return {f"{row.kind} {row.field} {row.before}>{row.after}": row.state for row in rows}


def press(slack: WorkspaceServer, act_id: str, user: str = "U_LEAD1", among: Callable[[str], bool] = bool) -> None:
    """Press the newest button of this act in the channel, once it is there."""

    def look() -> tuple[str, str] | None:
        for one in reversed(messages(slack, CHANNEL)):
            for value in values(one.get("blocks", [])):
                if f":{act_id.partition('.')[2]}:" in value and among(value):
                    return one["ts"], value
        return None

    ts, value = soon(look, bool)
    act(slack, "click", user=user, channel=CHANNEL, ts=ts, action_id=act_id, value=value)


def contains(part: str, value: str) -> bool:
    return part in value


def approve(bot: Bot, slack: WorkspaceServer, run: int) -> None:
    """Approve every open group of a sync, one by one, and wait until they are applied."""
    with bot.database.read() as session:
        open_ones = select(CustomerGroup.id).where(CustomerGroup.run_id == run, CustomerGroup.state == "open")
        ids = session.scalars(open_ones.order_by(CustomerGroup.id)).all()
    for one in ids:
        press(slack, "group.approve", among=partial(contains, f"changes:{one}:"))
    soon(lambda: groups(bot, run), lambda seen: set(seen.values()) <= {"applied"})


def test_accounts_come_into_the_desk_and_a_conflict_is_settled_by_a_click(
    bot: Bot, slack: WorkspaceServer, crm: Engine
) -> None:
    first = sync(bot, slack)
    assert desk(bot) == {}, "nothing is written before somebody approves it"
    assert list(groups(bot, first).values()) == ["open"]
    approve(bot, slack, first)
    assert desk(bot) == {
        "acct_1": ("Acme <!channel>", "pro", ["acme.example"]),
        "acct_2": ("Globex", "pro", ["globex.example", "globex.test"]),
    }
    assert groups(bot, sync(bot, slack)) == {}, "a second sync plans nothing"

    with crm.begin() as connection:
        connection.execute(text("update accounts set plan = 'ENT' where id in ('acct_1', 'acct_2')"))
        connection.execute(text("delete from accounts where id = 'acct_3'"))
    with bot.database.begin() as session:
        session.execute(update(DeskCustomer).where(DeskCustomer.external_ref == "acct_2").values(tier="gold"))
    second = sync(bot, slack)
    assert groups(bot, second) == {"changed tier pro>enterprise": "open"}
    approve(bot, slack, second)
    assert {account: tier for account, (_, tier, _) in desk(bot).items()} == {"acct_1": "enterprise", "acct_2": "gold"}

    with bot.database.read() as session:
        conflict = session.scalars(select(CustomerConflict)).one()
        assert (conflict.account, conflict.state) == ("acct_2", "open")
        assert (conflict.source_value, conflict.desk_value, conflict.winner) == ("enterprise", "gold", "source")
    its_own = f"conflict:{conflict.id}:"
    press(slack, "conflict.take_source", user="U_LEAD2", among=lambda value: value.startswith(its_own))
    soon(lambda: desk(bot)["acct_2"][1], "enterprise".__eq__)

    def settled() -> str:
        with bot.database.read() as session:
            return session.scalars(select(CustomerConflict.state)).one()

    soon(settled, "taken".__eq__)
    assert groups(bot, sync(bot, slack)) == {}

    shown = json.dumps(messages(slack, CHANNEL))
    assert "<!channel>" not in shown, "a customer's name calls nobody"
    with bot.database.read() as session:
        actions = set(session.scalars(select(AuditEntry.action)))
        assert audit.verify(session).ok
    assert {"run.asked", "plan.proposed"} <= actions


def test_an_agent_may_look_and_not_decide(bot: Bot, slack: WorkspaceServer) -> None:
    run = sync(bot, slack)
    press(slack, "group.approve", user="U_AGENT1")
    told = soon(lambda: ask(f"{slack.url}/_control/ephemerals?user=U_AGENT1")[1]["messages"], bool)
    assert "lead" in json.dumps(told[-1])
    assert (list(groups(bot, run).values()), desk(bot)) == (["open"], {})
    with bot.database.read() as session:
        assert "click.refused" in set(session.scalars(select(AuditEntry.action)))
