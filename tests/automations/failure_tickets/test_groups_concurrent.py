"""Failures counted on the cases of a group while it forms, grows and is acted on as a whole: nobody waits for ever."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product
from threading import Barrier

import pytest
from sqlalchemy import func, select

from automations.domain import Actor, Role
from automations.failure_tickets import group_acts
from automations.failure_tickets.context import Context
from automations.failure_tickets.event import FailureEvent
from automations.failure_tickets.intake import Receipt, receive
from storage import audit
from storage.engine import Database
from storage.models import Case, CaseGroup, Notification
from tests.automations.failure_tickets.samples import ANNA, context, event
from tests.support import FakeClock, RecordingJobs

AGENT = Actor("U_AGENT1", "Anna Berg", ANNA, Role.AGENT)
KEYS = [f"k{number:02}" for number in range(24)]
ROUNDS = 12
THREADS = 4
OVERTAKE_S = 60
"""How long one side waits for the other to be where the two could cross."""


def failures(keys: Sequence[str]) -> list[FailureEvent]:
    return [event(dedup_key=key, customer=None) for key in keys]


def send(database: Database, ctx: Context, keys: Sequence[str]) -> list[Receipt]:
    with database.begin() as session:
        return receive(session, failures(keys), ctx)


@pytest.mark.parametrize("batch", [4, 100])
def test_counting_crosses_neither_a_growing_group_nor_acts_on_all_of_it(
    database: Database, clock: FakeClock, jobs: RecordingJobs, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    """Single failures on every case, batches over all of them, Claim all, Resolve all and their Undo, all at once."""
    monkeypatch.setattr(group_acts, "BATCH", batch)
    ctx = replace(context(clock, jobs), timing=replace(context(clock, jobs).timing, burst_over=3))
    send(database, ctx, KEYS[:6])

    def count_one(key: str) -> list[Receipt]:
        return send(database, ctx, [key])

    def count_all(backwards: bool) -> list[Receipt]:
        return send(database, ctx, KEYS[::-1] if backwards else KEYS)

    def act(number: int) -> list[Receipt]:
        with database.begin() as session:
            if number % 2:
                group_acts.resolve_all(session, 1, AGENT, "the provider is back", {}, ctx)
            else:
                group_acts.claim_all(session, 1, AGENT, ctx)
        return []

    with ThreadPoolExecutor(THREADS * 2) as pool:
        work = [pool.submit(count_one, key) for _, key in product(range(ROUNDS), KEYS)]
        for number in range(ROUNDS):
            work.insert(len(KEYS) * number, pool.submit(count_all, number % 2 == 1))
            work.insert(len(KEYS) * number, pool.submit(act, number))
        receipts = [receipt for done in work for receipt in done.result()]
    assert Counter(receipt.status for receipt in receipts).keys() <= {"opened", "joined"}
    with database.read() as session:
        assert session.scalar(select(func.sum(Case.count))) == len(receipts) + 6
        assert len(session.scalars(select(CaseGroup.id)).all()) >= 1


def test_a_failure_counted_on_a_case_of_a_group_leaves_the_message_of_the_group_alone(
    database: Database, clock: FakeClock, jobs: RecordingJobs
) -> None:
    """So it can be counted while a transaction that showed the group still wants to go on to that case."""
    ctx = replace(context(clock, jobs), timing=replace(context(clock, jobs).timing, burst_over=1))
    for key in ("k0", "k1", "k2"):
        send(database, ctx, [key])
    with database.read() as session:
        before = session.get_one(Notification, "group/1").version
    send(database, ctx, ["k1"])
    with database.read() as session:
        assert session.get_one(Notification, "group/1").version == before
        assert session.scalars(select(Case.count).order_by(Case.id)).all() == [1, 2, 1]
        own = session.get_one(Notification, "case/1").version
    send(database, ctx, ["k0"])
    with database.read() as session:
        assert session.get_one(Notification, "group/1").version == before
        assert session.get_one(Notification, "case/1").version == own + 1, "it kept its message, which counts"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_batch_that_showed_the_group_goes_on_to_a_case_on_which_somebody_counts(
    database: Database, clock: FakeClock, jobs: RecordingJobs
) -> None:
    """The one order of events in which the two would wait for each other if counting needed the group's message."""
    ctx = replace(context(clock, jobs), timing=replace(context(clock, jobs).timing, burst_over=1))
    for key in ("k0", "k1", "k2"):
        send(database, ctx, [key])
    counting, shown = Barrier(2, timeout=OVERTAKE_S), Barrier(2, timeout=OVERTAKE_S)

    def count_one() -> None:
        with database.begin() as session:
            session.scalars(select(Case.id).where(Case.id == 3).with_for_update()).one()
            counting.wait()
            shown.wait()
            receive(session, failures(["k2"]), ctx)

    with ThreadPoolExecutor(1) as pool:
        counted = pool.submit(count_one)
        counting.wait()
        with database.begin() as session:
            audit.hold(session)
            group_acts._one(session, 2, AGENT, {"verb": group_acts.CLAIM}, ctx)
            shown.wait()
            group_acts._one(session, 3, AGENT, {"verb": group_acts.CLAIM}, ctx)
        counted.result()
    with database.read() as session:
        assert session.scalars(select(Case.count).order_by(Case.id)).all() == [1, 1, 2]
        assert session.scalars(select(Case.claimed_by).order_by(Case.id)).all() == [None, ANNA, ANNA]
