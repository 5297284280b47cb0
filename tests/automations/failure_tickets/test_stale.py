"""A claimed case that nobody touches: spoken of twice, named stale once, and quiet while nobody may be called."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from automations.calendar import WorkingHours
from automations.domain import Mode, Priority
from automations.failure_tickets import closing, group_acts, life, reminders, stale
from automations.failure_tickets.card import case_card, open_cases, status
from automations.failure_tickets.rules import Rule
from tests.automations.failure_tickets.deeds import do
from tests.automations.failure_tickets.groups_world import burst, lines, messages
from tests.automations.failure_tickets.timeline import Timeline
from tests.automations.failure_tickets.world import ANNA, BEN, BOOK, World

WAIT = timedelta(hours=4)
OFFICE = WorkingHours(frozenset(range(5)), time(9), time(17), "Europe/Oslo")
HOUR = timedelta(hours=1)


@pytest.fixture
def timeline(world: World) -> Timeline:
    return Timeline(world)


def claimed(world: World, **changes: object) -> int:
    case = world.open(**changes)
    do(world, life.claim, case, ANNA)
    return case


def said_of(world: World, case: int) -> list[tuple[str, str]]:
    return [(one.verb, one.text) for one in world.entries(case) if one.verb in (stale.REMINDED, stale.STALE)]


def test_it_is_spoken_of_twice_and_then_named_stale_once(world: World, timeline: Timeline) -> None:
    case = claimed(world)
    timeline.go(timedelta(days=3), step=HOUR)
    untouched = "nobody has touched this case since 03:14; last: Anna Berg claimed it"
    assert said_of(world, case) == [
        ("reminded", f"reminds Anna Berg: {untouched}"),
        ("reminded", f"reminds Anna Berg: {untouched}"),
        ("stale", f"calls this case stale: {untouched}"),
    ]
    at = [one.at - world.case(case).last_at for one in world.entries(case)[-3:]]
    assert at == [WAIT, 2 * WAIT, 3 * WAIT]
    lines = [one for one in timeline.mentions("U_AGENT1") if "/entry/" in one.key]
    assert len(lines) == 3
    assert all(line.thread_ts for line in lines)
    assert (world.case(case).escalated_at, world.case(case).status) == (None, "claimed")
    assert len(world.audited("case.reminded")) == 2
    assert len(world.audited("case.stale")) == 1


def test_stale_is_shown_on_the_card_in_lists_and_in_the_status(world: World, timeline: Timeline) -> None:
    case = claimed(world)
    timeline.go(timedelta(hours=13), step=HOUR)
    with world.database.read() as session:
        card, (row,), summary = (
            case_card(session, case, world.ctx),
            open_cases(session, world.ctx),
            status(session, world.ctx),
        )
    assert (card.stale, card.reminders, row.stale, row.reminders, summary.stale) == (True, 2, True, 2, 1)
    assert "· stale" in str(timeline.shown(f"case/{case}")["blocks"][0])


@pytest.mark.parametrize("touch", ["reassign to me", "escalate"])
def test_whoever_touches_it_begins_the_wait_anew(world: World, timeline: Timeline, touch: str) -> None:
    case = claimed(world)
    timeline.go(timedelta(hours=13), step=HOUR)
    assert world.case(case).stale_at is not None
    if touch == "escalate":
        do(world, life.escalate, case, ANNA, "the customer called")
    else:
        do(world, life.reassign, case, BEN, "ben@team.example")
    after = world.case(case)
    assert (after.stale_at, after.reminders, after.remind_at) == (None, 0, world.clock.now() + WAIT)
    timeline.run()
    assert "· stale" not in str(timeline.shown(f"case/{case}")["blocks"][0])
    world.clock.move(WAIT)
    timeline.run()
    assert world.case(case).reminders == 1


def test_what_the_failure_does_is_no_touch(world: World, timeline: Timeline) -> None:
    case = claimed(world)
    due = world.case(case).remind_at
    for _ in range(12):
        world.fail()
    assert world.case(case).count == 13
    assert world.case(case).remind_at == due


@pytest.mark.parametrize("ending", ["release", "resolve", "not needed", "give away"])
def test_a_case_that_is_not_claimed_any_more_is_not_spoken_of(world: World, timeline: Timeline, ending: str) -> None:
    world.without_rules()
    case = claimed(world)
    match ending:
        case "release":
            do(world, life.release, case, ANNA)
        case "resolve":
            do(world, closing.resolve, case, ANNA, "restarted")
        case "not needed":
            do(world, closing.not_needed, case, ANNA, "")
        case _:
            do(world, life.reassign, case, ANNA, "ben@team.example")
    assert world.case(case).remind_at is None
    timeline.go(timedelta(days=2), step=HOUR)
    assert said_of(world, case) == []


def test_a_rule_has_a_time_of_its_own_and_the_team_may_have_none(world: World, timeline: Timeline) -> None:
    rule = Rule(name="billing", source="billing-*", remind_after=timedelta(minutes=15))
    timing = replace(world.ctx.timing, remind_after=None)
    world.ctx = replace(world.ctx, book=replace(BOOK, rules=(rule,)), timing=timing)
    never, soon = claimed(world, dedup_key="a"), claimed(world, dedup_key="b", source="billing-run")
    timeline.go(HOUR, step=timedelta(minutes=5))
    assert (said_of(world, never), len(said_of(world, soon))) == ([], 3)


def test_outside_working_hours_it_waits_until_it_is_heard(world: World, timeline: Timeline) -> None:
    world.ctx = replace(world.ctx, hours=OFFICE, book=replace(BOOK, rules=(Rule(name="calm", priority=Priority.HIGH),)))
    world.clock.move(timedelta(minutes=46))
    case = claimed(world)
    monday = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    assert world.case(case).remind_at == monday
    timeline.go(timedelta(days=4), step=HOUR)
    assert [one.at for one in world.entries(case)][-3:] == [
        monday,
        monday + WAIT,
        monday + timedelta(days=1),
    ]
    assert all(OFFICE.covers(one.at) for one in timeline.slack.said if one.mentions)


def test_an_urgent_case_is_spoken_of_at_night(world: World, timeline: Timeline) -> None:
    world.ctx = replace(
        world.ctx, hours=OFFICE, book=replace(BOOK, rules=(Rule(name="fire", priority=Priority.URGENT),))
    )
    case = claimed(world)
    assert world.case(case).remind_at == world.clock.now() + WAIT


def test_hours_that_changed_since_put_it_off(world: World, timeline: Timeline) -> None:
    world.ctx = replace(world.ctx, book=replace(BOOK, rules=(Rule(name="calm", priority=Priority.LOW),)))
    case = claimed(world)
    world.ctx = replace(world.ctx, hours=OFFICE)
    world.clock.move(WAIT)
    timeline.run()
    assert said_of(world, case) == []
    assert world.case(case).remind_at == datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def test_while_the_automation_may_not_act_nothing_is_said(world: World, timeline: Timeline) -> None:
    case = claimed(world)
    world.ctx = replace(world.ctx, mode=Mode.OFF)
    timeline.go(timedelta(days=1), step=HOUR)
    assert said_of(world, case) == []
    world.ctx = replace(world.ctx, mode=Mode.AUTO)
    timeline.run()
    assert len(said_of(world, case)) == 1


def test_two_replicas_speak_once(world: World) -> None:
    case = claimed(world)
    world.clock.move(WAIT)
    for _ in range(2):
        with world.begin() as session:
            stale.remind(session, {"case_id": case}, world.ctx)
    assert len(said_of(world, case)) == 1


def test_cases_in_one_message_are_spoken_of_in_one_line(world: World, timeline: Timeline) -> None:
    cases = burst(world, 38)
    timeline.run()
    with world.begin() as session:
        life.claim(session, 3, BEN, world.ctx)
        group_acts.claim_all(session, 1, ANNA, world.ctx)
    timeline.run()
    own = {int(key.partition("/")[2]) for key in messages(world) if key.startswith("case/")}
    shared = len(cases) - len(own | {3})
    before = len(timeline.slack.said)
    timeline.go(3 * WAIT, step=WAIT)
    said = [one for one in timeline.slack.said[before:] if one.key.startswith("group/1/line/")]
    untouched = f"{shared} cases of this group: nobody has touched them since 03:14"
    told = [f"Handoff reminds Anna Berg: {untouched}"] * 2 + [f"Handoff calls this case stale: {untouched}"]
    assert [(one.text.removeprefix("<@U_AGENT1> "), one.mentions) for one in said] == [
        (text.replace("this case", "these cases"), ("U_AGENT1",)) for text in told
    ]
    entries = [one for one in timeline.slack.said[before:] if "/entry/" in one.key]
    assert {one.key.split("/")[1] for one in entries} == {str(case) for case in own | {3}}, "alone in their message"
    assert all(len(said_of(world, case)) == 3 for case in cases)
    assert (len(world.audited("case.reminded")), len(world.audited("case.stale"))) == (2 * len(cases), len(cases))


def test_a_case_touched_since_is_not_counted(world: World, timeline: Timeline) -> None:
    burst(world, 10)
    timeline.run()
    with world.begin() as session:
        group_acts.claim_all(session, 1, ANNA, world.ctx)
    world.clock.move(HOUR)
    do(world, life.escalate, 10, ANNA, "the customer called")
    world.clock.move(3 * HOUR)
    timeline.run()
    assert said_of(world, 10) == []
    (line,) = [one.data["text"] for one in lines(world) if "reminds" in one.data["text"]]
    own = [key for key in messages(world) if key.startswith("case/")]
    assert line.startswith(f"reminds Anna Berg: {9 - len(own)} cases of this group")


def test_a_snooze_is_slept_out_before_the_wait_begins(world: World) -> None:
    case = claimed(world)
    until = world.clock.now() + timedelta(days=2)
    with world.begin() as session:
        row = world.case(case)
        row.snoozed_until = until
        assert reminders.restart(row, world.ctx)["remind_at"] == until + WAIT
        assert stale.due(session, world.ctx) == []
