"""Each giving-up is audited and kept, a second report of one is not, and whoever writes stands in line first."""

from datetime import timedelta

from sqlalchemy import select

from bot.engine.failures import FailureQueue
from storage import stuck
from storage.engine import Database
from storage.models import AuditEntry
from tests.support import FakeClock


def test_every_time_it_is_given_up_is_audited_and_a_second_report_is_not(database: Database, clock: FakeClock) -> None:
    queue = FailureQueue({}, clock, lambda: "lea@team.example")

    def put(key: str, words: str, attempts: int = 3) -> None:
        clock.move(timedelta(minutes=1))
        with database.begin() as session:
            queue.put(session, "desk", key, {"n": 1}, attempts=attempts, words=words)

    put("k/1", "the desk answered 503")
    put("k/1", "the desk answered 503")
    put("k/2", "the desk answered 422", attempts=1)
    with database.read() as session:
        (item,) = stuck.open_items(session)
        assert (item.key, item.reason, item.attempts) == ("k/1", "the desk answered 422", 1)
        assert [one.run for one in stuck.tried(session, item)] == ["k/1", "k/2"]
        rows = session.scalars(select(AuditEntry).where(AuditEntry.action == "job.stuck").order_by(AuditEntry.seq))
        told = [(row.correlation_id, row.after["reason"]) for row in rows if row.after]
    assert told == [("k/1", "the desk answered 503"), ("k/2", "the desk answered 422")]
