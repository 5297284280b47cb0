"""The composition root: the only place where parts are wired. The desk is chosen in `bot.desk`."""

import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Final

import structlog

from automations.desks import cannot
from automations.domain import HANDOFF
from automations.failure_tickets.context import Context
from automations.failure_tickets.present import present
from automations.ports import Clock, HelpDesk
from bot import stuck_told
from bot.access import ReadAccess
from bot.access_parts import AccessDoors
from bot.audit_side import AuditSide
from bot.builtin_desk import desk_editing, furnish, open_builtin
from bot.delivery import Delivery
from bot.desk import open_access, open_customers, open_desk
from bot.door_book import DoorBook
from bot.engine import Engine, EngineClient
from bot.gateway import SlackGateway
from bot.http import Health, Ports, create_http
from bot.identity import open_identity
from bot.ingest import Allowance, Senders
from bot.jobs import ROUTES
from bot.late import Late
from bot.live import Live, Terms
from bot.metrics import Metrics
from bot.outage import LOOK_S, Outage
from bot.pages import desk_pages
from bot.parts import (
    SystemClock,
    counts,
    make_context,
    make_senders,
    make_terms,
    open_database,
    public_url,
    slack_keys,
)
from bot.reload import Reloading, judge
from bot.render import renderer
from bot.schedule import Here, Schedule, engine_entries
from bot.server import HttpServer, listen
from bot.settings import Settings
from bot.settings_file import secret
from bot.sides import make_sides
from bot.slack_side import SlackKeys, SlackSide
from bot.standing import OK, Standing, until_at_work

log = structlog.get_logger(__name__)

CONNECT_S: Final = 5.0
RELOAD_S: Final = 2.0
HOMES_S: Final = 3.0
DOORS_S: Final = 60.0


