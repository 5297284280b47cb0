"""Reconciliation as a kind of run: read both lists, compare, keep what was found. It changes nothing outside.

Its plan has no steps. Without the brake it is done at once and its findings may be confirmed; stopped by it, two people
have to let it go on before any of its findings may be. It makes the calls that the pages of both lists need, no other.
"""

from collections.abc import Callable, Collection
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from automations.access import finding_rows, review
from automations.access.context import AccessContext
from automations.access.found import Comparison
from automations.access.reconcile_plan import Terms, compare
from automations.access.steps import Desk
from automations.access_ports import DeskAccess, IdentitySource
from automations.desks import AgentAccess
from automations.domain import HANDOFF
from automations.errors import Refused, Rejected
from automations.identities import IdentityPerson
from automations.people import Roster
from automations.plan import Plan, RunState, digest_of
from automations.runs.ask import ask
from automations.runs.context import RunContext
from automations.runs.journal import RECONCILE, follow
from automations.runs.kinds import Asked, RunKind
from automations.words import when
from storage.engine import Database
from storage.models import Run

Reading = Callable[[str, int, int | None], None]
"""Told what is being read (the list's name), how many were read so far, and of how many where that is known."""

STEP: Final = 100
"""Desk users between two words on how far the reading is."""


def quiet(_what: str, _read: int, _total: int | None) -> None:
    """Tell nobody how far the reading is."""


class Reconciling:
    """Reads, compares, and hands what was found on to the transaction that shows it.

    `integration` tells the addresses the bot itself acts as; it is asked once for each reconciliation and should make
    no call of its own. What is found stays in memory between the reading and that transaction, by the run's number.
    """

    def __init__(
        self,
        database: Database,
        source: IdentitySource,
        desk: DeskAccess,
        *,
        integration: Callable[[], Collection[str]] = tuple,
        progress: Reading = quiet,
    ) -> None:
        self._database = database
        self._source = source
        self._desk = desk
        self._integration = integration
        self._progress = progress
        self._read: dict[int, tuple[tuple[IdentityPerson, ...], tuple[AgentAccess, ...], Comparison]] = {}

    @property
    def kind(self) -> RunKind:
        """The kind of run this is."""
        return RunKind(
            RECONCILE,
            self.plan,
            undoable=False,
            observed_again=False,
            proposed=self.proposed,
            rested=self.rested,
        )

    def terms(self, ctx: AccessContext) -> Terms:
        """What comparing goes by now."""
        never = {one.strip().lower() for one in (*ctx.rules.protected, *self._integration())}
        desk = Desk(title=self._desk.title, can=ctx.desk_can, by_hand=ctx.by_hand, owner=ctx.rules.by_hand_owner)
        return Terms(rules=ctx.rules, desk=desk, now=ctx.clock.now(), never=frozenset(never), links=links(ctx.roster))

    def plan(self, asked: Asked, ctx: RunContext) -> Plan:
        """Read both lists and compare. Raises: Refused if either is empty or cut; AdapterError."""
        assert isinstance(ctx, AccessContext), "the automation's own context"
        people, everybody = self._people(), self._everybody()
        found = compare(people, everybody, self.terms(ctx))
        brake = self._brake(found, ctx)
        self._read[asked.run_id] = people, everybody, found
        return Plan(
            kind=RECONCILE,
            # What was found is part of what two people let go on, so that nobody lets something else go on.
            subject=digest_of([one.digest for one in found.findings]),
            title=f"Reconcile {self._desk.title} with {self._source.title}",
            steps=(),
            facts=(
                (self._source.title, f"{found.people:,} people, {found.population:,} of them active"),
                (self._desk.title, f"{found.agents:,} people, {found.working:,} of them not suspended"),
            ),
            approvals=2 if brake else 1,
            why_two=f"Stopped: {brake}." if brake else "",
            brake=brake,
        )

    def proposed(self, session: Session, run: Run, ctx: RunContext) -> None:
        """Write down what was found, in the transaction that shows it."""
        assert isinstance(ctx, AccessContext), "the automation's own context"
        people, everybody, found = self._read.pop(run.id)
        finding_rows.record(session, run, found.findings, self._desk.system, ctx)
        review.keep(session, run, people, everybody, links(ctx.roster), ctx.redactor)
        seen = {
            "source": self._source.title,
            "desk": self._desk.title,
            "population": found.population,
            "people": found.people,
            "agents": found.agents,
            "working": found.working,
            "counts": [list(count) for count in found.counts],
        }
        plan = update(Run).where(Run.id == run.id, Run.state == RunState.PROPOSED).values(plan={**run.plan, **seen})
        session.execute(plan, execution_options={"synchronize_session": False})
        session.refresh(run)

    def rested(self, session: Session, run: Run, ctx: RunContext) -> None:
        """Once its findings may be gone by, close what it did not see. One that came to nothing says so by itself."""
        assert isinstance(ctx, AccessContext), "the automation's own context"
        self._read.pop(run.id, None)
        if run.state == RunState.DONE:
            finding_rows.close(session, run, self._desk.system, ctx)
        follow(session, run, ctx)

    def _people(self) -> tuple[IdentityPerson, ...]:
        title = self._source.title
        try:
            people = self._source.people(progress=lambda read, total: self._progress(title, read, total))
        except Rejected as exc:
            if exc.code == "incomplete":
                raise Refused(f"{exc}. Nothing was compared, and nothing was changed.") from exc
            raise
        if not people:
            raise Refused(f"{title} answers with an empty list. Nothing was compared, and nothing was changed.")
        return people

    def _everybody(self) -> tuple[AgentAccess, ...]:
        title, everybody = self._desk.title, []
        for one in self._desk.everybody():
            everybody.append(one)
            if len(everybody) % STEP == 0:
                self._progress(title, len(everybody), None)
        self._progress(title, len(everybody), len(everybody))
        if not everybody:
            raise Refused(f"{title} lists nobody. Nothing was compared, and nothing was changed.")
        return tuple(everybody)

    def _brake(self, found: Comparison, ctx: AccessContext) -> str:
        """Why people have to look first: too many would lose access, or too many are gone upstream at once."""
        if stopped := ctx.rules.brake.stops(found.cut, found.working):
            return stopped
        with self._database.read() as session:
            last = last_done(session)
        if last is None:
            return ""
        before = int(last.plan.get("population", 0))
        gone, most = before - found.population, max(ctx.rules.brake_least, int(before * ctx.rules.brake_share / 100))
        if gone <= most:
            return ""
        at = when(last.requested_at, ctx)
        return f"{self._source.title} has {gone:,} active people fewer than the {before:,} at {at}"


def links(roster: Roster) -> dict[str, str]:
    """Address upstream -> address in the desk, for those whose desk user has another one; both in lower case."""
    differing = ((one.email.lower(), (one.desk or one.email).lower()) for one in roster.people)
    return {own: desk for own, desk in differing if own != desk}


def last_done(session: Session) -> Run | None:
    """The newest reconciliation whose findings may be gone by."""
    done = select(Run).where(Run.kind == RECONCILE, Run.state == RunState.DONE)
    return session.scalars(done.order_by(Run.id.desc()).limit(1)).one_or_none()


def ask_daily(session: Session, ctx: AccessContext) -> Run | None:
    """Ask for the reconciliation of the day, as the timetable does. None if one is open, or access is switched off."""
    try:
        return ask(session, RECONCILE, "", {}, HANDOFF, ctx)
    except Refused:
        return None
