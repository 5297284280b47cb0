"""A team, things outside, runs over them, and jobs that are played as the engine plays them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.domain import Actor, Mode, Role
from automations.errors import HandoffError, OutcomeUnknown, Refused, Unavailable
from automations.people import Person, Roster
from automations.plan import Plan, Step
from automations.redact import Redactor
from automations.runs import advance, approve, ask, card, doing, propose, retry, undo
from automations.runs.advance import Runner
from automations.runs.card_types import RunCard
from automations.runs.context import RunContext
from automations.runs.kinds import Asked, RunKind
from bot import run_jobs
from bot.engine.failures import FailureQueue
from storage import modes, stuck
from storage.engine import Database
from storage.models import AccessBlock, AuditEntry, Notification, Run, RunApproval, RunStep, StuckItem
from tests.automations.runs.outside import Outside, actions
from tests.support import FakeClock, RecordingJobs

LEA = Actor("U_LEA", "Lea Lind", "lea@team.example", Role.LEAD)
LEO = Actor("U_LEO", "Leo Lahm", "leo@team.example", Role.LEAD)
ADA = Actor("U_ADA", "Ada Aas", "ada@team.example", Role.ADMIN)
ANNA = Actor("U_ANNA", "Anna Berg", "anna@team.example", Role.AGENT)
BEN = Actor("U_BEN", "Ben Okoro", "ben@team.example", Role.LEAD)
"""The subject of most runs: a lead, so that nothing but being the subject keeps him from deciding."""
BENS = "ben@team.example"

PEOPLE = (LEA, LEO, ADA, ANNA, BEN)
ROSTER = Roster((*(Person(one.name, str(one.email), one.id) for one in PEOPLE), Person("Kim", "kim@team.example")))
TRIES = 4
"""How often a job is tried before it gives up."""


class Death(BaseException):
    """The process dies here."""


@dataclass
class Rooms:
    """Who is where in Slack."""

    people: tuple[str, ...] = ("U_LEA", "U_LEO", "U_ADA", "U_BEN")
    inside: set[str] = field(default_factory=set)
    down: bool = False

    def leads(self) -> tuple[str, ...]:
        return self.people

    def is_member(self, _channel: str, user: str) -> bool:
        if self.down:
            raise Unavailable("Slack does not answer", system="slack")
        return user in self.inside


def step(kind: str, target: str, after: str = "in", **other: Any) -> dict[str, Any]:
    """One step of a request, as plain JSON; what it is before is looked up when it is planned."""
    return {"kind": kind, "target": target, "after": after, "undo": f"Put {target} back", **other}


@dataclass
class Stage:
    """One database, one outside. `down`: how many more times the outside does not answer a planner.

    `others` are the contexts of automations beside the one of `ctx`, by their names.
    """

    database: Database
    clock: FakeClock
    jobs: RecordingJobs
    ctx: RunContext
    outside: Outside = field(default_factory=Outside)
    rooms: Rooms = field(default_factory=Rooms)
    down: int = 0
    heard: list[tuple[int, str]] = field(default_factory=list)
    proposed: list[int] = field(default_factory=list)
    played: set[str] = field(default_factory=set)
    tried: dict[str, int] = field(default_factory=dict)
    others: dict[str, RunContext] = field(default_factory=dict)

    @classmethod
    def on(cls, database: Database, clock: FakeClock, jobs: RecordingJobs) -> "Stage":
        return cls(database, clock, jobs, context(clock, jobs))

    @property
    def runner(self) -> Runner:
        kinds = (
            RunKind("change", self.plan, proposed=self._proposed, rested=self._rested),
            RunKind("leave", self.plan, hidden=True, rested=self._rested),
            RunKind("once", self.plan, observed_again=False),
            RunKind("lasting", self.plan, undoable=False),
            RunKind("parts", self.plan, in_parts=True),
        )
        by_name = {kind.name: kind for kind in kinds}
        return Runner(self.database, by_name, actions(self.outside), self.rooms, self.context_of)

    def context_of(self, automation: str) -> RunContext:
        return self.others.get(automation, self.ctx)

    def plan(self, asked: Asked, _ctx: RunContext) -> Plan:
        """What was asked for, over what is outside now."""
        if self.down:
            self.down -= 1
            raise Unavailable("the outside answers 503", system="outside")
        if why := asked.options.get("refuse"):
            raise Refused(str(why))
        approvals = int(asked.options.get("approvals", 1))
        return Plan(
            kind=asked.kind,
            subject=asked.subject,
            title=str(asked.options.get("title", f"Change {asked.subject or 'many'}")),
            steps=tuple(self._step(one) for one in asked.options.get("steps", ())),
            facts=tuple(map(tuple, asked.options.get("facts", ()))),
            warnings=tuple(asked.options.get("warnings", ())),
            approvals=approvals,
            why_two="An administrator." if approvals > 1 else "",
        )

    def _step(self, asked: Mapping[str, Any]) -> Step:
        kind, target = str(asked["kind"]), str(asked["target"])
        words = f"{kind} of {target}"
        before = asked.get("before", self.outside.value(kind, target))
        fields = {"words": words, **asked, "before": before, "needs": tuple(asked.get("needs", ()))}
        return Step(**fields)

    def _rested(self, _session: Session, run: Run, _ctx: RunContext) -> None:
        self.heard.append((run.id, run.state))

    def _proposed(self, _session: Session, run: Run, _ctx: RunContext) -> None:
        self.proposed.append(run.id)

    def ask(
        self,
        *steps: Mapping[str, Any],
        by: Actor = LEA,
        subject: str = BENS,
        kind: str = "change",
        confirmed: Mapping[str, str] | None = None,
        **options: Any,
    ) -> int:
        """Ask for these steps; plan them. `confirmed` are the options of a yes given beforehand."""
        with self.database.begin() as session:
            asked = {**options, **(confirmed or {})}
            asked |= {"steps": list(steps)} if steps else {}
            run = ask.ask(session, kind, subject, asked, by, self.ctx)
        self.play()
        return run.id

    def confirm(self, run_id: int, *by: Actor, digest: str | None = None) -> str:
        """Confirm the plan that is shown, by each of them; carry it out."""
        said = ""
        for actor in by or (LEA,):
            with self.database.begin() as session:
                wanted = self.run(run_id).digest if digest is None else digest
                said = approve.approve(session, run_id, wanted, actor, self.ctx)
        self.play()
        return said

    def done(self, *steps: Mapping[str, Any], **options: Any) -> int:
        """A run of these steps, asked for and confirmed by the same person."""
        run_id = self.ask(*steps, **options)
        self.confirm(run_id)
        return run_id

    def retry(self, run_id: int, number: int, by: Actor = LEA) -> str:
        with self.database.begin() as session:
            said = retry.retry_step(session, run_id, number, by, self.ctx)
        self.play()
        return said

    def undo(self, run_id: int, by: Actor = LEA) -> int:
        """Ask for the undo; plan it."""
        with self.database.begin() as session:
            undo.undo(session, run_id, by, self.ctx)
        self.play()
        return self.newest()

    def play(self, *, twice: bool = False) -> None:
        """Play the jobs that were asked for, and those they ask for, until there is none."""
        while pending := [one for one in self.jobs.calls if f"{one.job}:{one.key}" not in self.played]:
            for one in pending:
                for _ in range(1 + twice):
                    self._play(one.job, one.key, one.args)

    def play_one(self, number: int) -> None:
        """Play one of the jobs that wait, whichever came first."""
        if pending := [one for one in self.jobs.calls if f"{one.job}:{one.key}" not in self.played]:
            one = pending[number % len(pending)]
            self._play(one.job, one.key, one.args)

    def _play(self, job: str, key: str, args: Mapping[str, str | int]) -> None:
        name = f"{job}:{key}"
        specs = {spec.name: spec for spec in run_jobs.specs(self.runner)}
        spec = specs.get(job)
        turns = 0
        while spec is not None:
            turns += 1
            assert turns < 100, f"{name} never comes to rest"
            began = self.clock.now()
            words = ""
            try:
                if spec.advance(args) is not None:
                    continue
            except (Unavailable, OutcomeUnknown) as exc:
                self.tried[name] = self.tried.get(name, 0) + 1
                if self.tried[name] < TRIES:
                    continue
                words = f"{exc} (tried {TRIES} times)"
            except HandoffError as exc:
                words = str(exc)
            queue = FailureQueue(specs, self.clock, lambda: "ada@team.example")
            with self.database.begin() as session:
                if words:
                    queue.put(session, job, key, args, attempts=TRIES, words=words)
                else:
                    queue.settle(session, job, key, args, began - timedelta(microseconds=1))
            break
        self.played.add(name)

    def tick(self) -> None:
        """Whatever is due by the clock."""
        run_jobs.ask(self.database, [self.ctx.automation, *self.others], self.context_of)
        self.play()

    def wait(self, **time: float) -> None:
        """Let time pass, then do what is due."""
        self.clock.move(timedelta(**time))
        self.tick()

    def retry_from_queue(self, number: int) -> None:
        """What Retry in the failure queue does."""
        with self.database.begin() as session:
            item = stuck.retried(session, number, by="lea@team.example", at=self.clock.now())
            assert item is not None
            self.ctx.jobs.enqueue(session, item.job, f"{item.key}~{item.id}", item.args)
        self.play()

    def mode(self, mode: Mode) -> None:
        with self.database.begin() as session:
            modes.set_mode(session, "access", mode.value, by="os:root", at=self.clock.now())

    def reconfigure(self, **changes: Any) -> None:
        self.ctx = replace(self.ctx, **changes)

    def block(self, email: str) -> None:
        """What the first step of an offboarding does inside Handoff."""
        with self.database.begin() as session:
            run_id = session.scalar(select(Run.id).limit(1))
            assert run_id is not None
            at = self.clock.now()
            session.add(AccessBlock(email=email, run_id=run_id, since=at, set_by="handoff"))
            for yes in session.scalars(select(RunApproval).where(RunApproval.by == email)):
                yes.withdrawn_at = at

    def run(self, run_id: int) -> Run:
        with self.database.read() as session:
            return session.get_one(Run, run_id)

    def state(self, run_id: int) -> str:
        return self.run(run_id).state

    def newest(self) -> int:
        with self.database.read() as session:
            return session.scalars(select(Run.id).order_by(Run.id.desc()).limit(1)).one()

    def steps(self, run_id: int) -> list[RunStep]:
        with self.database.read() as session:
            return list(session.scalars(select(RunStep).where(RunStep.run_id == run_id).order_by(RunStep.number)))

    def states(self, run_id: int) -> list[str]:
        return [row.state for row in self.steps(run_id)]

    def card(self, run_id: int) -> RunCard:
        with self.database.read() as session:
            return card.run_card(session, run_id, self.ctx)

    def waiting(self) -> list[StuckItem]:
        """What the failure queue holds."""
        with self.database.read() as session:
            return stuck.open_items(session)

    def messages(self) -> dict[str, Notification]:
        with self.database.read() as session:
            return {row.key: row for row in session.scalars(select(Notification))}

    def told(self, actor: Actor) -> list[str]:
        """What somebody was told in direct messages."""
        rows = sorted(self.messages().values(), key=lambda row: (row.created_at, row.key))
        return [str(row.data["text"]) for row in rows if row.kind == "access.told" and row.channel == actor.id]

    def lines(self, key: str) -> list[str]:
        """What was added to the thread of a message."""
        rows = sorted((row for row in self.messages().values() if row.parent_key == key), key=lambda row: row.seq)
        return [str(row.data["text"]) for row in rows]

    def audited(self, action: str = "") -> list[AuditEntry]:
        with self.database.read() as session:
            rows = session.scalars(select(AuditEntry).order_by(AuditEntry.seq))
            return [row for row in rows if row.action == action or not action]


def context(clock: FakeClock, jobs: RecordingJobs) -> RunContext:
    """The team's context, in mode ask."""
    return RunContext(
        roster=ROSTER,
        zone="Europe/Oslo",
        jobs=jobs,
        clock=clock,
        redactor=Redactor(()),
        automation="access",
        mode=Mode.ASK,
        channel="C_ACCESS",
        owner="ada@team.example",
    )


@contextmanager
def dying(at: str, passes: int = 1) -> Iterator[list[str]]:
    """Die at a boundary, the given time it is reached. Yields the boundaries that were passed."""
    passed: list[str] = []

    def reach(boundary: str) -> None:
        passed.append(boundary)
        if boundary == at and passed.count(at) == passes:
            raise Death

    with ExitStack() as patches:
        for module in (advance, doing, propose):
            patches.enter_context(patch.object(module, "reach", reach))
        yield passed


def order(stage: Stage, since: int = 0) -> Sequence[str]:
    """The targets that were written, in order."""
    return [write.target for write in stage.outside.writes[since:]]
