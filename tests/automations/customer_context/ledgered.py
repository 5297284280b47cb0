"""A ledger over real rows: conflicts are put into it as a sync would, and runs carry out what people take."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.customer_context import ledger, lists, rejected
from automations.customer_context.context import AUTOMATION, SYNC
from automations.customer_context.values import Conflict, ConflictKind, RejectedRow
from automations.domain import Actor, Role
from automations.errors import Refused
from storage.engine import Database
from storage.models import AuditEntry, Base, CustomerConflict, CustomerRejected, KnownCustomer, Notification, Run
from tests.automations.customer_context.synced import LEA, Synced, of
from tests.blocked import a_run, set_block
from tests.support import FakeClock, RecordingJobs

Act = Callable[[Session], str]

ANNA = Actor("U_AGENT1", "Anna Berg", "anna@team.example", Role.AGENT)
BEN = Actor("U_LEAD3", "Ben Okoro", "ben@team.example", Role.LEAD)
"""An agent, and a lead whose access tests take away."""


def desk_id(account: str) -> str:
    """Of one of the small company's customers."""
    return str(int(account.removeprefix("A-")) + 1)


def conflict(
    account: str = "A-1", field: str = "tier", source: str = "enterprise", desk: str = "basic", **more: Any
) -> Conflict:
    """One of the crm's customers in it. More: as in `Conflict`."""
    kind = more.pop("kind", ConflictKind.DIFFERS if source else ConflictKind.BLANK)
    told = {"name": f"Customer {account}", "winner": "source", "desk_id": desk_id(account), **more}
    return Conflict(account=account, field=field, kind=kind, source="crm", source_value=source, desk_value=desk, **told)


def bad_row(key: str = "A-1", reason: str = "tier: gold is none of ours", **row: str) -> RejectedRow:
    """A row of the crm that could not be taken."""
    return RejectedRow("crm", key, reason, row or {"id": key, "tier": "gold"})


@dataclass
class Ledgered(Synced):
    """The small company, with a ledger."""

    def a_run(self, session: Session, kind: str = SYNC, **values: Any) -> Run:
        """A run that has looked at everybody, as if it were being proposed now."""
        now = self.clock.now()
        more = {"automation": AUTOMATION, "kind": kind, "state": "done", "channel": "C_CUSTOMERS", "proposed_at": now}
        return a_run(session, now, **{**more, **values})

    def saw(self, *conflicts: Conflict, kind: str = SYNC, brake: str = "", **looked: Any) -> int:
        """A run came upon these conflicts, and no others. Returns its number."""
        with self.database.begin() as session:
            run = self.a_run(session, kind, plan={"brake": brake})
            ledger.record(session, run, conflicts, self.clock.now(), self.ctx, **looked)
            return run.id

    def turned_away(self, *rows: RejectedRow, kind: str = SYNC, brake: str = "") -> int:
        """A run could not take these rows, and took all others. Returns its number."""
        with self.database.begin() as session:
            run = self.a_run(session, kind, plan={"brake": brake})
            rejected.record(session, run, rows, self.ctx)
            return run.id

    def know(
        self, account: str, *, desk_id: str | None = None, source: dict[str, str] | None = None, **kept: Any
    ) -> None:
        """Know a customer with these values in force."""
        now = self.clock.now()
        values = {"name": f"Customer {account}", "status": "active", "tier": "", "domains": [], "fields": {}, **kept}
        with self.database.begin() as session:
            session.merge(
                KnownCustomer(
                    account=account, desk_id=desk_id, source_values=source or {}, base={}, gone_since=None,
                    tier_before="", tier_since=None, changed_at=now, **values,
                )
            )  # fmt: skip

    def only(self, *states: str) -> CustomerConflict:
        (one,) = self.conflicts(*states)
        return one

    def only_rejected(self, *states: str) -> CustomerRejected:
        (one,) = self.rejected(*states)
        return one

    def rows_of_audit(self) -> list[AuditEntry]:
        return self.rows(AuditEntry, AuditEntry.seq)

    def snapshot(self) -> dict[str, list[str]]:
        """All rows of all tables."""
        with self.database.read() as session:
            return {
                name: [str(row) for row in session.execute(select(table).order_by(*table.primary_key))]
                for name, table in Base.metadata.tables.items()
            }

    def message(self) -> Notification | None:
        """The living list."""
        found = [row for row in self.rows(Notification, Notification.key) if row.key == "customers/ledger"]
        return found[0] if found else None

    def block(self, email: str) -> None:
        """Take somebody's access away."""
        with self.database.begin() as session:
            set_block(session, email, self.clock.now())

    def at_once(self, acts: Sequence[Callable[[Session], str]]) -> tuple[list[str], list[str]]:
        """The same moment for several people. Returns what was said, and what was refused."""
        said: list[str] = []
        refused: list[str] = []
        barrier = threading.Barrier(len(acts))

        def one(act: Callable[[Session], str]) -> None:
            barrier.wait()
            try:
                with self.database.begin() as session:
                    words = act(session)
                said.append(words)
            except Refused as exc:
                refused.append(str(exc))

        threads = [threading.Thread(target=one, args=(act,)) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return said, refused


def ledgered(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Ledgered:
    """Ten customers who are the same in source and desk."""
    same = of(database, clock, jobs)
    return Ledgered(database, clock, jobs, same.source, same.book)


def soon(here: Ledgered, **by: float) -> datetime:
    """A moment to come."""
    return here.clock.now() + timedelta(**by)


def keeping(here: Ledgered, actor: Actor = LEA, *, version: int = 1, days: float = 30, reason: str = "a pilot") -> Act:
    number, until = here.conflicts()[-1].id, soon(here, days=days)
    return lambda session: ledger.keep_desk(session, number, version, actor, reason, until, here.ctx)


def ignoring(here: Ledgered, actor: Actor = LEA, *, version: int = 1) -> Act:
    number = here.conflicts()[-1].id
    return lambda session: ledger.ignore(session, number, version, actor, here.ctx, reason="of no matter")


def taking(here: Ledgered, actor: Actor = LEA, *, version: int = 1) -> Act:
    number = here.conflicts()[-1].id
    return lambda session: ledger.take_source(session, number, version, actor, here.ctx)


def digest(here: Ledgered, field: str = "tier") -> str:
    with here.database.read() as session:
        return next((one for name, _, one in lists.whole_fields(session) if name == field), "")


def all_kept(here: Ledgered, actor: Actor = LEA, field: str = "tier") -> Act:
    seen, until = digest(here, field), soon(here, days=30)
    return lambda session: ledger.keep_desk_field(session, field, seen, actor, "a pilot", until, here.ctx)


def all_ignored(here: Ledgered, actor: Actor = LEA, field: str = "tier") -> Act:
    seen = digest(here, field)
    return lambda session: ledger.ignore_field(session, field, seen, actor, here.ctx)


def all_taken(here: Ledgered, actor: Actor = LEA, field: str = "tier") -> Act:
    seen = digest(here, field)
    return lambda session: ledger.take_source_field(session, field, seen, actor, here.ctx)


ONE = (keeping, ignoring, taking)
FIELD = (all_kept, all_ignored, all_taken)
EVERY = (*ONE, *FIELD)
