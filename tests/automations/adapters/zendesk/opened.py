"""The stand-in for Zendesk with the contract's people in it, and our adapter's doors to it."""

import httpx

from automations.adapters.http import Connection
from automations.adapters.zendesk.access import ZendeskAccess
from automations.adapters.zendesk.connect import Credential, connect
from automations.adapters.zendesk.customers import ZendeskCustomers
from automations.adapters.zendesk.desk import ZendeskDesk
from automations.adapters.zendesk.limits import OrganizationFields
from tests.automations.adapters.contract import AGENTS, GROUPS
from tests.desks.budget import Budget
from tests.desks.contract import HOST
from tests.desks.zendesk import FakeZendesk
from tests.desks.zendesk_account import SECRETS
from tests.support import FakeClock

REQUESTER = "requests@team.example"
ORDINARY = Credential(SECRETS["handoff"], "handoff")
ADMINISTRATIVE = Credential(SECRETS["handoff-access"], "handoff-access", administrative=True)
FIELDS = OrganizationFields("tier", "status", ("region",))


def zendesk(clock: FakeClock) -> FakeZendesk:
    """The account as the contracts want to find it."""
    fake = FakeZendesk(clock)
    numbers = [fake.seed_group(name) for name in GROUPS]
    for name, email in AGENTS:
        fake.memberships[fake.next_id()] = (fake.seed_user(name, email), numbers[0])
    return fake


def line(
    transport: httpx.BaseTransport, clock: FakeClock, credential: Credential = ORDINARY, budget: Budget | None = None
) -> Connection:
    return connect(HOST, credential, budget or Budget(), clock.now, transport=transport)


def desk(transport: httpx.BaseTransport, clock: FakeClock, budget: Budget | None = None) -> ZendeskDesk:
    return ZendeskDesk(line(transport, clock, budget=budget), REQUESTER, clock.now)


def access(transport: httpx.BaseTransport, clock: FakeClock, budget: Budget | None = None) -> ZendeskAccess:
    return ZendeskAccess(line(transport, clock, ADMINISTRATIVE, budget), clock.now)


def customers(
    transport: httpx.BaseTransport, clock: FakeClock, fields: OrganizationFields = FIELDS
) -> ZendeskCustomers:
    return ZendeskCustomers(line(transport, clock), fields)


def asked(fake: FakeZendesk, method: str, path: str) -> list[httpx.Request]:
    """The requests of one kind that reached the desk; `path` is how it begins."""
    found = [one.request for one in fake.exchanges]
    return [one for one in found if one.method == method and one.url.path.startswith(path)]
