"""What every command is given: where the settings are, and the options that mean the same everywhere."""

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from automations.access.blocks import blocked
from automations.desks import cannot
from automations.domain import Actor, Role
from automations.errors import ConfigError, Refused
from automations.failure_tickets.context import Context
from automations.failure_tickets.present import present
from automations.people import Person
from bot.cli.output import note
from bot.desk import limits_of
from bot.engine import EngineClient, prepare
from bot.parts import database_url, make_context
from bot.settings import Settings
from bot.settings_file import Loaded, load
from storage import audit, migrate
from storage.engine import Database

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
AsEmail = Annotated[str, typer.Option("--as", metavar="EMAIL", help="Who acts: an address under [[people]].")]
Limit = Annotated[int, typer.Option(help="At most so many.", min=1)]


def settings_of(ctx: typer.Context) -> Loaded:
    """Read the settings that `--config`, HANDOFF_CONFIG or ./handoff.toml name. Raises: ConfigError."""
    return load(config_of(ctx))


def config_of(ctx: typer.Context) -> Path | None:
    """What `--config` names."""
    found: Path | None = ctx.find_root().params.get("config")
    return found


def os_user() -> str:
    """The operating system's user, as the audit log names it: `os:anna`, or `os:1000` where the number has no name."""
    try:
        return f"os:{getpass.getuser()}"
    except (OSError, KeyError):
        return f"os:{os.getuid()}"


@dataclass(frozen=True, slots=True)
class Opened:
    """The settings with their database, which exists and is at this version's tables."""

    settings: Settings
    database: Database
    context: Context

    @property
    def jobs(self) -> EngineClient:
        """Asks for jobs, with a retry of stuck ones."""
        assert isinstance(self.context.jobs, EngineClient), "commands stand beside the engine"
        return self.context.jobs

    def person(self, email: str) -> Person:
        """The one of the team with this address, as `handoff people link` joined them.

        Raises: Refused if there is nobody, or their access to Handoff was taken away.
        """
        with self.database.read() as session:
            roster, gone = present(session, self.context).roster, blocked(session)
        person = roster.by_email(email.strip())
        if person is None:
            known = ", ".join(sorted(one.email for one in roster.people)) or "nobody yet"
            raise Refused(f"--as {email}: nobody under [[people]] has this address. Known: {known}.")
        if person.email.lower() in gone:
            raise Refused(f"--as {email}: {person.name} has no access to Handoff any more. Nothing was changed.")
        return person

    def acting(self, email: str) -> Actor:
        """Who acts. Being named under [[people]] makes an agent; a Slack id listed under [roles] makes more.

        User groups are not asked for: the verbs have to work while Slack does not.
        Raises: Refused as `person`.
        """
        person, roles = self.person(email), self.settings.roles
        role = Role.ADMIN if person.slack in roles.admin else Role.LEAD if person.slack in roles.lead else Role.AGENT
        return Actor(os_user(), person.name, person.email, role)

    def typed(self, session: Session, action: str, target: str, email: str, outcome: str, why: str = "") -> None:
        """Write down which user of this machine typed a command (`case.claim`), and for whom."""
        said = {"as": self.context.redactor.text(email.strip().lower())}
        audit.append(
            session,
            at=self.context.clock.now(),
            actor=os_user(),
            action=f"command.{action}",
            target=target,
            outcome=outcome,
            correlation_id=target,
            after=said | ({"why": self.context.redactor.text(why)} if why else {}),
        )


@contextmanager
def opened(ctx: typer.Context, *, writing: bool = False, new: bool = False) -> Iterator[Opened]:
    """Settings, database and context for one command, given back at its end. `writing`: it will ask for jobs.

    `new`: the command is a first one for many, so a database that is not there yet is made.

    Raises: ConfigError if the settings are wrong or the database is not there or of another version.
    """
    settings = settings_of(ctx).settings
    if new:
        _make_if_missing(settings)
    database = existing(settings)
    try:
        if writing:
            prepare(database)
        kind, limits = settings.desk.kind, limits_of()[settings.desk.kind]
        lacks = cannot(limits.TITLE, limits.BY_HAND)
        here = make_context(settings, database, kind, desk_can=limits.CAPABILITIES, desk_cannot=lacks)
        made = Opened(settings, database, here)
        try:
            yield made
        finally:
            made.jobs.close()
    finally:
        database.close()


def _make_if_missing(settings: Settings) -> None:
    url = checked_url(settings)
    path = sqlite_path(url)
    if (path is not None and not path.is_file()) or migrate.current(url) is None:
        migrate.upgrade(url)
        note(f"Made a new database at {make_url(url).render_as_string(hide_password=True)}")


def existing(settings: Settings) -> Database:
    """The database, opened without changing it. Raises: ConfigError if it is not there or of another version."""
    url = checked_url(settings)
    path = sqlite_path(url)
    shown = make_url(url).render_as_string(hide_password=True)
    if path is not None and not path.is_file():
        raise ConfigError(f"There is no database at {shown} yet. `handoff serve` or `handoff db upgrade` makes it.")
    if (found := migrate.current(url)) != migrate.head():
        raise ConfigError(_another_version(shown, found))
    return Database(url)


def no_older_tables(settings: Settings) -> None:
    """Leave it to a person when tables are changed: others may still work on them. Raises: ConfigError for such.

    A database without tables of ours is left to whoever opens it.
    """
    url = checked_url(settings)
    path = sqlite_path(url)
    if path is not None and not path.is_file():
        return
    if (found := migrate.current(url)) not in (None, migrate.head()):
        raise ConfigError(_another_version(make_url(url).render_as_string(hide_password=True), found))


def _another_version(shown: str, found: str | None) -> str:
    state = f"is at version {found}" if found else "holds no tables of Handoff"
    return f"The database {shown} {state}, this program needs {migrate.head()}. Run `handoff db upgrade`."


def checked_url(settings: Settings) -> str:
    """The database's URL. Raises: ConfigError if it is not one of a database we know."""
    url = database_url(settings)
    try:
        kind = make_url(url).get_backend_name()
    except ArgumentError as exc:
        raise ConfigError("database.url: this is not a URL. Allowed: sqlite:////path/file.db, postgresql://…") from exc
    if kind not in ("sqlite", "postgresql", "postgres"):
        raise ConfigError(f"database.url: given {kind!r}; allowed are sqlite:///… and postgresql://….")
    return url


def sqlite_path(url: str) -> Path | None:
    """The file of an SQLite URL; None for a server."""
    parsed = make_url(url)
    return Path(parsed.database or "").expanduser() if parsed.get_backend_name() == "sqlite" else None
