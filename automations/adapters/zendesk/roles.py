"""Roles of agents in Zendesk: agent, admin, and the custom roles of an Enterprise account."""

from collections.abc import Mapping
from typing import Any, Final

from automations.adapters.http import Connection
from automations.adapters.zendesk.limits import SYSTEM, TITLE
from automations.adapters.zendesk.shapes import CustomRole, CustomRoles, User
from automations.errors import Rejected

_ADMIN_TYPES: Final = (4, 5)
"""Role types of the admin and the billing admin, which are no roles of agents."""

Roles = Mapping[int, CustomRole]


def custom_roles(connection: Connection) -> Roles:
    """The roles that the team defined for agents, by id; none where the plan has no such thing."""
    try:
        answer = connection.read("/api/v2/custom_roles")
    except Rejected as exc:
        if exc.code in ("forbidden", "not_found"):
            return {}
        raise
    return {one.id: one for one in answer.shaped(CustomRoles).custom_roles if one.role_type not in _ADMIN_TYPES}


def named(custom: Roles) -> list[str]:
    """All roles by name."""
    return ["agent", "admin", *(role.name for role in custom.values())]


def as_sent(connection: Connection, role: str) -> dict[str, Any]:
    """A role as it is sent. Raises: Rejected with the code `no_role`, naming those there are."""
    if role in ("agent", "admin"):
        return {"role": role}
    custom = custom_roles(connection)
    for one in custom.values():
        if one.name == role:
            return {"role": "agent", "custom_role_id": one.id}
    words = f"{TITLE} has no role {role!r}, but {', '.join(named(custom))}"
    raise Rejected(words, system=SYSTEM, code="no_role")


def role_of(user: User, custom: Roles) -> str:
    """The name of the role that a user has."""
    own = custom.get(user.custom_role_id) if user.custom_role_id is not None else None
    return own.name if own is not None and user.role == "agent" else user.role
