"""Which help desk the settings ask for. The only place where an adapter of a desk is chosen.

A desk has up to three doors: tickets, with the ordinary credential; customers, with the same; and access, with the
administrative one, which nobody but the access automation is given.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from automations.adapters.builtin.access import BuiltinAccess
from automations.adapters.builtin.customers import BuiltinCustomers
from automations.adapters.http import Connection
from automations.adapters.intercom import line as intercom
from automations.adapters.intercom.access import IntercomAccess
from automations.adapters.intercom.customers import IntercomCustomers
from automations.adapters.intercom.desk import IntercomDesk
from automations.errors import ConfigError
from automations.ports import Clock, CustomerBook, DeskAccess, HelpDesk, RateBudget
from bot.builtin_desk import open_builtin
from bot.settings import Settings
from bot.settings_desks import Desk
from bot.settings_file import secret
from storage.budget import RateBudgets
from storage.engine import Database


@dataclass(frozen=True, slots=True)
class Line:
    """What every desk elsewhere is reached with: its section of the settings, the credential, the shared budget."""

    section: Desk
    token: str
    budget: RateBudget
    now: Callable[[], datetime]

    @property
    def url(self) -> str:
        """The desk's address; the settings hold that there is one."""
        assert self.section.url is not None, "Desk checks it"
        return self.section.url

    @property
    def requester(self) -> str:
        """The internal address that tickets are requested by; the settings hold that there is one."""
        assert self.section.requester is not None, "Desk checks it"
        return self.section.requester


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of desk: how each of its doors is opened with a credential."""

    desk: Callable[[Line], HelpDesk]
    customers: Callable[[Line], CustomerBook]
    access: Callable[[Line], DeskAccess]


def _intercom(line: Line) -> Connection:
    return intercom.connect(line.url, line.token, line.budget, line.now, per_minute=line.section.calls_per_minute)


def _intercom_setup(line: Line) -> intercom.Setup:
    of = line.section.intercom
    assert of.ticket_type is not None, "Desk checks it"
    return intercom.Setup(of.ticket_type, line.requester, of.key_attribute, of.priority_attribute, of.status_attribute)


KINDS: Final[Mapping[str, Kind]] = {
    "intercom": Kind(
        desk=lambda line: IntercomDesk(_intercom(line), _intercom_setup(line), line.now),
        customers=lambda line: IntercomCustomers(_intercom(line), _intercom_setup(line)),
        access=lambda line: IntercomAccess(_intercom(line)),
    ),
}
"""Every kind of desk that lies elsewhere, by the name the settings use."""


def open_desk(settings: Settings, database: Database, clock: Clock, base: str | None = None) -> HelpDesk:
    """The help desk of the settings as it is. Raises: ConfigError if its credential is missing."""
    if settings.desk.kind == "builtin":
        return open_builtin(settings, database, clock, base)
    return KINDS[settings.desk.kind].desk(_line(settings, database, clock, "token"))


def open_customers(settings: Settings, database: Database, clock: Clock) -> CustomerBook:
    """The customers of the settings' desk. Raises: ConfigError as `open_desk`."""
    if settings.desk.kind == "builtin":
        return BuiltinCustomers(database)
    return KINDS[settings.desk.kind].customers(_line(settings, database, clock, "token"))


def open_access(settings: Settings, database: Database, clock: Clock) -> DeskAccess | None:
    """The agents of the settings' desk, None without the administrative credential: all else works without it.

    The built-in desk needs none, since it lies in the bot's own database.
    """
    if settings.desk.kind == "builtin":
        return BuiltinAccess(database)
    if secret(settings.desk, "admin_token") is None:
        return None
    return KINDS[settings.desk.kind].access(_line(settings, database, clock, "admin_token"))


def _line(settings: Settings, database: Database, clock: Clock, which: str) -> Line:
    token = secret(settings.desk, which)
    if token is None:
        raise ConfigError(f"desk.{which} is not set. Set HANDOFF_DESK__{which.upper()}, or desk.{which}_file.")
    return Line(settings.desk, token, RateBudgets(database, clock.now), clock.now)
