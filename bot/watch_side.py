"""Triage and escalation in a running bot: what they need of the desk is read, then each does what is due by its rows.

The words of changed tickets are read behind the mirror, in the desk's own queue. What follows from them, the job
`ticket.watch`, calls no desk and stands in another queue, so that a desk that hangs holds up no deadline.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.apart import Apart, in_words
from automations.domain import Mode
from automations.errors import Unavailable
from automations.escalation import watch
from automations.escalation.card_types import RuleFigures
from automations.escalation.context import NAME as ESCALATION
from automations.escalation.figures import rule_figures
from automations.escalation.sweep import sweep
from automations.mirror.reading import place
from automations.ports import HelpDesk
from automations.sla.keeping import refresh, refresh_one
from automations.ticket_texts.keeping import forget
from automations.ticket_texts.reading import read_changed
from automations.triage import asking, decisions, telling
from automations.triage.looking import look
from automations.weekly_report.request import Period
from bot import watch_acts
from bot.engine import Args, JobSpec, Route
from bot.live import Live
from bot.mirror_side import Reader
from bot.schedule import Here
from bot.triage_model import ModelInUse
from bot.watch_acts import TicketActs
from storage.engine import Database
from storage.exclusive import Occupied, alone
from storage.models import DeskFact

log = structlog.get_logger(__name__)

WATCH: Final = "ticket.watch"
"""Job: let triage decide, make the SLA clocks anew, and escalate what is due. Calls no desk."""
WATCH_AGAIN: Final = "ticket.watch.again"
"""Job: as `ticket.watch`, but it fails on what that passes over, so that somebody hears of it; once an hour at most."""
CLOCKS_OF: Final = "ticket.clocks"
"""Job: make the SLA clocks of one ticket, which were passed over when all were made."""
AGAIN_EVERY_S: Final = 3600
WATCH_EVERY: Final = timedelta(seconds=15)
READ_EVERY: Final = timedelta(seconds=20)
WORDS_AT_ONCE: Final = 40
"""Tickets whose words are read in one go, so that the desk's other jobs get their turn in between."""
FIRST_LOOK: Final = timedelta(seconds=30)
"""How long after a start deadlines wait for the desk to be read, since somebody may have answered meanwhile."""
MEASURE_TRIES: Final = 3
FORGET_EVERY: Final = timedelta(hours=1)

ROUTES: Final = (
    Route(name=WATCH, queue="jobs"),
    Route(name=WATCH_AGAIN, queue="jobs"),
    Route(name=CLOCKS_OF, queue="jobs"),
    Route(name=asking.EVALUATE, queue="jobs"),
    *watch_acts.ROUTES,
)
"""All that somebody has to know who only asks for jobs."""


