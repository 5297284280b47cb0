"""Bring a database to the tables this version needs, and say where it differs. Alembic does the work."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from storage.engine import Database
from storage.models import Base

_UPGRADE_LOCK = 7_203_114_550
"""Any fixed number: PostgreSQL replicas that start together upgrade one after the other."""

_GUARDS = {
    "sqlite": (
        "select name from sqlite_master where type = 'trigger'",
        {
            "audit_entry": ("audit_entry_no_update", "audit_entry_no_delete"),
            "audit_head": ("audit_head_no_delete",),
            "audit_segment": ("audit_segment_no_update", "audit_segment_no_delete", "audit_segment_sound"),
        },
    ),
    "postgresql": (
        "select tgname from pg_trigger where not tgisinternal and tgenabled <> 'D'",
        {
            "audit_entry": ("audit_entry_append_only", "audit_entry_kept"),
            "audit_head": ("audit_head_append_only",),
            "audit_segment": ("audit_segment_append_only", "audit_segment_sound"),
        },
    ),
}
"""Where a kind of database keeps its triggers, and those of each table that keep the audit log append-only."""


def upgrade(url: str) -> None:
    """Create or change the tables, in one transaction. Nothing happens if they are up to date."""
    database = Database(url)
    try:
        with database.begin() as session:
            connection = session.connection()
            if database.dialect == "postgresql":
                connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
            command.upgrade(_config(connection), "head")
    finally:
        database.close()


def current(url: str) -> str | None:
    """The revision a database is at; None if Handoff never wrote to it."""
    database = Database(url)
    try:
        with database.engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    finally:
        database.close()


def head() -> str:
    """The revision this version of Handoff needs."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None, "the package has lost its migrations"
    return revision


def check(database: Database) -> list[str]:
    """What differs between the database and our tables, a line each; empty if nothing does."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_name": _is_ours, "compare_type": True, "compare_server_default": True}
        )
        differences = [_in_words(difference) for difference in compare_metadata(context, Base.metadata)]
        query, guards = _GUARDS[database.dialect]
        there = {str(name) for name in connection.scalars(text(query))}
    return differences + [
        f"{table}: the triggers that keep it append-only are missing"
        for table, names in guards.items()
        if not there.issuperset(names)
    ]


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """The job engine keeps its own tables beside ours; those are no difference."""
    return kind != "table" or name in Base.metadata.tables


def _in_words(difference: object) -> str:
    return " ".join(str(part) for part in difference) if isinstance(difference, tuple) else str(difference)


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", "storage:migrations")
    config.attributes["connection"] = connection
    return config
