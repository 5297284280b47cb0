"""The life of a case as a state machine: whatever people, sources, desk and clock do in any order, the laws hold."""

import shutil
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from hypothesis.strategies import booleans, integers, sampled_from
from sqlalchemy import func, select

from automations.domain import Actor, CaseStatus
from automations.errors import AdapterError, OutcomeUnknown, Refused, Unavailable
from automations.failure_tickets import closing, escalate, life, snooze, tickets, undo
from automations.failure_tickets.moves import Outcome
from storage import audit
from storage.engine import Database
from storage.models import AuditEntry, Case, CaseEntry, CaseTicket, DeskTicket, Notification, UndoOffer
from tests.automations.failure_tickets.shaky import ShakyDesk
from tests.automations.failure_tickets.world import ANNA, BEN, LEA, World
from tests.support import FakeClock, RecordingJobs

PEOPLE = (ANNA, BEN, LEA)
FOLLOWS = ("last_actor", "last_act", "last_at", "last_seen", "remind_at", "reminders", "stale_at", "call_owner")
WATCHED = tuple(one.name for one in Case.__table__.columns if one.name not in ("version", "count", *FOLLOWS))
"""What an undo puts back: all but what counts and follows."""
KEYS = ("k1", "k2")
ACTS: dict[str, tuple[Callable[..., Outcome], tuple[str, ...]]] = {
    "claim": (life.claim, ()),
    "release": (life.release, ()),
    "reassign": (life.reassign, ("ben@team.example",)),
    "escalate": (life.escalate, ("customer calls",)),
    "resolve": (closing.resolve, ("restarted it",)),
    "not_needed": (closing.not_needed, ("noise",)),
    "reopen": (closing.reopen, ()),
}


