"""A case whose owner has left or stays away gets a new owner by its rule, and both are told."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import update

from automations.access.steps import Kind
from automations.calendar import WorkingHours
from automations.domain import Mode, Priority
from automations.duty import Group
from automations.failure_tickets import absences, closing, life, owners, told
from automations.failure_tickets.present import present
from automations.failure_tickets.rules import Rule
from automations.people import Person, Roster
from automations.plan import StepState
from storage.models import Case, CaseTicket, RunStep
from tests.automations.failure_tickets.deeds import do
from tests.automations.failure_tickets.timeline import Timeline
from tests.automations.failure_tickets.world import ANNA, BEN, BOOK, LEA, ROSTER, World
from tests.blocked import a_run, set_block

AWAY = timedelta(hours=4)
HOUR = timedelta(hours=1)
ANNAS, BENS, LEAS = "anna@team.example", "ben@team.example", "lea@team.example"
OFFICE = WorkingHours(frozenset(range(5)), time(9), time(17), "Europe/Oslo")
GROUP = Group("billing", (BENS, LEAS))
CARAS = "cara@team.example"
TEAM = Roster(tuple(replace(one, away=()) for one in ROSTER.people))


def rules(**changes: object) -> Rule:
    return Rule.model_validate(
        {"name": "all", "owner": "group:billing", "escalate_after": timedelta(days=90), **changes}
    )


@pytest.fixture
def timeline(world: World) -> Timeline:
    world.ctx = replace(world.ctx, roster=TEAM, book=replace(BOOK, rules=(rules(),), groups=(GROUP,)))
    return Timeline(world)


def leave(world: World, email: str, hours: float = 240) -> None:
    """Somebody goes away now."""
    with world.begin() as session:
        now = present(session, world.ctx)
        person = now.roster.by_email(email)
        assert person is not None
        absences.set_away(session, person, world.clock.now() + timedelta(hours=hours), LEA, now)


def moved(world: World, case: int) -> list[str]:
    return [one.text for one in world.entries(case) if one.verb in (told.MOVED, owners.KEPT)]


def test_who_stays_away_past_the_limit_is_followed_by_whom_the_rule_names(world: World, timeline: Timeline) -> None:
    case = world.open()
    do(world, life.claim, case, BEN)
    timeline.run()
    leave(world, BENS)
    timeline.go(AWAY, step=HOUR)
    assert world.case(case).owner == BENS
    timeline.go(HOUR, step=HOUR)
    after = world.case(case)
    assert (after.owner, after.status, after.claimed_by) == (LEAS, "open", None)
    assert after.escalate_at == world.clock.now() + timedelta(days=90)
    assert after.owner_why.startswith("Ben Okoro is away until 1 Dec 03:14; least loaded of billing")
    (text,) = moved(world, case)
    assert text == f"moved this case from Ben Okoro to Lea Lind ({after.owner_why})"
    (line,) = [one for one in timeline.mentions("U_LEAD1") if "/entry/" in one.key]
    assert line.thread_ts
    (private,) = [one for one in timeline.slack.said if one.channel == "U_AGENT2"]
    assert private.text == f"One of your cases has gone to somebody else while you are away: CASE-{case} to Lea Lind"
    assert private.mentions == ()
    (row,) = world.audited("case.moved")
    assert row.actor == "handoff"
    assert ((row.before or {})["owner"], (row.after or {})["owner"]) == (BENS, LEAS)
    timeline.go(timedelta(days=2), step=timedelta(hours=6))
    assert len(moved(world, case)) == 1


def test_who_has_left_the_team_is_named_and_nothing_is_sent_to_them(world: World, timeline: Timeline) -> None:
    case = world.open()
    owner = world.case(case).owner
    rest = tuple(one for one in TEAM.people if one.email != owner)
    book = replace(world.ctx.book, groups=(Group("billing", (LEAS,)),))
    world.ctx = replace(world.ctx, roster=Roster(rest), book=book)
    timeline.run()
    assert world.case(case).owner == LEAS
    assert moved(world, case)[0].startswith(f"moved this case from {owner} to Lea Lind ({owner} is not one of the team")
    assert [one for one in timeline.slack.said if one.channel.startswith("U")] == []


def test_many_cases_call_a_new_owner_once_and_make_one_private_message(world: World, timeline: Timeline) -> None:
    world.ctx = replace(world.ctx, book=replace(world.ctx.book, rules=(rules(owner=f"person:{BENS}"),)))
    cases = [world.open(dedup_key=f"k{number}", source=f"s{number}") for number in range(5)]
    timeline.run()
    leave(world, BENS)
    timeline.go(AWAY + HOUR, step=HOUR)
    assert {world.case(case).owner for case in cases} == {ANNAS}
    assert len([one for one in timeline.mentions("U_AGENT1") if "/entry/" in one.key]) == 1
    private = [one for one in timeline.slack.said if one.channel == "U_AGENT2"]
    assert len(private) == 1
    key = private[0].key
    assert str(timeline.shown(key)).count("Anna Berg") == 2 * len(cases), "in the text and in the list"


def test_nobody_gets_a_case_back_by_coming_back(world: World, timeline: Timeline) -> None:
    case = world.open()
    do(world, life.claim, case, BEN)
    leave(world, BENS, hours=6)
    timeline.go(timedelta(days=3), step=HOUR)
    assert (world.case(case).owner, len(moved(world, case))) == (LEAS, 1)
    leave(world, LEAS)
    timeline.go(AWAY + HOUR, step=HOUR)
    assert (world.case(case).owner, len(moved(world, case))) == (BENS, 2)


def test_the_default_owner_keeps_it_even_away_and_that_is_said_once(world: World, timeline: Timeline) -> None:
    world.ctx = replace(world.ctx, book=replace(BOOK, rules=(), escalate_after=None))
    case = world.open()
    assert world.case(case).owner == ANNAS
    timeline.run()
    leave(world, ANNAS)
    timeline.go(timedelta(days=3), step=timedelta(hours=6))
    assert world.case(case).owner == ANNAS
    (text,) = moved(world, case)
    assert text.startswith("left this case with Anna Berg (default owner: no rule names an owner; Anna Berg is away")
    assert len(world.audited("case.kept")) == 1
    assert [one for one in timeline.mentions("U_AGENT1") if "/entry/" in one.key] == []


def test_with_everybody_away_the_default_owner_gets_it_once(world: World, timeline: Timeline) -> None:
    case = world.open()
    for email in (ANNAS, BENS, LEAS):
        leave(world, email)
    timeline.go(timedelta(days=2), step=HOUR)
    assert (world.case(case).owner, len(moved(world, case))) == (ANNAS, 1)
    assert "default owner: nobody of billing is available" in world.case(case).owner_why


def test_whom_the_desk_named_from_outside_the_team_keeps_it(world: World, timeline: Timeline) -> None:
    case = world.open()
    with world.begin() as session:
        session.execute(update(Case).where(Case.id == case).values(owner="temp@desk.example"))
        session.execute(update(CaseTicket).values(accepted={"assignee": "temp@desk.example"}))
    timeline.go(timedelta(days=1), step=timedelta(hours=6))
    assert (world.case(case).owner, moved(world, case)) == ("temp@desk.example", [])


def test_closed_cases_and_short_absences_change_nothing(world: World, timeline: Timeline) -> None:
    closed, left = world.open(dedup_key="a"), world.open(dedup_key="b", source="other")
    do(world, closing.not_needed, closed, ANNA, "")
    for email in (BENS, LEAS):
        leave(world, email, hours=4)
    timeline.go(timedelta(days=1), step=HOUR)
    assert moved(world, closed) == moved(world, left) == []


def test_at_night_a_case_that_is_not_urgent_moves_at_once_and_both_are_told_in_the_morning(
    world: World, timeline: Timeline
) -> None:
    book = replace(world.ctx.book, rules=(rules(priority=Priority.HIGH),))
    world.ctx = replace(world.ctx, book=book, hours=OFFICE)
    case = world.open()
    do(world, life.claim, case, BEN)
    timeline.run()
    leave(world, BENS)
    timeline.go(AWAY + HOUR, step=HOUR)
    assert (world.case(case).owner, world.case(case).moved_from) == (LEAS, BENS)
    assert [one for one in timeline.slack.said if one.mentions or one.channel == "U_AGENT2"] == []
    monday = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    timeline.go(monday - world.clock.now(), step=HOUR)
    assert world.case(case).moved_from is None
    (line,) = timeline.mentions("U_LEAD1")
    assert "tells Lea Lind: this case came from Ben Okoro" in line.text
    assert OFFICE.covers(line.at)
    assert len([one for one in timeline.slack.said if one.channel == "U_AGENT2"]) == 1


def test_at_night_whoever_claims_it_meanwhile_is_not_called(world: World, timeline: Timeline) -> None:
    book = replace(world.ctx.book, rules=(rules(priority=Priority.HIGH),))
    world.ctx = replace(world.ctx, book=book, hours=OFFICE)
    case = world.open()
    do(world, life.claim, case, BEN)
    leave(world, BENS)
    timeline.go(AWAY + HOUR, step=HOUR)
    do(world, life.claim, case, LEA)
    timeline.go(timedelta(days=3), step=timedelta(hours=2))
    assert [one for one in timeline.mentions("U_LEAD1") if told.CALLED in one.text or "tells" in one.text] == []
    assert world.case(case).moved_from is None


def test_while_the_automation_may_not_act_nothing_moves(world: World, timeline: Timeline) -> None:
    case = world.open()
    do(world, life.claim, case, BEN)
    leave(world, BENS)
    world.ctx = replace(world.ctx, mode=Mode.OFF)
    timeline.go(timedelta(days=1), step=timedelta(hours=6))
    assert world.case(case).owner == BENS


def test_two_replicas_move_once(world: World, timeline: Timeline) -> None:
    case = world.open()
    do(world, life.claim, case, BEN)
    leave(world, BENS)
    world.clock.move(AWAY + HOUR)
    for expected in (True, False):
        with world.begin() as session:
            assert owners.move(session, {"case_id": case}, present(session, world.ctx)) is expected


def test_a_person_without_slack_is_told_by_the_thread_alone(world: World, timeline: Timeline) -> None:
    people = (*TEAM.people, Person("Dan Ek", "dan@team.example"))
    world.ctx = replace(world.ctx, roster=Roster(people))
    case = world.open()
    with world.begin() as session:
        session.execute(update(Case).where(Case.id == case).values(owner="dan@team.example"))
    leave(world, "dan@team.example")
    timeline.go(AWAY + HOUR, step=HOUR)
    assert len(moved(world, case)) == 1
    assert [one for one in timeline.slack.said if one.channel.startswith("U")] == []


def test_what_a_run_is_about_to_hand_over_is_left_to_it(world: World, timeline: Timeline) -> None:
    case = world.open()
    do(world, life.claim, case, BEN)
    timeline.run()
    with world.begin() as session:
        now = world.clock.now()
        run = a_run(session, now - HOUR)
        step = RunStep(
            run_id=run.id, number=3, kind=Kind.CASES, target=BENS, args={}, before="open", after="none",
            words="Hand 1 open case over", undo="", needs=[], by_hand="", owner="", urgent=False, waits=False,
            state=StepState.PLANNED.value, tries=0,
        )  # fmt: skip
        session.add(step)
        set_block(session, BENS, now)
    timeline.go(HOUR, step=HOUR)
    assert (world.case(case).owner, moved(world, case)) == (BENS, [])
    with world.begin() as session:
        session.merge(step).state = StepState.FAILED.value
    timeline.go(HOUR, step=HOUR)
    assert world.case(case).owner == LEAS


def test_who_claims_although_they_are_away_keeps_it(world: World, timeline: Timeline) -> None:
    case = world.open()
    leave(world, LEAS)
    timeline.go(timedelta(hours=12), step=HOUR)
    with world.begin() as session:
        life.claim(session, case, LEA, world.ctx)
    timeline.go(timedelta(days=2), step=timedelta(hours=6))
    assert (world.case(case).owner, world.case(case).claimed_by) == (LEAS, LEAS)
