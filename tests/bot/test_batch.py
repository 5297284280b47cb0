"""Many requests, one commit: everybody gets their own receipts, and nobody pays for somebody else's failure."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import event as sql_event
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from automations.failure_tickets.accepted import screen
from automations.failure_tickets.event import FailureEvent
from automations.failure_tickets.intake import Receipt
from bot.batch import MOST_EVENTS, Batches, _Waiting
from storage.engine import Database
from storage.models import Case, FailureEventRow
from tests.automations.failure_tickets.samples import context, event
from tests.support import FakeClock, RecordingJobs


def batches_on(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Batches:
    made = context(clock, jobs)
    return Batches(database, lambda: made)


def store(batches: Batches, *events: FailureEvent) -> list[Receipt]:
    return batches.store(screen(events, batches.context()))


@contextmanager
def somebody_writing(batches: Batches) -> Iterator[None]:
    """Whoever comes meanwhile waits; then the first of them goes on."""
    batches._busy = True
    yield
    batches._hand_over(_Waiting([]))


def test_requests_that_wait_share_a_commit_and_get_their_own_receipts(
    database: Database, clock: FakeClock, jobs: RecordingJobs
) -> None:
    batches = batches_on(database, clock, jobs)
    commits: list[object] = []
    sql_event.listen(database.engine, "commit", commits.append)
    begun = threading.Barrier(17)

    def send(number: int) -> list[Receipt]:
        events = [event(id=f"e{number}-{n}", dedup_key=f"k{n}") for n in range(number % 3 + 1)]
        begun.wait()
        return store(batches, *events)

    with ThreadPoolExecutor(16) as people:
        with somebody_writing(batches):  # everybody gathers
            told = [people.submit(send, number) for number in range(16)]
            begun.wait()
            while len(batches._waiting) < 16:
                threading.Event().wait(0.001)
        receipts = [one.result() for one in told]
    assert [[r.event_id for r in got] for got in receipts] == [
        [f"e{number}-{n}" for n in range(number % 3 + 1)] for number in range(16)
    ]
    assert len(commits) == 1
    assert sorted(r.status for got in receipts for r in got).count("opened") == 3
    with database.read() as session:
        assert session.scalar(select(func.sum(Case.count))) == sum(len(got) for got in receipts)


def test_the_same_event_in_two_requests_of_one_commit_is_taken_once(
    database: Database, clock: FakeClock, jobs: RecordingJobs
) -> None:
    batches = batches_on(database, clock, jobs)
    with ThreadPoolExecutor(2) as people:
        with somebody_writing(batches):
            told = [people.submit(store, batches, event(id="same")) for _ in range(2)]
            while len(batches._waiting) < 2:
                threading.Event().wait(0.001)
        statuses = sorted(one.result()[0].status for one in told)
    assert statuses == ["duplicate", "opened"]
    assert {one.result()[0].case_id for one in told} == {"CASE-1"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_failure_of_the_common_transaction_is_nobody_elses(
    database: Database, clock: FakeClock, jobs: RecordingJobs
) -> None:
    """What one request holds makes any transaction with it fail; the others are stored all the same."""
    batches = batches_on(database, clock, jobs)

    def refuse(connection: object, cursor: object, statement: str, parameters: object, *_: object) -> None:
        if "poison" in str(parameters):
            raise OperationalError(statement, {}, Exception("disk full"))

    sql_event.listen(database.engine, "before_cursor_execute", refuse)
    with ThreadPoolExecutor(3) as people:
        with somebody_writing(batches):
            told = [people.submit(store, batches, event(id=name)) for name in ("good", "poison", "fine")]
            while len(batches._waiting) < 3:
                threading.Event().wait(0.001)
        failed = [one.exception() for one in told]
    assert [type(error) for error in failed] == [type(None), OperationalError, type(None)]
    with database.read() as session:
        assert sorted(session.scalars(select(FailureEventRow.event_id))) == ["fine", "good"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whoever_writes_for_others_first_does_not_hear_their_failure(
    database: Database, clock: FakeClock, jobs: RecordingJobs
) -> None:
    """Else a request would be answered with an error and stored later all the same."""
    batches = batches_on(database, clock, jobs)

    def refuse(connection: object, cursor: object, statement: str, parameters: object, *_: object) -> None:
        if "poison" in str(parameters):
            raise OperationalError(statement, {}, Exception("disk full"))

    sql_event.listen(database.engine, "before_cursor_execute", refuse)
    crowd = [event(id=f"poison-{number}") for number in range(MOST_EVENTS)]
    theirs = _Waiting(screen(crowd, batches.context()))
    batches._waiting.append(theirs)
    assert [receipt.status for receipt in store(batches, event(id="good"))] == ["opened"]
    assert isinstance(theirs.error, OperationalError)
    assert (theirs.receipts, theirs.told.is_set(), batches._waiting) == (None, True, [])


def test_a_batch_holds_no_more_than_one_request_may(database: Database, clock: FakeClock, jobs: RecordingJobs) -> None:
    batches = batches_on(database, clock, jobs)
    sizes: list[int] = []
    original = batches._next

    def counted() -> list[object]:
        taken = original()
        sizes.append(sum(len(one.screened) for one in taken))
        return list(taken)

    batches._next = counted  # type: ignore[method-assign, assignment]  # only looked at
    with ThreadPoolExecutor(4) as people:
        with somebody_writing(batches):
            many = [[event(dedup_key="k") for _ in range(200)] for _ in range(4)]
            told = [people.submit(store, batches, *events) for events in many]
            while len(batches._waiting) < 4:
                threading.Event().wait(0.001)
        assert sum(len(one.result()) for one in told) == 800
    assert max(sizes) <= MOST_EVENTS
    assert sum(sizes) == 800


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_that_somebody_holds_is_told_to_all_who_wait_at_once(
    database: Database, clock: FakeClock, jobs: RecordingJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One wait for all of them; each in turn would keep the last for minutes."""
    monkeypatch.setattr("storage.engine.URGENT_TIMEOUT_S", 0.05)
    batches = batches_on(database, clock, jobs)
    begun: list[str] = []

    @sql_event.listens_for(database.engine, "before_cursor_execute")
    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        begun.append(statement)

    holder = Database(database.url)
    with ThreadPoolExecutor(8) as people, holder.begin():
        with somebody_writing(batches):
            told = [people.submit(store, batches, event(id=f"e{number}")) for number in range(8)]
            while len(batches._waiting) < 8:
                threading.Event().wait(0.001)
        failed = [one.exception() for one in told]
    holder.close()
    assert [type(error) for error in failed] == [OperationalError] * 8
    assert begun.count("BEGIN IMMEDIATE") == 1
    assert store(batches, event(id="e0"))[0].status == "opened", "it works again, and nothing was stored before"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_error_that_nobody_expects_is_heard_by_each_whose_it_is(
    database: Database, clock: FakeClock, jobs: RecordingJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody sleeps for ever, and what was answered with an error is not stored afterwards."""
    batches = batches_on(database, clock, jobs)
    original = batches._write

    def broken(batch: Sequence[_Waiting]) -> None:
        if any(one.accepted.event.id == "bug" for request in batch for one in request.screened):
            raise KeyError("no such thing")
        original(batch)

    monkeypatch.setattr(batches, "_write", broken)
    with ThreadPoolExecutor(3) as people:
        with somebody_writing(batches):
            told = []
            for name in ("first", "bug", "last"):
                told.append(people.submit(store, batches, event(id=name)))
                while len(batches._waiting) < len(told):
                    threading.Event().wait(0.001)
        failed = [one.exception(timeout=30) for one in told]
    assert [type(error) for error in failed] == [KeyError, KeyError, type(None)]
    assert (batches._waiting, batches._busy) == ([], False)
    with database.read() as session:
        assert session.scalars(select(FailureEventRow.event_id)).all() == ["last"]
    assert store(batches, event(id="first"))[0].status == "joined", "to the case of the last, not a duplicate"
