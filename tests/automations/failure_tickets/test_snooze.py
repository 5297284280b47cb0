"""Snooze: quiet until a set time, then its owner hears of it; whoever touches the case wakes it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import select

from automations.calendar import WorkingHours
from automations.domain import Actor
from automations.errors import Refused
from automations.failure_tickets import closing, escalate, life, snooze
from automations.failure_tickets.moves import Outcome
from storage import notifications
from storage.models import Notification
from tests.automations.failure_tickets.deeds import do
from tests.automations.failure_tickets.groups_world import burst, lines
from tests.automations.failure_tickets.world import ANNA, BEN, LEA, World

HOUR = timedelta(hours=1)


def asleep(world: World, case: int, actor: Actor = BEN, length: timedelta = 4 * HOUR) -> Outcome:
    with world.begin() as session:
        return snooze.snooze(session, case, actor, world.clock.now() + length, world.ctx)


def wake(world: World) -> list[bool]:
    with world.begin() as session:
        return [snooze.wake(session, args, world.ctx) for _, args in snooze.due(session, world.ctx)]


def refusal(world: World, case: int, length: timedelta) -> str:
    with pytest.raises(Refused) as refused:
        asleep(world, case, length=length)
    assert world.case(case).snoozed_until is None
    return str(refused.value)


def test_a_snoozed_case_escalates_only_after_its_end(world: World) -> None:
    case = world.open()
    outcome = asleep(world, case)
    after = world.case(case)
    end = world.clock.now() + 4 * HOUR
    assert outcome.text == "CASE-1 is snoozed until 07:14. Whoever acts on it wakes it."
    assert (after.status, after.owner) == ("open", "anna@team.example")
    assert (after.snoozed_until, after.snoozed_by) == (end, "ben@team.example")
    assert after.escalate_at == end + timedelta(minutes=30)
    world.clock.move(4 * HOUR)
    with world.begin() as session:
        assert escalate.due(session, world.ctx) == []
    assert world.audited("case.snoozed")[0].actor == "ben@team.example"


def test_a_claimed_case_is_reminded_of_after_its_snooze(world: World) -> None:
    case = world.open()
    do(world, life.claim, case, BEN)
    asleep(world, case)
    assert world.case(case).remind_at == world.clock.now() + 4 * HOUR + timedelta(hours=4)


def test_a_second_snooze_takes_the_place_of_the_first(world: World) -> None:
    case = world.open()
    asleep(world, case)
    asleep(world, case, LEA, HOUR)
    after = world.case(case)
    end = world.clock.now() + HOUR
    assert (after.snoozed_until, after.snoozed_by, after.escalate_at) == (
        end, "lea@team.example", end + timedelta(minutes=30),
    )  # fmt: skip


def test_at_its_end_the_owner_is_called_once(world: World) -> None:
    case = world.open()
    with world.begin() as session:
        taken = notifications.take(session, "case/1", world.clock.now())
        notifications.delivered(session, "case/1", taken.version, "C", "1.0", None, world.clock.now())
    asleep(world, case)
    world.clock.move(4 * HOUR - timedelta(seconds=1))
    assert wake(world) == []
    world.clock.move(timedelta(seconds=1))
    assert wake(world) == [True]
    assert wake(world) == []
    line = world.entries(case)[-1]
    assert (line.verb, line.text, line.to_desk) == (
        "woke", "woke this case, which Ben Okoro had snoozed until 07:14", False,
    )  # fmt: skip
    told = world.notification(f"case/1/entry/{line.seq}")
    assert told is not None
    assert told.data["mention"] == "anna@team.example"
    assert (world.case(case).snoozed_until, world.case(case).snoozed_by) == (None, None)
    (row,) = world.audited("case.woke")
    assert row.before == {"snoozed_until": world.clock.now().isoformat(), "snoozed_by": "ben@team.example"}


def test_it_has_an_end_within_a_week(world: World) -> None:
    case = world.open()
    assert "is past already" in refusal(world, case, timedelta(0))
    assert "more than 7 days away" in refusal(world, case, timedelta(days=7, seconds=1))
    assert asleep(world, case, length=timedelta(days=7)).changed


def test_a_closed_case_is_not_snoozed(world: World) -> None:
    case = world.open()
    do(world, closing.resolve, case, LEA, "restarted it")
    assert "Lea Lind resolved CASE-1" in refusal(world, case, HOUR)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (life.claim, ()),
        (life.reassign, ("lea@team.example",)),
        (life.escalate, ("why",)),
        (closing.resolve, ("done",)),
        (closing.not_needed, ("noise",)),
    ],
)
def test_whoever_acts_on_it_wakes_it(world: World, act: Callable[..., Outcome], words: tuple[str, ...]) -> None:
    case = world.open()
    asleep(world, case)
    world.clock.move(HOUR)
    do(world, act, case, ANNA, *words)
    after = world.case(case)
    assert (after.snoozed_until, after.snoozed_by) == (None, None)
    if act is life.reassign:
        assert after.escalate_at == world.clock.now() + timedelta(minutes=30), "the time until then starts anew"
    world.clock.move(4 * HOUR)
    assert wake(world) == []


def test_releasing_wakes_too(world: World) -> None:
    case = world.open()
    do(world, life.claim, case, BEN)
    asleep(world, case)
    do(world, life.release, case, BEN)
    assert world.case(case).snoozed_until is None
    assert world.case(case).escalate_at == world.clock.now() + timedelta(minutes=30)


def test_a_new_occurrence_does_not_wake_it(world: World) -> None:
    case = world.open()
    asleep(world, case)
    assert world.fail().status == "joined"
    assert world.case(case).snoozed_until is not None


def test_an_end_is_chosen_or_typed(world: World) -> None:
    """It is Saturday, 03:14 in the team's zone."""
    now = world.clock.now()
    assert [(one.word, one.label, one.until) for one in snooze.choices(world.ctx)] == [
        ("1h", "1 hour", now + HOUR),
        ("4h", "4 hours", now + 4 * HOUR),
        ("morning", "Next morning (09:00)", datetime(2026, 11, 21, 8, tzinfo=UTC)),
    ]
    assert snooze.end_of("4h", "  ", world.ctx) == now + 4 * HOUR
    assert snooze.end_of("4h", "Mon 14:00", world.ctx) == datetime(2026, 11, 23, 13, tzinfo=UTC)
    assert snooze.end_of("", "tomorrow", world.ctx) == datetime(2026, 11, 22, 8, tzinfo=UTC)
    for chosen, typed, words in (("", "", "choose when"), ("9h", "", "choose when"), ("1h", "soon", "as a time")):
        with pytest.raises(Refused, match=words):
            snooze.end_of(chosen, typed, world.ctx)


