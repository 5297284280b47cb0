"""From rows of notifications to the messages of customer context, as things are at that moment."""

import pytest

from automations.customer_context.context import CARD, LEDGER
from automations.errors import NotFound
from bot.render import render
from storage.engine import Database
from storage.models import Notification
from tests.automations.failure_tickets.world import World
from tests.bot.listeners.customers_world import Customers
from tests.bot.views.checks import check
from tests.support import FakeClock, RecordingJobs

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def customers(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Customers:
    return Customers.on(World.on(database, clock, jobs)).changed()


def shown(customers: Customers, kind: str) -> str:
    row = [one for one in customers.synced.rows(Notification, Notification.created_at) if one.kind == kind][-1]
    with customers.world.database.read() as session:
        made = render(session, row, customers.world.ctx, customers=customers.ctx)
    check(made)
    return made["text"]


def test_a_sync_and_the_ledger_are_shown_as_they_are_now(customers: Customers) -> None:
    assert shown(customers, CARD) == f"3 customers would change (RUN-{customers.run})"
    assert shown(customers, LEDGER) == "2 conflicts to decide"
    customers.synced.apply(customers.run)
    assert shown(customers, CARD) == f"Everything here is decided (RUN-{customers.run})"


@pytest.mark.parametrize("kind", [CARD, LEDGER])
def test_what_is_not_set_up_any_more_is_said_so(customers: Customers, kind: str) -> None:
    row = Notification(key="x", kind=kind, channel="C_CUSTOMERS", data={"run_id": customers.run})
    with customers.world.database.read() as session, pytest.raises(NotFound, match="not set up any more"):
        render(session, row, customers.world.ctx)
