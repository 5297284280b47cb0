"""A team, a desk that is told what to show, the mirror and words of it, and triage over them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from unittest.mock import patch

from sqlalchemy import select

from automations.desks import Capability
from automations.domain import Actor, IdempotencyKey, Mode, Priority, Role, TicketChange, TicketEvent, TicketStatus
from automations.errors import AdapterError, HandoffError, Rejected
from automations.mirror.reading import read_on
from automations.ticket_texts.reading import read_changed
from automations.triage import acts
from automations.triage.applying import apply, give_up
from automations.triage.context import TriageContext
from automations.triage.deciding import APPLY, decide
from automations.triage.judging import Model
from automations.triage.rules import TriageRules
from storage.engine import Database
from storage.models import AuditEntry, Notification, TriageDecision, TriageEvaluation
from tests.automations.failure_tickets.samples import context
from tests.automations.mirror.histories import ticket
from tests.automations.mirror.scripted import FED, Scripted
from tests.support import FakeClock, RecordingJobs
from tests.triage_terms import RULES, triage_of

ANNA = Actor("U_AGENT1", "Anna Berg", "anna@example.com", Role.AGENT)
BEN = Actor("U_AGENT2", "Ben Cho", "ben@example.com", Role.AGENT)
CAN = FED | {Capability.HISTORY, Capability.GROUPS, Capability.PRIORITIES}

GOOD = {"examples": 500, "coverage": 0.8, "precision": 0.95, "queues": []}
"""Figures of an evaluation that reached the bar."""


class Death(BaseException):
    """The process dies here."""


@dataclass
class Desk(Scripted):
    """A desk with a history that takes changes. `before` and `after` an update, what is listed happens once."""

    clock: FakeClock = field(default_factory=FakeClock)
    capabilities: frozenset[Capability] = CAN
    system: str = "builtin"
    title: str = "The desk"
    before: list[AdapterError] = field(default_factory=list)
    after: list[AdapterError] = field(default_factory=list)
    updates: list[TicketChange] = field(default_factory=list)

    def opened(self, name: str, *said: str, **fields: Any) -> None:
        """A customer opens a ticket with the first words, and writes the others."""
        now = self.clock.now()
        shown = {"group": "Support", "priority": Priority.NORMAL, "created_at": now, "updated_at": now, **fields}
        self.put(ticket(system=self.system, id=name, requester=f"customer-{name}@acme.example", **shown))
        for words in said:
            self.wrote(name, words)

    def wrote(self, name: str, words: str, kind: str = "customer") -> None:
        """Somebody writes on a ticket: customer, or public for an agent."""
        self._happened(name, kind, body=words)

    def moved(self, name: str, by: str = "carl@team.example", **fields: Any) -> None:
        """Somebody changes group, priority or status of a ticket."""
        old, ours = self.tickets[name], by == "handoff"
        changes = tuple((key, _word(getattr(old, key)), _word(value)) for key, value in fields.items())
        self.tickets[name] = replace(old, **fields)
        self._happened(name, "change", changes=changes, ours=ours, author_email=by)

    def update(self, name: str, change: TicketChange, *, key: IdempotencyKey) -> None:
        assert key.startswith("triage/")
        if self.before:
            raise self.before.pop(0)
        self.get(name)
        asked = {"group": change.group, "priority": change.priority}
        self.updates.append(change)
        self.moved(name, "handoff", **{field: value for field, value in asked.items() if value is not None})
        if self.after:
            raise self.after.pop(0)

    def _happened(self, name: str, kind: str, **more: Any) -> None:
        self.clock.move(timedelta(seconds=1))
        by = {"author": "Somebody", "author_email": None, "ours": False}
        number = str(len(self.events_by[name]) + 1)
        event = TicketEvent(**{**by, "id": number, "at": self.clock.now(), "kind": kind, **more})
        now = replace(self.tickets[name], updated_at=self.clock.now())
        self.put(now, *self.events_by[name], event)

    def events(self, ticket: str, *, after: str | None) -> Iterator[TicketEvent]:
        self.get(ticket)
        return super().events(ticket, after=after)


def _word(value: object) -> str:
    return "" if value is None else str(value)


@dataclass
class Stage:
    """One database and one desk. `model` is the classifier in use."""

    database: Database
    clock: FakeClock
    jobs: RecordingJobs
    desk: Desk
    ctx: TriageContext
    model: Model | None = None
    played: set[str] = field(default_factory=set)

    @classmethod
    def on(cls, database: Database, clock: FakeClock, jobs: RecordingJobs, mode: Mode = Mode.ASK) -> "Stage":
        return cls(database, clock, jobs, Desk(clock=clock, page=50), triage_of(context(clock, jobs), mode))

    def into(self, mode: Mode, rules: TriageRules = RULES) -> None:
        """Let the settings say so from now on."""
        self.ctx = replace(self.ctx, mode=mode, rules=rules)

    def measured(self) -> None:
        """The rules of now have been measured on history, and are good enough to act by themselves."""
        with self.database.begin() as session:
            session.add(
                TriageEvaluation(
                    made_at=self.clock.now(), made_by="lead@example.com", source="history.csv",
                    rules_version=self.ctx.rules.version, model_id=None, examples=500, passed=True, result=GOOD,
                )
            )  # fmt: skip

    def watch(self) -> list[TriageDecision]:
        """Read the desk on as the bot does, and let triage decide; what was decided."""
        self.clock.move(timedelta(seconds=1))
        read_on(self.database, self.desk.desk, None, clock=self.clock, redactor=self.ctx.redactor)
        changed = read_changed(self.database, self.desk.desk, self.clock, self.ctx.redactor, most=50)
        made = []
        for name in changed:
            with self.database.begin() as session:
                made.append(decide(session, name, self.ctx, self.model))
        return [self.row(one.id) for one in made if one is not None]

    def decided(self, *said: str, name: str = "1", **fields: Any) -> TriageDecision:
        """A ticket with these words, and what triage decides about it."""
        self.desk.opened(name, *said, **fields)
        (made,) = self.watch()
        return made

    def act(self, verb: str, row: TriageDecision, actor: Actor = ANNA, *more: Any) -> str:
        """A person presses a button. Raises what the act raises."""
        with self.database.begin() as session:
            said: str = getattr(acts, verb)(session, row.id, *more, actor, self.ctx)
        return said

    def play(self, *, tries: int = 4) -> None:
        """Play the jobs that were asked for as the engine does: again on trouble, then into the failure queue."""
        while pending := [one for one in self.jobs.of(APPLY) if one.key not in self.played]:
            for job in pending:
                self.played.add(job.key)
                self.run(int(job.args["decision_id"]), tries)

    def run(self, number: int, tries: int = 4) -> None:
        for attempt in range(1, tries + 1):
            try:
                apply(self.database, self.desk.desk, number, self.ctx)
            except HandoffError as exc:
                if isinstance(exc, Rejected) or attempt == tries:
                    with self.database.begin() as session:
                        give_up(session, number, str(exc), self.ctx)
                    return
            else:
                return

    def row(self, number: int) -> TriageDecision:
        with self.database.read() as session:
            found = session.get_one(TriageDecision, number)
            session.expunge(found)
            return found

    def state(self, row: TriageDecision) -> str:
        return self.row(row.id).state

    def audited(self, row: TriageDecision) -> list[tuple[str, str]]:
        """What the audit log has of a decision: (action, actor)."""
        with self.database.read() as session:
            mine = select(AuditEntry).where(AuditEntry.target == f"TRIAGE-{row.id}").order_by(AuditEntry.seq)
            return [(one.action.removeprefix("triage."), one.actor) for one in session.scalars(mine)]

    def notification(self, key: str) -> Notification | None:
        with self.database.read() as session:
            found = session.get(Notification, key)
            if found is not None:
                session.expunge(found)
            return found


@contextmanager
def dying_at(boundary: str) -> Iterator[None]:
    """Let the process die where this boundary is reached: whatever is not committed by then is lost."""

    def reach(name: str) -> None:
        if name == boundary:
            raise Death(name)

    with patch("automations.triage.applying.reach", reach):
        yield


SOLVED = TicketStatus.SOLVED
