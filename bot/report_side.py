"""The queue report in a running bot: its jobs, and what it does by the clock."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.domain import Mode
from automations.failure_tickets.present import present
from automations.ports import CustomerBook, HelpDesk
from automations.weekly_report.asking import MAKE, NAME, any_asked, enqueue, mode
from automations.weekly_report.card_types import report_ref
from automations.weekly_report.context import ReportContext
from automations.weekly_report.failing import fail, not_posted, take_up
from automations.weekly_report.making import make
from automations.weekly_report.planned import ask_planned, timetable_of, write_down_preflight
from bot.engine import Args, JobSpec, Route
from bot.gateway import SlackGateway
from bot.live import Live
from bot.mirror_side import SLICE
from bot.report_preflight import look
from bot.schedule import Once, moments
from storage.engine import Database
from storage.models import Report

log = structlog.get_logger(__name__)

WEEKLY: Final = f"sched:{NAME}"
PREFLIGHT: Final = "sched:report_preflight"

READ_EVERY: Final = timedelta(seconds=60)
"""How old the mirror may be before it is read on, so that a report asked for by hand is made at once."""
TRIES: Final = 40
"""After the first few, tries are one to two minutes apart: given up after about an hour."""

LONG_AGO: Final = timedelta(days=15)
"""Up to this age a planned report is still asked for, so that one that is too late is told as missed."""
PREFLIGHT_GRACE: Final = timedelta(hours=24)

ROUTES: Final = (
    Route(name=MAKE, queue="desk"),
    Route(name=WEEKLY, queue="jobs"),
    Route(name=PREFLIGHT, queue="jobs"),
)
"""All that somebody has to know who only asks for jobs."""


@dataclass(frozen=True, slots=True)
class ReportSide:
    """The queue report of one bot. In mode off nothing is posted by the clock, and it is made for whoever asks."""

    database: Database
    live: Live
    desk: HelpDesk
    customers: CustomerBook | None
    gateway: SlackGateway

    def context(self) -> ReportContext:
        """What every act of reports is given, with the team as it is now."""
        with self.database.read() as session:
            return self.present(session)

    def present(self, session: Session) -> ReportContext:
        """As `context`, within a transaction that is open already."""
        terms = self.live.terms
        return replace(terms.report, roster=present(session, terms.context).roster)

    def specs(self) -> tuple[JobSpec, ...]:
        """Every job of reports, ready for the engine."""
        return (
            JobSpec(
                name=MAKE,
                queue="desk",
                advance=self._make,
                target=lambda args: report_ref(int(args["report_id"])),
                owner_of=_owner,
                on_stuck=self._gave_up,
                max_attempts=TRIES,
            ),
            JobSpec(name=WEEKLY, queue="jobs", advance=self._planned, target=lambda _: NAME, owner_of=self._owner),
            JobSpec(name=PREFLIGHT, queue="jobs", advance=self._preflight, target=lambda _: NAME, owner_of=self._owner),
        )

    def timetable(self) -> Sequence[Once]:
        """The report and the look ahead of it; both are planned in every mode, so that a mode set later holds."""

        def report(after: datetime) -> datetime:
            return timetable_of(self.live.terms.report).next_after(after)

        def look_ahead(after: datetime) -> datetime:
            return timetable_of(self.live.terms.report).next_preflight(after)

        name = PREFLIGHT.removeprefix("sched:")
        return (
            Once(NAME, moments(report), LONG_AGO, catch_up=True),
            Once(name, moments(look_ahead), PREFLIGHT_GRACE, catch_up=True),
        )

    def reads(self, session: Session) -> bool:
        """Whether the mirror has to be read for reports: they are made by the clock, or somebody asked for one."""
        return mode(session, self.live.terms.report) is not Mode.OFF or any_asked(session)

    def ask_for_what_was_lost(self) -> int:
        """Ask for the jobs of reports that wait to be made, as after a restore without the engine's tables.

        Called at a start. A job that is known already is not asked for twice. Says how many were asked for.
        """
        ctx = self.live.terms.report
        with self.database.begin() as session:
            waiting = session.scalars(select(Report).where(Report.state == "asked").order_by(Report.id)).all()
            for report in waiting:
                enqueue(session, report, str(report.id), ctx)
        return len(waiting)

    def not_delivered(self, session: Session, args: Args, why: str) -> None:
        """A message was given up: if it is a report, its owner hears of it."""
        not_posted(session, str(args["key"]), why, self.present(session))

    def _make(self, args: Args) -> str | None:
        number, ctx = int(args["report_id"]), self.context()
        with self.database.begin() as session:
            take_up(session, number, ctx)
        report = make(self.database, number, self.desk, self.customers, ctx, most_pages=SLICE)
        return "read the desk on" if report.state == "asked" else None

    def _gave_up(self, session: Session, args: Args, why: str) -> None:
        fail(session, int(args["report_id"]), why, self.present(session))

    def _planned(self, args: Args) -> None:
        at = str(args["at"])
        with self.database.begin() as session:
            came = ask_planned(session, datetime.fromisoformat(at), self.present(session))
        ref = report_ref(came.report.id) if came.report else ""
        (log.warning if ref and came.why else log.info)("report.planned", planned=at, report=ref, why=came.why)

    def _preflight(self, args: Args) -> None:
        at, ctx = datetime.fromisoformat(str(args["at"])), self.context()
        with self.database.read() as session:
            if mode(session, ctx) is Mode.OFF:
                return
        problems = look(self.database, self.gateway, self.desk, ctx)
        with self.database.begin() as session:
            write_down_preflight(session, at, problems, ctx)

    def _owner(self, _session: Session, _args: Args) -> str:
        return self.live.terms.report.owner


def _owner(session: Session, args: Args) -> str:
    report = session.get(Report, int(args["report_id"]))
    return report.owner if report is not None and "@" in report.owner else ""
