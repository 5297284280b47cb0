"""The fence: the check comes first in every transaction of its thread, and what it refuses is not written."""

import re
import threading
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from storage import inbox
from storage.engine import Database
from storage.fence import fence_in, fenced
from tests.support import START


class NotOurs(BaseException):
    pass


def refuse(_session: Session) -> None:
    raise NotOurs


def write(database: Database) -> bool:
    with database.begin() as session:
        return inbox.put(session, key="one", kind="click", actor="U1", body={}, at=START)


def test_what_the_check_refuses_is_not_written(database: Database) -> None:
    with fenced(refuse), pytest.raises(NotOurs):
        write(database)
    assert write(database), "nothing of the refused one is there, and outside the fence all is as before"


def test_the_check_sees_the_transaction_it_stands_before(database: Database) -> None:
    seen: list[bool] = []

    def look(session: Session) -> None:
        seen.append(session.in_transaction())

    with fenced(look):
        assert write(database)
        database.still_ours()
    database.still_ours()
    assert seen == [True, True]


def test_a_fence_is_its_threads_own(database: Database) -> None:
    written: list[bool] = []
    with fenced(refuse):
        other = threading.Thread(target=lambda: written.append(write(database)))
        other.start()
        other.join()
        assert fence_in()
    assert written == [True]
    assert not fence_in()


def test_inside_another_fence_the_inner_one_counts(database: Database) -> None:
    with fenced(refuse):
        with fenced(lambda _session: None):
            assert write(database)
        with pytest.raises(NotOurs):
            database.still_ours()


ROOT = Path(__file__).parents[2]
PAST_THE_DOOR = re.compile(r"\b(?:Session|sessionmaker|create_engine)\(|\bengine\.(?:begin|connect|raw_connection)\(")
NO_WRITES = {
    "storage/engine.py": "the door itself",
    "storage/exclusive.py": "holds locks",
    "storage/budget.py": "asks what time it is; what it writes goes through the door",
    "storage/migrate.py": "changes tables before any bot runs on them",
    "bot/engine/lifeline.py": "holds the lock that says who is alive",
    "bot/engine/delays.py": "moves the engine's own rows, by their state alone, whoever does it",
    "automations/adapters/customers_sql/engine.py": "reads another database",
}


def test_nobody_writes_past_the_door() -> None:
    """So the fence stands around every step row, message, audit row, case and failure that a job writes."""
    code = (path for folder in ("bot", "automations", "storage") for path in (ROOT / folder).rglob("*.py"))
    found = {str(path.relative_to(ROOT)) for path in code if PAST_THE_DOOR.search(path.read_text("utf-8"))}
    assert found == set(NO_WRITES)
