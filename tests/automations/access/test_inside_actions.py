"""The steps inside Handoff, in Slack, upstream and by hand: looked at, made true, left to people where no API can."""

import pytest

from automations.access import kinds, steps
from automations.access.steps import Kind
from automations.domain import IdempotencyKey
from automations.errors import Refused
from automations.plan import Step
from storage.engine import Database
from tests.automations.access.access_world import ANNA, BEN, BEN_DESK, LEA, NORA, AccessWorld, Company
from tests.support import FakeClock, RecordingJobs

KEY = IdempotencyKey("run/7/1")
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> AccessWorld:
    made = AccessWorld.on(database, clock, jobs)
    made.inside.on_duty, made.inside.owned = {BEN}, {BEN: ["CASE-1", "CASE-2"]}
    made.inside.named = {BEN: ("people.ben@team.example",)}
    made.slack.groups["S1"] = {"U_BEN", "U_ANNA"}
    return made


def look(world: AccessWorld, step: Step) -> str | None:
    return kinds.actions(world.doors)[step.kind].look(step)


def make(world: AccessWorld, step: Step, value: str | None = None) -> None:
    kinds.actions(world.doors)[step.kind].make(step, step.after if value is None else value, key=KEY)


def slack_group(now: str, then: str, user: str = "U_BEN") -> Step:
    return steps.slack_group(user, BEN, "S1", now, then, writes=True, owner=LEA)


def test_every_kind_of_step_has_its_action(world: AccessWorld) -> None:
    assert set(kinds.actions(world.doors)) == {str(kind) for kind in Kind}


@pytest.mark.parametrize(
    "step",
    [
        Step(Kind.BLOCK, BEN, steps.FREE, steps.BLOCKED, "", (("also", BEN_DESK),)),
        Step(Kind.DUTY, BEN, steps.HAS_DUTY, steps.NONE, ""),
        Step(Kind.CASES, BEN, steps.OPEN, steps.NONE, "", (("to", ANNA),)),
        slack_group(steps.IN, steps.OUT),
        slack_group(steps.OUT, steps.IN, "U_NORA"),
    ],
    ids=lambda step: f"{step.kind} {step.after}",
)
def test_a_step_is_looked_at_and_made_true(world: AccessWorld, step: Step) -> None:
    assert look(world, step) == step.before
    make(world, step)
    make(world, step)
    assert look(world, step) == step.after


def test_a_block_is_in_the_runs_name_under_every_address_and_is_taken_back(world: AccessWorld) -> None:
    step = Step(Kind.BLOCK, BEN, steps.FREE, steps.BLOCKED, "", (("also", BEN_DESK),))
    make(world, step)
    assert (world.inside.blocks, world.inside.keys) == ({BEN, BEN_DESK}, ["run/7/1"])
    make(world, step, steps.FREE)
    assert world.inside.blocks == set()


def test_a_user_group_keeps_everybody_else(world: AccessWorld) -> None:
    make(world, slack_group(steps.OUT, steps.IN, "U_NORA"))
    assert world.slack.groups["S1"] == {"U_ANNA", "U_BEN", "U_NORA"}
    make(world, slack_group(steps.IN, steps.OUT))
    assert world.slack.groups["S1"] == {"U_ANNA", "U_NORA"}


def test_the_last_of_a_user_group_is_left_to_a_person(world: AccessWorld) -> None:
    world.slack.groups["S1"] = {"U_BEN"}
    with pytest.raises(Refused, match=r"the last in the user group S1, and Slack lets no group be empty"):
        make(world, slack_group(steps.IN, steps.OUT))
    assert world.slack.groups["S1"] == {"U_BEN"}


def test_without_a_slack_user_nothing_can_be_read(world: AccessWorld) -> None:
    step = slack_group("", steps.IN, "")
    assert (look(world, step), step.by_hand) == (
        None,
        f"Add {BEN} to the user group S1 in Slack, under People, User groups.",
    )


def test_settings_are_read_back_after_a_person_has_changed_them(world: AccessWorld) -> None:
    step = Step(Kind.RULES, BEN, steps.NAMED, steps.NOWHERE, "Take them out")
    assert look(world, step) == steps.NAMED
    with pytest.raises(Refused, match="Take them out: a person does this"):
        make(world, step)
    world.inside.named = {}
    assert look(world, step) == steps.NOWHERE


def test_the_identity_source_is_only_read(world: AccessWorld) -> None:
    step = Step(Kind.UPSTREAM, NORA, steps.ACTIVE, steps.INACTIVE, "Account upstream")
    assert look(world, step) is None
    world.company = Company()
    assert look(world, step) == steps.INACTIVE, "whom it does not know cannot sign in by it"
    world.company.add(NORA, "support")
    assert look(world, step) == steps.ACTIVE
    world.company.add(NORA, "support", active=False)
    assert look(world, step) == steps.INACTIVE
    with pytest.raises(Refused, match="a person does this"):
        make(world, step)


@pytest.mark.parametrize("kind", [Kind.TASK, Kind.SLACK_ACCOUNT])
def test_what_nothing_reads_is_a_persons_word(world: AccessWorld, kind: Kind) -> None:
    step = Step(kind, "the vault", "", "", "The vault", by_hand="Change it.", owner=LEA)
    assert look(world, step) is None
    with pytest.raises(Refused, match="The vault: a person does this"):
        make(world, step)
