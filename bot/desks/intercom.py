"""Intercom tickets of one ticket type."""

from automations.adapters.http import Connection
from automations.adapters.intercom import limits
from automations.adapters.intercom.access import IntercomAccess
from automations.adapters.intercom.calls import CALLS
from automations.adapters.intercom.customers import IntercomCustomers
from automations.adapters.intercom.desk import IntercomDesk
from automations.adapters.intercom.line import Setup, connect
from bot.desks.kind import Kind, Line, Needed


def _connection(line: Line) -> Connection:
    return connect(line.url, line.token, line.budget, line.now, per_minute=line.section.calls_per_minute)


def _setup(line: Line) -> Setup:
    of = line.section.intercom
    assert of.ticket_type is not None, "Desk checks it"
    return Setup(of.ticket_type, line.requester, of.key_attribute, of.priority_attribute, of.status_attribute)


KIND = Kind(
    desk=lambda line: IntercomDesk(_connection(line), _setup(line), line.now),
    customers=lambda line: IntercomCustomers(_connection(line), _setup(line)),
    access=lambda line: IntercomAccess(_connection(line)),
    limits=limits,
    calls=lambda _section: CALLS,
    needed=Needed("ticket_type", "Name of the ticket type that tickets are made of"),
)
