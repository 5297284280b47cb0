"""The composition root: the only place where adapters are chosen and wired."""

import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import structlog
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from automations.adapters.builtin import BuiltinDesk
from automations.domain import Role, case_ref
from automations.errors import ConfigError
from automations.failure_tickets.context import Context
from automations.ports import Clock, HelpDesk
from automations.redact import Redactor
from bot.access import ReadAccess
from bot.delivery import Delivery
from bot.engine import Engine, EngineClient, prepare
from bot.gateway import SlackGateway
from bot.http import Health, Ports, create_http
from bot.ingest import Allowance, Senders
from bot.jobs import ROUTES, Work
from bot.metrics import Metrics
from bot.pages import desk_pages
from bot.render import renderer
from bot.schedule import Here, Schedule, engine_entries
from bot.server import HttpServer
from bot.settings import Settings
from bot.settings_file import SECRETS, secret
from bot.slack_side import SlackKeys, SlackSide
from bot.team import book, roster
from bot.views.texts import Look
from storage import migrate
from storage.engine import Database
from storage.models import Case, CaseTicket, Notification, StuckItem

log = structlog.get_logger(__name__)

ESCALATIONS_S = 5.0
CONNECT_S = 5.0


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

    Raises: ConfigError if the URL is not one of a database we know.
    """
    try:
        database = Database(database_url(settings))
    except ValueError as exc:
        raise ConfigError(f"database.url: {exc}.") from exc
    migrate.upgrade(database.url)
    prepare(database)
    return database


def held_secrets(settings: Settings) -> list[str]:
    """Every secret the process holds, so that none of them can reach a log or a message."""
    values = [secret(getattr(settings, section), key) for section, key in sorted(SECRETS)]
    parts = [part for value in values if value for line in value.split(",") for part in (line, line.partition("=")[2])]
    return [part.strip() for part in parts if part.strip()]


def public_url(settings: Settings, port: int | None = None) -> str:
    """How people reach the bot's pages, without a final slash."""
    if settings.http.public_url:
        return settings.http.public_url.rstrip("/")
    return f"http://{settings.http.host}:{settings.http.port if port is None else port}"


def make_context(settings: Settings, database: Database, desk_system: str, clock: Clock | None = None) -> Context:
    """What every act on a case is given, for a running bot and for commands beside it."""
    base = public_url(settings)
    return Context(
        book=book(settings),
        roster=roster(settings),
        jobs=EngineClient(database, ROUTES),
        clock=clock or SystemClock(),
        redactor=Redactor(held_secrets(settings)),
        desk_system=desk_system,
        case_url=lambda case_id: f"{base}/v1/cases/{case_ref(case_id)}",
        mode=settings.failure_tickets.mode,
    )


def make_desk(settings: Settings, database: Database, clock: Clock) -> BuiltinDesk:
    """The help desk of the settings, holding the queues that rules name and the people they may choose."""
    desk = BuiltinDesk(database, clock, public_url(settings))
    section = settings.failure_tickets
    queues = {section.default_queue, *(rule.queue for rule in section.rules if rule.queue)}
    for queue in sorted(queues):
        desk.ensure_group(queue)
    for person in settings.people:
        desk.ensure_agent(person.name, person.desk or person.email)
    return desk


