"""kill -9 inside what the automations do on the database alone: mirror, clocks, triage, escalation, report.

Each is killed in the same place once, with HANDOFF_FAULT_ROUNDS=5 up to five times in a row, and then done again in
peace: it comes to what it comes to without a kill, once.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

import pytest
from sqlalchemy import func, select

from automations.mirror.reading import read_on
from automations.sla.keeping import refresh
from automations.ticket_texts.reading import read_changed
from automations.triage.applying import apply
from automations.triage.looking import look
from storage.boundaries import BOUNDARIES
from storage.engine import Database
from storage.models import AuditEntry, MirrorMessage, MirrorTicket, Notification, TriageDecision, Upload
from tests.automations.escalation.world import EscalationWorld
from tests.automations.sla.mirrored import SYSTEM, put
from tests.automations.sla.test_keeping import POLICY, H, _due, _tell, anew, kept, open_life
from tests.automations.triage.stage import ANNA, Stage
from tests.automations.weekly_report.newsroom import Newsroom
from tests.faults.dying import dies_at
from tests.faults.test_kill import ROUNDS
from tests.support import FakeClock, RecordingJobs

pytestmark = [pytest.mark.faults, pytest.mark.timeout(60)]

OF_AUTOMATIONS = ("mirror.t", "mirror.k", "sla.", "triage.", "escalation.", "report.")
AUTOMATIONS = tuple(one for one in BOUNDARIES if one.startswith(OF_AUTOMATIONS))
WORDS = "Refund! Production is down for everyone"


class Act(NamedTuple):
    """What is done, and what is looked at once it was done in peace."""

    do: Callable[[], object]
    check: Callable[[], None]


def audited(database: Database, prefix: str) -> Counter[str]:
    with database.read() as session:
        found = session.scalars(select(AuditEntry.action).where(AuditEntry.action.startswith(prefix)))
        return Counter(found)


def messages(database: Database, prefix: str) -> list[str]:
    with database.read() as session:
        return list(session.scalars(select(Notification.key).where(Notification.key.startswith(prefix))))


def mirror(database: Database) -> Act:
    """Six tickets on six pages of the desk's feed."""
    stage = Stage.on(database, FakeClock(), RecordingJobs())
    stage.desk.page = 1
    for number in range(6):
        stage.desk.opened(str(number), WORDS)

    def do() -> None:
        read_on(database, stage.desk.desk, None, clock=stage.clock, redactor=stage.ctx.redactor)

    def check() -> None:
        with database.read() as session:
            assert sorted(session.scalars(select(MirrorTicket.ticket_id))) == [str(n) for n in range(6)]
        do()
        with database.read() as session:
            assert session.scalar(select(func.count()).select_from(MirrorMessage)) == 6, "each customer wrote once"

    return Act(do, check)


def clocks_made(database: Database) -> Act:
    clock, known = FakeClock(), {}
    for number in range(3):
        with database.begin() as session:
            life = open_life()
            known[str(number)] = life, put(session, str(number), life, clock.at)

    def check() -> None:
        assert kept(database) == anew(known, POLICY, None)
        assert refresh(database, SYSTEM, POLICY, None, clock) == 0, "it was not at its end"

    return Act(lambda: refresh(database, SYSTEM, POLICY, None, clock), check)


def clock_told(database: Database) -> Act:
    clock = FakeClock()
    with database.begin() as session:
        put(session, "1", open_life(), clock.at)
    refresh(database, SYSTEM, POLICY, None, clock)
    (warned,) = _due(database, clock, 3 * H)
    done: list[bool] = []

    def check() -> None:
        assert done == [True], "who died had not told it"
        assert not _tell(database, warned), "it is told once"

    return Act(lambda: done.append(_tell(database, warned)), check)


