"""What commands about runs work with: the context of each run's automation, and the doors of access."""

from collections.abc import Mapping
from dataclasses import replace

from automations.access.context import AccessContext
from automations.customer_context.context import AUTOMATION as CUSTOMERS
from automations.customer_context.context import CustomerContext
from automations.errors import ConfigError
from automations.failure_tickets.present import present
from automations.runs.context import RunContext
from automations.runs.rows import found
from bot.access_parts import AccessDoors, make_access_context
from bot.cli.options import Opened
from bot.cli.watch_opened import triage_of
from bot.customers_parts import make_customer_context
from bot.desk import limits_of, open_access, open_desk
from bot.identity import open_identity
from bot.rollback_side import restoring_contexts
from bot.settings import Settings


def runs_of(here: Opened, doors: AccessDoors | None = None) -> AccessContext:
    """What every act on a run is given, with the team as it is now; `doors` for those that plan.

    Raises: ConfigError without [access].
    """
    made = make_access_context(here.settings, here.context, doors)
    if made is None:
        raise ConfigError(NOT_SET_UP)
    with here.database.read() as session:
        return replace(made, roster=present(session, here.context).roster)


def customers_of(here: Opened) -> CustomerContext:
    """What every act of customer context is given, with the team as it is now. Raises: ConfigError without it."""
    title = limits_of()[here.settings.desk.kind].TITLE
    made = make_customer_context(here.settings, here.context, desk_title=title)
    if made is None:
        raise ConfigError(NO_CUSTOMERS)
    with here.database.read() as session:
        return replace(made, roster=present(session, here.context).roster)


def contexts_of(here: Opened) -> dict[str, RunContext]:
    """The contexts of all automations with runs that are set up, by their names. Raises: ConfigError."""
    settings = here.settings
    made: list[RunContext] = [runs_of(here)] if settings.access is not None else []
    made += [customers_of(here)] if settings.customers is not None else []
    return {**{one.automation: one for one in made}, **restoring_of(here)}


def restoring_of(here: Opened) -> Mapping[str, RunContext]:
    """The contexts of the automations whose runs only take back: failure tickets and triage. Raises: ConfigError."""
    with here.database.read() as session:
        team = present(session, here.context)
    return restoring_contexts(team, triage_of(here))


def context_of(here: Opened, run_id: int) -> RunContext:
    """The context of a run's automation. Raises: NotFound; ConfigError if that is not set up."""
    with here.database.read() as session:
        automation = found(session, run_id).automation
    if automation == CUSTOMERS:
        return customers_of(here)
    return restoring_of(here).get(automation) or runs_of(here)


NO_CUSTOMERS = "There is no [customers] in the settings, so no customers are kept. handoff.example.toml shows one."
NOT_SET_UP = "There is no [access] in the settings, so nobody's access is planned. handoff.example.toml shows one."


def is_set_up(settings: Settings) -> bool:
    """Whether the settings say anything of access."""
    return settings.access is not None


def open_all(here: Opened) -> AccessDoors:
    """The desk with both credentials, and the identity source. Raises: ConfigError for one that cannot be opened."""
    settings, database, clock = here.settings, here.database, here.context.clock
    desk, access = open_desk(settings, database, clock), open_access(settings, database, clock)
    return AccessDoors(desk, access, open_identity(settings, database, clock))
