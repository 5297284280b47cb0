"""What commands about runs work with: the settings' own words about access, and its doors."""

from dataclasses import replace

from automations.access.context import AccessContext
from automations.errors import ConfigError
from automations.failure_tickets.present import present
from bot.access_parts import AccessDoors, make_access_context
from bot.cli.options import Opened
from bot.desk import open_access, open_desk
from bot.identity import open_identity
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


NOT_SET_UP = "There is no [access] in the settings, so nobody's access is planned. handoff.example.toml shows one."


def is_set_up(settings: Settings) -> bool:
    """Whether the settings say anything of access."""
    return settings.access is not None


def open_all(here: Opened) -> AccessDoors:
    """The desk with both credentials, and the identity source. Raises: ConfigError for one that cannot be opened."""
    settings, database, clock = here.settings, here.database, here.context.clock
    desk, access = open_desk(settings, database, clock), open_access(settings, database, clock)
    return AccessDoors(desk, access, open_identity(settings, database, clock))
