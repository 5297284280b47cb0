"""What is looked at before somebody leaves, and what is refused there."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from automations.access.offboard import observe_and_plan, observe_and_suspend
from automations.domain import IdempotencyKey, Priority, Role, TicketDraft
from automations.errors import AdapterError, Refused, Rejected, Unavailable
from automations.people import Absence, Roster
from automations.plan import Plan
from storage.engine import Database
from tests.automations.access.access_world import ANNA, BEN, BEN_DESK, LEA, ROSTER, RULES, AccessWorld, Company
from tests.support import START, FakeClock, RecordingJobs

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> AccessWorld:
    made = AccessWorld.on(database, clock, jobs)
    made.access.add(BEN_DESK, "agent", "active", "Support", t1="script")
    made.inside.owned = {BEN: ["CASE-1"]}
    return made


def planned(world: AccessWorld, subject: str = BEN, **options: Any) -> Plan:
    return observe_and_plan(world.asked("offboard", subject, **options), world.doors, world.ctx)


def suspended(world: AccessWorld, subject: str = BEN, reason: str = "Lost laptop") -> Plan:
    return observe_and_suspend(world.asked("suspend", subject, reason=reason), world.doors, world.ctx)


def with_ticket(world: AccessWorld) -> None:
    draft = TicketDraft("Ticket", "It broke.", Priority.NORMAL, "Support", BEN_DESK)
    world.desk.create(draft, key=IdempotencyKey("t/1"))


def test_everything_is_looked_at(world: AccessWorld) -> None:
    with_ticket(world)
    world.company = Company()
    world.company.add(BEN, "support", active=False)
    world.slack.groups["S1"].add("U_BEN")
    world.inside.roles, world.inside.on_duty = {BEN: Role.LEAD}, {BEN}
    made = planned(world)
    facts = dict(made.facts)
    assert facts["Now"] == "agent, active, in Support, open tickets: #1"
    assert facts["In Handoff"] == "role lead, 1 open case, on duty in first-line"
    assert facts["Successor"] == "Anna Berg"
    assert facts["Upstream"] == "inactive in The company"
    assert [step.arg["token"] for step in made.steps if step.kind == "desk.token"] == ["t1"]
    assert [step.kind for step in made.steps if step.kind.startswith("slack")] == ["slack.group", "slack.account"]
    assert made.approvals == 2


@pytest.mark.parametrize(
    "away", [Unavailable("away", system="company"), Rejected("two", system="company", code="ambiguous")]
)
def test_nobody_stays_because_the_identity_source_is_away(world: AccessWorld, away: AdapterError) -> None:
    world.company = Company(away=away)
    assert dict(planned(world).facts)["Upstream"] == "The company does not answer"


def test_who_follows_is_named_or_by_rule(world: AccessWorld) -> None:
    assert dict(planned(world, successor=LEA).facts)["Successor"] == "Lea Lind"
    world.rules = RULES.model_copy(update={"successor": BEN})
    assert dict(planned(world).facts)["Successor"].startswith("nobody")
    with_ticket(world)
    with pytest.raises(Refused, match="has 1 open tickets and nobody to take them"):
        planned(world)


def test_a_successor_who_cannot_take_anything_is_refused(world: AccessWorld) -> None:
    with pytest.raises(Refused, match="cannot be the successor of themselves"):
        planned(world, successor=BEN)
    world.inside.blocks = {ANNA}
    with pytest.raises(Refused, match="Anna Berg may do nothing in Handoff any more"):
        planned(world)
    world.inside.blocks = set()
    anna, *others = ROSTER.people
    world.roster = Roster((replace(anna, away=(Absence(START, START + timedelta(hours=9)),)), *others))
    with pytest.raises(Refused, match="Anna Berg is away until"):
        planned(world)
    world.roster = ROSTER
    with_ticket(world)
    with pytest.raises(Refused, match="Lea Lind is no agent in the desk, so gets no tickets"):
        planned(world, successor=LEA)
    world.access.add(LEA, "agent", "suspended")
    with pytest.raises(Refused, match="Lea Lind is suspended in the desk"):
        planned(world, successor=LEA)


def test_nobody_takes_their_own_access_away(world: AccessWorld) -> None:
    for plan in (planned, suspended):
        with pytest.raises(Refused, match="Ask another lead"):
            plan(world, LEA)


def test_the_last_who_can_confirm_stays(world: AccessWorld) -> None:
    world.slack.deciders = ("U_BEN",)
    with pytest.raises(Refused, match="Nobody but Ben Okoro can confirm"):
        planned(world)
    world.slack.deciders, world.inside.blocks = ("U_BEN", "U_ANNA"), {ANNA}
    with pytest.raises(Refused, match="Nobody but Ben Okoro can confirm"):
        suspended(world)


def test_what_the_desk_hides_of_tickets_is_a_task(world: AccessWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    def hidden(email: str) -> Any:
        raise Rejected("There are more than 1,000", system="builtin", code="too_many")

    monkeypatch.setattr(world.desk, "assigned", hidden)
    task = next(step for step in planned(world).steps if step.kind == "desk.tickets")
    assert task.by_hand.startswith("There are more than 1,000. Reassign the open tickets of")


def test_who_was_removed_already_has_no_steps_in_the_desk(world: AccessWorld) -> None:
    world.access.remove(BEN_DESK)
    assert not [step for step in planned(world).steps if step.kind.startswith("desk.")]


def test_suspend_now_needs_a_reason_and_looks_at_no_more_than_it_cuts(world: AccessWorld) -> None:
    with pytest.raises(Refused, match="say in a sentence why Ben Okoro is suspended at once"):
        suspended(world, reason=" ")
    world.company = Company(away=Unavailable("away", system="company"))
    assert [step.kind for step in suspended(world).steps] == [
        "handoff.block", "desk.suspend", "desk.sessions", "desk.token",
    ]  # fmt: skip
