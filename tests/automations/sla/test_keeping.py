"""Clocks that are kept: from what changed alone they are what they would be if all were made anew; told once each."""

import os
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import DataObject, data, integers, sampled_from
from sqlalchemy import delete, event, insert, select, text, update

from automations.calendar import WorkingHours
from automations.sla import taking
from automations.sla.clocks import clocks
from automations.sla.keeping import DueClock, clock_lines, due, refresh, refresh_one, running_out, tell
from automations.sla.life import Life, Said, Stood
from automations.sla.policy import SlaPolicy, SlaTarget
from automations.sla.rows import row_of, version_of
from automations.sla.worked import WorkedHours
from storage.engine import Database
from storage.models import Base, MirrorMessage, MirrorPlace, MirrorSpan, MirrorTicket, SlaClock, SlaPlace
from tests.automations.sla.lives import CHANGES, hours, lives, policies
from tests.automations.sla.mirrored import SYSTEM, put, ticket_row
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
    clock, known = FakeClock(moments[0][0]), dict[str, tuple[Life, datetime]]()
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


OSLO = ZoneInfo("Europe/Oslo")
EASTER = frozenset({date(2026, 4, 2), date(2026, 4, 3), date(2026, 4, 6)})
OFFICE = WorkingHours(frozenset(range(5)), time(9), time(17), "Europe/Oslo", EASTER)
NIGHTS = WorkingHours(frozenset(range(7)), time(0), time(4), "Europe/Oslo")


def oslo(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=OSLO).astimezone(UTC)


@sqlite
@pytest.mark.parametrize(
    ("hours", "asked", "warned", "breached"),
    [
        (OFFICE, oslo(3, 27, 15), oslo(3, 30, 10), oslo(3, 30, 11)),
        (OFFICE, oslo(10, 23, 15), oslo(10, 26, 10), oslo(10, 26, 11)),
        (OFFICE, oslo(4, 1, 16), oslo(4, 7, 11), oslo(4, 7, 12)),
        (OFFICE, oslo(4, 3, 12), oslo(4, 7, 12), oslo(4, 7, 13)),
        (OFFICE, oslo(3, 27, 13), oslo(3, 27, 16), oslo(3, 27, 17)),
        (NIGHTS, oslo(3, 29, 0, 30), oslo(3, 30, 0, 30), oslo(3, 30, 1, 30)),
        (NIGHTS, oslo(10, 25, 0, 30), datetime(2026, 10, 25, 1, 30, tzinfo=UTC), oslo(10, 25, 3, 30)),
        (None, oslo(3, 29, 0, 30), oslo(3, 29, 4, 30), oslo(3, 29, 5, 30)),
    ],
    ids=[
        "the weekend on which clocks go forward",
        "the weekend on which they go back",
        "over Easter, the Monday too",
        "asked on a holiday",
        "the day's end is the end of four hours",
        "a night of three hours",
        "a night of five hours",
        "a team that always works",
    ],
)
def test_acceptance_17_sla_clocks_in_weeks_of_clock_changes_and_holidays(
    database: Database, hours: WorkingHours | None, asked: datetime, warned: datetime, breached: datetime
) -> None:
    """Four working hours for the first reply: due to the microsecond, and not one earlier."""
    clock = FakeClock(asked)
    policy = SlaPolicy(targets=(SlaTarget(name="four hours", first_reply=4 * H),))
    with database.begin() as session:
        put(session, "1", open_life(asked), asked)
    refresh(database, SYSTEM, policy, hours, clock)
    for at, which in ((warned, "warn"), (breached, "breach")):
        clock.at = at
        earlier = _due(database, clock, -timedelta(microseconds=1))
        assert [one.which for one in earlier] == ([] if which == "warn" else ["warn"])
        (found,) = _due(database, clock, timedelta(microseconds=1))
        assert (found.which, found.at) == (which, at)


