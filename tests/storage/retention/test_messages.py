"""Which messages go: those of what is gone, with their threads and files, and never one that is on its way."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from storage.engine import Database
from storage.models import Case, Finding, Notification, Run, StuckItem, StuckReminder, TriageDecision, Upload
from storage.retention import Sweep, Terms
from storage.retention.messages import thing_of
from tests.storage.models.test_cases import CASE
from tests.support import START

LATER = START + timedelta(days=31)


def put(session: Session, key: str, parent: str | None = None, **given: Any) -> None:
    """One delivered message."""
    row: dict[str, Any] = {
        "key": key, "kind": "case", "channel": "C1", "parent_key": parent, "seq": 0, "children": 0, "data": {},
        "version": 1, "delivered_version": 1, "state": "delivered", "job_pending": False, "created_at": START,
        "delivered_at": START,
    }  # fmt: skip
    session.execute(insert(Notification).values(row | given))


def upload(session: Session, key: str, notification: str, state: str) -> None:
    row = {"key": key, "notification": notification, "kind": "csv", "args": {}, "state": state, "asked_at": START}
    session.execute(insert(Upload).values(row))


def left(database: Database, *, batch: int = 500) -> list[str]:
    """What is left after a sweep a month later."""
    sweep = Sweep(database, Terms(), LATER, batch)
    assert not sweep.all_of_it()
    with database.read() as session:
        return sorted(session.scalars(select(Notification.key)))


def test_a_message_stays_as_long_as_what_it_is_about(database: Database) -> None:
    with database.begin() as session:
        session.execute(insert(Case).values(CASE | {"id": 7}))
        for key in ("case/7", "case/8", "case/7/escalation/1", "case/70", "customers/note/7/builtin/3", "run/7/to/U1"):
            put(session, key)
        put(session, "case/7/entry/1", "case/7")
        put(session, "case/8/entry/1", "case/8")
    assert left(database) == ["case/7", "case/7/entry/1", "case/7/escalation/1", "customers/note/7/builtin/3"]


def test_what_is_about_nothing_that_is_kept_goes_by_its_age(database: Database) -> None:
    with database.begin() as session:
        put(session, "hand-over/primary/2026-11-23T08:00:00+00:00")
        put(session, "escalation/summary/2026-11-23T08:00:00+00:00", delivered_at=START + timedelta(days=2))
    assert left(database) == ["escalation/summary/2026-11-23T08:00:00+00:00"]


@pytest.mark.parametrize("state", ["pending", "sending", "unknown"])
def test_a_message_on_its_way_stays_with_its_thread(database: Database, state: str) -> None:
    with database.begin() as session:
        put(session, "case/1", ts="1.2")
        put(session, "case/1/entry/1", "case/1")
        put(session, "case/1/entry/2", "case/1", state=state)
        put(session, "run/2", job_pending=True)
    assert left(database) == ["case/1", "case/1/entry/1", "case/1/entry/2", "run/2"]


def test_lines_under_a_message_that_a_summary_told_instead_keep_nothing(database: Database) -> None:
    line = {"state": "pending", "delivered_version": 0, "delivered_at": None}
    with database.begin() as session:
        put(session, "case/1", ts=None)
        put(session, "case/1/entry/1", "case/1", **line)
        put(session, "case/2", ts="1.2")
        put(session, "case/2/entry/1", "case/2", **line)
    assert left(database) == ["case/2", "case/2/entry/1"]


@pytest.mark.parametrize(("state", "stays"), [("pending", True), ("sharing", True), ("shared", False)])
def test_files_go_with_their_message_once_they_are_there(database: Database, state: str, stays: bool) -> None:
    with database.begin() as session:
        put(session, "report/1")
        put(session, "report/1/line", "report/1")
        upload(session, "report/1/picture", "report/1", "shared")
        upload(session, "report/1/csv", "report/1/line", state)
    assert left(database) == (["report/1", "report/1/line"] if stays else [])
    with database.read() as session:
        assert len(session.scalars(select(Upload.key)).all()) == (2 if stays else 0)


def test_a_message_that_could_not_be_delivered_stays_while_its_item_is_open(database: Database) -> None:
    item = {
        "job": "slack.deliver", "key": "deliver/case/1/1", "args": {"key": "case/1"}, "target": "CASE-1",
        "owner": "anna@example.com", "reason": "channel_not_found", "attempts": 3, "first_at": START, "last_at": START,
    }  # fmt: skip
    with database.begin() as session:
        put(session, "case/1", state="stuck", delivered_at=None)
        session.execute(insert(StuckItem).values(item | {"state": "open"}))
    assert left(database) == ["case/1"]
    with database.begin() as session:
        session.execute(update(StuckItem).values(state="discarded", settled_at=START))
    assert left(database) == []


def test_the_last_reminder_of_somebody_stays(database: Database) -> None:
    with database.begin() as session:
        for key in ("stuck/anna/1", "stuck/anna/2"):
            put(session, key)
        last = {"owner": "anna@example.com", "key": "stuck/anna/2", "reminded_at": START, "upto": 3}
        session.execute(insert(StuckReminder).values(last))
    assert left(database) == ["stuck/anna/2"]


def test_a_long_thread_is_dropped_in_parts_and_its_root_last(database: Database) -> None:
    with database.begin() as session:
        put(session, "case/1")
        for number in range(7):
            put(session, f"case/1/entry/{number}", "case/1")
    sweep = Sweep(database, Terms(), LATER, 3)
    assert [sweep.some() for _ in range(4)] == [3, 3, 2, 0]
    assert sweep.dropped == {"notification": 8}


@pytest.mark.parametrize(
    ("key", "thing"),
    [
        ("case/12/entry/3", (Case.id, "12")),
        ("run/7/told/U1/welcome", (Run.id, "7")),
        ("finding/3/to/U1/2026", (Finding.id, "3")),
        ("triage/day/2026-11-21", (TriageDecision.day, "2026-11-21")),
        ("triage/9", (TriageDecision.id, "9")),
        ("report/preflight/2026-11-23T08:00:00+00:00", None),
        ("escalation/on/builtin/2026", None),
        ("case", None),
    ],
)
def test_a_key_tells_what_a_message_is_about(key: str, thing: Any) -> None:
    assert thing_of(key) == thing
