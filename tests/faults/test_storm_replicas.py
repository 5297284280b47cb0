"""One failure reported over and over to three bots on one database at once, while the desk takes two seconds a write.

HANDOFF_STORM=10000 plays the whole figure; by default fewer.
"""

import os
import time
from collections import Counter
from contextlib import ExitStack

import pytest
from sqlalchemy import func, select

from storage.engine import Database
from storage.models import Case
from tests.faults.checks import check_whole, settled
from tests.faults.room import Room, Sender, failure, new_port
from tests.figures.told import tell

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(580),
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
]

EVENTS = int(os.environ.get("HANDOFF_STORM", "600"))
REPLICAS, SENDERS, BATCH = 3, 6, 20
GENEROUS = {"HANDOFF_INGEST__EVENTS_PER_MINUTE": "1000000"}


def test_equal_failures_at_three_bots_are_one_ticket_and_one_message(room: Room, database: Database) -> None:
    room.desk.fault(latency_s=2.0)
    ports = [room.port, *(new_port() for _ in range(REPLICAS - 1))]
    with ExitStack() as bots:
        for port in ports:
            bots.enter_context(room.bot(database.url, env={"HANDOFF_HTTP__PORT": str(port), **GENEROUS}))
        senders = [Sender(f"http://127.0.0.1:{ports[number % REPLICAS]}") for number in range(SENDERS)]
        room.senders.extend(senders)

        def pour(number: int) -> Counter[str]:
            mine = [failure(f"s{number}-{n}", key="storm") for n in range(number, EVENTS, SENDERS)]
            batches = [mine[at : at + BATCH] for at in range(0, len(mine), BATCH)]
            return Counter(one["status"] for batch in batches for one in senders[number].send(batch))

        began = time.monotonic()
        with room.threads(SENDERS) as threads:
            statuses = sum(threads.map(pour, range(SENDERS)), Counter[str]())
        took = time.monotonic() - began
        repeated = sum(sender.repeats for sender in senders)
        assert statuses["opened"] == 1 or repeated, statuses
        assert statuses.total() == EVENTS
        settled(database, 120)
        results = [result for sender in senders for result in sender.results.values()]
        check_whole(database, room, results, cases=1)
        with database.read() as session:
            assert session.scalar(select(func.sum(Case.count))) == EVENTS
    posts = [call for call in room.slack.calls("chat.postMessage") if call["outcome"] == "ok"]
    first = [call for call in posts if call["arguments"]["metadata"]["event_payload"]["key"] == "case/1"]
    assert (len(room.desk.tickets()), len(first)) == (1, 1)
    tell("4", f"{EVENTS} equal events at {REPLICAS} replicas in {took:.0f} s: 1 ticket, 1 message, count {EVENTS}")
