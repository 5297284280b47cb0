"""Desk and Slack are both away while failures pour in: nothing is lost, and all of it is shown once they are back.

In CI a small outage. The whole figure, 20,000 events in a minute and two minutes without desk and Slack:
`HANDOFF_OUTAGE=whole python -m pytest tests/faults/test_outage.py -s`.
"""

import os
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pytest
from sqlalchemy import select

from storage.engine import Database
from storage.models import FailureEventRow
from tests.faults.checks import check_whole, settled
from tests.faults.live import living
from tests.faults.room import PAUSE, Json, Room, Sender, failure
from tests.figures.told import tell

WHOLE: Final = os.environ.get("HANDOFF_OUTAGE") == "whole"
KEYS: Final = 400 if WHOLE else 40
EVENTS: Final = 20_000 if WHOLE else 1_000
POUR_S: Final = 60.0 if WHOLE else 3.0
AWAY_S: Final = 120.0 if WHOLE else 6.0
DRAIN_S: Final = 900.0
THREADS: Final = 4
BATCH: Final = 50
ALWAYS: Final = 10**9

pytestmark = [
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.timeout(POUR_S + AWAY_S + DRAIN_S + 120),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


def test_nothing_is_lost_while_desk_and_slack_are_away(room: Room, database_url: str) -> None:
    """Every event is acknowledged during the outage; afterwards each case has its ticket, message and order."""
    with living(room, database_url, HANDOFF_FAILURE_TICKETS__BURST_OVER="5") as live:
        room.slack.fault(method="*", kind="http_503", times=ALWAYS)
        room.desk.fault(unavailable=ALWAYS)
        gone = time.monotonic()
        results = _pour([room.sender() for _ in range(THREADS)])
        poured = time.monotonic() - gone
        assert len(results) == EVENTS
        assert Counter(result["status"] for result in results) == {"opened": KEYS, "joined": EVENTS - KEYS}
        while time.monotonic() - gone < AWAY_S:
            PAUSE.wait(0.5)
        room.slack.fault(clear=True)
        room.desk.reset_faults()
        back = time.monotonic()
        settled(live.database, DRAIN_S)
        drained = time.monotonic() - back
        check_whole(live.database, room, results, cases=KEYS)
        _check_order(live.database, room)
        words = f"{EVENTS} events taken in {poured:.0f} s, away {AWAY_S:.0f} s, drained {drained:.0f} s after, 0 lost"
        tell("3", words)
        print(f"\n{words}", end=" ")


def _pour(senders: list[Sender]) -> list[Json]:
    """Send all events at an even pace, each key's in order and by one sender."""
    began = time.monotonic()

    def send(mine: int) -> list[Json]:
        keys = range(mine, KEYS, THREADS)
        numbers = [(key, turn) for turn in range(EVENTS // KEYS) for key in keys]
        found: list[Json] = []
        for start in range(0, len(numbers), BATCH):
            due = began + POUR_S * start / len(numbers)
            PAUSE.wait(max(0.0, due - time.monotonic()))
            batch = [failure(f"o{key}-{turn}", key=f"o{key}", lane=key) for key, turn in numbers[start : start + BATCH]]
            found += senders[mine].send(batch)
        return found

    with ThreadPoolExecutor(len(senders)) as threads:
        return [result for part in threads.map(send, range(len(senders))) for result in part]


def _check_order(database: Database, room: Room) -> None:
    """Each case holds its events in the order they were sent, and no message ever went back to an older state."""
    turns: dict[str, list[int]] = defaultdict(list)
    with database.read() as session:
        for event_id in session.scalars(select(FailureEventRow.event_id).order_by(FailureEventRow.id)):
            key, _, turn = event_id.partition("-")
            turns[key].append(int(turn))
    assert {key: sorted(found) for key, found in turns.items()} == turns
    versions: dict[str, list[int]] = defaultdict(list)
    for method in ("chat.postMessage", "chat.update"):
        for call in room.slack.calls(method):
            if call["outcome"] == "ok":
                told = call["arguments"]["metadata"]["event_payload"]
                versions[told["key"]].append(told["version"])
    assert {key: sorted(found) for key, found in versions.items()} == versions
