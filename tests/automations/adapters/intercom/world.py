"""An Intercom workspace on a line that may go bad, and the three doors to it."""

from dataclasses import dataclass
from typing import Any

import httpx

from automations.adapters.intercom.access import IntercomAccess
from automations.adapters.intercom.customers import IntercomCustomers
from automations.adapters.intercom.desk import IntercomDesk
from automations.adapters.intercom.line import Setup, connect
from tests.desks.budget import Budget
from tests.desks.contract import HeldToContract
from tests.desks.fake import Faulty
from tests.desks.intercom import ADMIN_TOKEN, TOKEN, Intercom
from tests.support import FakeClock

URL = "https://desk.example"
REQUESTER = "handoff@team.example"
SETUP = Setup("Incident", REQUESTER, "handoff_key", "Priority", "handoff_status")


def desk_on(transport: httpx.BaseTransport, clock: FakeClock, setup: Setup = SETUP, **more: Any) -> IntercomDesk:
    line = connect(URL, more.pop("token", TOKEN), more.pop("budget", Budget()), clock.now, transport=transport)
    return IntercomDesk(line, setup, clock.now)


def customers_on(transport: httpx.BaseTransport, clock: FakeClock, setup: Setup = SETUP) -> IntercomCustomers:
    return IntercomCustomers(connect(URL, TOKEN, Budget(), clock.now, transport=transport), setup)


def access_on(transport: httpx.BaseTransport, clock: FakeClock) -> IntercomAccess:
    return IntercomAccess(connect(URL, ADMIN_TOKEN, Budget(), clock.now, transport=transport))


@dataclass
class World:
    """The workspace, its line, the budget and the desk on it."""

    clock: FakeClock
    fake: Intercom
    line: Faulty
    budget: Budget
    desk: IntercomDesk


def world(clock: FakeClock, setup: Setup = SETUP, *, held: bool = True, **fake: Any) -> World:
    """A workspace of its own. `held`: each exchange is checked against the contract, which takes time with many."""
    there = Intercom(clock, **fake)
    line, budget = Faulty(HeldToContract(there, "intercom") if held else there), Budget()
    return World(clock, there, line, budget, desk_on(line, clock, setup, budget=budget))
