"""A network between the bot and each of its four neighbours that is slow, resets, falls silent, cuts or loses answers.

Whatever the line does, each failure is one case with one ticket and one message. HANDOFF_AMBIGUOUS=200 opens so many
cases while the answer to every create in the desk is lost (5 by default).
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import make_url, select

from storage.engine import Database
from storage.models import AuditEntry
from tests.faults.checks import check_whole, settled
from tests.faults.proxy import Address, Fault, Proxy
from tests.faults.room import PAUSE, Room, failure, until
from tests.figures.told import tell

pytestmark = [pytest.mark.faults, pytest.mark.usefixtures("quick"), pytest.mark.timeout(580)]

AMBIGUOUS = int(os.environ.get("HANDOFF_AMBIGUOUS", "5"))
SILENCE_S = 1.0
WRITES = {"sender": b"POST /v1/failures", "desk": b"POST /tickets", "slack": b"chat.postMessage", "database": b"COMMIT"}
"""What is asked on each line that changes something: its answer is what may be lost."""


def faults_of(line: str) -> dict[str, Fault]:
    """Every kind, most of them three times and then well again."""
    asked = WRITES[line]
    return {
        "latency": Fault(latency_s=0.2 if line != "database" else 0.02),
        "reset": Fault(reset=True, asked=asked, times=3),
        "cut": Fault(cut_after=20 if line != "database" else 3, asked=asked, times=3),
        "lost answer": Fault(lose_answers=True, asked=asked, times=3),
        "half-open": Fault(half_open=True),
    }


def address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return str(parts.hostname), int(parts.port or 0)


@contextmanager
def behind(room: Room, line: str, database_url: str) -> Iterator[tuple[Proxy, Database]]:
    """A bot one of whose lines goes through the proxy, and the database as the test sees it, without."""
    query = make_url(database_url).query
    targets: dict[str, Address] = {
        "sender": ("127.0.0.1", room.port),
        "desk": address(room.desk.url),
        "slack": address(room.slack.url),
    }
    target = targets[line] if line != "database" else postgresql_socket(str(query["host"]))
    with Proxy(target) as proxy:
        url, env = database_url, dict[str, str]()
        if line == "desk":
            env["FAULTS_DESK_URL"] = proxy.url
        elif line == "slack":
            env["HANDOFF_SLACK__BASE_URL"] = f"{proxy.url}/api/"
        elif line == "database":
            url = make_url(database_url).set(host="127.0.0.1", port=proxy.port, query={}).render_as_string(False)
        with room.bot(url, env=env):
            until(room.ready, "a bot that is ready")
            database = Database(database_url)
            try:
                yield proxy, database
            finally:
                database.close()


def postgresql_socket(folder: str) -> Address:
    return Path(folder) / ".s.PGSQL.5432"


def struck(proxy: Proxy) -> None:
    """Wait until the fault that was ordered has struck."""
    before = proxy.ordered_at
    until(lambda: proxy.strikes > before, "a strike")


LINES = [("sender", "sqlite"), ("desk", "sqlite"), ("slack", "sqlite"), ("database", "postgresql")]


@pytest.mark.parametrize(("line", "database_url"), LINES, indirect=["database_url"], ids=[name for name, _ in LINES])
def test_a_bad_line(room: Room, line: str, database_url: str) -> None:
    """Three cases open under each kind of fault, one kind after the other on the same bot."""
    with behind(room, line, database_url) as (proxy, database):
        sender = room.sender()
        if line == "sender":
            sender.http.base_url, sender.http.timeout = proxy.url, SILENCE_S / 2
        lanes = 0
        with room.threads(3) as threads:
            for name, fault in faults_of(line).items():
                proxy.fault(fault)
                events = [failure(f"{name}-{n}", key=f"{name}-{n}", lane=lanes + n) for n in range(3)]
                lanes += 3
                sent = [threads.submit(sender.send, one) for one in events]
                if fault.times is not None:
                    struck(proxy)
                if fault.half_open:
                    PAUSE.wait(SILENCE_S)
                    proxy.mend()
                for one in sent:
                    one.result()
        proxy.mend()
        settled(database, 120)
        check_whole(database, room, sender.results.values(), cases=15)
        assert proxy.strikes >= 3, "the line was never bad"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_creates_whose_answer_is_lost_are_looked_up(room: Room, database_url: str) -> None:
    """The desk has made every ticket, and no answer to a create ever comes: not one is made twice."""
    with behind(room, "desk", database_url) as (proxy, database):
        proxy.fault(Fault(lose_answers=True, asked=b"POST /tickets "))
        sender = room.sender()
        for number in range(AMBIGUOUS):
            sender.send(failure(f"a{number}", key=f"a{number}", lane=number))
        settled(database, 60 + AMBIGUOUS)
        check_whole(database, room, sender.results.values(), cases=AMBIGUOUS)
        assert proxy.strikes >= AMBIGUOUS
        with database.read() as session:
            outcomes = set(session.scalars(select(AuditEntry.outcome).where(AuditEntry.action == "ticket.create")))
        assert outcomes == {"unknown", "found"}
        posts = [path for method, path in room.desk.journal()["calls"] if (method, path) == ("POST", "/tickets")]
        assert len(posts) == AMBIGUOUS
    tell("9", f"{AMBIGUOUS} creates whose answer was lost: 0 double, all looked up")
