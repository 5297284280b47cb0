"""Groups of changes carried out by the real engine of runs, as the job engine plays it, over a desk that may fail."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.customer_context import applying, carrying, groups, in_force
from automations.customer_context.applying import Applying
from automations.customer_context.context import AUTOMATION, SYNC, CustomerContext, CustomerDoors
from automations.customer_context.desk_values import DeskValues
from automations.customer_context.rules import CustomerField, CustomerRules
from automations.customer_context.values import Change, ChangeKind
from automations.domain import HANDOFF, Actor, IdempotencyKey, Mode, Role
from automations.errors import HandoffError, OutcomeUnknown, Refused, Unavailable
from automations.people import Person, Roster
from automations.plan import RunState, digest_of
from automations.ports import CustomerBook
from automations.redact import Redactor
from automations.runs import advance, approve, doing, propose, retry, undo
from automations.runs.advance import Runner
from automations.runs.ask import ask
from automations.runs.rows import found as run_found
from bot import run_jobs
from bot.engine.failures import FailureQueue
from storage.engine import Database
from storage.models import (
    AuditEntry,
    CustomerChange,
    CustomerConflict,
    CustomerGroup,
    CustomerRejected,
    KnownCustomer,
    Run,
    RunStep,
)
from tests.support import FakeClock, RecordingJobs

LEA = Actor("U_LEAD1", "Lea Lind", "lea@team.example", Role.LEAD)
LEO = Actor("U_LEAD2", "Leo Falk", "leo@team.example", Role.LEAD)
ANNA = Actor("U_AGENT1", "Anna Berg", "anna@team.example", Role.AGENT)
ROSTER = Roster(tuple(Person(one.name, str(one.email), one.id) for one in (LEA, LEO, ANNA)))
TRIES = 4
"""How often a job is tried before it gives up."""

DECISION = "Which queue a ticket goes to"
TEXT = (("name", "crm"), ("tier", "crm"), ("status", "crm"), ("region", "crm"))
RULES = CustomerRules(
    fields=(
        *(CustomerField(name=name, source=source, decision=DECISION) for name, source in TEXT),
        CustomerField(name="domains", source="crm", type="domains", decision=DECISION),
        CustomerField(name="plan", source="crm", direction="to_handoff", decision=DECISION),
    )
)


class Death(BaseException):
    """The process dies here."""


class NoRooms:
    """Nobody is asked where anybody is."""

    def leads(self) -> tuple[str, ...]:
        return ("U_LEAD1", "U_LEAD2")

    def is_member(self, channel: str, user: str) -> bool:
        return True


def change(account: str, field: str, before: str, after: str, desk_id: str | None, **values: str) -> Change:
    """One value of one customer that should become true."""
    return Change(account, f"Customer {account}", desk_id, field, before, after, tuple(sorted(values.items())))


@dataclass
class Carried:
    """One database and one desk. `sync` is a run that found whatever groups there are."""

    database: Database
    clock: FakeClock
    jobs: RecordingJobs
    book: CustomerBook | None
    rules: CustomerRules = RULES
    mode: Mode = Mode.ASK
    played: set[str] = field(default_factory=set)
    tried: dict[str, int] = field(default_factory=dict)
    sync: int = 0

    def __post_init__(self) -> None:
        self.sync = self.another_sync()

    @property
    def ctx(self) -> CustomerContext:
        return CustomerContext(
            roster=ROSTER,
            zone="Europe/Oslo",
            jobs=self.jobs,
            clock=self.clock,
            redactor=Redactor(),
            automation=AUTOMATION,
            mode=self.mode,
            channel="C_CUSTOMERS",
            owner="lea@team.example",
            rules=self.rules,
            desk_system="desk",
            desk_title="The desk",
            desk_can=self.book.capabilities if self.book is not None else frozenset(),
        )

    @property
    def applying(self) -> Applying:
        return Applying(self.database, CustomerDoors({}, self.book), lambda: self.ctx)

    @property
    def runner(self) -> Runner:
        made = self.applying
        return Runner(self.database, {made.kind.name: made.kind}, made.actions, NoRooms(), lambda _automation: self.ctx)

    def another_sync(self, state: RunState = RunState.DONE, brake: str = "") -> int:
        """A sync that ended so. Returns its number."""
        with self.database.begin() as session:
            run = ask(session, SYNC, "", {}, HANDOFF, replace(self.ctx, mode=Mode.ASK))
            run.state, run.open_key, run.digest = state.value, None, "d1"
            run.plan = {**run.plan, "brake": brake}
            number = run.id
        self.played.add(f"run.plan:plan/{number}")
        return number

    def customer(self, account: str, *, in_desk: bool = True, **values: str) -> str | None:
        """A customer whom desk and Handoff know alike. Returns the desk's id."""
        desk_id = None
        if in_desk and self.book is not None:
            desk_id = put(self.book, account, **values)
        with self.database.begin() as session:
            told = {"name": f"Customer {account}", "status": "active", **values}
            in_force.make(session, account, told["name"], desk_id, told, self.clock.now())
            row = session.get_one(KnownCustomer, account)
            row.source_values, row.tier_since = dict(told), None
        return desk_id

    def group(self, kind: str, *changes: Change, run: int | None = None, state: str = "open") -> CustomerGroup:
        """A group that a sync found."""
        alike = {(one.field, one.before, one.after) for one in changes}
        name, before, after = next(iter(alike)) if len(alike) == 1 else (changes[0].field, "", "")
        with self.database.begin() as session:
            row = groups_row(kind, name, before, after, changes, run or self.sync, state)
            session.add(row)
            session.flush()
            session.add_all(_row(row.id, number, one) for number, one in enumerate(changes, start=1))
        return row

    def approve(self, row: CustomerGroup, actor: Actor = LEA, *, open_too: bool = False) -> str:
        """Approve a group as it is, and carry it out."""
        said = self.act(lambda s: groups.approve(s, row.id, row.digest, actor, self.ctx, open_too=open_too))
        self.play()
        return str(said)

    def act(self, act: Callable[[Session], Any]) -> Any:
        """One click."""
        with self.database.begin() as session:
            return act(session)

    def refused(self, act: Callable[[Session], Any], error: type[HandoffError] = Refused) -> str:
        """One click that is refused. Returns why."""
        with pytest.raises(error) as refused, self.database.begin() as session:
            act(session)
        return str(refused.value)

    def confirm(self, run_id: int, actor: Actor = LEA) -> None:
        """Confirm a run's plan as its card shows it, and carry it out."""
        digest = self.run(run_id).digest
        self.act(lambda session: approve.approve(session, run_id, digest, actor, self.ctx))
        self.play()

    def undo(self, run_id: int) -> int:
        """Take a run back. Returns the number of the undo."""
        self.act(lambda session: undo.undo(session, run_id, LEA, self.ctx))
        self.play()
        number = self.newest().id
        self.confirm(number)
        return number

    def retry(self, run_id: int, step: int) -> None:
        """Try a failed step again."""
        self.act(lambda session: retry.retry_step(session, run_id, step, LEA, self.ctx))
        self.play()

    def play(self) -> None:
        """Play the jobs that were asked for, and those they ask for, until there is none."""
        while pending := [one for one in self.jobs.calls if f"{one.job}:{one.key}" not in self.played]:
            for one in pending:
                self._play(one.job, one.key, one.args)

    def _play(self, job: str, key: str, args: Mapping[str, str | int]) -> None:
        name, turns = f"{job}:{key}", 0
        specs = {spec.name: spec for spec in run_jobs.specs(self.runner)}
        spec = specs.get(job)
        while spec is not None:
            turns += 1
            assert turns < 500, f"{name} never comes to rest"
            began, words = self.clock.now(), ""
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
            queue = FailureQueue(specs, self.clock, lambda: "lea@team.example")
            with self.database.begin() as session:
                if words:
                    queue.put(session, job, key, args, attempts=TRIES, words=words)
                else:
                    queue.settle(session, job, key, args, began - timedelta(microseconds=1))
            break
        self.played.add(name)

    def run(self, number: int) -> Run:
        with self.database.read() as session:
            run = run_found(session, number)
            session.expunge(run)
            return run

    def newest(self) -> Run:
        with self.database.read() as session:
            run = session.scalars(select(Run).order_by(Run.id.desc()).limit(1)).one()
            session.expunge(run)
            return run

    def steps(self, run_id: int) -> list[RunStep]:
        rows: list[RunStep] = self.rows(RunStep, RunStep.run_id, RunStep.number)
        return [row for row in rows if row.run_id == run_id]

    def rows(self, table: type[Any], *order: Any) -> list[Any]:
        with self.database.read() as session:
            rows = list(session.scalars(select(table).order_by(*order)))
            session.expunge_all()
            return rows

    def state(self, row: CustomerGroup) -> str:
        """A group's state by now."""
        with self.database.read() as session:
            return str(session.get_one(CustomerGroup, row.id).state)

    def changes(self, row: CustomerGroup) -> list[CustomerChange]:
        found: list[CustomerChange] = self.rows(CustomerChange, CustomerChange.group_id, CustomerChange.number)
        return [one for one in found if one.group_id == row.id]

    def states(self, row: CustomerGroup) -> list[str]:
        """The states of a group's changes, in order."""
        return [one.state for one in self.changes(row)]

    def known(self, account: str) -> KnownCustomer:
        with self.database.read() as session:
            row = session.get_one(KnownCustomer, account)
            session.expunge(row)
            return row

    def conflicts(self, *states: str) -> list[CustomerConflict]:
        found: list[CustomerConflict] = self.rows(CustomerConflict, CustomerConflict.id)
        return [row for row in found if not states or row.state in states]

    def rejected(self, *states: str) -> list[CustomerRejected]:
        found: list[CustomerRejected] = self.rows(CustomerRejected, CustomerRejected.id)
        return [row for row in found if not states or row.state in states]

    def audited(self, action: str) -> list[AuditEntry]:
        return [row for row in self.rows(AuditEntry, AuditEntry.seq) if row.action == action]

    def number(self, table: type[Any]) -> int:
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0


