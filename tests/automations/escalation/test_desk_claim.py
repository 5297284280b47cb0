"""A claim in the desk: assigned if nobody has it, noted once, read back; what cannot be done is said."""

from dataclasses import replace
from typing import cast

import pytest

from automations.errors import OutcomeUnknown, Rejected, Unavailable
from automations.escalation import desk_claim
from automations.ports import HelpDesk
from storage.models import DeskFact
from tests.automations.escalation.desk import OneDesk
from tests.automations.escalation.world import BEN, EscalationWorld

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def world(world: EscalationWorld) -> EscalationWorld:
    """Ben has claimed the escalation of ticket 1, which has no assignee."""
    world.promise_nothing()
    world.rules(keywords=("cancel",))
    world.ticket("1", "cancel")
    world.sweep()
    world.act("claim", 1, BEN)
    return world


@pytest.fixture
def desk(world: EscalationWorld) -> OneDesk:
    return OneDesk(world.clock)


def assign(world: EscalationWorld, desk: OneDesk) -> None:
    desk_claim.assign(world.database, cast("HelpDesk", desk), 1, world.ctx)


def notes(desk: OneDesk) -> list[str]:
    return [one.body for one in desk.said if one.kind == "internal"]


def test_a_ticket_of_nobody_becomes_the_claimers_and_it_is_noted_once(world: EscalationWorld, desk: OneDesk) -> None:
    (job,) = world.team.jobs.of(desk_claim.JOB)
    assert (job.args, world.card().in_desk) == ({"escalation_id": 1}, "builtin not verified yet")
    assign(world, desk)
    assert desk.shown.assignee == "b.okoro@desk.example"
    assert notes(desk) == ["Ben Okoro has taken this up after an escalation (ESC-1)."]
    assert world.card().in_desk == "assigned to Ben Okoro, verified in builtin 09:00"
    assign(world, desk)
    assert (len(notes(desk)), len(world.audited("escalation.assigned"))) == (1, 1)


def test_a_ticket_that_somebody_has_stays_theirs(world: EscalationWorld, desk: OneDesk) -> None:
    desk.shown = replace(desk.shown, assignee="anna@team.example")
    assign(world, desk)
    assert "update" not in desk.calls
    assert world.card().in_desk == "assigned to Anna Berg, who had it already, verified in builtin 09:00"


def test_a_claimer_whom_the_desk_does_not_know_is_only_noted(world: EscalationWorld, desk: OneDesk) -> None:
    with world.begin() as session:
        known = {"agents": {"anna@team.example": "active", "b.okoro@desk.example": "suspended"}}
        session.add(DeskFact(system="builtin", name="agents", value=known, read_at=world.now))
    assign(world, desk)
    assert (desk.shown.assignee, len(notes(desk))) == (None, 1)
    words = "not assigned: Ben Okoro has no active agent in builtin; noted there 09:00"
    assert world.card().in_desk == words


def test_a_lost_answer_is_repeated_and_does_nothing_twice(world: EscalationWorld, desk: OneDesk) -> None:
    desk.after["update"] = [OutcomeUnknown("lost", system="builtin")]
    desk.after["note"] = [Unavailable("busy", system="builtin")]
    for error in (OutcomeUnknown, Unavailable):
        with pytest.raises(error):
            assign(world, desk)
    assign(world, desk)
    assert (desk.calls.count("update"), len(notes(desk))) == (1, 1)


def test_a_refusal_stands_on_the_card_and_goes_to_the_failure_queue(world: EscalationWorld, desk: OneDesk) -> None:
    desk.before["update"] = [Rejected("no such agent", system="builtin", code="422")]
    with pytest.raises(Rejected):
        assign(world, desk)
    assert world.card().in_desk == "no such agent"
    assert [one.outcome for one in world.audited("escalation.assigned")] == ["failed"]


def test_a_claim_that_was_given_back_meanwhile_changes_nothing(world: EscalationWorld, desk: OneDesk) -> None:
    world.act("release", 1, BEN)
    assign(world, desk)
    assert (desk.calls, world.card().in_desk) == ([], "")


def test_a_job_that_was_given_up_is_said(world: EscalationWorld) -> None:
    with world.begin() as session:
        desk_claim.gave_up(session, 1, "the desk did not answer", world.ctx)
    assert world.card().in_desk == "the desk did not answer"


def test_what_failed_is_tried_again_from_the_failure_queue(world: EscalationWorld, desk: OneDesk) -> None:
    desk.before["update"] = [Rejected("no such agent", system="builtin", code="422")]
    with pytest.raises(Rejected):
        assign(world, desk)
    assign(world, desk)
    assert desk.shown.assignee == "b.okoro@desk.example"


def test_our_own_assignment_seen_late_does_not_acknowledge_what_was_given_back(
    world: EscalationWorld, desk: OneDesk
) -> None:
    assign(world, desk)
    world.act("release", 1, BEN)
    world.change("1", assignee="b.okoro@desk.example")
    world.sweep()
    assert (world.row().state, world.row().claimed_by) == ("open", None)
