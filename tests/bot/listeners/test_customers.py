"""`/support-customers` through Bolt: asking, looking, going back, and who may do which of them."""

import pytest

from automations.customer_context.context import APPLY, SYNC
from automations.plan import RunState
from storage.models import Run
from tests.automations.failure_tickets.world import World
from tests.bot.listeners.access_world import Access
from tests.bot.listeners.customers_world import Customers
from tests.bot.listeners.people import Slack
from tests.bot.views.checks import check, pings

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LOOKS = ("help", "list", "list customer", "show A-1", "conflicts", "rejected", "status", "nonsense")


@pytest.fixture
def customers(world: World) -> Customers:
    return Customers.on(world)


@pytest.fixture
def slack(world: World, customers: Customers) -> Slack:
    return Slack(world, customers=customers.ctx)


def runs(customers: Customers) -> list[Run]:
    return customers.synced.rows(Run, Run.id)


@pytest.mark.parametrize("text", ["", "sync", "sync whole"])
def test_a_lead_asks_for_a_sync_and_is_told_where_its_card_comes(slack: Slack, customers: Customers, text: str) -> None:
    slack.command("U_LEAD1", text, "customers")
    newest = runs(customers)[-1]
    assert (newest.kind, newest.state, newest.requested_by) == (SYNC, RunState.ASKED, "lea@team.example")
    assert bool(newest.asked.get("whole")) is text.endswith("whole")
    assert slack.words().startswith(f"RUN-{newest.id}: reading the sources")
    assert slack.words().endswith("The card comes to #customers.")


def test_a_second_sync_is_refused_while_one_is_read(slack: Slack, customers: Customers, world: World) -> None:
    for _ in range(2):
        slack.command("U_LEAD1", "", "customers")
    assert "is open for the same: asked for by Lea Lind" in slack.words()
    assert len(world.audited("click.refused")) == 1


@pytest.mark.parametrize("text", LOOKS)
def test_an_agent_may_look(slack: Slack, customers: Customers, world: World, text: str) -> None:
    customers.changed()
    before = len(runs(customers))
    slack.command("U_AGENT1", text, "customers")
    check(slack.told()[-1][2])
    assert world.audited("click.refused") == []
    assert len(runs(customers)) == before


@pytest.mark.parametrize("text", ["", "sync", "rollback last", "rollback A-1"])
def test_an_agent_asks_for_nothing(slack: Slack, customers: Customers, world: World, text: str) -> None:
    before = len(runs(customers))
    slack.command("U_AGENT1", text, "customers")
    assert "needs the role lead" in slack.words()
    assert len(world.audited("click.refused")) == 1
    assert len(runs(customers)) == before


@pytest.mark.parametrize("user", ["U_GUEST", "U_MEMBER", "U_STRANGER", "U_GONE"])
def test_nobody_else_sees_a_customer(slack: Slack, customers: Customers, world: World, user: str) -> None:
    for text in LOOKS:
        slack.command(user, text, "customers")
    assert "Customer 1" not in str(slack.told())
    assert len(world.audited("click.refused")) == len(LOOKS)


def test_what_is_shown_is_what_is_so(slack: Slack, customers: Customers) -> None:
    customers.changed()
    slack.command("U_AGENT1", "status", "customers")
    assert slack.words() == f"3 customers would change (RUN-{customers.run})"
    slack.command("U_AGENT1", "conflicts", "customers")
    assert slack.words() == "2 conflicts to decide"
    slack.command("U_AGENT1", "show A-1", "customers")
    assert slack.words() == "Customer 1: pro, active"
    slack.command("U_AGENT1", "list customer 1", "customers")
    assert "10 customers for “customer”" in str(slack.told()[-1][2])
    slack.command("U_AGENT1", "list c7.example", "customers")
    assert "Customer 7" in str(slack.told()[-1][2])
    slack.command("U_AGENT1", "rejected", "customers")
    assert slack.words() == "No row is rejected"


def test_a_customer_who_is_not_there_is_said_so(slack: Slack, customers: Customers, world: World) -> None:
    slack.command("U_AGENT1", "show <@U_AGENT2> *nobody*", "customers")
    assert "knows no customer" in slack.words()
    assert pings(slack.told()[-1][2]) == []


def test_nothing_was_compared_yet(world: World) -> None:
    empty = Slack(world, customers=Customers(world, Customers.on(world).synced).ctx)
    with world.begin() as session:
        session.query(Run).filter(Run.kind == SYNC).update({"kind": "other"})
    empty.command("U_LEAD1", "status", "customers")
    assert empty.words() == "Nothing was compared yet. /support-customers does it now."
    empty.close()


def test_what_was_carried_out_last_goes_back(slack: Slack, customers: Customers) -> None:
    customers.changed()
    customers.synced.apply(customers.run)
    book = customers.synced.book
    assert book is not None
    assert book.by_reference("A-1").tier == "enterprise"
    slack.command("U_LEAD1", "rollback last", "customers")
    assert slack.words().startswith(f"What RUN-{customers.run} brought is taken back.")
    slack.command("U_LEAD1", "rollback A-1", "customers")
    assert "RUN-" in slack.words()


def test_one_customer_goes_back_by_a_run_of_its_own(slack: Slack, customers: Customers) -> None:
    customers.changed()
    customers.synced.apply(customers.run)
    slack.command("U_LEAD1", "rollback A-1", "customers")
    newest = runs(customers)[-1]
    assert newest.kind == APPLY
    assert slack.words().startswith(f"RUN-{newest.id} puts 1 value of Customer 1 back")


@pytest.mark.parametrize("text", ["", "list", "show A-1", "conflicts", "rejected", "status", "rollback last"])
def test_without_customers_in_the_settings_it_says_how_to_set_them_up(world: World, text: str) -> None:
    slack = Slack(world, Access.on(world).ctx)
    slack.command("U_LEAD1", text, "customers")
    assert "Customer context is not set up" in slack.words()
    slack.command("U_LEAD1", "help", "customers")
    assert "/support-customers" in str(slack.told()[-1][2])
    slack.close()


@pytest.mark.parametrize("text", ["fix it", "show", "sync tier", "x" * 3_000, "rollback", "<!channel>"])
def test_what_is_not_understood_is_answered_with_what_is_known(slack: Slack, customers: Customers, text: str) -> None:
    slack.command("U_LEAD1", text, "customers")
    made = slack.told()[-1][2]
    check(made)
    assert pings(made) == []
    assert "/support-customers rollback last" in str(made)
