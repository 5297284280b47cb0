import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Inspector, inspect, text

from storage import audit, migrate
from storage.engine import Database
from storage.models import Base
from tests.support import START


def shape(inspector: Inspector, table: str) -> dict[str, Any]:
    """All that a database knows of a table, in an order of our own; the order of columns does not matter."""
    columns = {
        column["name"]: (str(column["type"]), column["nullable"], str(column.get("default")).split("(")[0])
        for column in inspector.get_columns(table)
    }
    return {
        "columns": columns,
        "primary key": inspector.get_pk_constraint(table),
        "checks": sorted((check["name"], check["sqltext"]) for check in inspector.get_check_constraints(table)),
        # without their names: SQLite does not tell the name of one that came with a later column
        "foreign keys": sorted(
            str(sorted((name, value) for name, value in key.items() if name != "name"))
            for key in inspector.get_foreign_keys(table)
        ),
        "unique": sorted((key["name"], key["column_names"]) for key in inspector.get_unique_constraints(table)),
        "indexes": sorted(
            (
                index["name"],
                index["column_names"],
                index["unique"],
                sorted(map(str, index.get("dialect_options", {}).values())),
            )
            for index in inspector.get_indexes(table)
        ),
    }


@pytest.mark.tampers
def test_the_migrations_make_the_tables_of_the_models(database: Database) -> None:
    """Compared with tables made from the models directly, down to checks and partial indexes."""
    migrated = inspect(database.engine)
    names = sorted(Base.metadata.tables)
    assert sorted(migrated.get_table_names()) == sorted([*names, "alembic_version"])
    shapes = {table: shape(migrated, table) for table in names}
    assert migrate.check(database) == []
    with database.engine.begin() as connection:
        if database.dialect == "postgresql":
            connection.execute(text("drop schema public cascade"))
            connection.execute(text("create schema public"))
        else:
            for table in reversed(Base.metadata.sorted_tables):
                connection.execute(text(f"drop table {table.name}"))
        Base.metadata.create_all(connection)
        made = inspect(connection)
        assert shapes == {table: shape(made, table) for table in names}


def test_an_upgrade_of_what_is_up_to_date_changes_nothing(database: Database) -> None:
    with database.begin() as session:
        audit.append(session, at=START, actor="a", action="b", target="c", outcome="done", correlation_id="d")
    migrate.upgrade(database.url)
    assert migrate.current(database.url) == migrate.head() == "0012"
    with database.read() as session:
        assert audit.verify(session).checked == 1


def test_replicas_that_start_together_upgrade_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    assert migrate.current(url) is None
    with ThreadPoolExecutor(4) as pool:
        for upgraded in [pool.submit(migrate.upgrade, url) for _ in range(4)]:
            upgraded.result(30)
    assert migrate.current(url) == migrate.head()


def test_a_failed_upgrade_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    database = Database(url)
    with database.engine.begin() as connection:
        connection.execute(text("create table desk_message (x integer)"))  # the last table it wants to make
    with pytest.raises(Exception, match="desk_message"):
        migrate.upgrade(url)
    assert inspect(database.engine).get_table_names() == ["desk_message"]
    database.close()


def test_differences_are_named_and_other_tables_left_alone(database: Database) -> None:
    with database.begin() as session:
        session.execute(text("create table workflow_status (id integer)"))  # as the job engine keeps beside ours
        session.execute(text("drop index ix_cases_case_key"))
        session.execute(text("alter table desk_user add column nickname text"))
    found = migrate.check(database)
    assert len(found) == 2
    assert any("ix_cases_case_key" in line for line in found)
    assert any("nickname" in line for line in found)


def test_the_migrations_travel_in_the_package(tmp_path: Path) -> None:
    """From a zip of the package's files, unpacked elsewhere as an installer does it; nothing else is used."""
    root = Path(migrate.__file__).parent
    archive = tmp_path / "package.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for file in root.rglob("*"):
            if file.suffix in (".py", ".mako"):
                packed.write(file, Path("storage") / file.relative_to(root))
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(tmp_path / "site")
    script = f"from storage import migrate; migrate.upgrade('sqlite:///{tmp_path}/x.db'); print(migrate.__file__)"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path / "site",
        env={"PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(tmp_path / "site/storage/migrate.py")
    assert migrate.current(f"sqlite:///{tmp_path}/x.db") == migrate.head()
