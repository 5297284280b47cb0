"""The PostgreSQL role of the README that runs the bot: it works under it, and cannot change the audit log."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from automations.errors import ConfigError
from bot.engine import prepare
from bot.parts import open_database
from storage import audit
from storage.engine import Database
from tests.bot.bot_room import TOKEN, ask, environment, settings_for, team_file, until, workspace
from tests.bot.http_world import an_event
from tests.serving import ROOT, Process
from tests.storage.test_audit import fill

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
ROLE = "handoff_running"


def grants() -> str:
    """The README's SQL after `handoff db upgrade`, for our role."""
    after = (ROOT / "README.md").read_text(encoding="utf-8").split("and after it as `handoff_owner`:")[1]
    block = re.search(r"```sql\n(.*?)```", after, re.DOTALL)
    assert block is not None
    return re.sub(r"\bhandoff;", f"{ROLE};", block.group(1))


@pytest.fixture
def role_url(postgresql_server: Engine, database_url: str) -> Iterator[str]:
    """The URL of the role that runs the bot, on a database that its owner made."""
    owner = Database(database_url)
    prepare(owner)
    with postgresql_server.connect() as connection:
        connection.execute(text(f"create role {ROLE} login"))
    try:
        with owner.engine.begin() as connection:
            connection.exec_driver_sql(grants())
        yield make_url(database_url).set(username=ROLE).render_as_string(hide_password=False)
    finally:
        with owner.engine.begin() as connection:
            connection.execute(text(f"drop owned by {ROLE}"))
        owner.close()
        with postgresql_server.connect() as connection:
            connection.execute(text(f"drop role {ROLE}"))


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_entry set actor = 'x'",
        "delete from audit_entry",
        "truncate audit_entry",
        "delete from audit_head",
        "truncate audit_head",
        "insert into audit_head values (2, 0, '')",
        "drop trigger audit_entry_append_only on audit_entry",
        "alter table audit_entry disable trigger all",
        "drop function audit_refuse() cascade",
        "create or replace function audit_refuse() returns trigger language plpgsql as $$ begin return old; end $$",
        "drop table audit_entry",
        "create table mine (id integer)",
        "set session_replication_role = replica",
        "delete from alembic_version",
    ],
)
def test_the_role_cannot_change_the_log_nor_what_guards_it(role_url: str, statement: str) -> None:
    engine = create_engine(role_url)
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_it_may_write_and_read_rows(role_url: str) -> None:
    database = Database(role_url)
    fill(database, 3)
    with database.read() as session:
        assert audit.verify(session) == audit.Verdict(True, 3)
    database.close()


def test_serve_does_its_work_under_it(role_url: str, tmp_path: Path) -> None:
    """From a failure to a ticket that was read back and a message, then a stop in order."""
    slack = workspace().start()
    (tmp_path / "handoff.toml").write_text(team_file(), encoding="utf-8")
    env = environment(tmp_path, slack.base_url) | {
        "HANDOFF_DATABASE__URL": role_url,
        "HANDOFF_AUDIT__KEY": "a key of the test's own",
        "HANDOFF_AUDIT__CHECKPOINTS": str(tmp_path / "checkpoints.jsonl"),
    }
    try:
        with Process("bot", ["--config", str(tmp_path / "handoff.toml"), "serve"], env) as served:
            assert served.child is not None
            assert served.child.stdout is not None
            url = served.child.stdout.readline().split()[1]
            sent = ask(f"{url}/v1/failures", an_event(), Authorization=f"Bearer {TOKEN}")
            assert sent[0] == 202
            until(lambda: ask(f"{url}/v1/cases/CASE-1")[1], lambda case: case["ticket"]["verified"])
            assert served.end() == 0
    finally:
        slack.stop()
    with closing(Database(role_url)) as database, database.read() as session:
        actions = {entry.action for entry in audit.entries(session, limit=None)}
        assert actions >= {"case.opened", "ticket.verify", "audit.checkpoint"}
        assert audit.verify(session).ok


def test_an_update_of_the_tables_is_the_owners(role_url: str, tmp_path: Path) -> None:
    """On tables of an older version the role changes nothing and says what to run."""
    owner = make_url(role_url).set(username="postgres")
    engine = create_engine(owner)
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '0008'"))
    engine.dispose()
    with pytest.raises(ConfigError, match="handoff db upgrade"):
        open_database(settings_for(tmp_path, "http://127.0.0.1:1/", env={"HANDOFF_DATABASE__URL": role_url}))
