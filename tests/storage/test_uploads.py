from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from storage import notifications, uploads
from storage.engine import Database
from tests.storage.test_notifications import LATER, post, put
from tests.support import START

KEY = "case/1/picture"


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.begin() as session:
        put(session)
        uploads.put(session, key=KEY, notification="case/1", kind="t.picture", args={"n": 1}, at=START)
        yield session


def state(session: Session) -> tuple[str, str | None]:
    row = uploads.get(session, KEY)
    assert row is not None
    return row.state, row.file_id


def test_a_file_is_due_once_its_message_has_a_place_until_it_is_over(session: Session) -> None:
    assert uploads.due(session) == []
    post(session)
    uploads.put(session, key="case/1/csv", notification="case/1", kind="t.csv", args={}, at=LATER)
    uploads.put(session, key=KEY, notification="case/1", kind="other", args={"n": 2}, at=LATER)
    row = uploads.get(session, KEY)
    assert row is not None
    assert (row.kind, row.args) == ("t.picture", {"n": 1}), "asking again changes nothing"
    assert uploads.due(session) == [KEY, "case/1/csv"]
    assert uploads.refused(session, KEY, "no")
    assert uploads.due(session) == ["case/1/csv"]


def test_each_move_needs_the_state_before_it(session: Session) -> None:
    assert not uploads.sharing(session, KEY, "F1", START)
    assert not uploads.shared(session, KEY)
    assert uploads.named(session, KEY, "F1", before=None)
    assert not uploads.named(session, KEY, "F2", before=None), "somebody else was faster"
    assert uploads.named(session, KEY, "F2", before="F1"), "F1 was never completed"
    assert not uploads.sharing(session, KEY, "F1", START)
    assert uploads.sharing(session, KEY, "F2", START)
    assert not uploads.named(session, KEY, "F3", before="F2"), "F2 may be shown by now"
    assert uploads.unnamed(session, KEY, "F2")
    assert state(session) == ("pending", None)
    assert uploads.named(session, KEY, "F3", before=None)
    assert uploads.sharing(session, KEY, "F3", START)
    assert uploads.sharing(session, KEY, "F3", LATER), "once more, after a look found nothing"
    assert uploads.shared(session, KEY)
    assert not uploads.shared(session, KEY)
    assert not uploads.refused(session, KEY, "too late")
    assert state(session) == ("shared", "F3")


def test_amended_data_are_a_new_version_and_keep_the_rest(session: Session) -> None:
    put(session, count=4)
    post(session)
    assert notifications.amend(session, "case/1", {"picture": "F1"}), "nothing is on its way"
    assert not notifications.amend(session, "case/1", {"picture": None}), "a job is"
    row = notifications.get(session, "case/1")
    assert row is not None
    assert (row.data, row.state, row.version) == ({"count": 4, "picture": None}, "pending", 4)
    with pytest.raises(LookupError):
        notifications.amend(session, "case/2", {})
