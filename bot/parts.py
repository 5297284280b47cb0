"""The parts a bot is made of, each made from the settings. `bot.app` puts them together; commands take single ones."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import func, select, text
from sqlalchemy.exc import ArgumentError, ProgrammingError, SQLAlchemyError
from sqlalchemy.orm import Session

from automations.desks import Capability
from automations.domain import (
    Role,
    case_ref,
)
from automations.errors import ConfigError
from automations.failure_tickets.context import Context
from automations.ports import Clock, CustomerBook, Jobs
from automations.redact import Redactor
from bot.access_parts import AccessDoors, make_access_context
from bot.customer_sources import passwords, source_secrets
from bot.customers_parts import make_customer_context
from bot.engine import EngineClient, prepare
from bot.escalation_parts import make_escalation_context
from bot.ingest import Senders
from bot.jobs import ROUTES
from bot.live import Terms
from bot.report_parts import make_report_context
from bot.settings import Settings
from bot.settings_file import SECRETS, secret
from bot.slack_side import SlackKeys
from bot.team import book, hours, roster, timing
from bot.triage_parts import make_triage_context
from bot.views.texts import Look
from storage import migrate
from storage.engine import Database
from storage.models import Case, CaseTicket, Notification, StuckItem

NOT_PERMITTED: Final = "42501"
"""PostgreSQL's code for what a role may not do."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return datetime.now(UTC)


def data_dir(env: Mapping[str, str] | None = None) -> Path:
    """Where files are kept by default: `$XDG_DATA_HOME/handoff`, else `~/.local/share/handoff`."""
    base = (os.environ if env is None else env).get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "handoff"


def database_url(settings: Settings) -> str:
    """The database's URL; an SQLite file in the data folder unless the settings name another."""
    return settings.database.url or f"sqlite:///{(data_dir() / 'handoff.db').absolute()}"


def open_database(settings: Settings) -> Database:
    """Open the database at its newest version, with the engine's tables.

    Raises: ConfigError if the URL is not one of a database we know, or its user may not make the tables it lacks.
    """
    try:
        database = Database(database_url(settings))
    except (ValueError, ArgumentError) as exc:
        raise ConfigError(f"database.url: {exc}.") from exc
    try:
        migrate.upgrade(database.url)
        prepare(database)
    except ProgrammingError as exc:
        database.close()
        if getattr(exc.orig, "sqlstate", None) != NOT_PERMITTED:
            raise
        words = f"The database {database.shown} has to be brought to version {migrate.head()}, which its user may not."
        raise ConfigError(
            f"{words} Nothing was changed. Run `handoff db upgrade` with the URL of the tables' owner, then the grants."
        ) from exc
    return database


def held_secrets(settings: Settings) -> list[str]:
    """Every secret the process holds, so that none of them can reach a log or a message."""
    values = [secret(getattr(settings, section), key) for section, key in sorted(SECRETS)]
    parts = [part for value in values if value for line in value.split(",") for part in (line, line.partition("=")[2])]
    return [part.strip() for part in (*parts, *passwords(settings)) if part.strip()]


def public_url(settings: Settings, port: int | None = None) -> str:
    """How people reach the bot's pages, without a final slash. `port` is the real one where any free one was taken."""
    if settings.http.public_url:
        return settings.http.public_url.rstrip("/")
    host = f"[{settings.http.host}]" if ":" in settings.http.host else settings.http.host
    return f"http://{host}:{settings.http.port if port is None else port}"


def make_context(
    settings: Settings,
    database: Database,
    desk_system: str,
    *,
    desk_can: frozenset[Capability] = frozenset(),
    desk_cannot: Mapping[Capability, str] | None = None,
    listening_since: datetime | None = None,
    clock: Clock | None = None,
    base: str | None = None,
    jobs: Jobs | None = None,
) -> Context:
    """What every act on a case is given, for a running bot and for commands beside it."""
    base = base or public_url(settings)
    return Context(
        book=book(settings),
        roster=roster(settings),
        jobs=jobs or EngineClient(database, ROUTES),
        clock=clock or SystemClock(),
        redactor=Redactor(held_secrets(settings)),
        desk_system=desk_system,
        case_url=lambda case_id: f"{base}/v1/cases/{case_ref(case_id)}",
        mode=settings.failure_tickets.mode,
        timing=timing(settings),
        hours=hours(settings),
        desk_can=desk_can,
        desk_cannot=desk_cannot or {},
        checkpoints_every=settings.audit.every if secret(settings.audit, "key") else None,
        listening_since=listening_since,
    )


