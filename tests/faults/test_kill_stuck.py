"""kill -9 where work is tried again, is handed to a person, and is taken up by one: one item, and none left over."""

import signal
from functools import partial

import pytest
from sqlalchemy import select

from storage import stuck
from storage.engine import Database
from storage.models import AuditEntry, StuckItem
from tests.faults.checks import check_whole, settled
from tests.faults.dying import dies_at
from tests.faults.live import Live
from tests.faults.room import Room, failure, until
from tests.faults.test_kill import EITHER, ROUNDS

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("quick"), pytest.mark.timeout(400)]

AGAIN = ("stuck.put", "stuck.retried", "job.again")
HASTY = {"FAULTS_MAX_ATTEMPTS": "2"}


@pytest.mark.parametrize("passage", range(1, ROUNDS + 1))
@pytest.mark.parametrize("boundary", AGAIN)
@pytest.mark.parametrize("database_url", EITHER, indirect=True)
def test_a_kill_around_the_failure_queue(database: Database, room: Room, boundary: str, passage: int) -> None:
    """A desk that loses the assignee; a person has it mended and tries again. Round n kills at the n-th case."""
    live = Live(room, database, room.sender())
    room.desk.fault(drop_assignee=1)
    if boundary == "stuck.retried":
        with room.bot(database.url, env=HASTY):
            given_up(live, passage)
            room.desk.reset_faults()
            for item in live.stuck():
                dies_at(database, boundary, partial(live.retry, item))
                live.retry(item)
            settled(database)
    else:
        with room.threads(1) as people:
            with room.bot(database.url, crash_at=f"{boundary}:{passage}", env=HASTY) as bot:
                gone = people.submit(given_up, live, passage)
                assert bot.wait(60) == -signal.SIGKILL
            with room.bot(database.url, env=HASTY):
                gone.result()
                room.desk.reset_faults()
                for item in live.stuck():
                    live.retry(item)
                settled(database)
    check_whole(database, room, live.sender.results.values(), cases=passage)
    with database.read() as session:
        items = list(session.scalars(select(StuckItem)))
        put = list(session.scalars(select(AuditEntry.target).where(AuditEntry.action == "job.stuck")))
    assert [item.state for item in items if item.state == "open"] == []
    assert sorted(put) == sorted(item.target for item in items), "an item without its audit row, or one too many"
    assert {item.target for item in items} == {f"CASE-{number}" for number in range(1, passage + 1)}


def given_up(live: Live, cases: int) -> None:
    """So many cases whose tickets wait for a person."""
    for lane in range(cases):
        live.sender.send(failure(f"e{lane}", key=f"k{lane}", lane=lane))

    def waiting() -> bool:
        with live.database.read() as session:
            return len(stuck.open_items(session)) == cases

    until(waiting, f"{cases} items in the failure queue")
