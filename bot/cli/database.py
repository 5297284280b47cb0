"""`handoff db …`: migrations, and back-ups that were restored before anybody needs them."""

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import inspect, make_url

from bot.cli.options import AsJson, checked_url, existing, settings_of, sqlite_path
from bot.cli.output import as_json, say, table
from bot.engine import prepare
from storage import backup as backups
from storage import migrate
from storage.backup import Contents
from storage.engine import Database

app = typer.Typer(no_args_is_help=True, help="Migrations, and back-ups that were tested by restoring them.")

ENGINE_TABLES = "workflow_status"
"""One of the job engine's tables, by which we know that they are there."""


@app.command()
def upgrade(ctx: typer.Context) -> None:
    """Create the tables, or bring them to the version this program needs."""
    url = checked_url(settings_of(ctx).settings)
    path = sqlite_path(url)
    before = migrate.current(url) if path is None or path.is_file() else None
    migrate.upgrade(url)
    database = Database(url)
    try:
        prepare(database)
    finally:
        database.close()
    after = migrate.head()
    was = "" if before == after else f", was {before or 'empty'}"
    say(f"{_shown(url)} is at version {after}{was}.")


@app.command()
def check(ctx: typer.Context, json: AsJson = False) -> int:
    """Say where the database differs from the tables this program needs. Exit 1 if it does."""
    database = existing(settings_of(ctx).settings)
    try:
        differences = [*migrate.check(database), *engine_differences(database)]
    finally:
        database.close()
    if json:
        as_json({"database": database.shown, "version": migrate.head(), "differences": differences})
    elif differences:
        say("\n".join(differences))
    else:
        say(f"{database.shown} is at version {migrate.head()}; nothing differs.")
    return 1 if differences else 0


@app.command()
def backup(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="The new file; nothing is ever overwritten.")],
    json: AsJson = False,
) -> None:
    """Write a back-up beside a running bot and restore it for trial before it gets its name."""
    database = existing(settings_of(ctx).settings)
    try:
        contents = backups.backup(database, file)
    finally:
        database.close()
    _show(contents, f"{file} was written and restored for trial.", json=json)


@app.command()
def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A back-up written by `handoff db backup`.")],
    json: AsJson = False,
) -> None:
    """Bring a back-up into the database of the settings, which must be empty, and check rows and audit chain."""
    url = checked_url(settings_of(ctx).settings)
    contents = backups.restore(file, url)
    database = Database(url)
    try:
        prepare(database)
    finally:
        database.close()
    _show(contents, f"{file} was restored into {_shown(url)}.", json=json)


def engine_differences(database: Database) -> list[str]:
    """What is missing of the job engine's own tables, in words; empty if they are there."""
    inspector = inspect(database.engine)
    found = any(
        inspector.has_table(ENGINE_TABLES, schema=schema)
        for schema in (None, *(name for name in inspector.get_schema_names() if name == "dbos"))
    )
    return [] if found else ["the job engine's tables are missing: `handoff db upgrade` makes them"]


def _show(contents: Contents, words: str, *, json: bool) -> None:
    chain = {"seq": contents.chain.seq, "hash": contents.chain.hash}
    if json:
        as_json({"version": contents.revision, "rows": dict(contents.rows), "chain": chain})
        return
    table(("Table", "Rows"), [(name, count) for name, count in contents.rows.items() if count])
    say(f"{words} The audit chain is whole: {contents.chain.seq} rows, ending in {contents.chain.hash[:12]}…")


def _shown(url: str) -> str:
    return make_url(url).render_as_string(hide_password=True)
