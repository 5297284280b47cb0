"""Customers with an open case who write in, in a running bot: a look by the clock, and the job that writes the note.

The look goes by the mirror's rows and calls no desk, so it does not stand behind one that hangs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy.orm import Session

from automations.customer_context import notices, noting
from automations.customer_context.context import CustomerContext
from automations.domain import case_ref
from automations.ports import HelpDesk
from bot.engine import Args, JobSpec, Route
from bot.mirror_side import Reader
from bot.schedule import Here
from storage.engine import Database
from storage.exclusive import Occupied, alone
from storage.models import Case

log = structlog.get_logger(__name__)

LOOK: Final = "customers.look"
"""Job: look for what customers with an open case wrote. Calls no desk."""
LOOK_EVERY: Final = timedelta(seconds=20)
READ_EVERY: Final = timedelta(seconds=30)

ROUTES: Final = (Route(name=LOOK, queue="jobs"), Route(name=notices.JOB, queue="desk"))
"""All that somebody has to know who only asks for jobs."""


@dataclass(frozen=True, slots=True)
class CustomerNotices:
    """Notices of one bot. `context` is what customer context is given now, None where it is not set up."""

    database: Database
    desk: HelpDesk
    context: Callable[[], CustomerContext | None]

    @property
    def reader(self) -> Reader:
        """What it needs of the mirror."""
        return Reader(READ_EVERY, self.reads)

    def reads(self, session: Session) -> bool:
        """Whether the desk has to be read for it."""
        ctx = self.context()
        return ctx is not None and notices.wanted(session, ctx)

    def specs(self) -> tuple[JobSpec, ...]:
        """Both jobs, ready for the engine."""
        look = JobSpec(
            name=LOOK, queue="jobs", advance=self._look, target=lambda _args: "customers", owner_of=self._owner
        )
        note = JobSpec(
            name=notices.JOB,
            queue="desk",
            advance=self._note,
            target=lambda args: case_ref(int(args["case_id"])),
            owner_of=_owner_of_case,
            on_stuck=self._gave_up,
        )
        return look, note

    def timetable(self) -> Sequence[Here]:
        """The look."""
        return (Here("customer notices", LOOK_EVERY.total_seconds(), self.ask),)

    def ask(self) -> bool:
        """Ask for a look, once for all replicas. False where there is nothing to look for, and nothing to end."""
        ctx = self.context()
        if ctx is None:
            return False
        with self.database.read() as session:
            if not (notices.wanted(session, ctx) or notices.was_wanted(session, ctx)):
                return False
        slot = int(ctx.clock.now().timestamp() // LOOK_EVERY.total_seconds())
        with self.database.begin() as session:
            ctx.jobs.enqueue(session, LOOK, f"{LOOK}/{slot}", {})
        return True

    def ask_for_what_was_lost(self) -> None:
        """Ask anew for notes that are not written yet, as after a crash of the engine's own database."""
        ctx = self.context()
        if ctx is not None:
            with self.database.begin() as session:
                noting.ask_for_what_was_lost(session, ctx)

    def _look(self, _args: Args) -> None:
        """One at a time: whoever comes second leaves it to the first."""
        ctx = self.context()
        if ctx is None:
            return
        try:
            with alone(self.database, f"{LOOK}/{self.desk.system}", patience_s=0):
                made = notices.look(self.database, ctx)
        except Occupied:
            return
        if made:
            log.info("customers.wrote_in", notices=made)

    def _note(self, args: Args) -> None:
        ctx = self.context()
        if ctx is not None:
            noting.carry_out(self.database, self.desk, *_notice(args), ctx)

    def _gave_up(self, session: Session, args: Args, why: str) -> None:
        ctx = self.context()
        if ctx is not None:
            noting.gave_up(session, *_notice(args), why, ctx)

    def _owner(self, _session: Session, _args: Args) -> str:
        ctx = self.context()
        return ctx.owner if ctx is not None else ""


def _notice(args: Args) -> tuple[int, str, str]:
    return int(args["case_id"]), str(args["system"]), str(args["ticket_id"])


def _owner_of_case(session: Session, args: Args) -> str:
    """Whoever has the case."""
    case = session.get(Case, int(args["case_id"]))
    return case.owner if case is not None else ""
