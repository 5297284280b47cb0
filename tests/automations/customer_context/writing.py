"""Customers who write in a built-in desk, cases of theirs, and notices over both."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from automations.adapters.builtin.desk import BuiltinDesk
from automations.customer_context import notices, noting
from automations.customer_context.context import AUTOMATION, CustomerContext
from automations.customer_context.rules import CustomerRules
from automations.domain import Mode, TicketEvent
from automations.errors import HandoffError, Rejected
from automations.mirror.reading import read_on
from storage import audit
from storage.engine import Database
from storage.models import (
    AuditEntry,
    CaseTicket,
    CustomerNotice,
    DeskMessage,
    DeskTicket,
    Notification,
)
from tests.automations.customers.kept import customer, keep
from tests.automations.failure_tickets.shaky import ShakyDesk
from tests.automations.failure_tickets.world import World
from tests.support import FakeClock, RecordingJobs


@dataclass
class Line(ShakyDesk):
    """The line to the desk. `mute`: it shows no message for now."""

    mute: bool = False

    def events(self, ticket: str, *, after: str | None) -> Iterator[TicketEvent]:
        return iter(()) if self.mute else super().events(ticket, after=after)


@dataclass
class Writing:
    """One desk, one mirror of it, one bot. `world` has the cases."""

    world: World
    desk: Line
    ctx: CustomerContext
    played: set[str] = field(default_factory=set)
    stuck: list[str] = field(default_factory=list)

    @classmethod
    def on(cls, database: Database, clock: FakeClock, jobs: RecordingJobs) -> "Writing":
        world = World.on(database, clock, jobs)
        desk = Line(BuiltinDesk(database, clock, "https://desk.example"))
        ctx = CustomerContext(
            roster=world.ctx.roster,
            zone="Europe/Oslo",
            jobs=jobs,
            clock=clock,
            redactor=world.ctx.redactor,
            automation=AUTOMATION,
            mode=Mode.ASK,
            channel="C_CUSTOMERS",
            owner="lea@team.example",
            rules=CustomerRules(),
            desk_system="builtin",
            desk_title="The desk",
        )
        keep(database, customer("acct_42", "acme.example"), customer("acct_7", "seven.example"))
        return cls(world, desk, ctx)

    @property
    def database(self) -> Database:
        return self.world.database

    def set(self, **changes: Any) -> None:
        self.ctx = replace(self.ctx, **changes)

    def ticket(self, requester: str | None = "eva@acme.example", **columns: Any) -> str:
        """A ticket is made in the desk; a customer's says why."""
        now = self.world.clock.move(timedelta(seconds=1))
        with self.database.begin() as session:
            row = DeskTicket(
                key=None, subject="It stops", requester=requester, status="open", priority="normal", tags=[],
                created_at=now, updated_at=now, fields={},
            )  # fmt: skip
            for name, value in columns.items():
                setattr(row, name, value)
            session.add(row)
            session.flush()
            number = str(row.id)
        if requester is not None:
            self.say(number)
        return number

    def say(self, number: str, *, kind: str = "public", customer: bool = True, body: str = "Please help") -> None:
        """Somebody writes on a ticket."""
        now = self.world.clock.move(timedelta(seconds=1))
        author = "eva@acme.example" if customer else "anna@team.example"
        with self.database.begin() as session:
            session.add(
                DeskMessage(
                    ticket_id=int(number), kind=kind, author=author, body=body, at=now, key=None,
                    from_customer=customer, changes=None,
                )
            )  # fmt: skip
            session.get_one(DeskTicket, int(number)).updated_at = now

    def read(self) -> None:
        """The desk is read on."""
        self.world.clock.move(timedelta(seconds=1))
        read_on(self.database, self.desk.desk, None, clock=self.world.clock, redactor=self.ctx.redactor)

    def look(self) -> int:
        """The desk is read on, and looked at."""
        self.read()
        return notices.look(self.database, self.ctx)

    def play(self, *, tries: int = 3) -> None:
        """Play the jobs as the engine does: again on trouble, then into the failure queue."""
        for job in self.world.jobs.of(notices.JOB):
            if job.key in self.played:
                continue
            self.played.add(job.key)
            self.run(int(job.args["case_id"]), str(job.args["ticket_id"]), tries)

    def run(self, case: int, ticket: str, tries: int = 3) -> None:
        for attempt in range(1, tries + 1):
            try:
                noting.carry_out(self.database, self.desk, case, "builtin", ticket, self.ctx)
            except HandoffError as exc:
                if isinstance(exc, Rejected) or attempt == tries:
                    with self.database.begin() as session:
                        noting.gave_up(session, case, "builtin", ticket, str(exc), self.ctx)
                    self.stuck.append(ticket)
                    return
            else:
                return

    def notices(self) -> list[tuple[int, str, str, str]]:
        with self.database.read() as session:
            rows = session.scalars(
                select(CustomerNotice).order_by(CustomerNotice.case_id, CustomerNotice.ticket_id)
            ).all()
            return [(one.case_id, one.ticket_id, one.state, one.error) for one in rows]

    def notes(self, number: str) -> list[str]:
        """The internal notes on a ticket."""
        with self.database.read() as session:
            mine = DeskMessage.ticket_id == int(number), DeskMessage.kind == "internal"
            return list(session.scalars(select(DeskMessage.body).where(*mine).order_by(DeskMessage.id)))

    def lines(self) -> list[Notification]:
        with self.database.read() as session:
            return list(
                session.scalars(
                    select(Notification).where(Notification.kind == notices.LINE).order_by(Notification.key)
                )
            )

    def audited(self) -> list[tuple[str, str, str]]:
        with self.database.read() as session:
            rows = session.scalars(
                select(AuditEntry).where(AuditEntry.action.like("customers.%")).order_by(AuditEntry.seq)
            )
            return [(one.action, one.target, one.outcome) for one in rows]

    def has_ticket(self, case: int, number: str) -> None:
        """The case's own ticket is this one."""
        with self.database.begin() as session:
            audit.hold(session)
            row = session.get_one(CaseTicket, case)
            row.state, row.ticket_id = "created", number
