"""Two who keep the clocks of one desk: the second one goes back, and nothing of its work stays."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from automations.sla.keeping import refresh
from automations.sla.places import WALK_EVERY, Overtaken, Place, begin, move, place_of
from storage.engine import Database
from tests.automations.sla.mirrored import SYSTEM, put
from tests.automations.sla.test_keeping import POLICY, kept, open_life
from tests.support import START, FakeClock


def test_only_who_stands_at_the_place_goes_on(database: Database) -> None:
    with database.begin() as session:
        begin(session, SYSTEM, "v1", START)
        begin(session, SYSTEM, "v2", START)
        here = place_of(session, SYSTEM)
        assert here is not None
        there = Place(START, 7, "v1", 3, START)
        move(session, SYSTEM, here, there)
        assert place_of(session, SYSTEM) == there
        with pytest.raises(Overtaken):
            move(session, SYSTEM, here, there)
        move(session, SYSTEM, there, here)


def test_all_tickets_are_looked_at_again_for_another_policy_and_once_a_day() -> None:
    walked, walking = Place(START, 7, "v1", None, START), Place(START, 7, "v1", 3, START)
    soon, day = START + WALK_EVERY - timedelta(seconds=1), START + WALK_EVERY
    assert [walked.walk_is_due("v1", at) for at in (soon, day)] == [False, True]
    assert [walking.walk_is_due("v1", at) for at in (soon, day)] == [False, False], "it is on its way"
    assert [one.walk_is_due("v2", soon) for one in (walked, walking)] == [True, True]


def test_a_second_worker_keeps_nothing_twice(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has read and counted; before it writes, the first comes to the end."""
    clock = FakeClock()
    with database.begin() as session:
        put(session, "1", open_life(), START)
    writes, first = database.begin, list[int]()

    @contextmanager
    def late() -> Iterator[Session]:
        if kept(database) == {} and _begun(database):
            monkeypatch.undo()
            first.append(refresh(database, SYSTEM, POLICY, None, clock))
        with writes() as session:
            yield session

    def _begun(database: Database) -> Any:
        with database.read() as session:
            return place_of(session, SYSTEM)

    monkeypatch.setattr(database, "begin", late)
    assert refresh(database, SYSTEM, POLICY, None, clock) == 0
    assert first == [1]
    assert len(kept(database)) == 2