class LifeOfCases(RuleBasedStateMachine):
    """Two keys, three people, one desk behind a bad line.

    `offers` holds by number whose act it was, on which case, until when, and the columns before it; `newest` says by
    case what the last act was: the number of its offer, or None for one that cannot be taken back.
    """

    template: Path
    cases = Bundle("cases")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="handoff-life-"))
        shutil.copyfile(self.template, self.folder / "life.db")
        self.database = Database(f"sqlite:///{self.folder / 'life.db'}")
        self.world = World.on(self.database, FakeClock(), RecordingJobs())
        self.desk = ShakyDesk.on(self.world)
        self.failures: dict[str, int] = {}
        self.offers: dict[int, tuple[Actor, int, datetime, dict[str, Any]]] = {}
        self.newest: dict[int, int | None] = {}

    def teardown(self) -> None:
        """Let the desk be well again, and nothing be taken back any more: everything must come to rest, verified."""
        self.world.clock.move(timedelta(days=8))
        self.look_for_what_is_over()
        for number in self._all(select(Case.id)):
            self._advance(number, times=60)
        with self.database.read() as session:
            assert audit.verify(session).ok
            unverified = select(CaseTicket).where(
                (CaseTicket.state != "verified") | (CaseTicket.verified_version != CaseTicket.wanted_version)
            )
            assert list(session.scalars(unverified)) == []
            statuses = session.execute(
                select(Case.status, DeskTicket.status)
                .join(CaseTicket, CaseTicket.case_id == Case.id)
                .join(DeskTicket, DeskTicket.key == CaseTicket.key)
            )
            assert all((case in ("open", "claimed")) == (ticket == "open") for case, ticket in statuses)
        self.database.close()
        shutil.rmtree(self.folder)

    @rule(target=cases, key=sampled_from(KEYS))
    def fail(self, key: str) -> int:
        receipt = self.world.fail(dedup_key=key, occurred_at=self.world.clock.now())
        assert receipt.case_id is not None
        assert receipt.status in ("opened", "joined")
        number = int(receipt.case_id.removeprefix("CASE-"))
        if self.newest.get(number) is None or self.world.case(number).last_actor == "handoff":
            self.newest[number] = None
        self.failures[receipt.case_id] = self.failures.get(receipt.case_id, 0) + 1
        return number

    @rule(key=sampled_from(KEYS))
    def is_over(self, key: str) -> None:
        before = self._all(select(Case.id).where(Case.open_key.is_not(None)))
        receipt = self.world.fail(dedup_key=key, status="resolved", occurred_at=self.world.clock.now())
        if receipt.status == "resolved":
            self.newest[before[0]] = self.newest[before[-1]] = None
        assert (receipt.status == "resolved") == (
            len(self._all(select(Case.id).where(Case.open_key.is_not(None)))) < len(before)
        )

    @rule(case=cases, actor=sampled_from(PEOPLE), act=sampled_from(sorted(ACTS)))
    def click(self, case: int, actor: Actor, act: str) -> None:
        do, words = ACTS[act]
        before, rows, was = self.world.case(case), self.world.audit_rows(), self._columns(case)
        outcome = None
        with suppress(Refused), self.world.begin() as session:
            outcome = do(session, case, actor, *words, self.world.ctx)
        after = self.world.case(case)
        if outcome is None or not outcome.changed:
            assert (after.version, self.world.audit_rows()) == (before.version, rows), "nothing was to change"
            return
        assert self.world.audit_rows() == rows + 1
        assert after.version > before.version
        assert after.last_actor == (actor.email or "").lower()
        if CaseStatus(before.status).closed:
            assert act == "reopen"
        assert after.snoozed_until is None, "whoever acts on a case wakes it"
        self.newest[case] = outcome.offer.id if outcome.offer else None
        if outcome.offer:
            self.offers[outcome.offer.id] = (actor, case, outcome.offer.until, was)

    @rule(number=integers(1, 40), newest=booleans(), actor=sampled_from(PEOPLE), by_author=booleans())
    def press_undo(self, number: int, newest: bool, actor: Actor, by_author: bool) -> None:
        """An undo puts back exactly what was, or nothing at all; it works exactly if nothing speaks against it."""
        if not self.offers:
            return
        offer = max(self.offers) if newest else sorted(self.offers)[number % len(self.offers)]
        author, case, until, was = self.offers[offer]
        presses = author if by_author else actor
        now, rows, version = self.world.clock.now(), self.world.audit_rows(), self.world.case(case).version
        taken = was["open_key"] is not None and self._all(
            select(Case.id).where(Case.open_key == was["case_key"], Case.id != case)
        )
        expected = presses == author and now < until and self.newest[case] == offer and not taken
        outcome = None
        with suppress(Refused), self.world.begin() as session:
            outcome = undo.take_back(session, offer, presses, self.world.ctx)
        assert (outcome is not None and outcome.changed) == expected
        if expected:
            assert self._columns(case) == was
            self.newest[case] = None
            assert self.world.audit_rows() == rows + 1
        else:
            assert (self.world.audit_rows(), self.world.case(case).version) == (rows, version)

    @rule(case=cases, actor=sampled_from(PEOPLE), act=sampled_from(sorted(ACTS)), seconds=integers(0, 61))
    def click_wrongly(self, case: int, actor: Actor, act: str, seconds: int) -> None:
        self.click(case, actor, act)
        self.world.clock.move(timedelta(seconds=seconds))
        self.press_undo(1, newest=True, actor=actor, by_author=True)

    @rule(case=cases, actor=sampled_from(PEOPLE), hours=integers(1, 40))
    def snooze(self, case: int, actor: Actor, hours: int) -> None:
        end = self.world.clock.now() + timedelta(hours=hours)
        with suppress(Refused), self.world.begin() as session:
            assert snooze.snooze(session, case, actor, end, self.world.ctx).changed
            self.newest[case] = None

    @rule()
    def look_for_what_is_over(self) -> None:
        with self.world.begin() as session:
            over, woken = undo.due(session, self.world.ctx), snooze.due(session, self.world.ctx)
        for kind, due in ((undo.lapse, over), (snooze.wake, woken)):
            for _, args in due:
                for expected in (True, False):
                    with self.world.begin() as session:
                        assert kind(session, args, self.world.ctx) == expected
        now = self.world.clock.now()
        assert self._all(select(Case.id).where((Case.hold_until <= now) | (Case.snoozed_until <= now))) == []
        assert self._all(select(UndoOffer.id).where(UndoOffer.state == "open", UndoOffer.until <= now)) == []

    @rule(seconds=integers(1, 59))
    def a_moment_passes(self, seconds: int) -> None:
        self.world.clock.move(timedelta(seconds=seconds))

    @rule(minutes=integers(1, 90))
    def time_passes(self, minutes: int) -> None:
        self.world.clock.move(timedelta(minutes=minutes))

    @rule()
    def look_at_the_clock(self) -> None:
        with self.world.begin() as session:
            overdue = escalate.due(session, self.world.ctx)
        for number in overdue:
            with self.world.begin() as session:
                assert escalate.escalate_overdue(session, number, self.world.ctx)
            self.newest[number] = None
            with self.world.begin() as session:
                assert not escalate.escalate_overdue(session, number, self.world.ctx)

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

    @invariant()
    def one_open_case_per_key_and_one_ticket_per_case(self) -> None:
        open_keys = self._all(select(Case.case_key).where(Case.status.in_(("open", "claimed"))))
        assert len(open_keys) == len(set(open_keys))
        keys = self._all(select(DeskTicket.key))
        assert len(keys) == len(set(keys))
        assert set(keys) <= set(self._all(select(CaseTicket.key)))

    @invariant()
    def no_failure_is_lost(self) -> None:
        with self.database.read() as session:
            counts = {f"CASE-{number}": count for number, count in session.execute(select(Case.id, Case.count))}
        assert counts == self.failures

    @invariant()
    def every_line_of_history_is_audited_and_told(self) -> None:
        with self.database.read() as session:
            lines = session.scalar(select(func.count()).select_from(CaseEntry))
            told = session.scalar(select(func.count()).where(Notification.kind == "case.entry"))
            cases = session.scalar(select(func.count()).select_from(Case))
            rows = session.scalar(
                select(func.count()).where(
                    AuditEntry.action.like("case.%"),
                    AuditEntry.action != "case.undo_lapsed",
                    AuditEntry.outcome == "done",
                )
            )
        assert lines == rows
        assert told is not None
        assert lines == told + (cases or 0), "the opening line stands in the living message"

    @invariant()
    def verified_means_that_the_desk_shows_it(self) -> None:
        with self.database.read() as session:
            verified = session.execute(
                select(Case.priority, DeskTicket.priority, DeskTicket.assignee_id)
                .join(CaseTicket, CaseTicket.case_id == Case.id)
                .join(DeskTicket, DeskTicket.key == CaseTicket.key)
                .where(CaseTicket.state == "verified")
            )
            assert all(wanted == shown and owner is not None for wanted, shown, owner in verified)

    @invariant()
    def a_lead_is_called_at_most_once_per_escalation(self) -> None:
        posts = self._all(select(Notification.key).where(Notification.kind == "case.escalation"))
        entries = self._all(select(CaseEntry.id).where(CaseEntry.verb == "escalated"))
        assert len(posts) == len(entries)

    @invariant()
    def only_what_is_open_is_snoozed_and_only_what_is_closed_is_held(self) -> None:
        asleep = Case.snoozed_until.is_not(None) & Case.open_key.is_(None)
        assert (
            self._all(select(Case.id).where(asleep | (Case.hold_until.is_not(None) & Case.open_key.is_not(None)))) == []
        )

    @invariant()
    def at_most_one_act_of_a_case_can_be_taken_back(self) -> None:
        open_offers = self._all(select(UndoOffer.case_id).where(UndoOffer.state == "open"))
        assert len(open_offers) == len(set(open_offers))

    def _columns(self, case: int) -> dict[str, Any]:
        row = self.world.case(case)
        return {name: getattr(row, name) for name in WATCHED}

    def _advance(self, case: int, *, times: int) -> None:
        hold = self.world.case(case).hold_until
        held = hold is not None and self.world.clock.now() < hold
        for _ in range(times):
            with suppress(Unavailable, OutcomeUnknown):
                if held:
                    assert tickets.advance(self.database, self.desk, case, self.world.ctx) is None
                    return
                if tickets.advance(self.database, self.desk, case, self.world.ctx) is None:
                    return

    def _all(self, statement: Any) -> list[Any]:
        with self.database.read() as session:
            return list(session.scalars(statement))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_life_of_cases(sqlite_template: Path) -> None:
    LifeOfCases.template = sqlite_template
    run_state_machine_as_test(
        LifeOfCases,
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
