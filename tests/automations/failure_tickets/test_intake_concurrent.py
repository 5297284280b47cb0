"""Many senders at once: one case per key, nothing lost, every event traceable; on both databases."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from automations.domain import Actor, Role
from automations.errors import Refused
from automations.failure_tickets import life
from automations.failure_tickets.context import Context
from automations.failure_tickets.event import FailureEvent
from automations.failure_tickets.intake import Receipt, receive
from storage.engine import Database
from storage.models import Case, CaseEntry, CaseTicket, FailureEventRow, Notification
from tests.automations.failure_tickets.samples import ANNA, context, event
from tests.support import START, FakeClock, RecordingJobs

THREADS = 8
AGENT = Actor("U_AGENT1", "Anna Berg", ANNA, Role.AGENT)


def send(database: Database, ctx: Context, events: Sequence[FailureEvent]) -> list[Receipt]:
    with database.begin() as session:
        return receive(session, events, ctx)


def test_equal_failures_from_eight_threads_are_one_case(
    database: Database, clock: FakeClock, jobs: RecordingJobs
) -> None:
    ctx = context(clock, jobs)
    events = [event() for _ in range(200)]
    with ThreadPoolExecutor(THREADS) as pool:
        receipts = [r for made in pool.map(lambda one: send(database, ctx, [one]), events) for r in made]
    assert Counter(r.status for r in receipts) == {"opened": 1, "joined": 199}
    assert {r.case_id for r in receipts} == {"CASE-1"}
    with database.read() as session:
        assert session.scalars(select(Case.count)).all() == [200]
        assert session.scalar(select(func.count()).select_from(CaseTicket)) == 1
        assert session.scalar(select(func.count()).where(FailureEventRow.case_id == 1)) == 200
        assert session.scalars(select(Notification.key).where(Notification.parent_key.is_(None))).all() == ["case/1"]
        told = session.scalars(select(CaseEntry.text).where(CaseEntry.verb == "counted").order_by(CaseEntry.seq)).all()
    assert told == ["saw this failure 10 times", "saw this failure 100 times"]
    assert len(jobs.of("slack.deliver")) == 1, "the storm asks for one delivery, which shows the newest state"


def test_the_same_event_from_eight_threads_is_one_event(
    database: Database, clock: FakeClock, jobs: RecordingJobs
) -> None:
    ctx, sent = context(clock, jobs), event()
    with ThreadPoolExecutor(THREADS) as pool:
        receipts = [r for made in pool.map(lambda _: send(database, ctx, [sent]), range(40)) for r in made]
    assert Counter(r.status for r in receipts) == {"opened": 1, "duplicate": 39}
    assert {r.case_id for r in receipts} == {"CASE-1"}


def test_batches_that_overlap_in_any_order_neither_lose_nor_lock(
    database: Database, clock: FakeClock, jobs: RecordingJobs
) -> None:
    """Half of the senders send forwards, half backwards; every event is sent twice."""
    ctx = context(clock, jobs)
    events = [event(dedup_key=f"k{number % 10}") for number in range(120)]
    parts = [events[start : start + 30] for start in range(0, 120, 15)]
    batches = [part if number % 2 else part[::-1] for number, part in enumerate([*parts, events[:15]])]
    with ThreadPoolExecutor(THREADS) as pool:
        receipts = [r for made in pool.map(lambda batch: send(database, ctx, batch), batches) for r in made]
    statuses = Counter(r.status for r in receipts)
    assert (statuses["opened"], statuses["opened"] + statuses["joined"]) == (10, 120)
    _accounted(database, receipts, keys=10, events=120)


def test_a_storm_does_not_disturb_people_and_people_do_not_disturb_it(
    database: Database, clock: FakeClock, jobs: RecordingJobs
) -> None:
    """Failures, ends, batches and clicks on the same two cases at once: no deadlock, no lost count."""
    ctx = context(clock, jobs)

    def storm(number: int) -> list[Receipt]:
        late = START + timedelta(minutes=number)
        if number % 10 == 3:
            return send(database, ctx, [event(dedup_key="a", status="resolved", occurred_at=late)])
        if number % 10 == 7:
            return send(database, ctx, [event(dedup_key=key, occurred_at=late) for key in ("b", "a", "b")])
        return send(database, ctx, [event(dedup_key="ab"[number % 2], occurred_at=late)])

    def click(number: int) -> list[Receipt]:
        try:
            with database.begin() as session:
                newest = session.scalar(select(func.max(Case.id))) or 1
                if session.get(Case, newest) is not None:
                    (life.claim if number % 2 else life.release)(session, newest, AGENT, ctx)
        except Refused:
            pass  # a closed case says no, as it should
        return []

    with ThreadPoolExecutor(THREADS) as pool:
        work = [pool.submit(click if number % 4 == 0 else storm, number) for number in range(160)]
        receipts = [r for done in work for r in done.result()]
    statuses = Counter(r.status for r in receipts)
    with database.read() as session:
        assert session.scalar(select(func.sum(Case.count))) == statuses["opened"] + statuses["joined"]
        assert session.scalar(select(func.count()).select_from(Case)) == statuses["opened"]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_ten_thousand_events_of_two_hundred_keys(database: Database, clock: FakeClock, jobs: RecordingJobs) -> None:
    """0 lost, 200 cases, each event row linked to its case."""
    ctx = context(clock, jobs)
    events = [event(dedup_key=f"k{number % 200}", customer=None) for number in range(10_000)]
    batches = [events[start : start + 100] for start in range(0, 8_000, 100)] + [[one] for one in events[8_000:]]
    with ThreadPoolExecutor(THREADS) as pool:
        receipts = [r for made in pool.map(lambda batch: send(database, ctx, batch), batches) for r in made]
    _accounted(database, receipts, keys=200, events=10_000)


def _accounted(database: Database, receipts: Sequence[Receipt], *, keys: int, events: int) -> None:
    named = {r.event_id: r.case_id for r in receipts}
    with database.read() as session:
        counts = session.scalars(select(Case.count)).all()
        rows = session.execute(
            select(FailureEventRow.event_id, FailureEventRow.case_id, FailureEventRow.case_key)
        ).all()
        cases = dict(session.execute(select(Case.case_key, Case.id)).all())
    assert (len(counts), sum(counts), len(rows)) == (keys, events, events)
    assert all(cases[key] == case_id and named[event_id] == f"CASE-{case_id}" for event_id, case_id, key in rows)
