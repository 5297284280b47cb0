"""The composition root: the only place where adapters are chosen and wired."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import structlog

from automations.adapters.builtin import BuiltinDesk
from automations.adapters.builtin_audited import AuditedTables
from automations.adapters.builtin_import import ImportResult, import_tickets
from automations.adapters.builtin_people import DeskWork
from automations.adapters.import_mapping import read_mapping
from automations.adapters.import_rows import Progress
from automations.adapters.paced import Paced
from automations.domain import Actor, TicketField
from automations.failure_tickets.context import Context
from automations.ports import Clock, HelpDesk
from automations.redact import Redactor
from bot.access import ReadAccess
from bot.delivery import Delivery
from bot.desk_door import desk_door
from bot.engine import Engine
from bot.gateway import SlackGateway
from bot.http import Health, Ports, create_http
from bot.ingest import Allowance, Senders
from bot.jobs import Work
from bot.live import Live
from bot.metrics import Metrics
from bot.pages import Editing, desk_pages
from bot.parts import (
    SystemClock,
    counts,
    database_words,
    held_secrets,
    make_context,
    make_senders,
    make_terms,
    open_database,
    public_url,
    slack_keys,
)
from bot.render import renderer
from bot.schedule import PRUNE_S, Here, Schedule, engine_entries
from bot.server import HttpServer, listen
from bot.settings import Settings
from bot.settings_file import secret
from bot.slack_side import SlackKeys, SlackSide
from storage.budget import RateBudgets
from storage.engine import Database

log = structlog.get_logger(__name__)

ESCALATIONS_S: Final = 5.0
DUE_S: Final = 2.0
CONNECT_S: Final = 5.0
AT_WORK_S: Final = 5.0
"""How long a start waits for the engine's queues, which come up a moment after it."""


def open_desk(settings: Settings, database: Database, clock: Clock, base: str | None = None) -> BuiltinDesk:
    """The help desk of the settings as it is."""
    return BuiltinDesk(database, clock, base or public_url(settings), _required(settings))


def _required(settings: Settings) -> list[TicketField]:
    return [TicketField(field.id, field.label, field.options) for field in settings.desk.required_fields]


def make_desk(settings: Settings, database: Database, clock: Clock, base: str | None = None) -> BuiltinDesk:
    """The help desk of the settings, holding the queues that rules name and the people they may choose."""
    desk = open_desk(settings, database, clock, base)
    section = settings.failure_tickets
    queues = {section.default_queue, *(rule.queue for rule in section.rules if rule.queue)}
    for queue in sorted(queues):
        desk.ensure_group(queue)
    for person in settings.people:
        desk.ensure_agent(person.name, person.desk or person.email)
    return desk


def desk_editing(settings: Settings, database: Database, clock: Clock) -> Editing:
    """What lets people work on the built-in desk's pages: personal links, and acts that are written down."""
    redactor = Redactor(held_secrets(settings))

    def work_for(email: str, ticket: str) -> DeskWork:
        actor = Actor(email, email, email)
        return DeskWork(AuditedTables(database, clock, redactor, actor, ticket), clock, _required(settings))

    return Editing(desk_door(database, clock.now), work_for, public_url(settings).startswith("https://"))


def paced(desk: HelpDesk, settings: Settings, database: Database, clock: Clock) -> HelpDesk:
    """The desk, called no more often than the settings allow."""
    limit = settings.desk.calls_per_minute
    return desk if limit is None else Paced(desk, RateBudgets(database, clock.now), limit)


def import_history(
    database: Database, file: Path, map_file: Path | None, *, redactor: Redactor, on_progress: Progress
) -> ImportResult:
    """Load ticket history into the built-in desk. Raises: HandoffError naming file, line and what is allowed."""
    return import_tickets(database, file, read_mapping(map_file), redactor=redactor, on_progress=on_progress)


