"""Off records, shadow also says what it would have done; neither opens anything."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from automations.domain import Mode
from automations.failure_tickets import shadow
from automations.failure_tickets.intake import receive
from storage import audit, modes, notifications
from storage.engine import Database
from storage.models import Case, FailureEventRow, Notification
from tests.automations.failure_tickets.samples import context, event
from tests.support import FakeClock, RecordingJobs


@pytest.mark.parametrize("mode", [Mode.OFF, Mode.SHADOW, Mode.ASK])
def test_nothing_is_opened_and_every_event_is_kept(
    database: Database, clock: FakeClock, jobs: RecordingJobs, mode: Mode
) -> None:
    ctx = context(clock, jobs)
    with database.begin() as session:
        receipts = receive(session, [event(id="e1"), event(id="e2")], replace(ctx, mode=mode))
    assert [r.status for r in receipts] == ["recorded", "recorded"]
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 0
        assert session.scalar(select(func.count()).select_from(FailureEventRow)) == 2
        assert session.scalar(select(func.count()).select_from(Notification)) == (1 if mode is Mode.SHADOW else 0)


def test_shadow_says_it_once_and_counts(database: Database, clock: FakeClock, jobs: RecordingJobs) -> None:
    watching = context(clock, jobs, mode=Mode.SHADOW)
    for number in range(3):
        with database.begin() as session:
            receive(session, [event(id=f"e{number}")], watching)
    with database.read() as session:
        row = session.scalars(select(Notification)).one()
        written = [e.action for e in audit.entries(session)]
    assert (row.kind, row.data["count"]) == (shadow.POST, 3)
    assert row.data["owner"] == watching.book.default_owner
    assert written.count("case.would_open") == 1


def test_a_mode_set_by_command_wins(database: Database, clock: FakeClock, jobs: RecordingJobs) -> None:
    ctx = context(clock, jobs)
    with database.begin() as session:
        assert modes.set_mode(session, shadow.NAME, "off", by="a@example.com", at=clock.now()) is None
    with database.begin() as session:
        assert [r.status for r in receive(session, [event(id="e1")], ctx)] == ["recorded"]
        assert modes.set_mode(session, shadow.NAME, "auto", by="a@example.com", at=clock.now()) == "off"
        assert [r.status for r in receive(session, [event(id="e2")], ctx)] == ["opened"]
        assert notifications.get(session, "case/1") is not None


@pytest.mark.parametrize("mode", ["off", "shadow"])
def test_an_end_closes_nothing_while_the_automation_may_not_act(
    database: Database, clock: FakeClock, jobs: RecordingJobs, mode: str
) -> None:
    ctx = context(clock, jobs)
    over = event(id="e2", status="resolved", occurred_at=clock.now())
    with database.begin() as session:
        receive(session, [event(id="e1")], ctx)
        modes.set_mode(session, shadow.NAME, mode, by="a@example.com", at=clock.now())
    with database.begin() as session:
        (receipt,) = receive(session, [over], ctx)
        assert (receipt.status, receipt.case_id) == ("recorded", "CASE-1")
        assert session.get_one(Case, 1).status == "open"
        (ignored,) = audit.entries(session, action="event.resolved_ignored")
        assert ignored.outcome == f"the automation is in mode {mode}"


def test_a_word_that_is_no_mode_means_off(database: Database, clock: FakeClock, jobs: RecordingJobs) -> None:
    with database.begin() as session:
        modes.set_mode(session, shadow.NAME, "full speed", by="a@example.com", at=clock.now())
        assert shadow.mode(session, context(clock, jobs)) is Mode.OFF
