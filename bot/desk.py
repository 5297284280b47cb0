"""Which help desk the settings ask for. The only place where an adapter of a desk is chosen.

A desk has up to three doors: tickets, with the ordinary credential; customers, with the same; and access, with the
administrative one, which nobody but the access automation is given.
"""

from collections.abc import Mapping
from typing import Final

from automations.access_ports import DeskAccess
from automations.adapters.builtin import limits as builtin_limits
from automations.adapters.builtin.access import BuiltinAccess
from automations.adapters.builtin.customers import BuiltinCustomers
from automations.errors import ConfigError
from automations.ports import Clock, CustomerBook, HelpDesk
from bot.builtin_desk import open_builtin
from bot.desks import freshdesk, intercom, muninx, request_tracker, zendesk
from bot.desks.kind import Kind, Limits, Line
from bot.settings import Settings
from bot.settings_desks import Desk
from bot.settings_file import secret
from storage.budget import RateBudgets, shared_now
from storage.engine import Database

KINDS: Final[Mapping[str, Kind]] = {
    "request_tracker": request_tracker.KIND,
    "zendesk": zendesk.KIND,
    "freshdesk": freshdesk.KIND,
    "intercom": intercom.KIND,
    "muninx": muninx.KIND,
}
"""Every kind of desk that lies elsewhere, by the name the settings use."""


def limits_of() -> Mapping[str, Limits]:
    """What each kind of desk can do, the built-in one first."""
    return {"builtin": builtin_limits, **{name: kind.limits for name, kind in KINDS.items()}}


def first_look(section: Desk, token: str, clock: Clock) -> HelpDesk:
    """The desk of a section that is only being written, asked a few times and so without a budget."""
    return KINDS[section.kind].desk(Line(section, token, _Unpaced(), clock.now))


class _Unpaced:
    """A budget for a handful of questions that a person waits for."""

    def take(self, name: str, per_minute: int | None) -> float:
        return 0.0

    def pause(self, name: str, seconds: float) -> None:
        """Nobody asks again."""


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


def desk_warnings(settings: Settings) -> tuple[str, ...]:
    """What somebody should change about the way the desk is set up."""
    kind = KINDS.get(settings.desk.kind)
    return () if kind is None else kind.warnings(settings.desk)


def _line(settings: Settings, database: Database, clock: Clock, which: str) -> Line:
    token = secret(settings.desk, which)
    if token is None:
        raise ConfigError(f"desk.{which} is not set. Set HANDOFF_DESK__{which.upper()}, or desk.{which}_file.")
    return Line(settings.desk, token, RateBudgets(database, shared_now(database, clock.now)), clock.now)
