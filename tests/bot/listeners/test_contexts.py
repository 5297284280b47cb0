"""Which context an act on a run is given: that of the run's own automation, whichever of them are set up."""

from collections.abc import Iterator

import pytest

from automations.customer_context.context import AUTOMATION, CustomerContext
from automations.plan import Plan, RunState, Step, StepState
from automations.runs.approve import approve
from automations.runs.ask import ask
from automations.runs.kinds import Asked, RunKind
from automations.runs.propose import propose
from bot.listeners.contexts import ACCESS_OFF, CUSTOMERS_OFF
from bot.wire_runs import RunAct, RunButton
from tests.automations.failure_tickets.world import LEA, World
from tests.bot.listeners.access_world import Access, NoRooms
from tests.bot.listeners.people import Slack
from tests.customer_terms import customers_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
BATCH = Step("customers.batch", "group/1/1-2", "planned", "written", "Write 2 customers", undo="Put 2 customers back")


@pytest.fixture
def customers(world: World) -> CustomerContext:
    return customers_of(world.ctx)


@pytest.fixture
def slack(world: World, customers: CustomerContext) -> Iterator[Slack]:
    """Only customers are set up here, access is not."""
    made = Slack(world, customers=customers)
    yield made
    made.close()


class Batches:
    """A run of changes to customers, and ways to make its rows."""

    def __init__(self, world: World, ctx: CustomerContext) -> None:
        self.access = Access.on(world)
        self.world, self.ctx = world, ctx

    def proposed(self) -> int:
        with self.world.begin() as session:
            number = ask(session, "customer_changes", "", {}, LEA, self.ctx).id

        def plan(asked: Asked, _ctx: object) -> Plan:
            return Plan(asked.kind, "", "Write 1 group of changes", (BATCH,))

        propose(self.world.database, number, RunKind("customer_changes", plan), NoRooms(), self.ctx)
        return number

    def settled(self, state: RunState, step: StepState) -> int:
        number = self.proposed()
        with self.world.begin() as session:
            approve(session, number, self.access.run(number).digest, LEA, self.ctx)
        return self.access.settled(number, state, [step])

    def button(self, number: int, act: RunAct) -> RunButton:
        return self.access.button(number, act)

    def state(self, number: int) -> str:
        run = self.access.run(number)
        assert run.automation == AUTOMATION
        return run.state


@pytest.fixture
def batches(world: World, customers: CustomerContext) -> Batches:
    return Batches(world, customers)


def test_every_button_of_a_run_works_where_only_its_automation_is_set_up(slack: Slack, batches: Batches) -> None:
    number = batches.proposed()
    slack.press("U_LEAD1", batches.button(number, RunAct.DETAILS))
    assert "Write 1 group of changes" in str(slack.told()[-1][2])
    slack.press("U_LEAD1", batches.button(number, RunAct.CONFIRM))
    assert (batches.state(number), slack.words()) == ("approved", "RUN-1: confirmed. It is carried out now.")


def test_it_is_cancelled_tried_again_and_taken_back(slack: Slack, batches: Batches, world: World) -> None:
    number = batches.proposed()
    slack.press("U_LEAD1", batches.button(number, RunAct.CANCEL))
    assert batches.state(number) == "cancelled"
    failed = batches.settled(RunState.PARTIAL, StepState.FAILED)
    slack.press("U_LEAD1", batches.button(failed, RunAct.RETRY))
    assert slack.words() == f"RUN-{failed}, step 1: it is tried again now."
    batches.access.settled(failed, RunState.DONE, [StepState.VERIFIED])
    slack.press("U_LEAD1", batches.button(failed, RunAct.UNDO))
    undoing = failed + 1
    assert slack.words().startswith(f"RUN-{undoing}: the undo of RUN-{failed} is being planned")
    assert (batches.state(undoing), batches.access.run(undoing).channel) == ("asked", batches.ctx.channel)


def test_agents_decide_nothing_about_it(slack: Slack, batches: Batches) -> None:
    number = batches.proposed()
    slack.press("U_AGENT1", batches.button(number, RunAct.CONFIRM))
    assert batches.state(number) == "proposed"


def test_a_run_of_access_says_that_access_is_not_set_up(slack: Slack, world: World) -> None:
    access = Access.on(world)
    number = access.proposed()
    slack.press("U_LEAD1", access.button(number, RunAct.CONFIRM))
    assert (access.run(number).state, slack.words()) == ("proposed", ACCESS_OFF)


def test_a_run_of_customers_says_that_they_are_not_set_up(world: World, batches: Batches) -> None:
    number = batches.proposed()
    slack = Slack(world, batches.access.ctx)
    slack.press("U_LEAD1", batches.button(number, RunAct.CONFIRM))
    slack.close()
    assert (batches.state(number), slack.words()) == ("proposed", CUSTOMERS_OFF)


def test_no_button_of_access_does_anything_to_a_run_of_customers(slack: Slack, batches: Batches) -> None:
    number = batches.proposed()
    for act, words in (
        (RunAct.SUSPEND_NOW, "takes nobody's access away"),
        (RunAct.ON_DUTY, "has not brought anybody in yet"),
    ):
        slack.press("U_LEAD1", batches.button(number, act))
        assert words in slack.words()
    assert batches.state(number) == "proposed"


def test_the_status_shows_the_open_runs_of_each_automation_under_its_name(world: World, batches: Batches) -> None:
    batches.access.proposed()
    batches.proposed()
    slack = Slack(world, batches.access.ctx, batches.ctx)
    slack.command("U_LEAD1", "status")
    shown = str(slack.told()[-1][2])
    slack.command("U_AGENT1", "status")
    hidden = str(slack.told()[-1][2])
    slack.close()
    assert shown.index("Access") < shown.index("RUN-1") < shown.index("Customers") < shown.index("RUN-2")
    assert "RUN-2" not in hidden
    for words in ("0 known", "0 groups of changes to decide about", "0 conflicts and 0 rejected rows open"):
        assert words in hidden


def test_the_help_names_the_command_where_customers_are_kept(slack: Slack, world: World) -> None:
    slack.command("U_AGENT1", "help")
    assert "-customers" in str(slack.told()[-1][2])
    without = Slack(world)
    without.command("U_AGENT1", "help")
    without.command("U_AGENT1", "status")
    without.close()
    assert not [answer for answer in without.told() if "-customers" in str(answer) or "known" in str(answer)]
