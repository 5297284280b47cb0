"""Three bots on one database, frozen, cut off and killed under load: nothing is lost, nothing is there twice.

A bot that is frozen or cut off is given up by the others after 15 seconds without a sign of life; what it was about to
write is refused when it goes on. By default one is frozen and another cut off at the same time, until their work is
taken over, and one is killed in the end. `REPLICAS_ROUNDS=5` plays five freezes, each for `REPLICAS_FREEZE_S` seconds
at least.
"""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from itertools import pairwise

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from storage.engine import Database
from storage.models import AuditEntry
from tests.faults import team
from tests.faults.checks import check_whole, settled
from tests.faults.room import Json, Room, failure, until
from tests.figures.told import tell
from tests.replicas.team_of_bots import Replicas, replicas
from tests.replicas.wire_cut import Wire, wire_to

pytestmark = [
    pytest.mark.faults,
    pytest.mark.timeout(900),
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
]

FREEZE_S = float(os.environ.get("REPLICAS_FREEZE_S", "0"))
ROUNDS = int(os.environ.get("REPLICAS_ROUNDS", "1"))
CUT = 0
"""The bot whose wire to the database is cut; the others are frozen by turns."""
KEYS = 20
CLICKS = 50
ROUNDS_AT_MOST = 5
GAP_S = 0.9
"""Slack allows about one message a second and channel; clocks of two processes round a little."""


@contextmanager
def load(bots: Replicas, name: str) -> Iterator[list[Future[list[Json]]]]:
    """Four applications that send one failure after the other until the block ends."""
    over = threading.Event()
    sent: list[Future[list[Json]]] = []

    def pour(number: int) -> list[Json]:
        sender, results, count = bots.sender(), list[Json](), 0
        while not over.is_set():
            key = (4 * count + number) % KEYS
            results += sender.send(failure(f"{name}-{number}-{count}", key=f"{name}-k{key}", lane=key))
            count += 1
            over.wait(0.25)
        return results

    with bots.room.threads(4) as threads:
        sent += [threads.submit(pour, number) for number in range(4)]
        try:
            yield sent
        finally:
            over.set()


def taken(sent: list[Future[list[Json]]]) -> list[Json]:
    return [result for one in sent for result in one.result()]


def in_hand(database: Database) -> Counter[str]:
    """How many jobs each bot has in hand now."""
    held = text("select executor_id from dbos.workflow_status where status = 'PENDING'")
    with database.read() as session:
        return Counter(session.scalars(held))


def silent(database: Database) -> set[str]:
    """The bots that hold their lifeline and have not been heard for longer than two looks take."""
    said = text(
        "select objid from pg_locks join pg_stat_activity using (pid) where locktype = 'advisory' and objsubid = 2"
        " and application_name like 'handoff lifeline%' and state_change < clock_timestamp() - interval '8 seconds'"
    )
    with database.read() as session:
        return {f"bot-{number:08x}" for number in session.scalars(said)}


def check(database: Database, room: Room, results: list[Json]) -> None:
    settled(database, 150)
    check_whole(database, room, results, cases=len({result["case_id"] for result in results}))


def smallest_gap_s(room: Room) -> float:
    """Between two posts in one channel, over all bots."""
    by_channel: dict[str, list[float]] = {}
    for call in room.slack.calls("chat.postMessage"):
        if call["outcome"] == "ok":
            by_channel.setdefault(call["arguments"]["channel"], []).append(
                datetime.fromisoformat(call["at"]).timestamp()
            )
    return min(after - before for times in by_channel.values() for before, after in pairwise(sorted(times)))


def test_they_race_are_frozen_cut_off_and_killed(database: Database, database_url: str, room: Room) -> None:
    """What one had in hand is done by the others; then it goes on, and nothing is there twice."""
    room.desk.fault(latency_s=0.3)
    with wire_to(database_url) as (wire, through), replicas(room, [through, database_url, database_url]) as bots:
        opened = bots.sender().send(failure("race", key="race"))
        race(database, room)
        lasted = []
        with load(bots, "f") as sent:
            for number in range(ROUNDS):
                until(lambda: len(in_hand(database)) == 3, "work in all three")
                lasted.append(stands_still(database, bots, wire, 1 + number % 2, cut=number == 0))
                for one in bots.rooms:
                    until(one.ready, "a bot that is well again")
            until(lambda: len(in_hand(database)) == 3, "work in all three")
            bots.bots[CUT].end(signal.SIGKILL)
            before = sum(len(sender.results) for sender in bots.senders)
            until(lambda: sum(len(sender.results) for sender in bots.senders) > before + 8, "load after the kill")
        results = [*opened, *taken(sent)]
        check(database, room, results)
    gap = smallest_gap_s(room)
    assert gap >= GAP_S
    refused = room.log.read_text("utf-8").count("job.lost")
    words = f"{ROUNDS} freezes of {min(lasted):.0f} s and more, one cut as long, one kill: {len(results)} events"
    tell("10", f"{words}, 0 lost, 0 twice; {refused} late transactions refused; smallest gap in a channel {gap:.2f} s")


def stands_still(database: Database, bots: Replicas, wire: Wire, number: int, *, cut: bool) -> float:
    """Freeze a bot, and cut another off if asked to, until others have their work. How many seconds it lasted."""
    began = time.monotonic()
    bots.freeze(number)
    if cut:
        wire.hold()
    until(lambda: len(silent(database)) == 1 + cut, "silence")
    gone = silent(database)
    until(lambda: not gone & set(in_hand(database)), "the others have taken their work over")
    threading.Event().wait(FREEZE_S - (time.monotonic() - began))  # how long it lasts is the fault itself
    bots.thaw(number)
    wire.mend()
    return time.monotonic() - began


def actors(session: Session, action: str) -> list[str]:
    """Who did it, by name; the column alone holds an alias."""
    return [row.actor for row in session.scalars(select(AuditEntry).where(AuditEntry.action == action))]


def race(database: Database, room: Room) -> None:
    """Fifty at once; once more if the machine was too busy to say in time who anybody is, and all were refused."""
    assert room.slack.read("status")["connections"] >= 3
    settled(database)
    ((channel, message),) = room.slack.everywhere()
    room.slack.fault(ack_seconds=30)
    people = [team.CLAIMERS[n % len(team.CLAIMERS)] for n in range(CLICKS)]
    rounds, winners = 0, list[str]()
    while not winners:
        rounds += 1
        assert rounds <= ROUNDS_AT_MOST, "nobody wins"
        with ThreadPoolExecutor(CLICKS) as threads:
            answers = list(threads.map(lambda user: room.slack.click(user, channel, message["ts"]), people))
        assert [answer["acked"] for answer in answers] == [True] * CLICKS
        with database.read() as session:
            winners = actors(session, "case.claimed")
    (winner,) = winners
    emails = {user["id"]: user["profile"].get("email", "") for user in team.seed().users}
    with database.read() as session:
        refused = actors(session, "click.refused")
    whom = Counter(emails.get(actor, actor) for actor in refused)
    others = {emails[user] for user in team.CLAIMERS} - {winner}
    told = rounds * CLICKS // len(team.CLAIMERS)
    assert {other: whom[other] for other in others} == dict.fromkeys(others, told), "each is refused, and audited"
    assert whom[winner] < told
    tell("16", f"{CLICKS} racing clicks on three bots: 1 won")
