"""A team with a desk whose queue is reported on, and ways to ask, make and look."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from automations.adapters.builtin.customers import BuiltinCustomers
from automations.adapters.builtin.desk import BuiltinDesk
from automations.domain import Actor, Changed, DeskAgent
from automations.errors import Unavailable
from automations.weekly_report.asking import ask
from automations.weekly_report.context import ReportContext
from automations.weekly_report.making import make
from automations.weekly_report.request import Request
from automations.weekly_report.windows import Timetable
from storage.engine import Database
from storage.models import AuditEntry, Notification, Report, StuckItem
from tests.automations.failure_tickets.world import LEA, World
from tests.report_terms import report_of
from tests.support import START, FakeClock, RecordingJobs

OWNER = "anna@team.example"
"""Who owns the team's reports, and her Slack user."""
OWNERS_SLACK = "U_AGENT1"
CHANNEL = "C_REPORTS"
MAKE = "report.make"


class DeskOnALine(BuiltinDesk):
    """The built-in desk, unless its line is cut."""

    away = False

    def changed(self, since: str | None) -> Changed:
        self._reach()
        return super().changed(since)

    def me(self) -> DeskAgent:
        self._reach()
        return super().me()

    def _reach(self) -> None:
        if self.away:
            raise Unavailable("the desk does not answer", system=self.system)


@dataclass
class Newsroom:
    """One database, its desk, and what acts of reports are given."""

    world: World
    ctx: ReportContext
    desk: DeskOnALine
    customers: BuiltinCustomers = field(init=False)

    def __post_init__(self) -> None:
        self.customers = BuiltinCustomers(self.database)

    @classmethod
    def on(cls, database: Database, clock: FakeClock, jobs: RecordingJobs) -> "Newsroom":
        world = World.on(database, clock, jobs)
        desk = DeskOnALine(database, clock, "https://bot.example")
        return cls(world, report_of(world.ctx), desk)

    @property
    def database(self) -> Database:
        return self.world.database

    @property
    def clock(self) -> FakeClock:
        return self.world.clock

    @property
    def jobs(self) -> RecordingJobs:
        return self.world.jobs

    def terms(self, **changes: Any) -> ReportContext:
        """Other settings from now on."""
        self.ctx = replace(self.ctx, **changes)
        return self.ctx

    @property
    def last_week(self) -> Request:
        """The week before the one in which tests begin."""
        ctx = self.ctx
        return Request(Timetable(0, ctx.at, ctx.zone).window(START), ctx.filters, "solved")

    def ask(self, actor: Actor = LEA, *, channel: str = CHANNEL, **more: Any) -> int:
        """Ask for last week's; the report's number."""
        with self.world.begin() as session:
            more = {"kind": "asked", **more}
            return ask(session, self.last_week, actor, self.ctx, channel=channel, **more).id

    def make(self, number: int) -> Report:
        return make(self.database, number, self.desk, self.customers, self.ctx)

    def report(self, number: int) -> Report:
        with self.database.read() as session:
            return session.get_one(Report, number)

    def reports(self) -> list[Report]:
        with self.database.read() as session:
            return list(session.scalars(select(Report).order_by(Report.id)))

    def messages(self, kind: str) -> list[Notification]:
        with self.database.read() as session:
            found = select(Notification).where(Notification.kind == kind).order_by(Notification.key)
            return list(session.scalars(found))

    def audited(self, action: str) -> list[AuditEntry]:
        return self.world.audited(action)

    def stuck_items(self) -> list[StuckItem]:
        with self.database.read() as session:
            return list(session.scalars(select(StuckItem).order_by(StuckItem.id)))

    def later(self, **by: float) -> None:
        self.clock.move(timedelta(**by))