@dataclass(frozen=True, slots=True)
class WatchSide:
    """Triage and escalation of one bot, which was made at `since`. With both off the desk is not read for them."""

    database: Database
    live: Live
    desk: HelpDesk
    acts: TicketActs
    since: datetime
    model: ModelInUse = field(default_factory=ModelInUse)

    @property
    def reader(self) -> Reader:
        """What they need of the mirror."""
        return Reader(READ_EVERY, self.reads, self.read_words)

    def reads(self, session: Session) -> bool:
        """Whether the desk has to be read for triage or escalation."""
        terms = self.live.terms
        return decisions.mode(session, terms.triage) is not Mode.OFF or self._escalates(session)

    def read_words(self) -> bool:
        """Read the words of tickets that changed. True if there may be more. Raises: AdapterError."""
        ctx = self.live.terms.triage
        try:
            with alone(self.database, f"words/{self.desk.system}", patience_s=0):
                read = read_changed(
                    self.database,
                    self.desk,
                    ctx.clock,
                    ctx.redactor,
                    most=WORDS_AT_ONCE,
                    kept_for=ctx.keep_texts,
                )
        except Occupied:
            return False
        if read:
            self._enqueue(f"read/{ctx.clock.now().isoformat()}")
        return len(read) == WORDS_AT_ONCE

    def specs(self) -> tuple[JobSpec, ...]:
        """Every job of triage and escalation, ready for the engine."""
        return (
            JobSpec(
                name=WATCH,
                queue="jobs",
                advance=self._watch,
                target=lambda _: "tickets",
                owner_of=lambda _session, _args: self.live.terms.escalation.owner,
            ),
            JobSpec(
                name=WATCH_AGAIN,
                queue="jobs",
                advance=self._watch_again,
                target=lambda _: "tickets",
                owner_of=lambda _session, _args: self.live.terms.escalation.owner,
            ),
            JobSpec(
                name=CLOCKS_OF,
                queue="jobs",
                advance=self._clocks_of,
                target=lambda args: f"ticket {args['ticket']}",
                owner_of=lambda _session, _args: self.live.terms.escalation.owner,
            ),
            JobSpec(
                name=asking.EVALUATE,
                queue="jobs",
                advance=self._evaluate,
                target=lambda _: "triage on history",
                owner_of=lambda _session, args: asking.Asked.of(args).by,
                on_stuck=self._not_evaluated,
                max_attempts=MEASURE_TRIES,
            ),
            *self.acts.specs(),
        )

    def timetable(self) -> Sequence[Here]:
        """A look at what is due, and letting go of old words, which goes on with both of them off."""
        return (
            Here("watch", WATCH_EVERY.total_seconds(), self.ask),
            Here("words", FORGET_EVERY.total_seconds(), self.forget_words),
        )

    def ask(self) -> bool:
        """Ask for a look at what is due, once for all replicas. False if triage and escalation are off."""
        with self.database.read() as session:
            if not (self.reads(session) or self._was_on(session)):
                return False
        slot = int(self.live.context().clock.now().timestamp() // WATCH_EVERY.total_seconds())
        self._enqueue(f"{slot}")
        return True

    def forget_words(self) -> int:
        """Delete the words of tickets that are over for long enough. Says how many tickets they were of."""
        ctx = self.live.terms.triage
        return forget(self.database, ctx.desk_system, ctx.clock.now() - ctx.keep_texts)

    def rules_of(self, session: Session, period: Period) -> Sequence[RuleFigures]:
        """How the rules of escalation did in a period, for the files of a report."""
        return rule_figures(session, self.live.terms.escalation, period.from_at, period.to_at)

    def _evaluate(self, args: Args) -> None:
        with self.database.read() as session:
            ctx = self.acts.triage_context(session)
        asking.evaluate_asked(self.database, asking.Asked.of(args), ctx)

    def _not_evaluated(self, session: Session, args: Args, why: str) -> None:
        asking.gave_up(session, asking.Asked.of(args), why, self.acts.triage_context(session))

    def _watch(self, _args: Args) -> None:
        """Everything that is due by the rows at hand. One at a time: whoever comes second leaves it to the first."""
        try:
            with alone(self.database, f"{WATCH}/{self.desk.system}", patience_s=0):
                apart = self._look()
        except Occupied:
            return
        if apart.rows:
            log.warning("escalation.passed_over", rows=len(apart.rows))
            slot = int(self.live.context().clock.now().timestamp() // AGAIN_EVERY_S)
            with self.database.begin() as session:
                self.live.context().jobs.enqueue(session, WATCH_AGAIN, f"{slot}", {})

    def _watch_again(self, _args: Args) -> None:
        """Look again, and say what has to be passed over. Raises: RowsPassedOver; Unavailable if another looks now."""
        try:
            with alone(self.database, f"{WATCH}/{self.desk.system}"):
                apart = self._look()
        except Occupied as exc:
            raise Unavailable("the look at what is due is at work", system="handoff") from exc
        apart.complain()

    def _clocks_of(self, args: Args) -> None:
        with self.database.read() as session:
            ctx = self.acts.escalation_context(session)
        refresh_one(self.database, self.desk.system, str(args["ticket"]), ctx.policy, ctx.hours, ctx.clock)

    def _pass_over(self, session: Session, ticket_id: str, error: Exception) -> None:
        """A ticket of which no clocks can be made gets a job of its own: it fails alone, and people see why."""
        log.warning("sla.passed_over", ticket=ticket_id, error=in_words(error))
        slot = int(self.live.context().clock.now().timestamp() // AGAIN_EVERY_S)
        self.live.context().jobs.enqueue(session, CLOCKS_OF, f"{ticket_id}/{slot}", {"ticket": ticket_id})

    def _look(self) -> Apart:
        apart = Apart()
        with self.database.read() as session:
            triage, escalation = self.acts.triage_context(session), self.acts.escalation_context(session)
            known = place(session, self.desk.system)
            model = self.model.of(session, triage)
            decides, escalates = decisions.mode(session, triage) is not Mode.OFF, self._escalates(session)
        if escalates:
            policy, hours = escalation.policy, escalation.hours
            refresh(self.database, self.desk.system, policy, hours, escalation.clock, pass_over=self._pass_over)
        read_at = known.read_at if known is not None else None
        if not (escalates and self._too_early(read_at)):
            swept = sweep(self.database, escalation, read_at=read_at)
            apart = swept.passed_over
            if swept.fired:
                log.info("escalation.swept", fired=swept.fired, late=swept.late, called=swept.called)
        if decides:  # after what has a deadline
            look(self.database, triage, model)
            with self.database.begin() as session:
                telling.keep(session, triage)
        return apart

    def _too_early(self, read_at: datetime | None) -> bool:
        """Whether this bot has not read the desk since its start and still has time for that."""
        unread = read_at is None or read_at < self.since
        return unread and self.live.context().clock.now() - self.since < FIRST_LOOK

    def _escalates(self, session: Session) -> bool:
        return watch.mode(session, self.live.terms.escalation) is not Mode.OFF

    def _was_on(self, session: Session) -> bool:
        """Whether escalation has not noted yet that it was switched off."""
        mine = DeskFact.system == self.desk.system, DeskFact.name == ESCALATION
        return bool(session.scalar(select(DeskFact.value).where(*mine)))

    def _enqueue(self, key: str) -> None:
        with self.database.begin() as session:
            self.live.context().jobs.enqueue(session, WATCH, key, {})
