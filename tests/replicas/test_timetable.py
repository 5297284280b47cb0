"""Three timetables on one database, their clocks ten minutes apart: each slot is done exactly once.

One is killed and one is frozen on the way. All three share the calls that one desk allows. `REPLICAS_SLOTS` (10) is how
many slots are watched.
"""

import math
import os
import signal
import time
from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from bot.engine.core import DESK_AT_ONCE
from bot.schedule import ORIGIN
from storage.budget import window
from storage.engine import Database
from storage.models import AuditEntry, InboxRow
from tests.faults.room import until
from tests.figures.told import tell
from tests.replicas.ticker import DESK, FIRED, PER_MINUTE, START, TICK
from tests.serving import Process

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(400),
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
]

SLOTS = int(os.environ.get("REPLICAS_SLOTS", "10"))
EVERY_S = 60.0
"""By the timetables' clocks, which run a minute in a second: the three are five slots apart."""
OFF_S = {"slow": -300.0, "right": 0.0, "fast": 300.0}


def done(database: Database) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(AuditEntry.target).where(AuditEntry.action == TICK)))


def rows(database: Database, kind: str) -> Counter[str]:
    """How many rows of this kind each slot left."""
    with database.read() as session:
        return Counter(session.scalars(select(InboxRow.actor).where(InboxRow.kind == kind)))


def calls(database: Database) -> list[tuple[str, datetime]]:
    """The calls of the desk: whose, and when by the server's clock."""
    found = select(InboxRow.actor, InboxRow.received_at).where(InboxRow.kind == DESK)
    with database.read() as session:
        return [(whose, at) for whose, at in session.execute(found)]


def slots_from(began: datetime) -> set[str]:
    """The slots of a clock from this time of it on."""
    first = math.ceil((began - ORIGIN) / timedelta(seconds=EVERY_S)) + 1
    return {(ORIGIN + timedelta(seconds=EVERY_S) * (first + n)).isoformat() for n in range(SLOTS)}


def test_each_slot_is_done_exactly_once(database: Database, database_url: str) -> None:
    base = str(time.time())
    clocks = {
        name: Process("tests.replicas.ticker", [database_url, str(EVERY_S), str(off), base])
        for name, off in OFF_S.items()
    }
    try:
        for process in clocks.values():
            process.start()
        right = clocks["right"].child
        assert right is not None
        wanted = slots_from(datetime.fromisoformat(clocks["fast"].url.removeprefix("ready ")))
        until(lambda: len(wanted & set(done(database))) >= SLOTS // 4, "a quarter of the slots")
        right.send_signal(signal.SIGSTOP)
        until(lambda: len(wanted & set(done(database))) >= SLOTS // 2, "half of the slots")
        right.send_signal(signal.SIGCONT)
        until(lambda: max(rows(database, FIRED).values()) == len(OFF_S), "a slot that all three have fired")
        right.kill()
        until(lambda: wanted <= set(done(database)), "all slots", 60 + 3 * SLOTS)
        until(lambda: wanted <= {slot for slot, times in rows(database, FIRED).items() if times > 1}, "all fired twice")
    finally:
        for process in clocks.values():
            if process.child is not None:
                process.kill()
    slots, begun = Counter(done(database)), rows(database, START)
    assert set(slots.values()) == {1}, "a slot was done twice"
    again = begun.total() - len(begun)
    assert again <= 2 * DESK_AT_ONCE, "only what was in hand when its process was killed or frozen is begun again"
    words = f"{SLOTS} of {SLOTS} slots done once, each fired by two or three processes with clocks 10 min apart"
    tell("10", f"{words}; {again} begun again after a kill or freeze")
    check_calls(calls(database))


def check_calls(made: list[tuple[str, datetime]]) -> None:
    """Counted where they were made, after the unit was taken: one that is frozen between the two comes late."""
    room, length_s = window(PER_MINUTE)
    assert len({whose for whose, _ in made}) >= 2, "one has taken all"
    times = sorted(at.timestamp() for _, at in made)
    per_window = Counter(at // length_s for at in times)
    whole = [per_window[number] for number in sorted(per_window)][1:-1]
    assert max(per_window.values()) <= room + len(OFF_S), "more than the desk allows"
    assert sum(whole) <= room * len(whole) + len(OFF_S)
    tell("10", f"{len(times)} calls of one desk by three processes: at most {max(per_window.values())} in {length_s} s")
