"""kill -9 at moments that nobody chose, again and again while failures come in: a bot that starts, works or recovers.

HANDOFF_KILLS says how often (3 by default; for the whole figure 63 on each database in each of four runs),
HANDOFF_KILL_SEED which moments are drawn.
"""

import os
import random
import signal
import threading

import pytest

from storage.engine import Database
from tests.faults.checks import check_whole, settled
from tests.faults.room import Room, Sender, failure
from tests.figures.told import tell

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]

KILLS = int(os.environ.get("HANDOFF_KILLS", "3"))
SEED = int(os.environ.get("HANDOFF_KILL_SEED", "1"))
BOTH = ["sqlite"] if KILLS <= 5 else ["sqlite", "postgresql"]
LATEST_S = 4.0
KEYS = 60


@pytest.mark.parametrize("database_url", BOTH, indirect=True)
def test_kills_at_random_moments_lose_nothing(database: Database, room: Room) -> None:
    """Three applications send without a pause; the desk and Slack lose some of their answers, too."""
    moments, over = random.Random(SEED), threading.Event()
    senders = [room.sender() for _ in range(3)]

    def pour(number: int, sender: Sender) -> None:
        count = 0
        while not over.is_set():
            key = moments_of[number].randrange(KEYS)
            sender.send(failure(f"r{number}-{count}", key=f"k{key}", lane=key), timeout_s=120)
            count += 1
            over.wait(0.05)

    moments_of = [random.Random(SEED * 100 + number) for number in range(len(senders))]
    started = 0
    with room.threads(len(senders)) as threads:
        poured = [threads.submit(pour, number, sender) for number, sender in enumerate(senders)]
        try:
            for turn in range(KILLS):
                if turn % 5 == 0:
                    room.desk.fault(error_after_commit=1)
                    room.slack.fault(method="chat.postMessage", kind="drop_reply")
                after_s = moments.uniform(0.0, LATEST_S)
                with room.bot(database.url, env={"FAULTS_DIE_AFTER_S": f"{after_s:.3f}"}) as bot:
                    started += bot.url != ""
                    assert bot.wait(60) == -signal.SIGKILL
        finally:
            over.set()
            with room.bot(database.url):
                for one in poured:
                    one.result()
                room.desk.fault()
                settled(database, 200)
    results = [result for sender in senders for result in sender.results.values()]
    check_whole(database, room, results, cases=len({result["case_id"] for result in results}))
    words = f"{KILLS} kills on {database.dialect} ({started} at work), seed {SEED}: {len(results)} events, 0 lost"
    tell("6", f"{words}, 0 double, 0 stuck")
    print(words)