class Bot:
    """The whole bot: HTTP port, job engine, timetable, Slack. `start` brings it up, `stop` ends it in order."""

    def __init__(
        self,
        settings: Settings,
        *,
        desk: HelpDesk | None = None,
        clock: Clock | None = None,
        around_desk: Callable[[HelpDesk], HelpDesk] | None = None,
        reread: Callable[[], Settings] | None = None,
    ) -> None:
        """`desk` takes the place of the one in the settings; `around_desk` may stand in front of either.

        `reread` reads file and environment of the start again, for a reload. Raises: ConfigError for settings that
        cannot work.
        """
        self._around_desk = around_desk
        self._reread = reread
        keys, senders = slack_keys(settings), make_senders(settings)
        with ExitStack() as undo:
            bound = undo.enter_context(listen(settings.http.host, settings.http.port))
            self.database = open_database(settings)
            undo.callback(self.database.close)
            self._wire(settings, bound, keys, senders, desk, clock or SystemClock())
            undo.pop_all()

    def _wire(
        self,
        settings: Settings,
        bound: socket.socket,
        keys: SlackKeys,
        senders: Senders,
        desk: HelpDesk | None,
        clock: Clock,
    ) -> None:
        base = public_url(settings, bound.getsockname()[1])
        builtin = open_builtin(settings, self.database, clock, base) if settings.desk.kind == "builtin" else None
        if builtin is not None:
            furnish(builtin, settings)
        desk = desk or builtin or open_desk(settings, self.database, clock)
        if self._around_desk is not None:
            desk = self._around_desk(desk)
        jobs = EngineClient(self.database, ROUTES)
        doors = AccessDoors(
            desk, open_access(settings, self.database, clock), open_identity(settings, self.database, clock)
        )
        customers = open_customers(settings, self.database, clock)
        system, can, lacks = desk.system, desk.capabilities, cannot(desk.title, desk.by_hand)
        since = clock.now()

        def terms(given: Settings) -> Terms:
            here = partial(make_context, given, self.database, system, clock=clock, base=base, jobs=jobs)
            context = here(desk_can=can, desk_cannot=lacks, listening_since=since)
            return make_terms(given, context, doors=doors, book=customers)

        live = self.live = Live(judge(settings, terms, self.database))
        context = live.context()
        gateway = SlackGateway(keys.bot_token, base_url=keys.base_url)
        delivery = Delivery(
            database=self.database,
            gateway=gateway,
            render=renderer(lambda: live.terms),
            jobs=context.jobs,
            clock=clock,
            fallback_channel=lambda: live.terms.fallback_channel,
            belongs=lambda channel: live.terms.belongs(channel),
            late=Late(live.context),
        )
        metrics = Metrics(lambda: counts(self.database), lambda: self.outage.levels())
        self._sides = make_sides(
            self.database,
            live,
            desk,
            customers,
            doors,
            delivery,
            gateway,
            look_every=settings.desk.look_every,
            since=since,
            dropped=metrics.note_dropped,
        )
        self.engine = Engine(
            self.database,
            jobs=self._sides.specs(),
            redact=context.redactor.text,
            clock=clock,
            default_owner=lambda: live.context().book.default_owner,
            left=lambda session, item: stuck_told.left(session, item, HANDOFF, present(session, live.context())),
        )
        self.outage = Outage(gateway, self.engine.oldest)
        self.standing = Standing(
            self.database, self.outage, self.engine.health, lambda: self.slack.problem, desk, settings.desk.look_every
        )
        self.slack = SlackSide(self.database, live, gateway, keys, desk, self.standing.wrong)

        def take_in(given: Settings) -> None:
            if builtin is not None:
                furnish(builtin, given)

        self._audit = AuditSide(self.database, live, clock)
        self._doors = DoorBook(self.database, clock.now)
        self._reloading = Reloading(self.database, live, clock, self._reread, terms, take_in)
        self.schedule = Schedule(
            self.database,
            self.engine,
            clock,
            [
                *engine_entries(self.engine, self._sides.retention.keep_jobs),
                *self._sides.timetable(),
                *self._audit.timetable(),
                Here("slack", CONNECT_S, self.slack.keep),
                Here("doors", DOORS_S, self._doors.settle),
                Here("outage", LOOK_S, self.outage.look),
                Here("settings", RELOAD_S, self._reloading.look),
                Here("homes", HOMES_S, self.slack.follow_homes),
            ],
        )
        access = ReadAccess(secret(settings.http, "read_token"), senders)
        ports = Ports(
            database=self.database,
            context=live.context,
            senders=senders,
            allowance=Allowance(settings.ingest.events_per_minute),
            access=access,
            metrics=metrics,
            health=self.health,
            now=clock.now,
            turned_away=self._doors.note,
            team=lambda: live.terms.settings.team.name,
        )
        routers = []
        if builtin is not None:
            editing = desk_editing(settings, self.database, clock)
            routers.append(desk_pages(builtin, access, lambda: live.terms.settings.team, editing))
        if settings.slack.transport == "http":
            routers.append(self.slack.router(time.time))
        self.http = HttpServer(create_http(ports, *routers), bound)

    @property
    def context(self) -> Context:
        """What every act is given, as it is now."""
        return self.live.context()

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.live.terms.settings

    def reload(self) -> None:
        """Ask this bot and all beside it to read their settings again, shortly. Safe to call from a signal."""
        self._reloading.hang_up()

    def start(self) -> None:
        """Bring everything up. Failures are taken in as soon as this returns; Slack may still be on its way.

        Raises: ConfigError; bot.engine.AlreadyRunning; OSError if the port does not come up.
        """
        with ExitStack() as undo:
            undo.callback(self.stop)
            self.engine.start()
            self._sides.at_start()
            self.slack.connect()
            self.schedule.start()
            until_at_work(self.engine.health)
            self.http.start()
            undo.pop_all()
        log.info("bot.started", database=self.database.shown, http=f"{self.http.host}:{self.http.port}")

    def stop(self) -> None:
        """Take nothing new, finish what was begun, leave the rest to the next start. Harmless if it never started."""
        self.http.stop()
        self.slack.close()
        self.schedule.stop()
        self._doors.settle(all_of_them=True)
        self.engine.stop()
        self._audit.close()
        self.database.close()
        log.info("bot.stopped")

    def health(self) -> Health:
        """Whether the bot can work, part by part."""
        parts = self.standing.parts()
        return Health(all(words == OK for words in parts.values()), parts)
