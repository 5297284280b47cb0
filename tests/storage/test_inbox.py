import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import inbox
from storage.engine import Database
from storage.models import InboxRow
from tests.support import START

LATER = START + timedelta(minutes=5)


def receive(session: Session, key: str = "click/1", **body: Any) -> bool:
    return inbox.put(session, key=key, kind="click", actor="U1", body=body, at=START)


def test_a_second_delivery_is_told_apart(database: Database) -> None:
    with database.begin() as session:
        assert receive(session, n=1)
        inbox.settle(session, "click/1", "claimed")
    with database.begin() as session:
        assert not receive(session, n=2)
        row = session.scalars(select(InboxRow)).one()
        assert (row.body, row.outcome, row.received_at) == ({"n": 1}, "claimed", START)


def test_what_was_rolled_back_is_new_again(database: Database) -> None:
    with database.begin() as session:
        attempt = session.begin_nested()
        assert receive(session)
        attempt.rollback()
        assert receive(session)


def test_two_deliveries_at_once_have_one_effect(database: Database) -> None:
    """Eight replicas get the same click; all but one wait for it to commit and then do nothing."""
    start = threading.Barrier(8)
    answers: list[bool] = []

    def run() -> None:
        start.wait(10)
        with database.begin() as session:
            answers.append(receive(session))

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answers) == [False] * 7 + [True]


def test_only_what_came_in_can_be_settled(database: Database) -> None:
    with database.begin() as session, pytest.raises(LookupError, match="click/404"):
        inbox.settle(session, "click/404", "claimed")
