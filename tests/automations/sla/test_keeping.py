"""Clocks that are kept: from what changed alone they are what they would be if all were made anew; told once each."""

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import DataObject, data, integers, sampled_from
from sqlalchemy import delete, insert, select

from automations.calendar import WorkingHours
from automations.sla import taking
from automations.sla.clocks import clocks
from automations.sla.keeping import DueClock, due, refresh, tell
from automations.sla.life import Life, Said, Stood
from automations.sla.policy import SlaPolicy, SlaTarget
from automations.sla.rows import row_of, version_of
from automations.sla.worked import WorkedHours
from storage.engine import Database
from storage.models import Base, MirrorMessage, MirrorPlace, MirrorSpan, MirrorTicket, SlaClock, SlaPlace
from tests.automations.sla.lives import CHANGES, hours, lives, policies
from tests.automations.sla.mirrored import SYSTEM, put
from tests.support import START, FakeClock

TABLES: Sequence[type[Base]] = (MirrorSpan, MirrorMessage, MirrorTicket, SlaClock, SlaPlace, MirrorPlace)
LIVES = settings(
    max_examples=int(os.environ.get("HANDOFF_CLOCKS", "150")) // 10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MINUTE, H, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ALL = SlaTarget(name="all", first_reply=4 * H, next_reply=8 * H, resolution=40 * H, count="calendar")
POLICY = SlaPolicy(targets=(ALL,))


def open_life(at: datetime = START, *said: Said, status: str = "open", opened_by: str = "customer") -> Life:
    return Life(opened_by, "", (Stood(at, status, "normal", "Support"),), said)


def kept(database: Database, *, told: bool = False) -> dict[tuple[str, str], dict[str, Any]]:
    columns = [one for one in SlaClock.__table__.c if told or one.name != "told"]
    with database.read() as session:
        rows = session.execute(select(*columns)).mappings()
        return {(row["ticket_id"], row["kind"]): dict(row) for row in rows}


def anew(
    known: dict[str, tuple[Life, datetime]], policy: SlaPolicy, hours: WorkingHours | None
) -> dict[tuple[str, str], dict[str, Any]]:
    """All clocks, made from nothing."""
    version, worked = version_of(policy, hours), WorkedHours(hours)
    return {
        (name, one.kind.value): row_of(one, system=SYSTEM, ticket_id=name, version=version, seen_at=changed_at)
        for name, (life, changed_at) in known.items()
        for one in clocks(life, policy, worked, changed_at)
    }


@sqlite
@LIVES
@given(data())
def test_taking_in_each_change_comes_to_the_same_as_making_all_anew(database: Database, data: DataObject) -> None:
    """Some tickets live at once; each change is taken in, or some together; the policy changes on the way."""
    with database.begin() as session:
        for table in TABLES:
            session.execute(delete(table))
    zone = data.draw(sampled_from(sorted(CHANGES)))
    change = data.draw(sampled_from(CHANGES[zone]))
    drawn = [data.draw(lives(change, zone)) for _ in range(data.draw(integers(1, 3)))]
    first, second = ((data.draw(policies()), data.draw(hours(change, zone))) for _ in range(2))
    moments = sorted({(at, str(n)) for n, one in enumerate(drawn) for at in one.moments})
    (policy, worked), switch = first, data.draw(integers(0, len(moments)))
    clock, known = FakeClock(), dict[str, tuple[Life, datetime]]()
    for step, (at, name) in enumerate(moments):
        clock.at = at if step % 3 else max(at, clock.at)  # also set back
        if step == switch:
            policy, worked = second
        life = drawn[int(name)].until(at)
        with database.begin() as session:
            known[name] = life, put(session, name, life, clock.at)
        if data.draw(integers(0, 3)) == 0:
            continue
        refresh(database, SYSTEM, policy, worked, clock)
        assert kept(database) == anew(known, policy, worked)
        assert refresh(database, SYSTEM, policy, worked, clock) == 0
    refresh(database, SYSTEM, policy, worked, clock)
    assert kept(database) == anew(known, policy, worked)


def test_a_clock_is_told_once_for_each_turn(database: Database) -> None:
    clock, life = FakeClock(), open_life()
    _change(database, clock, life)
    assert _due(database, clock, 3 * H - MINUTE) == []
    (warned,) = _due(database, clock, MINUTE)
    assert (warned.which, warned.kind, warned.at, warned.spent_s, warned.target_s) == (
        "warn", "first_reply", START + 3 * H, 3 * 3600, 4 * 3600,
    )  # fmt: skip
    assert _tell(database, warned)
    assert not _tell(database, warned), "somebody has"
    assert _due(database, clock, timedelta()) == []
    (breached,) = _due(database, clock, 2 * H)
    assert (breached.which, breached.at, breached.told) == ("breach", START + 4 * H, "warned")
    assert _tell(database, breached)

    urgent = Life("customer", "", (*life.stood, Stood(clock.at, "open", "urgent", "Support")))
    _change(database, clock, urgent)
    assert _due(database, clock, timedelta()) == [], "another change of the ticket, the same turn"

    asked = Life("customer", "", urgent.stood, (Said(clock.at, "agent"), Said(clock.at + MINUTE, "customer")))
    _change(database, clock, asked)
    rows = kept(database, told=True)
    assert [(rows["1", kind]["state"], rows["1", kind]["told"]) for kind in ("first_reply", "next_reply")] == [
        ("met", "breached"), ("running", ""),
    ]  # fmt: skip
    assert rows["1", "first_reply"]["late_s"] == 3600
    (late,) = [one for one in _due(database, clock, 9 * H) if one.kind == "next_reply"]
    assert (late.which, late.turn, late.told) == ("breach", 1, ""), "never warned of what is breached already"
    assert _tell(database, late)
    again = Life("customer", "", asked.stood, (*asked.said, Said(clock.at, "agent"), Said(clock.at, "customer")))
    _change(database, clock, again)
    row = kept(database, told=True)["1", "next_reply"]
    assert (row["turn"], row["told"], row["due_at"]) == (2, "", clock.at + 8 * H)
    assert not _tell(database, late), "that was another turn"


def _change(database: Database, clock: FakeClock, life: Life, name: str = "1") -> None:
    with database.begin() as session:
        put(session, name, life, clock.at)
    refresh(database, SYSTEM, POLICY, None, clock)


def _due(database: Database, clock: FakeClock, later: timedelta) -> Sequence[DueClock]:
    with database.read() as session:
        return due(session, SYSTEM, clock.move(later), 100)


def _tell(database: Database, clock: DueClock) -> bool:
    with database.begin() as session:
        return tell(session, clock)


@sqlite
def test_who_changed_since_is_not_due_before_that_was_taken_in(database: Database) -> None:
    """As after an outage: the answer is in the mirror already, the clock still runs."""
    clock = FakeClock()
    _change(database, clock, open_life())
    clock.move(5 * H)
    answered = open_life(START, Said(START + H, "agent"))
    with database.begin() as session:
        put(session, "1", answered, clock.at)
    assert _due(database, clock, timedelta()) == []
    refresh(database, SYSTEM, POLICY, None, clock)
    assert _due(database, clock, timedelta()) == []
    assert kept(database)["1", "first_reply"]["state"] == "met"


@sqlite
def test_who_left_has_no_clock_that_runs(database: Database) -> None:
    clock = FakeClock()
    for n, status in enumerate(("open", "solved", "closed")):
        _change(database, clock, open_life(START - H * n, status=status), str(n))
    gone = open_life()
    merged = Life("customer", "", (*gone.stood, Stood(START + H, "closed", "normal", "Support", merged=True)))
    _change(database, clock, merged, "merged")
    _change(database, clock, Life("customer", "", gone.stood, (), START + H), "deleted")
    running = {ticket for (ticket, _), row in kept(database).items() if row["state"] == "running"}
    assert running == {"0"}
    ended = {(ticket, kind): row["ended_at"] for (ticket, kind), row in kept(database).items() if ticket > "2"}
    assert set(ended.values()) == {START + H}
    states = {ticket: row["state"] for (ticket, kind), row in kept(database).items() if kind == "resolution"}
    assert states == {"0": "running", "1": "met", "2": "met", "merged": "ended", "deleted": "ended"}


def test_another_policy_makes_all_clocks_anew_a_few_at_a_time(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the way what happens to a ticket goes before; a target that is gone takes its clocks with it."""
    monkeypatch.setattr(taking, "AT_ONCE", 2)
    clock = FakeClock()
    for n in range(7):
        with database.begin() as session:
            put(session, str(n), open_life(START - n * MINUTE), clock.at)
    assert refresh(database, SYSTEM, POLICY, None, clock, most=4) == 4
    assert refresh(database, SYSTEM, POLICY, None, clock) == 3
    shorter = ALL.model_copy(update={"first_reply": 2 * H, "resolution": None})
    other = SlaPolicy(targets=(shorter,))
    clock.move(MINUTE)
    with database.begin() as session:
        put(session, "6", open_life(START - H), clock.at)
    assert refresh(database, SYSTEM, other, None, clock, most=1) == 1
    assert {ticket for (ticket, _), row in kept(database).items() if row["target_s"] == 7200} == {"6"}
    assert refresh(database, SYSTEM, other, None, clock, most=4) == 4
    while refresh(database, SYSTEM, other, None, clock, most=1):
        assert len(kept(database)) < 14
    assert {row["target_s"] for row in kept(database).values()} == {7200}
    assert {kind for _, kind in kept(database)} == {"first_reply"}
    assert refresh(database, SYSTEM, SlaPolicy(), None, clock) == 7
    assert kept(database) == {}


@sqlite
def test_what_is_done_with_long_ago_has_no_clocks(database: Database) -> None:
    """Neither if it was solved before clocks were kept, nor once it lies so far back; nor what is in no mirror."""
    clock = FakeClock()
    _change(database, clock, open_life(START - 100 * DAY, status="solved"), "old")
    _change(database, clock, open_life(START - 100 * DAY), "open")
    _change(database, clock, open_life(START - 80 * DAY, status="solved"), "recent")
    _change(database, clock, open_life(START - DAY), "thrown away")
    assert {ticket for ticket, _ in kept(database)} == {"open", "recent", "thrown away"}
    with database.begin() as session:
        session.execute(delete(MirrorSpan).where(MirrorSpan.ticket.in_(select(MirrorTicket.id).where(_thrown()))))
        session.execute(delete(MirrorTicket).where(_thrown()))
    clock.move(11 * DAY)
    refresh(database, SYSTEM, POLICY, None, clock)
    assert {ticket for ticket, _ in kept(database)} == {"open", "thrown away"}, "the mirror may be made anew just now"
    row = {"system": SYSTEM, "cursor": "", "left": [], "began_at": START, "complete_at": START, "listed": 0}
    with database.begin() as session:
        session.execute(insert(MirrorPlace).values(row))
    clock.move(DAY)
    refresh(database, SYSTEM, POLICY, None, clock)
    assert {ticket for ticket, _ in kept(database)} == {"open"}


def _thrown() -> Any:
    return MirrorTicket.ticket_id == "thrown away"