def slack_keys(settings: Settings) -> SlackKeys:
    """What opens Slack.

    Raises: ConfigError naming the secret that the transport needs and that is not set.
    """
    section = settings.slack
    needed = {"bot_token", "app_token" if section.transport == "socket" else "signing_secret"}
    found = {key: secret(section, key) for key in sorted(needed)}
    for key, value in found.items():
        if value is None:
            variable = f"HANDOFF_SLACK__{key.upper()}"
            raise ConfigError(f"slack.{key} is missing. Set {variable}, or slack.{key}_file.")
    return SlackKeys(
        base_url=section.base_url,
        bot_token=found["bot_token"] or "",
        app_token=found.get("app_token"),
        signing_secret=found.get("signing_secret"),
    )


def make_senders(settings: Settings) -> Senders:
    """Who may report failures.

    Raises: ConfigError if nobody may: a bot that takes no failure in would only look as if it worked.
    """
    held = (secret(settings.ingest, key) for key in ("tokens", "webhook_secrets", "sentry_secrets"))
    senders = Senders(*held)
    if not senders:
        raise ConfigError("ingest: nobody may report failures. Set HANDOFF_INGEST__TOKENS=source=token, …")
    return senders


def make_look(settings: Settings) -> Look:
    """How this team's messages look."""
    emoji = settings.slack.reactions
    return Look(settings.team.zone, settings.slack.command_prefix, emoji.claim, emoji.resolve, emoji.escalate)


def make_terms(
    settings: Settings, context: Context, *, doors: AccessDoors | None = None, book: CustomerBook | None = None
) -> Terms:
    """What the settings come to, all that a reload replaces.

    `doors` are those of the desk, for the words of access, `book` its customers.

    Raises: ConfigError for a secret file that is no good, for rules of access that name nobody who is there, and for
    fields of customers that the desk cannot keep.
    """
    roles = {Role.AGENT: settings.roles.agent, Role.LEAD: settings.roles.lead, Role.ADMIN: settings.roles.admin}
    secrets = {f"{section}.{key}": secret(getattr(settings, section), key) for section, key in sorted(SECRETS)}
    secrets |= source_secrets(settings)
    access = make_access_context(settings, context, doors)
    title = doors.desk.title if doors else context.desk_system
    report = make_report_context(settings, context, desk_title=title)
    triage = make_triage_context(settings, context, desk_title=title)
    escalation = make_escalation_context(settings, context, desk_title=title)
    customers = make_customer_context(settings, context, desk_title=title, book=book)
    return Terms(settings, context, report, triage, escalation, make_look(settings), roles, secrets, access, customers)


def counts(database: Database) -> dict[str, dict[str, int]]:
    """How many rows there are in each state, for the metrics."""
    with database.read() as session:
        return {
            "cases": _by_state(session, Case.status),
            "tickets": _by_state(session, CaseTicket.state),
            "notifications": _by_state(session, Notification.state),
            "stuck": _by_state(session, StuckItem.state),
        }


def _by_state(session: Session, column: object) -> dict[str, int]:
    rows = session.execute(select(column, func.count()).group_by(column))  # type: ignore[call-overload]  # any column
    return {str(state): int(number) for state, number in rows}


def database_words(database: Database) -> str:
    """`ok`, or in words why the database cannot be used."""
    try:
        with database.read() as session:
            session.execute(text("select 1"))
    except SQLAlchemyError as exc:
        return f"not available ({type(exc).__name__})"
    return "ok"
