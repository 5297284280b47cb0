"""A passed escalation time: once, by rule, only for what nobody has claimed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from automations.failure_tickets import escalate, life
from automations.failure_tickets.card import escalation_card
from tests.automations.failure_tickets.world import ANNA, LEA, World


def due(world: World) -> list[int]:
    with world.database.read() as session:
        return escalate.due(session, world.clock.now())


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
        life.resolve(session, cases[1], ANNA, "done", world.ctx)
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
        life.resolve(session, case, ANNA, "done", world.ctx)
        life.reopen(session, case, LEA, world.ctx)
    assert not overdue(world, case)
    world.clock.move(timedelta(minutes=30))
    assert overdue(world, case)
    assert world.notification("case/1/escalation/2") is not None


def test_the_lead_who_escalates_comes_without_a_slack_user(world: World) -> None:
    case = world.open()
    with world.begin() as session:
        life.escalate(session, case, LEA, "I call the vendor", world.ctx)
    post = world.notification("case/1/escalation/1")
    assert post is not None
    with world.database.read() as session:
        card = escalation_card(session, post.data, world.ctx)
    assert (card.lead.name, card.lead.slack) == ("Lea Lind", None)
