"""Cases go through the chain under the post they have already; claimed or closed they acknowledge or end it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from automations.domain import Mode
from automations.errors import Refused
from automations.failure_tickets import closing, escalate, life, stale
from storage.models import Notification
from tests.automations.escalation.world import ANNA, BEN, EscalationWorld

ANNAS, BENS, LEAS, MAXS = (f"{name}@team.example" for name in ("anna", "ben", "lea", "max"))


def escalated_case(world: EscalationWorld) -> int:
    """A case that nobody has claimed in time, brought before the lead by its own rule."""
    case = world.team.open()
    world.clock.move(timedelta(minutes=30))
    with world.begin() as session:
        assert escalate.escalate_overdue(session, case, world.team.ctx)
    return case


def lines(world: EscalationWorld) -> list[tuple[str, str | None, str | None]]:
    """The chain's lines: text, whom each mentions, in whose thread it stands."""
    with world.database.read() as session:
        of_chain = Notification.kind == "escalation.line", Notification.parent_key.is_not(None)
        rows = session.query(Notification).where(*of_chain).order_by(Notification.created_at)
        return [(row.data["text"], row.data["mention"], row.parent_key) for row in rows]


def test_a_case_that_its_rule_escalated_is_called_for_under_its_own_post(world: EscalationWorld) -> None:
    case = escalated_case(world)
    assert world.sweep().fired == 1
    row = world.row()
    assert (row.subject, row.subject_id, row.reason, row.title) == (
        "case", "1", "case_unclaimed", "Invoice sync failed after 5 attempts",
    )  # fmt: skip
    assert world.notification("escalation/1") is None, "the case's post is the message; there is no second"
    assert [(one["email"], one["by"]) for one in row.called] == [(LEAS, "post")]
    world.go(timedelta(minutes=45))
    post = f"case/{case}/escalation/1"
    assert [(whom, root) for _, whom, root in lines(world)] == [(ANNAS, post), (BENS, post)]
    assert world.card().firings[0].said == "Case without acknowledgement: nobody had claimed it by 09:30"


def test_claiming_the_case_acknowledges_and_closing_it_ends(world: EscalationWorld) -> None:
    case = escalated_case(world)
    world.sweep()
    for name in ("claim", "release", "resolve"):
        args = (ANNA, "") if name == "resolve" else (ANNA,)
        with pytest.raises(Refused, match=f"ESC-1 is about CASE-1: {name} CASE-1 itself"):
            world.act(name, 1, *args)
    with world.begin() as session:
        life.claim(session, case, BEN, world.team.ctx)
    assert world.sweep().ended == 1
    assert (world.row().state, world.row().claimed_by, world.row().stale_at) == ("claimed", BENS, None)
    world.go(timedelta(hours=3), step=timedelta(hours=1))
    assert [whom for _, whom, _ in lines(world)] == [None]
    with world.begin() as session:
        closing.resolve(session, case, BEN, "restarted the ledger", world.team.ctx)
    world.sweep()
    assert (world.row().state, world.row().ending, world.row().closed_by) == ("closed", "solved", BENS)
    assert world.sweep().fired == 0


def test_a_claimed_case_that_is_named_stale_begins_the_chain_without_who_let_it_lie(world: EscalationWorld) -> None:
    case = escalated_case(world)
    world.sweep()
    with world.begin() as session:
        life.claim(session, case, ANNA, world.team.ctx)
    world.sweep()
    world.team.ctx = replace(world.team.ctx, hours=None)
    for _ in range(3):
        world.clock.move(timedelta(hours=5))
        with world.begin() as session:
            assert stale.remind(session, {"case_id": case}, world.team.ctx)
    world.clock.move(timedelta(hours=10))  # Tuesday morning
    world.sweep()
    row = world.row()
    assert ([one.reason for one in world.firings()], row.state) == (["case_unclaimed", "case_stale"], "open")
    assert [one["email"] for one in row.called] == [LEAS, ANNAS, BENS]
    with world.begin() as session:
        life.release(session, case, ANNA, world.team.ctx)
        life.claim(session, case, BEN, world.team.ctx)
    world.sweep()
    assert (world.row().state, world.row().claimed_by) == ("claimed", BENS)


def test_with_the_automation_off_cases_are_as_without_it(world: EscalationWorld) -> None:
    world.mode(Mode.OFF)
    world.sweep()
    escalated_case(world)
    assert (world.sweep().fired, world.rows()) == (0, [])
    post = world.notification("case/1/escalation/1")
    assert post is not None
    assert post.data["mention"] == LEAS


def test_a_case_that_a_person_escalated_is_theirs_to_follow(world: EscalationWorld) -> None:
    case = world.team.open()
    with world.begin() as session:
        life.escalate(session, case, BEN, "the customer rang", world.team.ctx)
    assert (world.sweep().fired, world.rows()) == (0, [])
