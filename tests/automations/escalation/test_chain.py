"""Who is called when: in order, present, in working hours, never twice in a row, and not for ever."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from automations.duty import Cover, Group, Rotation
from automations.escalation.rules import ChainStep
from tests.automations.escalation.world import ANNA, BEN, EscalationWorld

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ANNAS, BENS, LEAS, MAXS = (f"{name}@team.example" for name in ("anna", "ben", "lea", "max"))
SATURDAY = datetime(2026, 11, 28, 22, 0, tzinfo=UTC)


@pytest.fixture
def world(world: EscalationWorld) -> EscalationWorld:
    """Only keywords escalate."""
    world.promise_nothing()
    world.rules(keywords=("cancel",))
    return world


def called(world: EscalationWorld, number: int = 1) -> list[tuple[str, str]]:
    """Whom each step called, and when on the wall clock of the team (Oslo, UTC+1)."""
    zone = timedelta(hours=1)
    return [(one["email"], f"{datetime.fromisoformat(one['at']) + zone:%a %H:%M}") for one in world.row(number).called]


def test_owner_group_lead_and_manager_are_called_by_one_line_each_and_twice_at_most(world: EscalationWorld) -> None:
    world.ticket("1", "cancel", assignee=ANNAS)
    world.sweep()
    world.go(timedelta(hours=7))
    assert called(world) == [
        (ANNAS, "Mon 09:00"), (BENS, "Mon 09:15"), (LEAS, "Mon 09:30"), (MAXS, "Mon 10:00"),
        (ANNAS, "Mon 11:00"), (BENS, "Mon 11:15"), (LEAS, "Mon 11:30"), (MAXS, "Mon 12:00"),
    ]  # fmt: skip
    assert world.calls() == [BENS, LEAS, MAXS, ANNAS, BENS, LEAS, MAXS], "the first is called by the message itself"
    texts = [text for text, _ in world.lines()]
    assert texts[0] == "Ben Okoro is called (group): nobody has acknowledged since 09:00."
    assert texts[3] == "Anna Berg is called (owner, round 2): nobody has acknowledged since 09:00."
    assert texts[-1] == "Nobody has acknowledged since 09:00. The chain is through and calls nobody more."
    assert (world.card().unheard, world.card().next_at) == (True, None)
    before = world.audit_rows()
    world.go(timedelta(days=90), step=timedelta(days=9))
    assert (world.audit_rows(), len(world.lines())) == (before, len(texts))


def test_waits_run_in_working_hours_and_urgent_ones_do_not_wait(world: EscalationWorld) -> None:
    world.clock.at = datetime(2026, 11, 27, 15, 50, tzinfo=UTC)  # Friday 16:50
    world.ticket("1", "cancel", assignee=ANNAS)
    world.ticket("2", "cancel", assignee=ANNAS, priority="urgent", requester="b@b.example")
    world.sweep()
    world.go(timedelta(minutes=30))
    world.go(timedelta(hours=62, minutes=45), step=timedelta(hours=62, minutes=45))  # Monday 08:05
    world.go(timedelta(minutes=15))
    assert called(world, 1)[:3] == [(ANNAS, "Fri 16:50"), (BENS, "Mon 08:05"), (LEAS, "Mon 08:20")]
    assert called(world, 2)[:3] == [(ANNAS, "Fri 16:50"), (BENS, "Fri 17:05"), (LEAS, "Fri 17:20")]


def test_quiet_hours_call_when_work_begins_unless_it_becomes_urgent(world: EscalationWorld) -> None:
    world.clock.at = SATURDAY
    world.ticket("1", "cancel", assignee=ANNAS)
    world.ticket("2", "cancel", assignee=BENS, requester="b@b.example")
    world.sweep()
    assert (called(world, 1), world.card(1).call, world.card(1).next_at) == (
        [], (), datetime(2026, 11, 30, 7, 0, tzinfo=UTC),
    )  # fmt: skip
    world.clock.move(timedelta(minutes=30))
    world.change("2", priority="urgent")
    world.sweep()
    world.go(timedelta(hours=32, minutes=30), step=timedelta(hours=6, minutes=30))
    assert called(world, 2)[0] == (BENS, "Sat 23:30")
    assert called(world, 1) == [(ANNAS, "Mon 08:00")]
    assert world.calls(1) == [ANNAS]


def test_people_who_are_away_blocked_or_nobody_are_passed_over(world: EscalationWorld) -> None:
    world.away(ANNAS, LEAS)
    world.ticket("1", "cancel", assignee=ANNAS)
    world.sweep()
    world.go(timedelta(minutes=15))
    assert [email for email, _ in called(world)] == [BENS, MAXS]
    people = [replace(one, blocked=one.email == MAXS, away=()) for one in world.ctx.roster.people]
    world.ctx = replace(world.ctx, roster=type(world.ctx.roster)(tuple(people)), duty=None)
    world.ticket("2", "cancel", requester="b@b.example")
    world.sweep()
    assert [email for email, _ in called(world, 2)] == [LEAS]


def test_nobody_is_called_twice_in_a_row(world: EscalationWorld) -> None:
    world.ctx = replace(world.ctx, lead=BENS, manager="")
    world.ticket("1", "cancel", assignee=BENS)
    world.sweep()
    world.go(timedelta(hours=5))
    assert [email for email, _ in called(world)] == [BENS]
    assert world.card().unheard


def test_a_cover_and_a_groups_load_choose_who_is_called(world: EscalationWorld) -> None:
    assert isinstance(world.ctx.duty, Rotation)
    cover = Cover(LEAS, world.now - timedelta(hours=1), world.now + timedelta(hours=1))
    billing = Group("billing", (BENS, ANNAS))
    world.ctx = replace(world.ctx, duty=replace(world.ctx.duty, covers=(cover,)), queues={"Billing": billing})
    world.ticket("1", "cancel")
    world.ticket("2", "cancel", group="Billing", requester="b@b.example")
    world.sweep()
    assert [world.row(number).called[0]["email"] for number in (1, 2)] == [LEAS, ANNAS]
    world.act("claim", 2, ANNA)
    world.ticket("3", "cancel", group="Billing", requester="c@c.example")
    world.sweep()
    assert world.row(3).called[0]["email"] == BENS


def test_where_nobody_is_there_it_looks_again_after_a_wait_and_then_says_so(world: EscalationWorld) -> None:
    world.away(ANNAS, BENS, LEAS, MAXS)
    world.ticket("1", "cancel", assignee=ANNAS)
    world.sweep()
    assert called(world) == []
    assert [text for text, _ in world.lines()] == ["Nobody else of the chain is there now. The next look is at 10:00."]
    world.back()
    world.go(timedelta(hours=1))
    assert called(world) == [(ANNAS, "Mon 10:00")]


def test_a_single_step_without_repeats_ends_after_its_wait(world: EscalationWorld) -> None:
    step = ChainStep(call="lead", wait=timedelta(minutes=10))
    world.rules(keywords=("cancel",), steps=(step,), repeats=0)
    world.ticket("1", "cancel")
    world.sweep()
    world.go(timedelta(minutes=10))
    assert (called(world), world.card().unheard) == ([(LEAS, "Mon 09:00")], True)
    assert world.act("claim", 1, BEN).text == "ESC-1 is yours. The chain stops."
    assert not world.card().unheard
