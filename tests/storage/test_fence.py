"""The fence: the check comes first in every transaction of its thread, and what it refuses is not written."""

import threading

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
