"""Users by name or address, whoever they are, and a privileged one as an agent."""

from typing import Final

from automations.adapters.http import Connection
from automations.adapters.request_tracker.line import PER_PAGE
from automations.adapters.request_tracker.shapes import Page, Person
from automations.domain import DeskAgent

AGENT: Final = "Privileged"
"""The one role that an agent can have: what they may do comes with groups."""
NOBODY: Final = "Nobody"


def users(connection: Connection, names: list[str], *, disabled: bool = False) -> list[Person]:
    """Users by name, at most a hundred; those that are disabled only with `disabled`."""
    asked = [{"field": "Name", "value": name} for name in names]
    return _users(connection, asked, disabled=disabled)


def by_email(connection: Connection, email: str, *, disabled: bool = False) -> Person | None:
    """The user with this address in any case of letters, agent or not."""
    found = _users(connection, [{"field": "EmailAddress", "value": email}], disabled=disabled)
    return next((one for one in found if one.email.lower() == email.lower()), None)


def _users(connection: Connection, asked: list[dict[str, str]], *, disabled: bool) -> list[Person]:
    params = {"fields": "EmailAddress,RealName", "per_page": PER_PAGE} | ({"find_disabled_rows": 1} if disabled else {})
    return connection.read("/users", params, json=asked).shaped(Page[Person]).items


def agent(person: Person, *, active: bool) -> DeskAgent:
    """A privileged user as an agent."""
    return DeskAgent(person.id, person.real_name or person.id, person.email, AGENT, "active" if active else "suspended")
