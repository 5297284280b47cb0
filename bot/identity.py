"""Which identity source the settings ask for. The only place where one is chosen."""

from automations.access_ports import IdentitySource
from automations.adapters.people_file.source import PeopleFile
from automations.adapters.scim.line import connect
from automations.adapters.scim.source import ScimSource
from automations.errors import ConfigError
from automations.ports import Clock
from bot.settings import Settings
from bot.settings_file import secret
from storage.budget import RateBudgets, shared_now
from storage.engine import Database


def open_identity(settings: Settings, database: Database, clock: Clock) -> IdentitySource | None:
    """The identity source of the settings, None if they name none. Raises: ConfigError if its token is missing."""
    section = settings.identity
    if section.kind == "file" and section.path is not None:
        return PeopleFile(section.path, clock.now, at_least=section.at_least, max_age=section.max_age)
    if section.kind == "scim" and section.url is not None:
        token = secret(section, "token")
        if token is None:
            raise ConfigError("identity.token is not set. Set HANDOFF_IDENTITY__TOKEN, or identity.token_file.")
        budget = RateBudgets(database, shared_now(database, clock.now))
        line = connect(section.url, token, budget, clock.now, per_minute=section.calls_per_minute)
        return ScimSource(line, at_least=section.at_least)
    return None