class Bot:
    """The whole bot: HTTP port, job engine, timetable, Slack. `start` brings it up, `stop` ends it in order."""

    def __init__(
        self,
        settings: Settings,
        *,
        desk: HelpDesk | None = None,
        clock: Clock | None = None,
        around_desk: Callable[[HelpDesk], HelpDesk] | None = None,
    ) -> None:
        """`desk` takes the place of the one in the settings; `around_desk` may stand in front of either.

        Raises: ConfigError for settings that cannot work.
        """
        self.settings = settings
        self._around_desk = around_desk
        keys, senders = slack_keys(settings), make_senders(settings)
        with ExitStack() as undo:
            bound = undo.enter_context(listen(settings.http.host, settings.http.port))
            self.database = open_database(settings)
            undo.callback(self.database.close)
            self._wire(bound, keys, senders, desk, clock or SystemClock())
            undo.pop_all()

    def _wire(
        self, bound: socket.socket, keys: SlackKeys, senders: Senders, desk: HelpDesk | None, clock: Clock
    ) -> None:
        settings = self.settings
        base = public_url(settings, bound.getsockname()[1])
        builtin = make_desk(settings, self.database, clock, base)
        desk = desk or builtin
        if self._around_desk is not None:
            desk = self._around_desk(desk)
        desk = paced(desk, settings, self.database, clock)
        context = make_context(settings, self.database, desk.system, desk_can=desk.capabilities, clock=clock, base=base)
        live = self.live = Live(make_terms(settings, context))
        gateway = SlackGateway(keys.bot_token, base_url=keys.base_url)
        delivery = Delivery(
            database=self.database,
            gateway=gateway,
            render=renderer(lambda: live.terms),
            jobs=context.jobs,
            clock=clock,
            fallback_channel=lambda: live.terms.fallback_channel,
        )
        work = self._work = Work(self.database, desk, delivery, live.context)
        self.engine = Engine(
            self.database,
            jobs=work.specs(),
            redact=context.redactor.text,
            clock=clock,
            default_owner=lambda: live.context().book.default_owner,
        )
        self.slack = SlackSide(self.database, live, gateway, keys)
        look_every = settings.desk.look_every
        self.schedule = Schedule(
            self.database,
            self.engine,
            clock,
            [
                *engine_entries(self.engine),
                Here("escalations", ESCALATIONS_S, work.ask_for_escalations),
                Here("due", DUE_S, work.ask_for_what_is_due),
                Here("desk", look_every.total_seconds(), lambda: work.looking.ask(look_every)),
                Here("inbox", PRUNE_S, work.forget_payloads),
                Here("slack", CONNECT_S, self.slack.keep),
            ],
        )
        access = ReadAccess(secret(settings.http, "read_token"), senders)
        metrics = Metrics(lambda: counts(self.database))
        ports = Ports(
            database=self.database,
            context=live.context,
            senders=senders,
            allowance=Allowance(settings.ingest.events_per_minute),
            access=access,
            metrics=metrics,
            health=self.health,
            now=clock.now,
            team=lambda: live.terms.settings.team.name,
        )
        editing = desk_editing(settings, self.database, clock)
        routers = [desk_pages(builtin, access, settings.team, editing)]
        if settings.slack.transport == "http":
            routers.append(self.slack.router(time.time))
        self.http = HttpServer(create_http(ports, *routers), bound)

    @property
    def context(self) -> Context:
        """What every act is given, as it is now."""
        return self.live.context()

    def start(self) -> None:
        """Bring everything up. Failures are taken in as soon as this returns; Slack may still be on its way.

        Raises: ConfigError; bot.engine.AlreadyRunning; OSError if the port does not come up.
        """
        with ExitStack() as undo:
            undo.callback(self.stop)
            self.engine.start()
            self._work.ask_for_what_was_lost()
            self._work.looking.ask_at_start()
            self.slack.connect()
            self.schedule.start()
            self._until_engine_works()
            self.http.start()
            undo.pop_all()
        log.info("bot.started", database=self.database.shown, http=f"{self.http.host}:{self.http.port}")

    def stop(self) -> None:
        """Take nothing new, finish what was begun, leave the rest to the next start. Harmless if it never started."""
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
            "database": database_words(self.database),
            "engine": "ok" if engine.ok else engine.words,
            "slack": self.slack.problem or "ok",
        }
        return Health(all(words == "ok" for words in parts.values()), parts)

    def _until_engine_works(self) -> None:
        """Wait for its queues, so that a bot that has just started is ready. One that stays idle says so itself."""
        pause, deadline = threading.Event(), time.monotonic() + AT_WORK_S
        while not self.engine.health().ok and time.monotonic() < deadline:
            pause.wait(0.02)