def put(book: CustomerBook, account: str, **values: str) -> str:
    """Let the desk have a customer of this account with these values."""
    desk = DeskValues(book, RULES)
    told = {name: value for name, value in values.items() if name != "plan"}
    made = desk.make(account, f"Customer {account}", told, key=IdempotencyKey(account))
    if values.get("status") == "suspended":
        book.suspend_customer(made)
    return made


def groups_row(
    kind: str, name: str, before: str, after: str, changes: Sequence[Change], run: int, state: str
) -> CustomerGroup:
    told = [[one.account, one.field, one.before, one.after, one.values] for one in changes]
    return CustomerGroup(
        run_id=run,
        key=f"{kind}/{name}/{before}/{after}",
        kind=ChangeKind(kind).value,
        field=name,
        before=before,
        after=after,
        size=len(changes),
        digest=digest_of(kind, told),
        state=state,
        open_too=False,
        effects={},
        version=1,
        decided_by=None,
        decided_at=None,
        reason="",
        applied_by=None,
    )


def _row(group: int, number: int, one: Change) -> CustomerChange:
    return CustomerChange(
        group_id=group,
        number=number,
        account=one.account,
        name=one.name,
        desk_id=one.desk_id,
        field=one.field,
        before=one.before,
        after=one.after,
        values=dict(one.values),
        conflict=None,
        state="planned",
        error="",
        changed_at=None,
    )


@contextmanager
def dying(at: str, passes: int = 1) -> Iterator[list[str]]:
    """Die at a boundary, the given time it is reached. Yields the boundaries that were passed."""
    passed: list[str] = []

    def reach(boundary: str) -> None:
        passed.append(boundary)
        if boundary == at and passed.count(at) == passes:
            raise Death

    with (
        patch.object(applying, "reach", reach),
        patch.object(carrying, "reach", reach),
        patch.object(advance, "reach", reach),
        patch.object(doing, "reach", reach),
        patch.object(propose, "reach", reach),
    ):
        yield passed
