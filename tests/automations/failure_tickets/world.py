"""A small team with its rules, and ways to make and read cases in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.domain import Actor, Role
from automations.failure_tickets import intake, undo
from automations.failure_tickets.context import Context
from automations.failure_tickets.event import FailureEvent
from automations.failure_tickets.intake import Receipt
from automations.failure_tickets.rules import Rule, RuleBook
from automations.people import Absence, Person, Roster
from automations.redact import Redactor
from storage.engine import Database
from storage.models import AuditEntry, Case, CaseEntry, CaseTicket, Notification
from tests.support import START, FakeClock, RecordingJobs

ANNA = Actor("U_AGENT1", "Anna Berg", "anna@team.example", Role.AGENT)
BEN = Actor("U_AGENT2", "Ben Okoro", "Ben@team.example", Role.AGENT)
LEA = Actor("U_LEAD1", "Lea Lind", "lea@team.example", Role.LEAD)
STRANGER = Actor("U_GUEST", "Gus", "gus@elsewhere.example", Role.AGENT)

ROSTER = Roster(
    (
        Person("Anna Berg", "anna@team.example", "U_AGENT1"),
        Person("Ben Okoro", "ben@team.example", "U_AGENT2", desk="b.okoro@desk.example"),
        Person("Lea Lind", "lea@team.example", "U_LEAD1"),
        Person(
            "Cara Diaz",
            "cara@team.example",
            "U_AGENT3",
            away=(Absence(START - timedelta(days=1), datetime(2026, 11, 24, 8, 0, tzinfo=UTC)),),
        ),
    )
)
BOOK = RuleBook(
    default_owner="anna@team.example",
    default_queue="Support",
    default_channel="C_FAILURES",
    escalation_channel="C_ESCALATIONS",
    escalation_lead="lea@team.example",
    escalate_after=timedelta(minutes=30),
    rules=(Rule(name="billing", source="billing-*", escalate_after=timedelta(hours=2), queue="Billing"),),
    zone="Europe/Oslo",
)
_numbers = count(1)


def an_event(**changes: Any) -> FailureEvent:
    """A failure that opens a case; every call makes another event id, equal otherwise."""
    body: dict[str, Any] = {
        "id": f"evt_{next(_numbers)}",
        "source": "invoicer",
        "occurred_at": START,
        "status": "failed",
        "reason": "retries_exhausted",
        "summary": "Invoice sync failed after 5 attempts",
        "dedup_key": "invoice-sync:acct_42",
        "job": {"id": "job_981", "name": "invoice-sync"},
        "customer": {"id": "acct_42", "name": "Acme GmbH", "tier": "Enterprise"},
        "attempts": [{"at": START - timedelta(minutes=4), "outcome": "HTTP 502 from ledger"}],
        "checks": ["ledger status page: degraded"],
        "impact": {"blocked": True, "paid_workflow": True, "customers": 1},
        "details": "The ledger answers 502 since 02:09.",
        "diagnostics_url": "https://logs.example/j/981",
    }
    return FailureEvent.model_validate({**body, **changes})


@dataclass
class World:
    """One database with a context around it."""

    database: Database
    clock: FakeClock
    jobs: RecordingJobs
    ctx: Context

    @classmethod
    def on(cls, database: Database, clock: FakeClock, jobs: RecordingJobs) -> "World":
        ctx = Context(BOOK, ROSTER, jobs, clock, Redactor(()), "builtin", "https://bot.example/cases/{}".format)
        return cls(database, clock, jobs, ctx)

    @contextmanager
    def begin(self) -> Iterator[Session]:
        with self.database.begin() as session:
            yield session

    def fail(self, **changes: Any) -> Receipt:
        """Let one failure in."""
        with self.begin() as session:
            return intake.receive(session, [an_event(**changes)], self.ctx)[0]

    def open(self, **changes: Any) -> int:
        """Open a case and return its number."""
        receipt = self.fail(**changes)
        assert receipt.status == "opened"
        assert receipt.case_id is not None
        return int(receipt.case_id.removeprefix("CASE-"))

    def without_rules(self) -> None:
        """Never escalate."""
        self.ctx = replace(self.ctx, book=replace(BOOK, escalate_after=None, rules=()))

    def let_go(self, number: int) -> None:
        """Let the time pass in which the last act on a case may be taken back."""
        self.clock.move(self.ctx.timing.undo_for)
        with self.begin() as session:
            assert undo.lapse(session, {"case_id": number}, self.ctx)

    def case(self, number: int) -> Case:
        with self.database.read() as session:
            return session.get_one(Case, number)

    def ticket(self, number: int) -> CaseTicket:
        with self.database.read() as session:
            return session.get_one(CaseTicket, number)

    def entries(self, number: int) -> list[CaseEntry]:
        with self.database.read() as session:
            return list(session.scalars(select(CaseEntry).where(CaseEntry.case_id == number).order_by(CaseEntry.seq)))

    def notification(self, key: str) -> Notification | None:
        with self.database.read() as session:
            return session.get(Notification, key)

    def audited(self, action: str) -> list[AuditEntry]:
        with self.database.read() as session:
            return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.seq)))

    def audited_since(self, seq: int) -> list[AuditEntry]:
        """What was audited after that row."""
        with self.database.read() as session:
            return list(session.scalars(select(AuditEntry).where(AuditEntry.seq > seq).order_by(AuditEntry.seq)))

    def audit_rows(self) -> int:
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(AuditEntry)) or 0
