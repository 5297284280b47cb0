"""The stand-ins keep the promises of what they stand for; a test that trusts them must be able to fail."""

from datetime import timedelta

import pytest

from storage.engine import Database
from tests.support import START, FakeClock, Job, RecordingJobs

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_jobs_are_kept_in_order_and_once_per_key(database: Database, jobs: RecordingJobs) -> None:
    with database.begin() as session:
        jobs.enqueue(session, "ticket.sync", "ticket/1/1", {"case_id": 1})
        jobs.enqueue(session, "slack.deliver", "deliver/case/1/1", {"key": "case/1"})
        jobs.enqueue(session, "ticket.sync", "ticket/1/1", {"case_id": 1})
    assert jobs.calls == [
        Job("ticket.sync", "ticket/1/1", {"case_id": 1}),
        Job("slack.deliver", "deliver/case/1/1", {"key": "case/1"}),
    ]
    assert jobs.of("ticket.sync") == jobs.calls[:1]
    assert jobs.asked == 3
    jobs.clear()
    assert (jobs.calls, jobs.asked) == ([], 0)


def test_a_rolled_back_job_was_never_asked_for(database: Database, jobs: RecordingJobs) -> None:
    def fail() -> None:
        with database.begin() as session:
            jobs.enqueue(session, "ticket.sync", "ticket/1/1", {"case_id": 1})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert jobs.calls == []
    with database.begin() as session:
        jobs.enqueue(session, "ticket.sync", "ticket/1/1", {"case_id": 1})
    assert len(jobs.calls) == 1


def test_a_savepoint_takes_only_its_own_jobs_back(database: Database, jobs: RecordingJobs) -> None:
    with database.begin() as session:
        jobs.enqueue(session, "a", "before", {})
        savepoint = session.begin_nested()
        jobs.enqueue(session, "a", "inside", {})
        inner = session.begin_nested()
        jobs.enqueue(session, "a", "deep inside", {})
        inner.commit()
        savepoint.rollback()
        jobs.enqueue(session, "a", "after", {})
    assert [job.key for job in jobs.calls] == ["before", "after"]


def test_large_arguments_are_refused(database: Database, jobs: RecordingJobs) -> None:
    with database.begin() as session, pytest.raises(AssertionError, match="4 KB"):
        jobs.enqueue(session, "a", "large", {"key": "x" * 5000})


def test_the_clock_moves_only_when_told(clock: FakeClock, database_url: str) -> None:
    assert clock.now() == clock.now() == START
    assert clock.move(timedelta(minutes=90)) == clock.now() == START + timedelta(minutes=90)
