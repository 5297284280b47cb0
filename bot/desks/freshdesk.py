"""Freshdesk, by the API keys of two administrators."""

from automations.adapters.freshdesk import limits
from automations.adapters.freshdesk.access import FreshdeskAccess
from automations.adapters.freshdesk.calls import CALLS
from automations.adapters.freshdesk.connection import connect
from automations.adapters.freshdesk.customers import FreshdeskCustomers
from automations.adapters.freshdesk.desk import FreshdeskDesk
from automations.adapters.freshdesk.options import Options, Scope
from automations.adapters.http import Connection
from bot.desks.kind import Kind, Line
from bot.settings_desks import Desk


def _desk(line: Line) -> FreshdeskDesk:
    return FreshdeskDesk(
        line.url,
        line.token,
        line.requester,
        line.budget,
        line.now,
        options(line.section),
        per_minute=line.section.calls_per_minute,
    )


def _customers(line: Line) -> FreshdeskCustomers:
    return FreshdeskCustomers(_connection(line), line.now, options(line.section))


def _access(line: Line) -> FreshdeskAccess:
    return FreshdeskAccess(_connection(line), line.now, options(line.section))


def _connection(line: Line) -> Connection:
    return connect(line.url, line.token, line.budget, line.now, per_minute=line.section.calls_per_minute)


def options(section: Desk) -> Options:
    """What the adapter has to know of the account, from its section of the settings."""
    named = section.freshdesk.model_dump()
    return Options(**{**named, "agent_scope": Scope(named["agent_scope"])})


KIND = Kind(_desk, _customers, _access, limits, lambda _section: CALLS)
