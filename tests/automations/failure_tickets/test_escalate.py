"""A passed escalation time: once, by rule, only for what nobody has claimed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from automations.calendar import WorkingHours
from automations.domain import Actor, Mode, Priority
from automations.failure_tickets import closing, escalate, life, shadow
from automations.failure_tickets.card import escalation_card
from automations.failure_tickets.card_types import EscalationCard
from automations.failure_tickets.rules import Rule
from automations.people import Absence, Roster
from storage import modes
from tests.automations.failure_tickets.timeline import Timeline
from tests.automations.failure_tickets.world import ANNA, BEN, BOOK, LEA, World


def due(world: World) -> list[int]:
    with world.database.read() as session:
        return escalate.due(session, world.ctx)


def overdue(world: World, case: int) -> bool:
    with world.begin() as session:
        return escalate.escalate_overdue(session, case, world.ctx)


def test_an_unclaimed_case_is_escalated_when_its_time_has_come_and_once(world: World) -> None:
    case = world.open()
    world.clock.move(timedelta(minutes=30) - timedelta(microseconds=1))
    assert due(world) == []
    assert not overdue(world, case)
    world.clock.move(timedelta(microseconds=1))
    assert due(world) == [case]
    assert overdue(world, case)
    assert due(world) == []
    assert not overdue(world, case)
    after = world.case(case)
    assert (after.escalated_by, after.escalation_reason) == ("handoff", "nobody had claimed it by 03:44")
    assert len(world.audited("case.escalated")) == 1
    post = world.notification("case/1/escalation/1")
    assert post is not None
    with world.database.read() as session:
        card = escalation_card(session, post.data, world.ctx)
    assert (card.lead.slack, card.by.name, card.at) == ("U_LEAD1", "Handoff", world.clock.now())
    assert (card.case.id, card.reason) == (case, "nobody had claimed it by 03:44")


def test_two_replicas_escalate_once(world: World) -> None:
    case = world.open()
    world.clock.move(timedelta(hours=1))
    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(lambda _: overdue(world, case), range(4))) == [False, False, False, True]
    assert world.notification("case/1/escalation/2") is None


def test_claimed_closed_and_escalated_cases_are_left_alone(world: World) -> None:
    cases = [world.open(dedup_key=name) for name in ("claimed", "closed", "escalated", "open")]
    with world.begin() as session:
        life.claim(session, cases[0], ANNA, world.ctx)
        closing.resolve(session, cases[1], ANNA, "done", world.ctx)
        life.escalate(session, cases[2], ANNA, "now", world.ctx)
    world.clock.move(timedelta(days=90))
    assert due(world) == [cases[3]]
    assert [overdue(world, case) for case in cases] == [False, False, False, True]


def test_a_case_of_a_rule_without_a_time_is_never_due(world: World) -> None:
    world.without_rules()
    world.open()
    world.clock.move(timedelta(days=900))
    assert due(world) == []


def test_a_reopened_case_may_be_escalated_again_with_a_post_of_its_own(world: World) -> None:
    case = world.open()
    world.clock.move(timedelta(hours=1))
    overdue(world, case)
    with world.begin() as session:
        closing.resolve(session, case, ANNA, "done", world.ctx)
        closing.reopen(session, case, LEA, world.ctx)
    assert not overdue(world, case)
    world.clock.move(timedelta(minutes=30))
    assert overdue(world, case)
    assert world.notification("case/1/escalation/2") is not None


def test_the_post_says_who_took_the_case_up_since_and_how_it_ended(world: World) -> None:
    timeline, case = Timeline(world), world.open()
    timeline.go(timedelta(minutes=30), step=timedelta(minutes=30))

    def headline() -> str:
        return str(timeline.shown(f"case/{case}/escalation/1")["blocks"][0]["text"]["text"])

    assert headline().startswith("🚨 Escalated · ")
    with world.begin() as session:
        life.claim(session, case, ANNA, world.ctx)
    timeline.deliver()
    assert headline().startswith("👤 Escalated, claimed by Anna Berg · ")
    with world.begin() as session:
        closing.resolve(session, case, BEN, "done", world.ctx)
    timeline.deliver()
    assert headline().startswith("✅ Escalated, resolved by Ben Okoro · ")
    assert timeline.mentions("U_LEAD1") == [timeline.key_of(f"case/{case}/escalation/1")], "called once, by the post"


def test_the_lead_who_escalates_comes_without_a_slack_user(world: World) -> None:
    case = world.open()
    with world.begin() as session:
        life.escalate(session, case, LEA, "I call the vendor", world.ctx)
    post = world.notification("case/1/escalation/1")
    assert post is not None
    with world.database.read() as session:
        card = escalation_card(session, post.data, world.ctx)
    assert (card.lead.name, card.lead.slack) == ("Lea Lind", None)


def away(world: World, *emails: str) -> None:
    """Send people away for a week."""
    week = Absence(world.clock.now(), world.clock.now() + timedelta(days=7))
    people = [replace(one, away=(week,)) if one.email in emails else one for one in world.ctx.roster.people]
    world.ctx = replace(world.ctx, roster=Roster(tuple(people)))


def escalated_by(world: World, actor: Actor) -> tuple[str, EscalationCard]:
    """What the actor is told, and the post."""
    case = world.open()
    with world.begin() as session:
        told = life.escalate(session, case, actor, "customer calls", world.ctx).text
    post = world.notification("case/1/escalation/1")
    assert post is not None
    with world.database.read() as session:
        return told, escalation_card(session, post.data, world.ctx)


def test_a_lead_who_is_away_is_replaced_by_the_default_owner(world: World) -> None:
    away(world, "lea@team.example")
    told, card = escalated_by(world, BEN)
    words = "Lea Lind is away until 28 Nov 03:14; the default owner is asked instead"
    assert (card.lead.name, card.lead.slack, card.lead_why) == ("Anna Berg", "U_AGENT1", words)
    assert told == f"CASE-1 was brought before Anna Berg ({words})."


@pytest.mark.parametrize(("gone", "actor"), [(("lea@team.example", "anna@team.example"), BEN),
                                             (("lea@team.example",), ANNA)])  # fmt: skip
def test_a_lead_nobody_can_stand_in_for_is_mentioned_and_it_is_said(
    world: World, gone: tuple[str, ...], actor: Actor
) -> None:
    away(world, *gone)
    told, card = escalated_by(world, actor)
    words = "Lea Lind is away until 28 Nov 03:14, and nobody stands in"
    assert (card.lead.name, card.lead.slack, card.lead_why) == ("Lea Lind", "U_LEAD1", words)
    assert told == f"CASE-1 was brought before Lea Lind ({words})."


def test_the_default_owner_who_is_the_lead_is_mentioned_though_away(world: World) -> None:
    world.ctx = replace(world.ctx, book=replace(world.ctx.book, escalation_lead=None))
    away(world, "anna@team.example")
    _, card = escalated_by(world, BEN)
    assert (card.lead.slack, card.lead_why) == (
        "U_AGENT1",
        "Anna Berg is away until 28 Nov 03:14, and nobody stands in",
    )


def test_a_lead_who_is_there_needs_no_words(world: World) -> None:
    told, card = escalated_by(world, BEN)
    assert (card.lead_why, told) == ("", "CASE-1 was brought before Lea Lind.")


def set_mode(world: World, mode: Mode) -> None:
    with world.begin() as session:
        modes.set_mode(session, shadow.NAME, mode, by="os:root", at=world.clock.now())


@pytest.mark.parametrize("mode", [Mode.OFF, Mode.SHADOW])
def test_the_clock_escalates_nothing_while_the_automation_may_not_act(world: World, mode: Mode) -> None:
    case, other = world.open(), world.open(dedup_key="other")
    set_mode(world, mode)
    world.clock.move(timedelta(hours=1))
    assert due(world) == []
    assert not overdue(world, case)
    assert world.case(case).escalated_at is None
    with world.begin() as session:
        assert life.escalate(session, other, ANNA, "a person may", world.ctx).changed
    set_mode(world, Mode.AUTO)
    assert due(world) == [case]
    assert overdue(world, case)


OFFICE = WorkingHours(frozenset(range(5)), time(9), time(17), "Europe/Oslo")
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def at_night(world: World, priority: Priority = Priority.HIGH) -> tuple[Timeline, int]:
    """A case that nobody claims on a Saturday night, with its escalation posted."""
    world.ctx = replace(world.ctx, hours=OFFICE, book=replace(BOOK, rules=(Rule(name="all", priority=priority),)))
    timeline, case = Timeline(world), world.open()
    timeline.go(timedelta(minutes=46), step=timedelta(minutes=23))
    assert timeline.key_of(f"case/{case}/escalation/1").channel == "C_ESCALATIONS"
    return timeline, case


def test_at_night_the_post_calls_nobody_and_the_lead_is_called_in_the_morning(world: World) -> None:
    timeline, case = at_night(world)
    assert timeline.key_of(f"case/{case}/escalation/1").mentions == ()
    assert world.case(case).call_lead_at == MONDAY
    timeline.go(timedelta(days=5), step=timedelta(hours=3))
    (line,) = timeline.mentions("U_LEAD1")
    assert line.key == f"case/{case}/escalation/1/call"
    assert line.thread_ts
    assert OFFICE.covers(line.at)
    assert "CASE-1 was escalated outside working hours" in line.text
    assert world.case(case).call_lead_at is None
    (row,) = world.audited("case.lead_called")
    assert (row.actor, row.after) == ("handoff", {"lead": "lea@team.example"})


@pytest.mark.parametrize("taken", ["claimed", "closed", "reopened"])
def test_the_lead_is_not_called_for_what_somebody_took_up(world: World, taken: str) -> None:
    timeline, case = at_night(world)
    with world.begin() as session:
        match taken:
            case "claimed":
                life.claim(session, case, BEN, world.ctx)
            case "closed":
                closing.not_needed(session, case, BEN, "", world.ctx)
            case _:
                closing.not_needed(session, case, BEN, "", world.ctx)
                closing.reopen(session, case, BEN, world.ctx)
                life.claim(session, case, BEN, world.ctx)
    timeline.go(timedelta(days=3), step=timedelta(hours=3))
    assert timeline.mentions("U_LEAD1") == []
    assert world.case(case).call_lead_at is None


def test_an_urgent_case_calls_the_lead_at_night(world: World) -> None:
    timeline, case = at_night(world, Priority.URGENT)
    assert timeline.key_of(f"case/{case}/escalation/1").mentions == ("U_LEAD1",)
    assert world.case(case).call_lead_at is None


def test_a_lead_who_escalates_at_night_is_not_called_in_the_morning(world: World) -> None:
    world.ctx = replace(world.ctx, hours=OFFICE, book=replace(BOOK, rules=(Rule(name="a", priority=Priority.LOW),)))
    case = world.open()
    with world.begin() as session:
        life.escalate(session, case, LEA, "look at this", world.ctx)
    assert world.case(case).call_lead_at is None


def test_hours_that_changed_since_put_the_call_off(world: World) -> None:
    timeline, case = at_night(world)
    world.ctx = replace(world.ctx, hours=replace(OFFICE, holidays=frozenset({MONDAY.date()})))
    world.clock.at = MONDAY
    timeline.run()
    assert timeline.mentions("U_LEAD1") == []
    assert world.case(case).call_lead_at == MONDAY + timedelta(days=1)