class Bot:
    """The whole bot: HTTP port, job engine, timetable, Slack. `start` brings it up, `stop` ends it in order."""

    def __init__(self, settings: Settings, *, desk: HelpDesk | None = None, clock: Clock | None = None) -> None:
        """`desk` takes the place of the one in the settings.

        Raises: ConfigError for settings that cannot work.
        """
        self.settings = settings
        clock = clock or SystemClock()
        keys = slack_keys(settings)
        senders = make_senders(settings)
        self.database = open_database(settings)
        builtin = make_desk(settings, self.database, clock)
        desk = desk or builtin
        self.context = make_context(settings, self.database, desk.system, clock)
        look = make_look(settings)
        gateway = SlackGateway(keys.bot_token, base_url=keys.base_url)
        delivery = Delivery(
            database=self.database,
            gateway=gateway,
            render=renderer(self.context, look),
            jobs=self.context.jobs,
            clock=clock,
            fallback_channel=settings.slack.fallback_channel,
        )
        work = Work(self.database, desk, delivery, lambda: self.context)
        self.engine = Engine(
            self.database,
            jobs=work.specs(),
            redact=self.context.redactor.text,
            clock=clock,
            default_owner=self.context.book.default_owner,
        )
        roles = {Role.AGENT: settings.roles.agent, Role.LEAD: settings.roles.lead, Role.ADMIN: settings.roles.admin}
        self.slack = SlackSide(self.database, self.context, gateway, keys, roles, look)
        self.schedule = Schedule(
            self.database,
            self.engine,
            clock,
            [
                *engine_entries(self.engine),
                Here("escalations", ESCALATIONS_S, work.ask_for_escalations),
                Here("slack", CONNECT_S, self.slack.keep),
            ],
        )
        access = ReadAccess(secret(settings.http, "read_token"), senders)
        metrics = Metrics(lambda: counts(self.database))
        ports = Ports(
            database=self.database,
            context=self.context,
            senders=senders,
            allowance=Allowance(settings.ingest.events_per_minute),
            access=access,
            metrics=metrics,
            health=self.health,
            now=clock.now,
        )
        routers = [desk_pages(builtin, access, settings.team)]
        if settings.slack.transport == "http":
            routers.append(self.slack.router(time.time))
        self.http = HttpServer(create_http(ports, *routers), host=settings.http.host, port=settings.http.port)

    def start(self) -> None:
        """Bring everything up. Failures are taken in as soon as this returns; Slack may still be on its way.

        Raises: ConfigError; bot.engine.AlreadyRunning; OSError if the port is taken.
        """
        _in_order(
            (self.engine.start, self.engine.stop),
            (self.slack.keep, self.slack.close),
            (self.schedule.start, self.schedule.stop),
            (self.http.start, self.http.stop),
        )
        log.info("bot.started", database=self.database.shown, http=f"{self.http.host}:{self.http.port}")

    def stop(self) -> None:
        """Take nothing new, finish what was begun, leave the rest to the next start."""
        self.http.stop()
        self.slack.close()
        self.schedule.stop()
        self.engine.stop()
        self.database.close()
        log.info("bot.stopped")

    def health(self) -> Health:
        """Whether the bot can work, part by part."""
        engine = self.engine.health()
        parts = {
            "database": _database_words(self.database),
            "engine": "ok" if engine.ok else engine.words,
            "slack": self.slack.problem or "ok",
        }
        return Health(all(words == "ok" for words in parts.values()), parts)


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
    senders = Senders(secret(settings.ingest, "tokens"), secret(settings.ingest, "webhook_secrets"))
    if not senders:
        raise ConfigError("ingest: nobody may report failures. Set HANDOFF_INGEST__TOKENS=source=token, …")
    return senders


def make_look(settings: Settings) -> Look:
    """How this team's messages look."""
    emoji = settings.slack.reactions
    return Look(settings.team.zone, settings.slack.command_prefix, emoji.claim, emoji.resolve, emoji.escalate)


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


def _database_words(database: Database) -> str:
    try:
        with database.read() as session:
            session.execute(text("select 1"))
    except SQLAlchemyError as exc:
        return f"not available ({type(exc).__name__})"
    return "ok"


def _in_order(*pairs: tuple[Callable[[], object], Callable[[], object]]) -> None:
    """Start each; if one fails, stop those that were started, last first, and let the error through."""
    started: list[Callable[[], object]] = []
    done = False
    try:
        for begin, end in pairs:
            begin()
            started.append(end)
        done = True
    finally:
        if not done:
            for end in reversed(started):
                end()
