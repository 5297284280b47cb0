"""MuninX, by personal tokens of two administrators."""

from automations.adapters.http import Connection
from automations.adapters.muninx import limits
from automations.adapters.muninx.access import MuninxAccess
from automations.adapters.muninx.calls import declared
from automations.adapters.muninx.customers import MuninxCustomers
from automations.adapters.muninx.desk import MuninxDesk
from automations.adapters.muninx.line import connect
from automations.adapters.muninx.names import Names
from bot.desks.kind import Kind, Line
from bot.settings_desks import Desk


def _desk(line: Line) -> MuninxDesk:
    return MuninxDesk(_connection(line), line.now, names(line.section), line.section.muninx.ticket_url)


def _connection(line: Line) -> Connection:
    return connect(line.url, line.token, line.budget, line.now, per_minute=line.section.calls_per_minute)


def names(section: Desk) -> Names:
    """What the settings call the fields of a ticket."""
    return Names(**section.muninx.names.model_dump())


KIND = Kind(
    desk=_desk,
    customers=lambda line: MuninxCustomers(_connection(line)),
    access=lambda line: MuninxAccess(_connection(line), line.now),
    limits=limits,
    calls=lambda section: declared(names(section)),
)
