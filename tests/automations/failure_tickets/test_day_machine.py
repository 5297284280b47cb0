"""A team's day around its cases: events, clicks, desk edits, absences, undo, restarts and lost answers in any order.

What must hold throughout: a case has one owner, who is not away past the team's limit (or is the default owner, and
that is said); what Slack shows is what is stored; the desk's edits are followed and never sent back; everything that
changed is in the audit log. At the end all comes to rest, desk and case alike.
"""

import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule, run_state_machine_as_test
from hypothesis.strategies import booleans, integers, sampled_from
from sqlalchemy import select

from automations.calendar import WorkingHours
from automations.domain import Actor, Priority, TicketChange, TicketStatus
from automations.errors import AdapterError, OutcomeUnknown, Refused, Rejected, Unavailable
from automations.failure_tickets import absences, closing, desk_feed, escalate, life, owners, snooze, tickets, undo
from automations.failure_tickets.moves import Outcome
from automations.failure_tickets.present import present
from bot import timed
from bot.render import render
from storage import audit, notifications
from storage.engine import Database
from storage.models import AuditEntry, Case, CaseTicket, DeskTicket, Notification, UndoOffer
from tests.automations.failure_tickets.shaky import ShakyDesk
from tests.automations.failure_tickets.world import ANNA, BEN, LEA, World
from tests.support import FakeClock, RecordingJobs

PEOPLE = (ANNA, BEN, LEA)
MOST = int(os.environ.get("HANDOFF_DAYS", "15"))
"""Days played in CI; more by HANDOFF_DAYS=500 python -m pytest tests/automations/failure_tickets/test_day_machine.py"""
KEYS = ("k1", "k2", "k3", "k4")
AGENTS = ("anna@team.example", "b.okoro@desk.example", "lea@team.example")
ACTS: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "claim": (life.claim, ()),
    "release": (life.release, ()),
    "reassign": (life.reassign, ("ben@team.example",)),
    "escalate": (life.escalate, ("customer calls",)),
    "resolve": (closing.resolve, ("restarted it",)),
    "not_needed": (closing.not_needed, ("noise",)),
    "reopen": (closing.reopen, ()),
}
CHANGES = (
    TicketChange(status=TicketStatus.SOLVED),
    TicketChange(status=TicketStatus.OPEN),
    TicketChange(status=TicketStatus.PENDING),
    TicketChange(priority=Priority.LOW),
    TicketChange(priority=Priority.URGENT),
    TicketChange(assignee="lea@team.example"),
    TicketChange(assignee="b.okoro@desk.example"),
)
TRACKED = ("status", "owner", "claimed_by", "priority", "queue", "closed_by", "close_note", "escalated_by")


