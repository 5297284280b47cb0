"""A small team with its rules of access, reconciled by the real engine of runs, driven by hand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, cast

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.access.card_types import FindingsCard
from automations.access.context import AccessContext
from automations.access.doors import Doors
from automations.access.listing import findings_card
from automations.access.mending import Mending
from automations.access.reconcile import Reading, Reconciling, quiet
from automations.access.rules import AccessRules, RoleRule
from automations.access.steps import Kind
from automations.domain import Actor, Mode, Role
from automations.errors import Refused
from automations.people import Person, Roster
from automations.plan import RunState
from automations.ports import HelpDesk
from automations.redact import Redactor
from automations.runs import approve
from automations.runs.advance import Runner
from automations.runs.ask import ask
from automations.runs.journal import RECONCILE
from automations.runs.kinds import RunKind
from automations.runs.rows import ADVANCE, PLAN
from automations.runs.rows import found as run_found
from storage.engine import Database
from storage.models import AuditEntry, Finding, Run
from tests.automations.access.listed import Company, Hand, Team, person, user
from tests.support import FakeClock, RecordingJobs

LEA = Actor("U_LEAD1", "Lea Lind", "lea@team.example", Role.LEAD)
LEO = Actor("U_LEAD2", "Leo Falk", "leo@team.example", Role.LEAD)
ANNA = Actor("U_AGENT1", "Anna Berg", "anna@team.example", Role.AGENT)

ROSTER = Roster(
    (
        Person("Anna Berg", "anna@team.example", "U_AGENT1"),
        Person("Ben Okoro", "ben@team.example", "U_AGENT2", desk="b.okoro@desk.example"),
        Person("Lea Lind", "lea@team.example", "U_LEAD1"),
        Person("Leo Falk", "leo@team.example", "U_LEAD2"),
        Person("Nils Without", "nils@team.example"),
    )
)
RULES = AccessRules(
    roles=(
        RoleRule(name="light", desk_role="Light", from_groups=("watchers",)),
        RoleRule(name="agent", desk_role="Agent", groups=("Support",), from_groups=("support",)),
        RoleRule(name="lead", desk_role="Senior", groups=("Support", "Escalations"), from_groups=("support-leads",)),
        RoleRule(name="admin", desk_role="Admin", groups=("Support",), from_groups=("it",), privileged=True),
    ),
    protected=("root@desk.example",),
    by_hand_owner="lea@team.example",
)


class NoRooms:
    """Nobody is asked where anybody is."""

    def leads(self) -> tuple[str, ...]:
        return ("U_LEAD1", "U_LEAD2")

    def is_member(self, channel: str, user: str) -> bool:
        return False


@dataclass
class Reconciled:
    """One database, one company, one desk."""

    database: Database
    clock: FakeClock
    jobs: RecordingJobs
    company: Company
    team: Team
    rules: AccessRules = RULES
    mode: Mode = Mode.ASK
    seen: list[tuple[str, int, int | None]] = field(default_factory=list)
    told: Reading = quiet
    _done: int = 0

    def __post_init__(self) -> None:
        self.reconciling = Reconciling(
            self.database,
            self.doors,
            integration=lambda: ("handoff@desk.example",),
            progress=self._hear,
        )
        mending = Mending(self.database, self.doors, self.reconciling.terms)
        kinds: dict[str, RunKind] = {kind.name: kind for kind in (self.reconciling.kind, *mending.kinds)}
        actions = dict.fromkeys(map(str, Kind), Hand(self.team))
        self.runner = Runner(self.database, kinds, actions, NoRooms(), lambda _automation: self.ctx)

    def _hear(self, what: str, read: int, total: int | None) -> None:
        self.seen.append((what, read, total))
        self.told(what, read, total)

    def release(self, number: int, digest: str) -> None:
        """Let a reconciliation go on that was stopped, as two people do."""
        for lead in (LEA, LEO):
            self.act(partial(approve.approve, run_id=number, digest=digest, actor=lead, ctx=self.ctx))
        self.work()

    @property
    def doors(self) -> Doors:
        """The doors that reconciling looks through; the others are not opened by it."""
        closed: Any = None
        desk = cast("HelpDesk", self.team)
        return Doors(desk, self.team, self.company, closed, closed, NoRooms())

    @property
    def ctx(self) -> AccessContext:
        return AccessContext(
            roster=ROSTER,
            zone="Europe/Oslo",
            jobs=self.jobs,
            clock=self.clock,
            redactor=Redactor(),
            automation="access",
            mode=self.mode,
            channel="C_ACCESS",
            owner="lea@team.example",
            rules=self.rules,
            desk_system=self.team.system,
            desk_title=self.team.title,
            desk_can=self.team.capabilities,
            by_hand=self.team.by_hand,
        )

    def reconcile(self, actor: Actor = LEA) -> int:
        """Ask for a reconciliation and let it be planned. Returns its number."""
        with self.database.begin() as session:
            number = ask(session, RECONCILE, "", {}, actor, self.ctx).id
        self.work()
        return number

    def work(self) -> None:
        """Do every job of runs that was asked for, and those asked for by that."""
        while self._done < len(self.jobs.calls):
            job = self.jobs.calls[self._done]
            self._done += 1
            if job.job == PLAN:
                self.runner.plan(int(job.args["run_id"]))
            elif job.job == ADVANCE:
                while self.runner.advance(int(job.args["run_id"])) is not None:
                    pass

    def act(self, act: Callable[[Session], str]) -> str:
        """One click."""
        with self.database.begin() as session:
            return act(session)

    def refused(self, act: Callable[[Session], str]) -> str:
        """One click that is refused. Returns why."""
        with pytest.raises(Refused) as refused, self.database.begin() as session:
            act(session)
        return str(refused.value)

    def run(self, number: int) -> Run:
        with self.database.read() as session:
            run = run_found(session, number)
            session.expunge(run)
            return run

    def state(self, number: int) -> RunState:
        return RunState(self.run(number).state)

    def findings(self, *states: str) -> list[Finding]:
        """Findings in the order they were made, in these states or in any."""
        with self.database.read() as session:
            rows = select(Finding).order_by(Finding.id)
            found = list(session.scalars(rows.where(Finding.state.in_(states)) if states else rows))
            session.expunge_all()
            return found

    def only(self, kind: str, *states: str) -> Finding:
        (one,) = [row for row in self.findings(*states) if row.kind == kind]
        return one

    def card(self, run_id: int, page: int = 1) -> FindingsCard:
        with self.database.read() as session:
            return findings_card(session, run_id, page, self.ctx)

    def audited(self, action: str) -> list[AuditEntry]:
        with self.database.read() as session:
            entries = list(session.scalars(select(AuditEntry).where(AuditEntry.action == action)))
            session.expunge_all()
            return entries

    def tomorrow(self) -> None:
        self.clock.move(timedelta(days=1))


def of(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Reconciled:
    """A team of ten in which nothing differs: eight agents, one of them under another address, and two admins."""
    company = [person(f"a{number}@team.example", "support") for number in range(7)]
    company += [
        person("ben@team.example", "support"),
        person("lea@team.example", "it"),
        person("leo@team.example", "it"),
    ]
    team = [user(f"a{number}@team.example") for number in range(7)]
    team += [user("b.okoro@desk.example"), user("lea@team.example", "Admin"), user("leo@team.example", "Admin")]
    return Reconciled(database, clock, jobs, Company(company), Team(team))
