"""From the first migration to the last with data: rows of every revision are kept, and the bot works on them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, Table, create_engine, insert, inspect, null, select, text, update

from storage import audit, migrate
from storage.chain import GENESIS, row_hash, stamp
from storage.engine import Database
from storage.models import Base
from tests.bot.bot_room import address, ask, fail, finished_case, running, settings_for, workspace
from tests.storage.filled import Filler, checks_of, hanging
from tests.support import START

REVISIONS = [one.revision for one in ScriptDirectory.from_config(migrate._config()).walk_revisions()][::-1]
NOT_FILLED = {"alembic_version", "audit_entry", "audit_head", "audit_segment", "person_alias"}
"""Of the audit log one row is written by hand, since each must fit to the one before."""
ROWS = 3

Kept = dict[str, list[dict[str, Any]]]


def upgrade_to(engine: Engine, revision: str) -> None:
    """As the version of that time would."""
    with engine.begin() as connection:
        command.upgrade(migrate._config(connection), revision)


def reflected(engine: Engine) -> MetaData:
    """The tables as the database has them."""
    metadata = MetaData()
    metadata.reflect(engine)
    return metadata


def read(engine: Engine, table: Table) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]


@dataclass
class Aged:
    """A database that was made at the first revision and filled at each, up to the one before the last."""

    engine: Engine
    texts: Engine
    kept: Kept = field(default_factory=dict)

    def grow(self) -> None:
        ages = timedelta(0), timedelta(days=900)
        with self.engine.connect() as connection:
            filler = Filler(connection, MetaData(), {}, random.Random(5), ages)
        for revision in REVISIONS[:-1]:
            for engine in (self.engine, self.texts):
                upgrade_to(engine, revision)
            with self.texts.connect() as connection:
                filler.checks = checks_of(connection)
            filler.metadata = reflected(self.engine)
            new = set(filler.metadata.tables) - set(self.kept) - NOT_FILLED
            with self.engine.begin() as filler.connection:
                filler.fill(sorted(new), ROWS)
            for name in new:
                self.kept[name] = read(self.engine, filler.metadata.tables[name])
                assert self.kept[name], f"{name} of revision {revision} has no row"
            if revision == REVISIONS[0]:
                self._audit(filler.metadata)

        if self.engine.dialect.name == "postgresql":
            self._count_on()

    def _count_on(self) -> None:
        """Let PostgreSQL's numbers go on after those that the rows were given."""
        with self.engine.begin() as connection:
            for name, rows in self.kept.items():
                if "id" in rows[0]:
                    sequence = f"pg_get_serial_sequence('{name}', 'id')"
                    connection.execute(text(f"select setval({sequence}, {ROWS}) where {sequence} is not null"))

    def _audit(self, metadata: MetaData) -> None:
        """One row of the log, as the first version wrote it."""
        row = {
            "seq": 1, "at": START, "actor": "anna@example.com", "action": "case.claimed", "target": "CASE-1",
            "before": None, "after": None, "outcome": "done", "correlation_id": "c", "prev_hash": GENESIS,
        }  # fmt: skip
        row["hash"] = row_hash(row | {"at": stamp(START)})
        with self.engine.begin() as connection:
            connection.execute(insert(metadata.tables["audit_entry"]).values(row | {"before": null(), "after": null()}))
            connection.execute(update(metadata.tables["audit_head"]).values(seq=1, hash=row["hash"]))


@pytest.fixture
def aged(database_url: str, tmp_path: Path) -> Iterator[Aged]:
    """Beside it goes an SQLite file without rows, whose checks are told as they were written."""
    if database_url.startswith("sqlite"):
        Path(database_url.removeprefix("sqlite:///")).unlink()
    database = Database(database_url)
    if database.dialect == "postgresql":
        with database.engine.begin() as connection:
            connection.execute(text("drop schema public cascade"))
            connection.execute(text("create schema public"))
    texts = create_engine(f"sqlite:///{tmp_path}/texts.db")
    made = Aged(database.engine, texts)
    made.grow()
    yield made
    database.close()
    texts.dispose()


def test_rows_of_every_revision_are_there_after_the_last(aged: Aged, database_url: str) -> None:
    """With the values they had, in every column that there still is."""
    migrate.upgrade(database_url)
    assert migrate.current(database_url) == migrate.head() == REVISIONS[-1]
    now = reflected(aged.engine)
    assert sorted(set(aged.kept) | NOT_FILLED - {"alembic_version"}) == sorted(Base.metadata.tables)
    for name, rows in aged.kept.items():
        found = read(aged.engine, now.tables[name])
        assert [{column: row[column] for column in rows[0]} for row in found] == rows, name
    database = Database(database_url)
    assert migrate.check(database) == []
    with database.read() as session:
        verdict = audit.verify(session)
        assert list(hanging(session.connection(), Base.metadata)) == []
        for mapper in Base.registry.mappers:
            session.scalars(select(mapper.class_)).all()
    assert (verdict.ok, verdict.checked) == (True, 1), verdict.problem
    database.close()


@pytest.mark.slow
def test_the_bot_works_on_what_was_upgraded(aged: Aged, database_url: str, tmp_path: Path) -> None:
    """It starts, is ready, and takes a failure from the port to the desk and to Slack."""
    migrate.upgrade(database_url)
    aged.engine.dispose()
    slack = workspace().start()
    try:
        env = {"HANDOFF_DATABASE__URL": database_url}
        with running(settings_for(tmp_path, slack.base_url, env=env)) as bot:
            assert ask(address(bot, "/readyz"))[0] == 200
            case = finished_case(bot, fail(bot))
            assert case["status"] == "open"
    finally:
        slack.stop()
    assert "cases" in inspect(aged.engine).get_table_names()
