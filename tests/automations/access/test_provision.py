"""What is looked at before somebody comes, and what is refused there."""

from dataclasses import replace
from typing import Any

import pytest

from automations.access.provision import observe_and_plan
from automations.errors import Refused, Rejected, Unavailable
from automations.people import Roster
from automations.plan import Plan
from storage.engine import Database
from tests.automations.access.access_world import BEN, BEN_DESK, NORA, ROSTER, AccessWorld, Company
from tests.support import FakeClock, RecordingJobs

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> AccessWorld:
    made = AccessWorld.on(database, clock, jobs)
    made.company = Company()
    made.company.add(NORA, "support")
    return made


def planned(world: AccessWorld, subject: str = NORA, **options: Any) -> Plan:
    return observe_and_plan(world.asked("provision", subject, **{"role": "agent", **options}), world.doors, world.ctx)


def test_somebody_not_in_slack_yet_is_planned_by_address(world: AccessWorld) -> None:
    made = planned(world, groups=["billing"])
    assert (made.title, made.subject) == ("Provision Nora Lund as Agent", NORA)
    assert [step.arg["group"] for step in made.steps if step.kind == "desk.group"] == ["Support", "Billing"]
    slack = next(step for step in made.steps if step.kind == "slack.group")
    assert (slack.by_hand != "", slack.after) == (True, "")
    assert dict(made.facts)["Seats"] == "not limited"


def test_what_was_typed_beside_the_address_counts(world: AccessWorld) -> None:
    made = planned(world, name="Nora L.", slack="U_NORA", groups="Billing, support")
    assert made.title == "Provision Nora L. as Agent"
    slack = next(step for step in made.steps if step.kind == "slack.group")
    assert (slack.arg["user"], slack.before, slack.after) == ("U_NORA", "out", "in")


def test_somebody_of_the_team_is_planned_under_the_address_of_their_agent(world: AccessWorld) -> None:
    assert world.company is not None
    world.company.add(BEN, "support")
    world.access.add(BEN_DESK, "agent", "active", "Support")
    world.slack.groups["S1"].add("U_BEN")
    made = planned(world, BEN)
    assert {step.target for step in made.steps if step.kind.startswith("desk.")} == {BEN_DESK}
    assert made.changes == ()
    with pytest.raises(Refused, match=r"b.okoro@desk.example is the desk agent of Ben Okoro; ask for ben@team.example"):
        planned(world, BEN_DESK)


@pytest.mark.parametrize("subject", ["", "Nora", "nora@", "<!channel>", "a@b, c@d"])
def test_what_is_no_address_is_refused(world: AccessWorld, subject: str) -> None:
    with pytest.raises(Refused, match="is not an e-mail address"):
        planned(world, subject)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"role": "boss"}, "There is no role 'boss'. Known: Agent, Lead, Admin"),
        ({"role": ""}, "No role was named. Known: Agent, Lead, Admin"),
        ({"role": "lead"}, "The company says Agent for nora@team.example, not Lead"),
        ({"groups": ["Vault"]}, "There is no such group: Vault. Known: Billing, Support"),
    ],
)
def test_what_is_not_known_is_refused_with_what_is(world: AccessWorld, options: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        planned(world, **options)
    assert world.access.calls == []


def test_a_rule_that_names_a_role_the_desk_does_not_have_is_refused(world: AccessWorld) -> None:
    agent, *others = world.rules.roles
    odd = agent.model_copy(update={"desk_role": "Agnet"})
    world.rules = world.rules.model_copy(update={"roles": (odd, *others)})
    with pytest.raises(Refused, match="The role Agent is 'Agnet' in the desk, which has only: agent, lead, owner"):
        planned(world)


def test_two_people_of_one_address_upstream_are_refused_and_a_source_that_is_away_is_tried_again(
    world: AccessWorld,
) -> None:
    assert world.company is not None
    world.company.away = Rejected("two of them", system="company", code="ambiguous")
    with pytest.raises(Refused, match="The company knows several people by the address"):
        planned(world)
    world.company.away = Unavailable("it does not answer", system="company")
    with pytest.raises(Unavailable):
        planned(world)


def test_a_user_group_that_slack_does_not_have_is_a_task(world: AccessWorld) -> None:
    world.slack.groups = {}
    made = planned(world, slack="U_NORA")
    slack = next(step for step in made.steps if step.kind == "slack.group")
    assert (slack.by_hand != "", slack.after) == (True, "")


def test_without_the_credential_it_is_planned_as_tasks(world: AccessWorld) -> None:
    doors = replace(world.doors, access=None)
    made = observe_and_plan(world.asked("provision", NORA, role="agent"), doors, world.ctx)
    assert all(step.by_hand for step in made.steps)
    assert dict(made.facts)["Now"] == "no agent in the built-in desk"


def test_a_person_without_a_name_anywhere_is_called_by_the_address(world: AccessWorld) -> None:
    world.company = None
    world.roster = Roster(ROSTER.people)
    assert planned(world).title == f"Provision {NORA} as Agent"
