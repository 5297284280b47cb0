"""A team, a mirror with tickets written straight into its rows, and sweeps over them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from automations.calendar import WorkingHours
from automations.domain import Actor, Mode, Role
from automations.duty import Rotation
from automations.escalation import acts
from automations.escalation.card import escalation_card
from automations.escalation.card_types import EscalationCard
from automations.escalation.context import EscalationContext
from automations.escalation.moves import Outcome
from automations.escalation.rules import EscalationRules
from automations.escalation.sweep import Swept, sweep
from automations.people import Absence, Person, Roster
from automations.sla.keeping import refresh
from automations.sla.policy import SlaPolicy
from automations.texts.sentiment import sentiment
from storage import notifications
from storage.engine import Database
from storage.models import (
    FOREVER,
    AuditEntry,
    Escalation,
    EscalationFiring,
    MirrorMessage,
    MirrorSpan,
    MirrorTicket,
    Notification,
    TicketText,
)
from tests.automations.failure_tickets.world import ANNA, BEN, LEA, World
from tests.support import FakeClock, RecordingJobs
from tests.triage_terms import escalation_of

DESK = "builtin"
MAX = Actor("U_MANAGER", "Max Moe", "max@team.example", Role.ADMIN)
HOURS = WorkingHours(frozenset(range(5)), time(8), time(17), "Europe/Oslo", frozenset({date(2026, 12, 25)}))
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
"""Monday 09:00 in Oslo, an hour after work began."""

__all__ = ["ANNA", "BEN", "DESK", "HOURS", "LEA", "MAX", "MONDAY", "EscalationWorld"]


@dataclass
class Shown:
    """A ticket as the mirror shows it."""

    id: str
    created_at: datetime
    status: str = "open"
    priority: str = "normal"
    group: str = "Support"
    assignee: str = ""
    tier: str = ""
    customer: str = "acct_42"
    requester: str | None = "kim@acme.example"
    opened_by: str = "customer"
    merged_into: str | None = None
    deleted_at: datetime | None = None
    said: list[tuple[datetime, str, str]] = field(default_factory=list)
    spans: list[tuple[datetime, dict[str, Any]]] = field(default_factory=list)

    def values(self) -> dict[str, Any]:
        return {
            "status": self.status,
            "priority": self.priority,
            "group_name": self.group,
            "assignee": self.assignee,
            "merged": self.merged_into is not None,
        }


@dataclass
class EscalationWorld:
    """One database with a context of escalation; `tickets` are those of the mirror."""

    team: World
    ctx: EscalationContext
    tickets: dict[str, Shown] = field(default_factory=dict)

    @classmethod
    def on(cls, database: Database, clock: FakeClock, jobs: RecordingJobs) -> "EscalationWorld":
        """At Monday 09:00, hours from Monday to Friday; owner, Ben on duty, Lea lead, Max manager."""
        clock.at = MONDAY
        team = World.on(database, clock, jobs)
        roster = Roster((*team.ctx.roster.people, Person("Max Moe", "max@team.example", "U_MANAGER")))
        team.ctx = replace(team.ctx, roster=roster, hours=HOURS)
        duty = Rotation("seniors", ("ben@team.example",), "Mon 08:00", "Europe/Oslo", date(2026, 11, 2))
        ctx = replace(escalation_of(team.ctx), manager="max@team.example", duty=duty)
        world = cls(team, ctx)
        world.sweep()
        return world

    @property
    def database(self) -> Database:
        return self.team.database

    @property
    def clock(self) -> FakeClock:
        return self.team.clock

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @contextmanager
    def begin(self) -> Iterator[Session]:
        with self.database.begin() as session:
            yield session

    def rules(self, **changes: Any) -> None:
        self.ctx = replace(self.ctx, rules=EscalationRules(**changes))

    def promise_nothing(self) -> None:
        """No SLA, so that only what a test brings about escalates."""
        self.ctx = replace(self.ctx, policy=SlaPolicy())

    def mode(self, mode: Mode) -> None:
        self.ctx = replace(self.ctx, mode=mode)

    def away(self, *emails: str, days: float = 7) -> None:
        """Send people away from now on."""
        span = Absence(self.now, self.now + timedelta(days=days))
        people = (replace(one, away=(span,)) if one.email in emails else one for one in self.ctx.roster.people)
        self.ctx = replace(self.ctx, roster=Roster(tuple(people)))

    def back(self) -> None:
        """Nobody is away."""
        self.ctx = replace(self.ctx, roster=Roster(tuple(replace(one, away=()) for one in self.ctx.roster.people)))

    def ticket(self, number: str = "1", text: str = "", **values: Any) -> Shown:
        """A ticket that came now, opened with this text."""
        shown = Shown(number, self.now, **values)
        shown.spans.append((self.now, shown.values()))
        self.tickets[number] = shown
        if shown.opened_by == "customer":
            shown.said.append((self.now, "customer", ""))
        self.write(shown)
        self.words(number, opening=text)
        return shown

    def change(self, number: str, **values: Any) -> None:
        """Somebody changed it in the desk."""
        shown = self.tickets[number]
        for name, value in values.items():
            setattr(shown, name, value)
        shown.spans.append((self.now, shown.values()))
        self.write(shown)

    def say(self, number: str, side: str, text: str = "", author: str = "") -> None:
        """Somebody wrote a public message."""
        shown = self.tickets[number]
        shown.said.append((self.now, side, author))
        self.write(shown)
        if side == "customer":
            self.words(number, latest=text)

    def write(self, shown: Shown) -> None:
        """Put the ticket into the mirror in the place of what was there."""
        solved = shown.status == "solved"
        row: dict[str, Any] = {
            "system": DESK, "ticket_id": shown.id, "url": f"https://desk.example/{shown.id}",
            "subject": f"Cannot log in ({shown.id})", "requester": shown.requester, "opened_by": shown.opened_by,
            "channel": "email", "created_at": shown.created_at, "updated_at": self.now, "status": shown.status,
            "priority": shown.priority, "group_name": shown.group, "assignee": shown.assignee, "tags": [],
            "customer_id": shown.customer, "customer_name": "Acme GmbH", "tier": shown.tier, "first_reply_at": None,
            "waiting_since": None, "solved_at": self.now if solved else None, "closed_at": None,
            "merged_into": shown.merged_into, "deleted_at": shown.deleted_at, "told_by": "history",
            "changed_at": self.now,
        }  # fmt: skip
        with self.begin() as session:
            there = session.scalars(select(MirrorTicket).where(MirrorTicket.ticket_id == shown.id)).one_or_none()
            if there is None:
                session.add(there := MirrorTicket(**row))
            else:
                for name, value in row.items():
                    setattr(there, name, value)
            session.flush()
            for part in (MirrorSpan, MirrorMessage):
                session.execute(delete(part).where(part.ticket == there.id))
            session.add_all(_spans(there.id, shown.spans))
            session.add_all(
                MirrorMessage(ticket=there.id, n=n, at=at, side=side, author=author, asked_at=None, first=False)
                for n, (at, side, author) in enumerate(shown.said)
            )

    def words(self, number: str, *, opening: str | None = None, latest: str = "", language: str = "en") -> None:
        """Keep what was written, as reading the desk does."""
        with self.begin() as session:
            row = session.get(TicketText, (DESK, number))
            if row is None:
                row = TicketText(system=DESK, ticket_id=number, opening="", latest="", last=[], event_id="")
                row.customer_messages, row.language, row.tone, row.tone_words = 1, language, 0.0, []
                session.add(row)
            row.seen_at = row.read_at = self.now
            text = opening if opening is not None else latest
            if opening is not None:
                row.opening = opening
            else:
                row.latest, row.latest_at = latest, self.now
            mood = sentiment(text)
            row.language, row.tone, row.tone_words = language, mood.score, list(mood.words)
            said = {"at": self.now.isoformat(), "side": "customer", "author": "", "text": text, "cut": False}
            row.last = [*row.last, said][-3:]

    def sweep(self, *, read_at: datetime | None = None) -> Swept:
        """Bring the clocks up to date and sweep, with the mirror read just now."""
        refresh(self.database, DESK, self.ctx.policy, self.ctx.hours, self.clock)
        return sweep(self.database, self.ctx, read_at=read_at or self.now)

    def go(self, by: timedelta, *, step: timedelta = timedelta(minutes=15)) -> None:
        """Let time go by, with a sweep after each step."""
        until = self.now + by
        while self.now < until:
            self.clock.move(min(step, until - self.now))
            self.sweep()

    def act(self, name: str, number: int, *args: Any) -> Outcome:
        """Do one of the acts, in a transaction of its own."""
        with self.begin() as session:
            done: Outcome = getattr(acts, name)(session, number, *args, self.ctx)
            return done

    def row(self, number: int = 1) -> Escalation:
        with self.database.read() as session:
            return session.get_one(Escalation, number)

    def rows(self) -> Sequence[Escalation]:
        with self.database.read() as session:
            return session.scalars(select(Escalation).order_by(Escalation.id)).all()

    def firings(self) -> Sequence[EscalationFiring]:
        with self.database.read() as session:
            return session.scalars(select(EscalationFiring).order_by(EscalationFiring.id)).all()

    def card(self, number: int = 1) -> EscalationCard:
        with self.database.read() as session:
            return escalation_card(session, number, self.ctx)

    def lines(self, number: int = 1) -> list[tuple[str, str | None]]:
        """The lines of the thread: text and whom each mentions."""
        with self.database.read() as session:
            of_it = Notification.key.like(f"escalation/{number}/%"), Notification.kind == "escalation.line"
            rows = session.scalars(
                select(Notification).where(*of_it).order_by(Notification.created_at, Notification.seq)
            )
            return [(row.data["text"], row.data["mention"]) for row in rows]

    def calls(self, number: int = 1) -> list[str]:
        """Whom lines of the thread mention, in order."""
        return [mention for _, mention in self.lines(number) if mention]

    def notification(self, key: str) -> Notification | None:
        with self.database.read() as session:
            return notifications.get(session, key)

    def audited(self, action: str = "") -> list[AuditEntry]:
        wanted = select(AuditEntry).where(AuditEntry.action.like("escalation.%")).order_by(AuditEntry.seq)
        with self.database.read() as session:
            return list(session.scalars(wanted.where(AuditEntry.action == action) if action else wanted))

    def audit_rows(self) -> int:
        with self.database.read() as session:
            return session.scalar(select(func.count()).select_from(AuditEntry)) or 0


def _spans(ticket: int, lived: Sequence[tuple[datetime, dict[str, Any]]]) -> Iterator[MirrorSpan]:
    """What changed at one moment is one change, so no stretch is empty."""
    last = dict(lived)
    moments = sorted(last)
    before = ""
    for n, at in enumerate(moments):
        until = moments[n + 1] if n + 1 < len(moments) else FOREVER
        yield MirrorSpan(ticket=ticket, n=n, from_at=at, until_at=until, before=before, **last[at])
        before = last[at]["status"]