def triage_decided(database: Database) -> Act:
    stage = Stage.on(database, FakeClock(), RecordingJobs())
    for number in range(3):
        stage.desk.opened(str(number), WORDS)
    stage.clock.move(timedelta(seconds=1))
    read_on(database, stage.desk.desk, None, clock=stage.clock, redactor=stage.ctx.redactor)
    read_changed(database, stage.desk.desk, stage.clock, stage.ctx.redactor, most=50)

    def check() -> None:
        with database.read() as session:
            decisions = list(session.scalars(select(TriageDecision.id)))
        assert audited(database, "triage.") == {"triage.decided": 3}
        assert [stage.row(number).state for number in decisions] == ["proposed"] * 3
        assert len([key for key in messages(database, "triage/") if "/day/" not in key]) == 3
        assert look(database, stage.ctx, None) == 0

    return Act(lambda: look(database, stage.ctx, None), check)


def triage_settled(database: Database) -> Act:
    """The desk is in the memory of who calls it, so each child changes a copy of it."""
    stage = Stage.on(database, FakeClock(), RecordingJobs())
    row = stage.decided(WORDS)
    stage.act("apply_by", row, ANNA)

    def check() -> None:
        shown = stage.desk.tickets["1"]
        assert (stage.state(row), shown.group, shown.priority) == ("applied", "Billing", "high")
        assert stage.audited(row) == [("decided", "handoff"), ("confirmed", "anna@example.com"), ("applied", "handoff")]
        assert stage.row(row.id).called_at is None

    return Act(lambda: apply(database, stage.desk.desk, row.id, stage.ctx), check)


def escalation_fired(database: Database) -> Act:
    world = EscalationWorld.on(database, FakeClock(), RecordingJobs())
    world.rules(keywords=("cancel",))
    world.ticket("1", "If this goes on we will cancel our contract.", assignee="anna@team.example")

    def check() -> None:
        (row,) = world.rows()  # not always number 1: PostgreSQL gives no number a second time
        assert len(world.firings()) == len(messages(database, f"escalation/{row.id}")) == 1
        assert audited(database, "escalation.")["escalation.opened"] == 1
        assert [one.person.name for one in world.card(row.id).called] == ["Anna Berg"]
        assert world.sweep().fired == 0

    return Act(world.sweep, check)


def escalation_joined(database: Database) -> Act:
    world = EscalationWorld.on(database, FakeClock(), RecordingJobs())
    world.rules(keywords=("cancel",), sentiment=-0.4)
    world.ticket("1", "We want to cancel.")
    world.sweep()
    world.clock.move(timedelta(minutes=1))
    world.say("1", "customer", "This is terrible and awful. Let me speak to a human please!")

    def check() -> None:
        assert len(world.rows()) == len(messages(database, f"escalation/{world.rows()[0].id}")) == 1
        assert Counter(one.reason for one in world.firings()) == {"keyword": 1, "asks_human": 1, "sentiment": 1}
        told = audited(database, "escalation.")
        assert (told["escalation.opened"], told["escalation.joined"]) == (1, 2)

    return Act(world.sweep, check)


def report_made(database: Database) -> Act:
    room = Newsroom.on(database, FakeClock(), RecordingJobs())
    room.world.open()
    number = room.ask()
    room.later(minutes=1)

    def check() -> None:
        assert room.report(number).state == "made"
        assert audited(database, "report.made") == {"report.made": 1}
        assert messages(database, f"report/{number}") == [f"report/{number}"]
        with database.read() as session:
            assert session.scalar(select(func.count()).select_from(Upload)) == 2

    return Act(lambda: room.make(number), check)


ACTS: dict[str, Callable[[Database], Act]] = {
    "mirror.taken": mirror,
    "mirror.kept": mirror,
    "sla.taken": clocks_made,
    "sla.told": clock_told,
    "triage.decided": triage_decided,
    "triage.settled": triage_settled,
    "escalation.fired": escalation_fired,
    "escalation.joined": escalation_joined,
    "report.counted": report_made,
    "report.made": report_made,
}


@pytest.mark.parametrize("kills", range(1, ROUNDS + 1))
@pytest.mark.parametrize("boundary", AUTOMATIONS)
def test_a_kill_inside_an_automation(database: Database, boundary: str, kills: int) -> None:
    act = ACTS[boundary](database)
    for _ in range(kills):
        dies_at(database, boundary, act.do)
    act.do()
    act.check()