def test_clocks_for_people(database: Database) -> None:
    clock = FakeClock()
    _change(database, clock, open_life(START - 2 * H), "a")
    _change(database, clock, open_life(START - 5 * H, Said(START - H, "agent"), status="pending"), "b")
    _change(database, clock, open_life(START - 30 * H, opened_by="agent"), "c")
    with database.begin() as session:
        mine = MirrorTicket.ticket_id == "c"
        session.execute(update(MirrorTicket).where(mine).values(assignee="anna@team.example"))
    with database.read() as session:
        lines = clock_lines(session, SYSTEM, ["a", "b", "missing"], START)
        running = running_out(session, SYSTEM, START + 3 * H, limit=2)
        annas = running_out(session, SYSTEM, START, assignee="anna@team.example", limit=9)
    assert [(one.kind, one.state, one.left_s) for one in lines["a"]] == [
        ("first_reply", "running", 2 * 3600), ("resolution", "running", 38 * 3600),
    ]  # fmt: skip
    assert [(one.kind, one.state, one.left_s, one.late_s) for one in lines["b"]] == [
        ("first_reply", "met", None, 0), ("resolution", "paused", None, 0),
    ]  # fmt: skip
    assert lines.keys() == {"a", "b"}
    assert [(one.ticket_id, one.kind, one.left_s) for one in running] == [
        ("a", "first_reply", -3600), ("c", "resolution", 7 * 3600),
    ]  # fmt: skip
    assert [(one.title, one.url, one.assignee) for one in annas] == [
        ("Ticket c", "https://desk.example/c", "anna@team.example")
    ]


def test_what_is_due_is_found_by_indexes_alone(database: Database) -> None:
    """Asked of the database itself, with as many clocks as make a difference to it."""
    with database.begin() as session:
        row = row_of(
            clocks(open_life(), POLICY, WorkedHours(None), START)[0],
            system=SYSTEM, ticket_id="", version="", seen_at=START,
        )  # fmt: skip
        times = [{"warn_at": START + n * MINUTE, "due_at": START + (n + 60) * MINUTE} for n in range(3000)]
        session.execute(
            insert(SlaClock), [{**row, **time, "ticket_id": str(n), "told": ""} for n, time in enumerate(times)]
        )
        tickets = [{**ticket_row(str(n), open_life(), START)} for n in range(3000)]
        session.execute(insert(MirrorTicket), tickets)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("analyze"))
    asked: list[tuple[str, Any]] = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: asked.append((args[2], args[3])))
    with database.read() as session:
        due(session, SYSTEM, START + MINUTE, 50)
        running_out(session, SYSTEM, START, limit=20)
    plans = [_plan(database, *one) for one in asked if one[0].lower().startswith("select")]
    assert len(plans) == 4
    for plan in plans:
        assert "ix_sla_clock_" in plan, plan
        assert not re.search(r"SCAN|Seq Scan", plan), plan


def _plan(database: Database, statement: str, values: Any) -> str:
    words = "explain query plan " if database.dialect == "sqlite" else "explain "
    with database.engine.connect() as connection:
        return "\n".join(str(row) for row in connection.exec_driver_sql(words + statement, values))


def test_a_ticket_of_which_no_clocks_can_be_made_leaves_those_of_the_others(database: Database) -> None:
    clock = FakeClock()
    with database.begin() as session:
        for name in ("1", "2", "3"):
            put(session, name, open_life(), clock.now())
        bad = session.scalar(select(MirrorTicket.id).where(MirrorTicket.ticket_id == "2"))
        session.execute(delete(MirrorSpan).where(MirrorSpan.ticket == bad))
    passed: list[tuple[str, str]] = []
    with pytest.raises(KeyError):
        refresh(database, SYSTEM, POLICY, None, clock)
    refresh(
        database,
        SYSTEM,
        POLICY,
        None,
        clock,
        pass_over=lambda _session, ticket, error: passed.append((ticket, type(error).__name__)),
    )
    assert {ticket for ticket, _ in kept(database)} == {"1", "3"}
    assert set(passed) == {("2", "KeyError")}
    with pytest.raises(KeyError):
        refresh_one(database, SYSTEM, "2", POLICY, None, clock)
    with database.begin() as session:
        put(session, "2", open_life(), clock.now())
    refresh_one(database, SYSTEM, "2", POLICY, None, clock)
    assert {ticket for ticket, _ in kept(database)} == {"1", "2", "3"}
