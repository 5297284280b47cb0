"""A database that goes away under load: stopped and started again, locked, full, read-only.

Meanwhile senders are told 503 with Retry-After, nothing that was acknowledged is lost, and work goes on within ten
seconds after it is back. HANDOFF_RESTARTS=20 stops PostgreSQL twenty times and holds each of SQLite's troubles 10 s.
"""

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import httpx
import pytest
from sqlalchemy import make_url

from storage.engine import Database
from tests.faults import postgres
from tests.faults.checks import check_whole, settled
from tests.faults.room import PAUSE, Room, Sender, failure, until
from tests.figures.told import tell

pytestmark = [pytest.mark.faults, pytest.mark.timeout(580)]

RESTARTS = int(os.environ.get("HANDOFF_RESTARTS", "1"))
WHOLE = RESTARTS >= 20
HELD_S = 10.0 if WHOLE else 1.0
"""At least: a writer on a locked file is told after five seconds that it is not now."""
BACK_S = 10.0
KEYS = 40
CHECKS = ["The queue was looked at and nothing was found in it. " * 4] * 15
"""Three kilobytes an event, so that a full disk is felt at once: the file's last pages have some room left."""


@contextmanager
def pouring(room: Room, number: int = 3) -> Iterator[list[Sender]]:
    """Applications that send without a pause, until the end."""
    senders, over = [room.sender() for _ in range(number)], threading.Event()

    def pour(mine: int, sender: Sender) -> None:
        count = 0
        while not over.is_set():
            key = (count * number + mine) % KEYS
            sender.send(failure(f"d{mine}-{count}", key=f"k{key}", lane=key, checks=CHECKS))
            count += 1
            over.wait(0.03)

    with room.threads(number) as threads:
        poured = [threads.submit(pour, mine, sender) for mine, sender in enumerate(senders)]
        try:
            yield senders
        except AssertionError:
            for one in poured:
                if one.done():
                    one.result()  # what went wrong first
            raise
        finally:
            over.set()
        for one in poured:
            one.result()


def taken(senders: list[Sender]) -> int:
    return sum(len(sender.results) for sender in senders)


def more_taken(senders: list[Sender], more: int, timeout_s: float = 60) -> None:
    wanted = taken(senders) + more
    until(lambda: taken(senders) >= wanted, f"{more} more acknowledgements", timeout_s)


def refused(room: Room) -> bool:
    """Whether who asks is told to come again, now."""
    sender = Sender(room.url)
    try:
        reply = sender.http.get("/v1/cases")
    finally:
        sender.http.close()
    return reply.status_code == 503 and int(reply.headers["retry-after"]) > 0


def whole(database: Database, room: Room, senders: list[Sender]) -> int:
    settled(database, 120)
    results = [result for sender in senders for result in sender.results.values()]
    check_whole(database, room, results, cases=len({result["case_id"] for result in results}))
    return len(results)


def test_postgresql_stopped_at_once_under_load(room: Room) -> None:
    """Each time in the midst of it; how long the first acknowledgement after the start took is told."""
    took: list[float] = []
    with postgres.running() as server:
        with room.bot(server.url), pouring(room) as senders:
            more_taken(senders, 30)
            for _ in range(RESTARTS):
                more_taken(senders, 30)
                server.stop_at_once()
                until(lambda: refused(room), "a 503 with Retry-After", 20)
                server.start()
                began = time.monotonic()
                more_taken(senders, 1, BACK_S)
                took.append(time.monotonic() - began)
            database = Database(server.url)
        with room.bot(server.url):
            events = whole(database, room, senders)
        database.close()
    tell("7", f"PostgreSQL stopped at once {RESTARTS} times: {events} events, 0 lost, back in {max(took):.1f} s")


def locked(database: Database, _switch: Path) -> Callable[[], object]:
    """Somebody else holds the file's write lock."""
    holder = sqlite3.connect(str(make_url(database.url).database), isolation_level=None, check_same_thread=False)
    holder.execute("pragma busy_timeout = 30000")
    holder.execute("begin immediate")

    def let_go() -> None:
        holder.rollback()
        holder.close()

    return let_go


def full(_database: Database, switch: Path) -> Callable[[], object]:
    switch.write_text("full", "ascii")
    return partial(switch.write_text, "", "ascii")


def read_only(_database: Database, switch: Path) -> Callable[[], object]:
    switch.write_text("ro", "ascii")
    return partial(switch.write_text, "", "ascii")


TROUBLES: dict[str, Callable[[Database, Path], Callable[[], object]]] = {
    "locked": locked, "full": full, "read_only": read_only
}  # fmt: skip


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_sqlite_file_that_cannot_be_written(database: Database, room: Room) -> None:
    """As long as it lasts senders are told to come again, the next is taken within ten seconds of its end.

    One trouble after the other on one bot; then another bot brings to its end what this one left.
    """
    switch = room.folder / "disk"
    switch.write_text("", "ascii")
    took: dict[str, float] = {}
    with room.bot(database.url, env={"FAULTS_DISK": str(switch)}), pouring(room) as senders:
        for name, trouble in TROUBLES.items():
            more_taken(senders, 30)
            told = [sender.repeats for sender in senders]
            mend = trouble(database, switch)
            began = time.monotonic()
            try:
                until(partial(refused_more, senders, told), f"a 503 with Retry-After for each, {name}", 60)
                PAUSE.wait(max(0.0, began + HELD_S - time.monotonic()))
                assert httpx.get(f"{room.url}/healthz", timeout=10).status_code == 200, "the process is alive"
            finally:
                mend()
            began = time.monotonic()
            more_taken(senders, 1, BACK_S)
            took[name] = time.monotonic() - began
    with room.bot(database.url):
        events = whole(database, room, senders)
    words = ", ".join(f"{name} back in {seconds:.1f} s" for name, seconds in took.items())
    tell("7", f"SQLite for {HELD_S:.0f} s each: {words}; {events} events, 0 lost")


def refused_more(senders: list[Sender], told: list[int]) -> bool:
    """Whether each was told to come again since."""
    return all(sender.repeats > before for sender, before in zip(senders, told, strict=True))
