"""SIGTERM under load, again and again: each stop is quick and clean, and nothing acknowledged is lost."""

import os
import signal
import threading
import time

import pytest

from storage.engine import Database
from tests.faults.checks import check_whole, settled
from tests.faults.room import Room, Sender, failure, until
from tests.figures.told import tell

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(1200),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]

STOPS = int(os.environ.get("HANDOFF_STOPS", "4"))
"""50 for the whole figure."""
FRESH = STOPS if STOPS >= 50 else 1
"""How many of the bots are started as in earnest, the first ones; the others are forked."""
KEYS = 20
SLOWEST_STOP_S = 20.0


def more_taken(senders: list[Sender], more: int) -> None:
    """Wait for so many more acknowledgements."""
    wanted = sum(len(sender.results) for sender in senders) + more
    until(lambda: sum(len(sender.results) for sender in senders) >= wanted, f"{more} more acknowledgements")


def test_stops_under_load_lose_nothing(database: Database, room: Room) -> None:
    """Four applications send without a pause, the desk is slow, and the bot is told to stop in the middle of it."""
    room.desk.fault(latency_s=0.2)
    senders, over, took = [room.sender() for _ in range(4)], threading.Event(), list[float]()

    def pour(number: int, sender: Sender) -> None:
        count = 0
        while not over.is_set():
            lane = (count * 4 + number) % KEYS
            sender.send(failure(f"p{number}-{count}", key=f"k{lane}", lane=lane))
            count += 1
            over.wait(0.02)

    with room.threads(4) as threads:
        poured = [threads.submit(pour, number, sender) for number, sender in enumerate(senders)]
        try:
            for turn in range(STOPS):
                with room.bot(database.url, fresh=turn < FRESH) as bot:
                    more_taken(senders, 40)
                    began = time.monotonic()
                    code = bot.end(signal.SIGTERM, timeout_s=SLOWEST_STOP_S)
                    took.append(time.monotonic() - began)
                    assert code == 0, room.log.read_text("utf-8")[-3000:]
        finally:
            over.set()
            with room.bot(database.url):  # lets the last requests be acknowledged, whatever went wrong above
                for one in poured:
                    one.result()
                room.desk.fault()
                settled(database, 120)
    results = [result for sender in senders for result in sender.results.values()]
    check_whole(database, room, results, cases=len({result["case_id"] for result in results}))
    assert "Traceback" not in room.log.read_text("utf-8")
    words = f"{STOPS} stops: slowest {max(took):.1f} s, {len(results)} events, 0 lost"
    tell("35", words)
    print(words)
