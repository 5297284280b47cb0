"""After an outage: one summary, each person mentioned once, everything fired once; and never late without need."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from automations.escalation import firing
from automations.escalation.card import summary_card
from automations.escalation.clock_rules import LONGEST_WAIT
from automations.escalation.found import Found
from automations.escalation.summary import POST, fire_gathered
from storage.engine import Database
from storage.models import Notification
from tests.automations.escalation.world import ANNA, EscalationWorld

ANNAS, BENS = "anna@team.example", "ben@team.example"


def summaries(world: EscalationWorld) -> list[Notification]:
    with world.database.read() as session:
        return list(session.query(Notification).where(Notification.kind == POST).order_by(Notification.created_at))


def test_what_is_found_late_at_once_comes_as_one_summary_and_never_again(world: EscalationWorld) -> None:
    for number in range(1, 7):
        owner = ANNAS if number % 2 else ""
        world.ticket(str(number), "Hello", tier="enterprise", assignee=owner, requester=f"c{number}@c.example")
    world.sweep()
    down_at = world.now
    world.clock.move(timedelta(hours=3))
    swept = world.sweep()
    assert (swept.fired, swept.late, swept.gathered) == (6, 6, True)
    (post,) = summaries(world)
    assert post.data["call"] == [ANNAS, BENS]
    with world.database.read() as session:
        card = summary_card(session, post.data, world.ctx)
    assert (card.total, card.away_from, card.away_until) == (6, down_at, world.now)
    assert [one.name for one in card.call] == ["Anna Berg", "Ben Okoro"]
    assert card.late[0][3] == "SLA breached: first reply was due 09:30 (enterprise: 30 min, working hours)"
    for row in world.rows():
        shown = world.notification(f"escalation/{row.id}")
        assert shown is not None
        assert (shown.parent_key, world.card(row.id).call, world.calls(row.id)) == (post.key, (), [])
        assert [one["by"] for one in row.called] == ["summary"]
    assert (world.sweep().fired, len(summaries(world))) == (0, 1)
    world.clock.move(timedelta(hours=2))
    assert world.sweep().fired == 0, "a second restart tells nothing anew"
    assert len(summaries(world)) == 1
    world.act("claim", 1, ANNA)
    assert world.lines(1)[-1] == ("Anna Berg has claimed this.", None)


def test_more_than_one_sweep_tells_join_the_same_summary(
    world: EscalationWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("automations.escalation.sweep.MOST", 4)
    for number in range(1, 9):
        world.ticket(str(number), "Hello", tier="enterprise", requester=f"c{number}@c.example")
    world.sweep()
    world.clock.move(timedelta(hours=3))
    assert [world.sweep().fired for _ in range(3)] == [4, 4, 0]
    (post,) = summaries(world)
    assert (len(post.data["ids"]), post.data["call"]) == (8, [BENS])


def test_steps_that_are_late_mention_each_person_once(world: EscalationWorld) -> None:
    world.promise_nothing()
    world.rules(keywords=("cancel",))
    for number in range(1, 4):
        world.ticket(str(number), "cancel", requester=f"c{number}@c.example")
    world.sweep()
    world.clock.move(timedelta(hours=1))
    assert world.sweep().called == 1
    assert [world.calls(number) for number in (1, 2, 3)] == [["lea@team.example"], [], []]
    assert [len(world.row(number).called) for number in (1, 2, 3)] == [2, 2, 2]


def test_fewer_than_that_come_each_by_itself(world: EscalationWorld) -> None:
    world.promise_nothing()
    world.rules(keywords=("cancel",), gather_from=4)
    for number in range(1, 4):
        world.ticket(str(number), "cancel", requester=f"c{number}@c.example")
    world.clock.move(timedelta(minutes=30))
    swept = world.sweep()
    assert (swept.fired, swept.late, swept.gathered, summaries(world)) == (3, 3, False, [])
    assert [one.name for one in world.card(1).call] == ["Ben Okoro"]


def test_a_summary_cut_off_by_a_crash_goes_on_as_the_same(
    world: EscalationWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("automations.escalation.summary.AT_ONCE", 2)
    for number in range(1, 7):
        world.ticket(str(number), "Hello", tier="enterprise", requester=f"c{number}@c.example")
    world.sweep()
    world.clock.move(timedelta(hours=3))

    def dying(database: Database, late: Sequence[Found], *rest: Any) -> None:
        fire_gathered(database, late[:2], *rest)
        raise RuntimeError("the process died")

    with monkeypatch.context() as patch:
        patch.setattr("automations.escalation.sweep.fire_gathered", dying)
        with pytest.raises(RuntimeError):
            world.sweep()
    assert len(world.rows()) == 2
    world.rules(gather_from=2)
    assert world.sweep().fired == 4
    (post,) = summaries(world)
    assert (len(post.data["ids"]), {row.parent for row in world.rows()}) == (6, {post.key})


def test_a_deadline_across_a_restart_is_told_within_a_minute_however_old_the_mirror(world: EscalationWorld) -> None:
    world.ticket("1", "Hello", tier="enterprise")
    world.rules(gather_from=2)
    read_at = world.now
    due_at = world.now + timedelta(minutes=22, seconds=30)
    world.clock.at = due_at + timedelta(seconds=10)
    assert world.sweep(read_at=read_at).fired == 0, "the mirror is waited for"
    world.clock.at = due_at + LONGEST_WAIT
    assert world.sweep(read_at=read_at).fired == 1
    (firing,) = world.firings()
    assert firing.due_at == due_at
    assert firing.fired_at - firing.due_at <= timedelta(seconds=60) - timedelta(seconds=15)
    assert firing.evidence[1] == "the desk was last read at 09:00, so somebody may have answered since"
    world.ticket("2", "Hello", tier="enterprise")
    world.clock.move(timedelta(minutes=22, seconds=30))
    assert world.sweep().fired == 2
    told = {one.ticket_id: one for one in world.firings()[1:]}
    assert (told["2"].due_at, len(told["2"].evidence)) == (world.now, 1), "read past the deadline it is told at once"


def test_a_reply_read_meanwhile_takes_the_deadline_away(world: EscalationWorld) -> None:
    world.ctx = replace(world.ctx, policy=world.ctx.policy.model_copy(update={"targets": world.ctx.policy.targets[:1]}))
    world.ticket("1", "Hello", tier="enterprise")
    world.sweep()
    read_at = world.now
    world.clock.move(timedelta(minutes=22, seconds=35))
    assert world.sweep(read_at=read_at).fired == 0
    world.say("1", "agent", author=ANNAS)
    world.clock.move(timedelta(seconds=15))
    assert world.sweep().fired == 0


def test_the_next_step_of_many_that_were_gathered_mentions_each_person_once(world: EscalationWorld) -> None:
    world.ctx = replace(world.ctx, policy=world.ctx.policy.model_copy(update={"targets": world.ctx.policy.targets[:1]}))
    for number in range(1, 7):
        world.ticket(str(number), "Hello", tier="enterprise", requester=f"c{number}@c.example")
    world.sweep()
    world.clock.move(timedelta(hours=1))
    assert world.sweep().gathered
    (next_at,) = {row.next_at for row in world.rows()}
    assert next_at is not None
    world.clock.at = next_at
    world.sweep()
    assert [len(row.called) for row in world.rows()] == [2] * 6
    assert [call for row in world.rows() for call in world.calls(row.id)] == ["lea@team.example"]


def test_more_than_one_sweep_holds_is_one_summary_all_the_same(
    world: EscalationWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("automations.escalation.sweep.MOST", 4)
    world.rules(gather_from=2)
    for number in range(1, 7):
        world.ticket(str(number), "Hello", tier="enterprise", requester=f"c{number}@c.example")
    world.sweep()
    world.clock.move(timedelta(hours=3))
    while world.sweep().fired:
        world.clock.move(timedelta(seconds=15))
    assert len(summaries(world)) == 1
    assert len(world.rows()) == 6


@pytest.mark.parametrize("several", [3, 6], ids=["each alone", "in one summary"])
def test_one_that_nobody_can_work_with_leaves_the_others_and_is_found_again(
    world: EscalationWorld, monkeypatch: pytest.MonkeyPatch, several: int
) -> None:
    for number in range(1, several + 1):
        world.ticket(str(number), "Hello", tier="enterprise", requester=f"c{number}@c.example")
    world.sweep()
    with monkeypatch.context() as poisoned:
        real = firing.fire

        def fire(session: Session, found: Found, *rest: Any, **more: Any) -> Any:
            if found.subject_id == "3":
                raise ValueError("a name nobody can read")
            return real(session, found, *rest, **more)

        poisoned.setattr("automations.escalation.sweep.fire", fire)
        poisoned.setattr("automations.escalation.summary.fire", fire)
        world.clock.move(timedelta(hours=3))
        swept = world.sweep()
        assert (swept.fired, swept.gathered) == (several - 1, several == 6)
        assert [row.partition(": ")[2] for row in swept.passed_over.rows] == ["ValueError: a name nobody can read"]
        assert len(world.sweep().passed_over.rows) == 1
    swept = world.sweep()
    assert (swept.fired, swept.passed_over.rows) == (1, [])
