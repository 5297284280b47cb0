"""Three timetables on one database, their clocks ten minutes apart: each slot is done exactly once.

One is killed and one is frozen on the way. `REPLICAS_SLOTS` (20) is how many slots are watched.
"""

import os
import signal
from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text

from storage.engine import Database
from storage.models import AuditEntry
from tests.faults.room import until
from tests.figures.told import tell
from tests.replicas.ticker import TICK
from tests.serving import Process

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(400),
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
]

SLOTS = int(os.environ.get("REPLICAS_SLOTS", "20"))
EVERY_S = 0.5
OFF_S = {"slow": -300.0, "right": 0.0, "fast": 300.0}


def done(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(AuditEntry.target).where(AuditEntry.action == TICK)))


def test_each_slot_is_done_exactly_once(database: Database, database_url: str) -> None:
    clocks = {
        name: Process("tests.replicas.ticker", [database_url, str(EVERY_S), str(off)]) for name, off in OFF_S.items()
    }
    try:
        for process in clocks.values():
            process.start()
            assert process.url == "ready"
        until(lambda: len(done(database)) >= SLOTS // 4, "the first slots")
        assert clocks["right"].child is not None
        clocks["right"].child.send_signal(signal.SIGSTOP)
        until(lambda: len(done(database)) >= SLOTS // 2, "half of the slots")
        clocks["slow"].kill()
        until(lambda: len(done(database)) >= 3 * SLOTS // 4, "three quarters of the slots")
        clocks["right"].child.send_signal(signal.SIGCONT)
        until(lambda: len(done(database)) >= 3 * SLOTS, "all slots", 3 * SLOTS)
    finally:
        for process in clocks.values():
            if process.child is not None:
                process.kill()
    check(done(database), asked_for(database))


def check(slots: list[str], asked: set[str]) -> None:
    times = Counter(slots)
    assert set(times.values()) == {1}, "a slot was done twice"
    by_clock: dict[int, list[datetime]] = {}
    newest = max(map(datetime.fromisoformat, slots))
    for slot in map(datetime.fromisoformat, slots):
        by_clock.setdefault(round((newest - slot) / timedelta(minutes=5)), []).append(slot)
    fast = sorted(by_clock[0])
    assert len(fast) >= SLOTS
    wanted = [fast[0] + n * timedelta(seconds=EVERY_S) for n in range(len(fast))]
    assert fast == wanted, "a slot was left out"
    assert len(asked) - len(times) <= 5, "what was asked for is done, but for the last ones when all were ended"
    tell("10", f"{len(fast)} of {len(fast)} slots once, {len(times)} slots of three clocks ten minutes apart")


def asked_for(database: Database) -> set[str]:
    with database.read() as session:
        return set(session.scalars(text("select workflow_uuid from dbos.workflow_status")))