class DayOfCases(RuleBasedStateMachine):
    """Four keys of one source, so that groups form; three people; one desk behind a bad line."""

    template: Path
    hours: WorkingHours | None = None
    cases = Bundle("cases")
    offers = Bundle("offers")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="handoff-day-"))
        shutil.copyfile(self.template, self.folder / "day.db")
        self.shown: dict[str, Any] = {}
        self.failures: dict[int, int] = {}
        self.keys: dict[int, str] = {}
        self.ts = 0
        self._start(FakeClock())

    def _start(self, clock: FakeClock) -> None:
        """Everything that a process holds in memory, made anew as a restart does."""
        self.database = Database(f"sqlite:///{self.folder / 'day.db'}")
        self.world = World.on(self.database, clock, RecordingJobs())
        book = replace(self.world.ctx.book, rules=(), escalate_after=timedelta(hours=1))
        timing = replace(self.world.ctx.timing, burst_over=2, remind_after=timedelta(minutes=30))
        self.world.ctx = replace(self.world.ctx, book=book, timing=timing, hours=self.hours)
        self.world.ctx = replace(self.world.ctx, desk_can=ShakyDesk.capabilities)
        self.desk = ShakyDesk.on(self.world)
        self.people = self.desk.desk.work
        self._read_the_desk()

    def teardown(self) -> None:
        """Let the desk be well again and time go by: everything must come to rest, verified, and be shown."""
        self.desk.before.clear()
        self.desk.after.clear()
        self._tick(timedelta(minutes=11))
        self._read_the_desk()
        for number in self._all(select(Case.id)):
            self._advance(number, times=80)
        self._deliver()
        with self.database.read() as session:
            assert audit.verify(session).ok
            behind = (CaseTicket.state != "verified") | (CaseTicket.verified_version != CaseTicket.wanted_version)
            left = select(CaseTicket.case_id, CaseTicket.state, CaseTicket.missing)
            assert session.execute(left.where(behind, CaseTicket.deleted_at.is_(None))).all() == []
            assert not list(session.scalars(select(UndoOffer.id).where(UndoOffer.state == "open")))
            for case, ticket, accepted in session.execute(
                select(Case, DeskTicket, CaseTicket.accepted)
                .join(CaseTicket, CaseTicket.case_id == Case.id)
                .join(DeskTicket, DeskTicket.key == CaseTicket.key)
                .where(DeskTicket.deleted_at.is_(None), DeskTicket.merged_into_id.is_(None))
            ):
                unsolved = ticket.status in ("open", "pending", "on_hold")
                agree = (case.status in ("open", "claimed")) == unsolved
                assert agree or "status" in (accepted or {}), f"case {case.id}: {case.status}, {ticket.status}"
                assert case.priority == ticket.priority
        self.database.close()
        shutil.rmtree(self.folder)

    @rule(target=cases, key=sampled_from(KEYS), blocked=booleans())
    def fail(self, key: str, blocked: bool) -> int:
        impact = {"blocked": blocked, "paid_workflow": blocked, "customers": 1}
        receipt = self.world.fail(dedup_key=key, occurred_at=self.world.clock.now(), impact=impact)
        assert receipt.case_id is not None
        assert receipt.status in ("opened", "joined")
        number = int(receipt.case_id.removeprefix("CASE-"))
        self.failures[number] = self.failures.get(number, 0) + 1
        self.keys[number] = key
        return number

    @rule(case=cases)
    def is_over(self, case: int) -> None:
        key = self.keys[case]
        self.world.fail(dedup_key=key, status="resolved", occurred_at=self.world.clock.now())

    @rule(target=offers, case=cases, actor=sampled_from(PEOPLE), act=sampled_from(sorted(ACTS)))
    def click(self, case: int, actor: Actor, act: str) -> tuple[int, str | None]:
        do, words = ACTS[act]
        outcome = self._do(lambda session, ctx: do(session, case, actor, *words, ctx))
        if outcome is None or not outcome.changed:
            return (0, None)
        with self.database.read() as session:
            newest = select(UndoOffer.id).where(UndoOffer.case_id == case).order_by(UndoOffer.id.desc()).limit(1)
            return (session.scalar(newest) or 0, actor.email)

    @rule(case=cases, actor=sampled_from(PEOPLE), hours=integers(1, 30))
    def snooze(self, case: int, actor: Actor, hours: int) -> None:
        until = self.world.clock.now() + timedelta(hours=hours)
        self._do(lambda session, ctx: snooze.snooze(session, case, actor, until, ctx))

    @rule(offer=consumes(offers), actor=sampled_from(PEOPLE))
    def take_back(self, offer: tuple[int, str | None], actor: Actor) -> None:
        """Undo by its author within time and with nobody acting since must work; else nothing may change."""
        number, author = offer
        with self.database.read() as session:
            row = session.get(UndoOffer, number)
            case_id = row.case_id if row else 0
            open_now = row is not None and row.state == "open" and self.world.clock.now() < row.until
        if not row:
            return
        before, rows = self._columns(case_id), self.world.audit_rows()
        outcome = self._do(lambda session, ctx: undo.take_back(session, number, actor, ctx))
        if outcome is None or not outcome.changed:
            assert self._columns(case_id) == before
            assert self.world.audit_rows() == rows
            newer_open = self._newer_open(case_id)
            assert not (open_now and actor.email == author) or newer_open, "an undo was lost"
        else:
            assert actor.email == author
            assert open_now

    @rule(actor=sampled_from(PEOPLE), hours=integers(1, 72))
    def goes_away(self, actor: Actor, hours: int) -> None:
        person = self.world.ctx.roster.by_email(actor.email)
        assert person is not None
        until = self.world.clock.now() + timedelta(hours=hours)
        with suppress(Refused), self.world.begin() as session:
            absences.set_away(session, person, until, actor, present(session, self.world.ctx))

    @rule(case=cases, hours=integers(5, 72))
    def the_owner_goes_away_for_long(self, case: int, hours: int) -> None:
        person = self.world.ctx.roster.by_email(self.world.case(case).owner)
        assert person is not None
        until = self.world.clock.now() + timedelta(hours=hours)
        with suppress(Refused), self.world.begin() as session:
            absences.set_away(session, person, until, LEA, present(session, self.world.ctx))
        self._tick(timedelta(hours=4, seconds=5))

    @rule(actor=sampled_from(PEOPLE))
    def comes_back(self, actor: Actor) -> None:
        person = self.world.ctx.roster.by_email(actor.email)
        assert person is not None
        with suppress(Refused), self.world.begin() as session:
            absences.back(session, person, actor, present(session, self.world.ctx))

    @rule(case=cases, by=sampled_from(AGENTS), change=sampled_from(CHANGES))
    def works_in_the_desk(self, case: int, by: str, change: TicketChange) -> None:
        if (ticket := self._ticket(case)) is not None:
            with suppress(Rejected):
                self.people.change(ticket, change, by=by)

    @rule(case=cases)
    def the_customer_replies(self, case: int) -> None:
        if (ticket := self._ticket(case)) is not None:
            with suppress(Rejected):
                self.people.customer_replies(ticket, "Still broken <!channel>")

    @rule()
    def reads_the_desk(self) -> None:
        self._read_the_desk()

    @rule(minutes=integers(0, 300))
    def time_passes(self, minutes: int) -> None:
        self._tick(timedelta(minutes=minutes, seconds=5))

    @rule(case=cases, call=sampled_from(["create", "note", "update", "get", "find"]), lost=booleans(), after=booleans())
    def desk_gets_a_fault(self, case: int, call: str, lost: bool, after: bool) -> None:
        fault: AdapterError = (
            OutcomeUnknown("no answer", system="builtin") if lost else Unavailable("503", system="builtin")
        )
        place = self.desk.after if after and lost else self.desk.before
        place.setdefault(call, []).append(fault)
        self._advance(case, times=1)

    @rule(case=cases, times=integers(1, 6))
    def work_on_the_ticket(self, case: int, times: int) -> None:
        self._advance(case, times=times)

    @rule()
    def delivers(self) -> None:
        self._deliver()

    @rule()
    def restarts(self) -> None:
        self.database.close()
        self._start(self.world.clock)

    @invariant()
    def one_owner_who_is_there(self) -> None:
        with self.database.read() as session:
            ctx, now = present(session, self.world.ctx), self.world.clock.now()
            for case in session.scalars(select(Case).where(Case.open_key.is_not(None))):
                assert case.owner
                stays = case.owner == ctx.book.default_owner or owners.took_while_away(case, ctx, now)
                assert stays or not owners.is_gone(case.owner, ctx, now), f"{case.owner} is away"
                assert (case.status == "claimed") == (case.claimed_by is not None)

    @invariant()
    def slack_shows_what_is_stored(self) -> None:
        """A message delivered in its newest version is what would be rendered now.

        While a ticket is on its way its steps are not told one by one: the message follows when it comes to rest.
        """
        at_rest = (CaseTicket.state == "verified") & (CaseTicket.verified_version >= CaseTicket.wanted_version)
        with self.database.read() as session:
            if session.scalar(select(CaseTicket.case_id).where(~at_rest, CaseTicket.deleted_at.is_(None)).limit(1)):
                return
            for row in session.scalars(select(Notification)):
                if row.state == "delivered" and row.delivered_version == row.version and row.key in self.shown:
                    assert self._rendered(session, row) == self.shown[row.key], f"{row.key} shows an older state"

    @invariant()
    def what_changed_is_audited(self) -> None:
        """The newest audited value of each column is the one that is stored."""
        told: dict[tuple[str, str], Any] = {}
        with self.database.read() as session:
            rows = select(AuditEntry).where(AuditEntry.outcome == "done", AuditEntry.action.like("case.%"))
            for entry in session.scalars(rows.order_by(AuditEntry.seq)):
                told |= {(entry.target, name): value for name, value in (entry.after or {}).items()}
            for case in session.scalars(select(Case)):
                for name in TRACKED:
                    if (f"CASE-{case.id}", name) in told:
                        assert told[f"CASE-{case.id}", name] == getattr(case, name), f"{name} of case {case.id}"

    @invariant()
    def no_failure_is_lost(self) -> None:
        with self.database.read() as session:
            assert dict(session.execute(select(Case.id, Case.count)).all()) == self.failures

    def _ticket(self, case: int) -> str | None:
        """The case's ticket in the desk, made now if the line is good enough."""
        self._advance(case, times=4)
        return self.world.ticket(case).ticket_id

    def _do(self, act: Any) -> Outcome | None:
        with suppress(Refused), self.world.begin() as session:
            done: Outcome = act(session, present(session, self.world.ctx))
            return done
        return None

    def _tick(self, by: timedelta) -> None:
        """Let time pass, and do all that is due by the clock, as the bot does every few seconds."""
        self.world.clock.move(by)
        for _ in range(4):
            if not self._do_what_is_due():
                return

    def _do_what_is_due(self) -> int:
        done = 0
        for kind in timed.TIMED:
            with self.database.read() as session:
                due = kind.due(session, present(session, self.world.ctx))
            for _key, args in due:
                with self.world.begin() as session:
                    kind.perform(session, args, present(session, self.world.ctx))
            done += len(due)
        with self.database.read() as session:
            overdue = escalate.due(session, self.world.ctx)
        for number in overdue:
            with self.world.begin() as session:
                escalate.escalate_overdue(session, number, present(session, self.world.ctx))
        return done + len(overdue)

    def _deliver(self) -> None:
        """Bring every message that is owed to Slack, heads of threads first."""
        keys = self._all(
            select(Notification.key)
            .where(Notification.delivered_version < Notification.version)
            .order_by(Notification.parent_key.is_not(None), Notification.seq, Notification.key)
        )
        for key in keys:
            with self.world.begin() as session:
                row = notifications.take(session, key, self.world.clock.now())
                self.ts += 1
                ts = row.ts or f"{self.ts}.0"
                notifications.delivered(
                    session, key, row.version, row.channel, ts, f"https://slack.example/{ts}", self.world.clock.now()
                )
        with self.database.read() as session:
            for row in session.scalars(select(Notification)):
                if row.state == "delivered" and row.delivered_version == row.version:
                    self.shown[row.key] = self._rendered(session, row)

    def _rendered(self, session: Any, row: Notification) -> str:
        return str(render(session, row, present(session, self.world.ctx)))

    def _read_the_desk(self) -> None:
        with suppress(Unavailable, OutcomeUnknown):
            desk_feed.read(self.database, self.desk, self.world.ctx)

    def _advance(self, case: int, *, times: int) -> None:
        for _ in range(times):
            with suppress(Unavailable, OutcomeUnknown):
                if tickets.advance(self.database, self.desk, case, self.world.ctx) is None:
                    return

    def _columns(self, case_id: int) -> dict[str, Any]:
        case = self.world.case(case_id)
        return {column.name: getattr(case, column.name) for column in Case.__table__.columns}

    def _newer_open(self, case_id: int) -> bool:
        key = self.world.case(case_id).case_key
        return any(number != case_id for number in self._all(select(Case.id).where(Case.open_key == key)))

    def _all(self, statement: Any) -> list[Any]:
        with self.database.read() as session:
            return list(session.scalars(statement))


@pytest.mark.slow
@pytest.mark.timeout(120 + 12 * MOST)
@pytest.mark.parametrize("hours", [None, WorkingHours(frozenset(range(5)), time(9), time(17), "Europe/Oslo")])
def test_a_day_of_cases(sqlite_template: Path, hours: WorkingHours | None) -> None:
    DayOfCases.template = sqlite_template
    DayOfCases.hours = hours
    run_state_machine_as_test(
        DayOfCases,
        settings=settings(
            max_examples=MOST,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