def test_where_the_team_has_hours_the_morning_is_their_next(world: World) -> None:
    hours = WorkingHours(frozenset(range(5)), time(8), time(17), "Europe/Oslo")
    world.ctx = replace(world.ctx, hours=hours)
    assert snooze.choices(world.ctx)[-1].label == "Next working morning (23 Nov 08:00)"
    world.clock.move(timedelta(days=2, hours=10))
    assert snooze.choices(world.ctx)[-1].until == datetime(2026, 11, 24, 7, tzinfo=UTC)


def test_an_afternoon_means_the_morning_after(world: World) -> None:
    world.clock.move(timedelta(hours=10))
    assert snooze.choices(world.ctx)[-1].until == datetime(2026, 11, 22, 8, tzinfo=UTC)


def test_cases_in_one_message_that_were_snoozed_alike_wake_in_one_line(world: World) -> None:
    cases = burst(world, 10)[6:]
    end = world.clock.now() + 4 * HOUR
    for case in cases:
        with world.begin() as session:
            length = end if case != cases[-1] else end - HOUR
            snooze.snooze(session, case, BEN, length, world.ctx)
    world.clock.move(3 * HOUR)
    assert wake(world) == [True]
    assert [one for one in lines(world) if "woke" in one.data["text"]] == [], "one alone has its own line"
    world.clock.move(HOUR)
    assert wake(world) == [True, False, False]
    (line,) = [one for one in lines(world) if "woke" in one.data["text"]]
    assert line.data["text"] == "woke 3 cases of this group, which Ben Okoro had snoozed until 07:14"
    assert [[one.verb for one in world.entries(case)][-1] for case in cases] == ["woke"] * 4
    assert len(world.audited("case.woke")) == 4
    with world.database.read() as session:
        keys = session.scalars(select(Notification.key).where(Notification.kind == "case.entry")).all()
        woken = [key for key in keys if key == f"case/{cases[-1]}/entry/{world.entries(cases[-1])[-1].seq}"]
        others = [key for key in keys if key == f"case/{cases[0]}/entry/{world.entries(cases[0])[-1].seq}"]
    assert (len(woken), others) == (1, [])
