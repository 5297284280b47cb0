"""`handoff config reload`: let a running bot take new settings, or hear why they are wrong."""

import os
import threading
import time
import tomllib
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from automations.errors import ConfigError
from bot import reload
from bot.cli.options import config_of, os_user, sqlite_path
from bot.cli.output import note, say
from bot.engine import EngineClient, bot_running
from bot.parts import SystemClock, data_dir, make_context, make_senders, slack_keys
from bot.settings import Settings
from bot.settings_file import find, load
from bot.team import book, hours
from storage import migrate
from storage.engine import Database
from storage.models import ConfigReload

app = typer.Typer(no_args_is_help=True, help="The settings of a running bot.")

LOOK_EVERY_S = 0.2


@app.callback()
def group() -> None:
    """The settings of a running bot."""


@app.command("reload")
def reload_settings(
    ctx: typer.Context,
    wait: Annotated[float, typer.Option(help="Seconds to wait for the bot's answer.", min=0.0)] = 20.0,
) -> int:
    """Let the running bot read its settings again. It keeps the old ones, and says why, if the new ones are wrong."""
    wrong, settings = "", None
    try:
        settings = load(config_of(ctx)).settings
    except ConfigError as exc:
        wrong = str(exc)
    database = _database(config_of(ctx), settings)
    if database is None or not bot_running(database):
        return _without_bot(database, settings, wrong)
    try:
        with database.begin() as session:
            number = reload.ask(session, by=os_user(), clock=SystemClock())
        return _follow(database, number, wait)
    finally:
        database.close()


def _follow(database: Database, number: int, wait_s: float) -> int:
    deadline, pause = time.monotonic() + wait_s, threading.Event()
    while True:
        with database.read() as session:
            row = session.get_one(ConfigReload, number)
        if row.state == "taken":
            say(f"The new settings hold now. {row.words}")
            return 0
        if row.state == "refused":
            say(f"The old settings stay. The new ones are wrong:\n{row.words}")
            return 1
        if time.monotonic() >= deadline:
            say(f"The bot has not answered within {wait_s:g} s. It will take or refuse the settings when it looks.")
            return 1
        pause.wait(LOOK_EVERY_S)


def _without_bot(database: Database | None, settings: Settings | None, wrong: str) -> int:
    """Nobody can be asked: say so, and judge the settings here."""
    try:
        if settings is not None:
            _judge(settings, database)
    except ConfigError as exc:
        wrong = str(exc)
    finally:
        if database is not None:
            database.close()
    note("No bot is running on this database, so nobody was asked.")
    if wrong:
        say(f"The settings are wrong, and a bot would not start with them:\n{wrong}")
        return 1
    say("The settings are right. The bot reads them when it starts.")
    return 0


def _judge(settings: Settings, database: Database | None) -> None:
    """Raises: ConfigError for what would not let a bot start."""
    slack_keys(settings), make_senders(settings), book(settings), hours(settings)
    if database is None:
        return
    context = make_context(settings, database, settings.desk.kind)
    assert isinstance(context.jobs, EngineClient), "commands stand beside the engine"
    with closing(context.jobs), database.read() as session:
        reload.settled(session, context)


def _database(config: Path | None, settings: Settings | None) -> Database | None:
    """The bot's database, even where the file is wrong; None if there is none yet or it cannot be told."""
    url = settings.database.url if settings else _url_in_a_wrong_file(config)
    url = url or f"sqlite:///{(data_dir() / 'handoff.db').absolute()}"
    try:
        kind, path = make_url(url).get_backend_name(), sqlite_path(url)
        if kind not in ("sqlite", "postgresql", "postgres") or (path is not None and not path.is_file()):
            return None
        if migrate.current(url) != migrate.head():
            return None
    except ArgumentError:
        return None
    return Database(url)


def _url_in_a_wrong_file(config: Path | None) -> str | None:
    if found := os.environ.get("HANDOFF_DATABASE__URL"):
        return found
    try:
        path = find(config, os.environ)
        given = tomllib.loads(path.read_text(encoding="utf-8")) if path else {}
    except (ConfigError, OSError, ValueError):  # not there, not UTF-8, not TOML
        return None
    section = given.get("database")
    url = section.get("url") if isinstance(section, dict) else None
    return url if isinstance(url, str) else None
