"""Customers of a small company, synced by the real engine of runs, driven by hand."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from automations.customer_context import group_rows, groups
from automations.customer_context.applying import Applying
from automations.customer_context.context import (
    APPLY,
    AUTOMATION,
    SYNC,
    CustomerContext,
    CustomerDoors,
    EffectsOf,
)
from automations.customer_context.reading import Reading, quiet
from automations.customer_context.rules import CustomerField, CustomerRules
from automations.customer_context.syncing import Syncing, no_effects
from automations.customer_ports import CustomerSource
from automations.desks import Capability
from automations.domain import Actor, Mode, Role
from automations.errors import Refused
from automations.people import Person, Roster
from automations.plan import RunState
from automations.ports import CustomerBook
from automations.redact import Redactor
from automations.runs import approve
from automations.runs.advance import Runner
from automations.runs.ask import ask
from automations.runs.kinds import RunKind
from automations.runs.rows import ADVANCE, PLAN
from automations.runs.rows import found as run_found
from storage.engine import Database
from storage.models import (
    AuditEntry,
    Base,
    CustomerChange,
    CustomerConflict,
    CustomerGroup,
    CustomerRejected,
    KnownCustomer,
    Run,
)
from storage.models import CustomerSource as SourceRow
from tests.automations.customer_context.listed import Book, Source
from tests.support import FakeClock, RecordingJobs

LEA = Actor("U_LEAD1", "Lea Lind", "lea@team.example", Role.LEAD)
LEO = Actor("U_LEAD2", "Leo Falk", "leo@team.example", Role.LEAD)
ROSTER = Roster((Person("Lea Lind", "lea@team.example", "U_LEAD1"), Person("Leo Falk", "leo@team.example", "U_LEAD2")))

DECISION = "Which queue a ticket goes to"
NAME = CustomerField(name="name", source="crm", decision=DECISION)
DOMAINS = CustomerField(name="domains", source="crm", type="domains", decision=DECISION)
STATUS = CustomerField(name="status", source="crm", decision=DECISION)
TIER = CustomerField(name="tier", source="crm", decision=DECISION)
RULES = CustomerRules(fields=(NAME, DOMAINS, TIER), brake_least=3)


class NoRooms:
    """Nobody is asked where anybody is."""

    def leads(self) -> tuple[str, ...]:
        return ("U_LEAD1", "U_LEAD2")

    def is_member(self, channel: str, user: str) -> bool:
        return True


@dataclass
class Synced:
    """Sources, a desk, and the runs between them. `told` hears of the reading.

    `read_from` and `door` stand in the places of `source` and `book`, where those are others than these lists.
    """

    database: Database
    clock: FakeClock
    jobs: RecordingJobs
    source: Source = field(default_factory=Source)
    book: Book | None = field(default_factory=Book)
    rules: CustomerRules = RULES
    others: tuple[Source, ...] = ()
    columns: dict[str, str] = field(default_factory=dict)
    effects: EffectsOf = no_effects
    mode: Mode = Mode.ASK
    told: Reading = quiet
    door: CustomerBook | None = None
    read_from: CustomerSource | None = None
    _done: int = 0
    _kinds: dict[str, RunKind] = field(default_factory=dict)

    @property
    def doors(self) -> CustomerDoors:
        sources: tuple[CustomerSource, ...] = (self.read_from or self.source, *self.others)
        return CustomerDoors({one.name: one for one in sources}, self.door or self.book, self.columns)

    @property
    def can(self) -> frozenset[Capability]:
        book = self.door or self.book
        return book.capabilities if book is not None else frozenset()

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
            desk_system="listed",
            desk_title="Listed",
            desk_can=self.can,
        )

    @property
    def runner(self) -> Runner:
        """The runner with what was found by syncs still in its memory."""
        if not self._kinds:
            syncing = Syncing(
                self.database,
                self.doors,
                effects=lambda session, group: self.effects(session, group),
                progress=lambda what, read, total: self.told(what, read, total),
            )
            self._kinds = {SYNC: syncing.kind, APPLY: self.applying.kind}
        return Runner(self.database, self._kinds, self.applying.actions, NoRooms(), lambda _automation: self.ctx)

    @property
    def applying(self) -> Applying:
        """What carries groups out."""
        return Applying(self.database, self.doors, lambda: self.ctx)

    def restarted(self) -> None:
        """Forget what a process had in memory, and look at the doors anew."""
        self._kinds.clear()

    def ask(self, *, whole: bool = False, actor: Actor = LEA) -> int:
        """Ask for a sync. Returns its number."""
        with self.database.begin() as session:
            return ask(session, SYNC, "", {"whole": True} if whole else {}, actor, self.ctx).id

    def sync(self, *, whole: bool = False) -> int:
        """Ask for a sync and let it be planned. Returns its number."""
        self.restarted()
        number = self.ask(whole=whole)
        self.work()
        return number

    def apply(self, number: int) -> None:
        """Approve every group of a sync that is open, and carry them out."""
        with self.database.read() as session:
            digest = group_rows.digest_of_open(session, number)
        self.act(lambda session: groups.approve_all(session, number, digest, LEA, self.ctx))
        self.work()

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

    def act(self, act: Callable[[Session], Any]) -> Any:
        """One click."""
        with self.database.begin() as session:
            return act(session)

    def refused(self, act: Callable[[Session], Any]) -> str:
        """One click that is refused. Returns why."""
        with pytest.raises(Refused) as refused, self.database.begin() as session:
            act(session)
        return str(refused.value)

    def let_go(self, number: int) -> None:
        """Let a sync go on that was stopped, as two people do."""
        digest = self.run(number).digest
        for lead in (LEA, LEO):
            self.act(partial(approve.approve, run_id=number, digest=digest, actor=lead, ctx=self.ctx))
        self.work()

    def run(self, number: int) -> Run:
        with self.database.read() as session:
            run = run_found(session, number)
            session.expunge(run)
            return run

    def state(self, number: int) -> RunState:
        return RunState(self.run(number).state)

    def counts(self, number: int) -> dict[str, int]:
        """What a sync counted, without what it counted none of."""
        return {word: many for word, many in self.run(number).plan["counts"] if many}

    def rows(self, table: type[Any], *order: Any) -> list[Any]:
        with self.database.read() as session:
            rows = list(session.scalars(select(table).order_by(*order)))
            session.expunge_all()
            return rows

    def customers(self) -> dict[str, KnownCustomer]:
        return {row.account: row for row in self.rows(KnownCustomer, KnownCustomer.account)}

    def groups(self, *states: str) -> list[CustomerGroup]:
        """Groups in the order they were made, in these states or in any."""
        rows = self.rows(CustomerGroup, CustomerGroup.id)
        return [row for row in rows if not states or row.state in states]

    def changes(self, group: CustomerGroup) -> list[CustomerChange]:
        rows = self.rows(CustomerChange, CustomerChange.group_id, CustomerChange.number)
        return [row for row in rows if row.group_id == group.id]

    def conflicts(self, *states: str) -> list[CustomerConflict]:
        rows = self.rows(CustomerConflict, CustomerConflict.id)
        return [row for row in rows if not states or row.state in states]

    def rejected(self, *states: str) -> list[CustomerRejected]:
        rows = self.rows(CustomerRejected, CustomerRejected.id)
        return [row for row in rows if not states or row.state in states]

    def place(self, name: str = "crm") -> SourceRow:
        (one,) = [row for row in self.rows(SourceRow, SourceRow.name) if row.name == name]
        return one  # type: ignore[no-any-return]  # rows are of the table's type

    def audited(self, action: str) -> list[AuditEntry]:
        return [row for row in self.rows(AuditEntry, AuditEntry.seq) if row.action == action]

    def tomorrow(self) -> None:
        self.clock.move(timedelta(days=1))


@contextmanager
def written(database: Database) -> Iterator[dict[str, int]]:
    """How many rows of each table are written meanwhile, by what the statements say."""
    rows: dict[str, int] = {}
    tables = sorted(Base.metadata.tables, key=len, reverse=True)

    def count(_conn: Any, cursor: Any, statement: str, parameters: Any, _context: Any, executemany: bool) -> None:
        words = statement.replace('"', "").split()
        verb = words[0].upper()
        if verb not in ("INSERT", "UPDATE", "DELETE"):
            return
        table = next(name for name in tables if name == words[1 if verb == "UPDATE" else 2])
        many: Sequence[Any] = parameters if executemany else [parameters]
        # SQLite knows only afterwards how many rows a statement with RETURNING wrote; here those write one.
        told = cursor.rowcount >= 0 and verb != "INSERT" and "RETURNING" not in words
        rows[table] = rows.get(table, 0) + (cursor.rowcount if told else len(many))

    event.listen(database.engine, "after_cursor_execute", count)
    try:
        yield rows
    finally:
        event.remove(database.engine, "after_cursor_execute", count)


def of(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Synced:
    """A company of ten customers, all of whom the desk has just as the source tells of them."""
    here = Synced(database, clock, jobs)
    assert here.book is not None
    for number in range(10):
        account, name, domain = f"A-{number}", f"Customer {number}", f"c{number}.example"
        here.source.put(account, name=name, domains=domain, tier="pro", status="active")
        here.book.put(name, reference=account, domains=(domain,), tier="pro")
    return here
