"""Storms against the whole bot over HTTP: equal failures are one case, and every event can be traced.

Slack allows one message a second and channel, so the 200 keys are spread over ten channels by rules, as a team with
that many failures would; the pace itself is the product's own. HANDOFF_STORM_KEYS=200 plays
10,000 events with 200 keys (40 keys by default).
"""

import os
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from automations.domain import parse_case_ref
from storage.engine import Database
from storage.models import AuditEntry, FailureEventRow
from tests.faults import team
from tests.faults.checks import check_whole, settled
from tests.faults.live import Live, living
from tests.faults.room import Json, Room, failure
from tests.figures.told import tell

pytestmark = [
    pytest.mark.faults,
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]

KEYS, EACH, BATCH = int(os.environ.get("HANDOFF_STORM_KEYS", "40")), 50, 100


@pytest.fixture
def live(room: Room, database_url: str) -> Iterator[Live]:
    with living(room, database_url) as made:
        yield made


def test_200_equal_failures_are_one_case_one_ticket_one_message(live: Live) -> None:
    """8 threads, one failure per request; how long they took is printed with `-s`."""
    senders = [live.room.sender() for _ in range(8)]

    def storm(number: int) -> Counter[str]:
        mine = [failure(f"s{number}-{n}", key="storm", lane=0) for n in range(25)]
        return Counter(senders[number].send(one)[0]["status"] for one in mine)

    began = time.monotonic()
    with ThreadPoolExecutor(8) as threads:
        statuses = sum(threads.map(storm, range(8)), Counter[str]())
    print(f"\n200 equal failures taken in {time.monotonic() - began:.1f} s", end=" ")
    assert statuses == {"opened": 1, "joined": 199}
    live.settled()
    results = [result for sender in senders for result in sender.results.values()]
    check_whole(live.database, live.room, results, cases=1)
    case = live.case(results[0]["case_id"])
    assert (case["count"], case["occurrences_total"]) == (200, 200)
    ((channel, message),) = live.messages(case["id"])
    assert "200 times" in str(message["blocks"])
    assert len(live.room.desk.tickets()) == 1
    posts = live.posts(case["id"])
    assert [call["outcome"] for call in posts] == ["ok"]
    edits = [call for call in live.room.slack.calls("chat.update") if call["arguments"]["ts"] == message["ts"]]
    assert len(edits) <= 12, "a storm is a few edits, not many"
    counted = [line for line in live.thread(case["id"]) if "times" in line]
    assert len(counted) == 2, "10 and 100 are said in the thread, nothing else"
    assert channel == team.channel(0)


def test_events_with_many_keys_are_as_many_cases_and_each_event_can_be_traced(live: Live) -> None:
    """100 per request from 4 threads, keys mixed; then every id leads to case, ticket and the message's address."""
    events = [failure(f"ev-{n}", key=f"key-{n % KEYS}", lane=n % KEYS) for n in range(KEYS * EACH)]
    batches = [events[start : start + BATCH] for start in range(0, len(events), BATCH)]
    senders = [live.room.sender() for _ in range(4)]

    def pour(number: int) -> list[Json]:
        return [result for batch in batches[number::4] for result in senders[number].send(batch)]

    with ThreadPoolExecutor(4) as threads:
        results = [result for part in threads.map(pour, range(4)) for result in part]
    assert Counter(result["status"] for result in results) == {"opened": KEYS, "joined": KEYS * EACH - KEYS}
    settled(live.database, 200)
    check_whole(live.database, live.room, results, cases=KEYS)
    by_case: dict[str, set[str]] = {}
    for result in results:
        by_case.setdefault(result["case_id"], set()).add(result["event_id"])
    assert len(by_case) == KEYS
    tickets = {str(ticket["id"]): ticket["key"] for ticket in live.room.desk.tickets()}
    addresses = {message["permalink"] for _, message in live.room.slack.everywhere()}
    assert (len(tickets), len(addresses)) == (KEYS, KEYS)
    for case_id, ids in by_case.items():
        case = live.case(case_id)
        assert {one["event_id"] for one in case["occurrences"]} == ids
        assert case["count"] == EACH
        assert tickets.pop(case["ticket"]["id"]) == case["ticket"]["key"]
        assert case["ticket"]["verified"]
        addresses.remove(case["slack"]["permalink"])
    assert not tickets
    assert not addresses
    assert stored(live.database) == KEYS * EACH
    tell("4b", f"{KEYS * EACH} events with {KEYS} keys: {KEYS} cases, tickets and messages, each event traced")


def stored(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count(FailureEventRow.id))) or 0


def test_of_50_racing_clicks_one_wins(live: Live) -> None:
    """Five people press Claim ten times each, all at once: one claim, and nobody else's counts."""
    case = live.open(0)
    live.settled()
    people = [team.CLAIMERS[n % len(team.CLAIMERS)] for n in range(50)]
    channel, message = live.message(case)
    live.room.slack.fault(ack_seconds=30)
    with ThreadPoolExecutor(50) as threads:
        answers = list(threads.map(lambda user: live.room.slack.click(user, channel, message["ts"]), people))
    assert [answer["acked"] for answer in answers] == [True] * 50
    live.settled()
    target = f"CASE-{parse_case_ref(case)}"
    with live.database.read() as session:
        rows = Counter(session.scalars(select(AuditEntry.action).where(AuditEntry.target == target)))
        winner = session.scalars(select(AuditEntry).where(AuditEntry.action == "case.claimed")).one().actor
    assert rows["case.claimed"] == 1
    assert rows["click.refused"] == 40, "each click of the four others is refused and audited"
    found = live.case(case)
    assert (found["claimed_by"], found["owner"]) == (winner, winner)
    assert len(live.thread(case)) == 1
    check_whole(live.database, live.room, live.sender.results.values(), cases=1)
