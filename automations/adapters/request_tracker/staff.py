"""Who is privileged, which no list of users says.

Until lately the group that Request Tracker itself keeps of them, Privileged, was shown as any other. Since the security
update of CVE-2026-108353 (Debian 5.0.3+dfsg-3~deb12u7) REST shows user-defined groups alone, and there are the names
that its own pages suggest: asked for privileged users whose name is not a hyphen, they are all who are not disabled.
Who is disabled is found among the members of groups; a disabled user in no group can do nothing, and is not listed.
"""

from collections.abc import Iterable
from typing import Final

from automations.adapters.http import Connection
from automations.adapters.request_tracker.groups import groups_by_user
from automations.adapters.request_tracker.limits import SYSTEM, TITLE
from automations.adapters.request_tracker.line import PER_PAGE, part
from automations.adapters.request_tracker.shapes import Account, Members, Named, Page, Suggestions
from automations.adapters.request_tracker.users import AGENT, NOBODY, agent, users
from automations.domain import DeskAgent
from automations.errors import Rejected

_NO_PERSON: Final = frozenset({NOBODY, "RT_System"})
_TOGETHER: Final = PER_PAGE
"""Names asked for in one call, so that what is found of them fits into one page."""
_SUGGESTED: Final = {"privileged": 1, "return": "Name", "op": "!=", "term": "-", "max": 100_000}
"""All there are; without a number ten are suggested (share/html/Helpers/Autocomplete/Users)."""


def privileged(connection: Connection, grouped: Iterable[str] | None = None) -> tuple[DeskAgent, ...]:
    """All privileged users, by name: two calls, two more for each hundred, and one for each who was disabled.

    `grouped`: whoever is in a group, where that is known already; else it is read, if need be, with a call for each.
    The lists of users do not say who is privileged, nor who is disabled; asked for either, they leave that condition
    out without a word and give everybody (measured; `searchable_fields` in lib/RT/REST2/Resource/Users.pm).
    """
    names = _as_a_group(connection)
    if names is None:
        enabled = _suggested(connection)
        others = set(groups_by_user(connection) if grouped is None else grouped) - set(enabled)
        names = [*enabled, *(name for name in sorted(others) if _is_privileged(connection, name))]
    names = [name for name in names if name not in _NO_PERSON]
    agents = []
    for start in range(0, len(names), _TOGETHER):
        some = names[start : start + _TOGETHER]
        active = {person.id for person in users(connection, some)}
        agents += [agent(person, active=person.id in active) for person in users(connection, some, disabled=True)]
    return tuple(sorted(agents, key=lambda one: (one.name, one.id)))


def _as_a_group(connection: Connection) -> list[str] | None:
    """The members of Request Tracker's own group; None where it is not shown."""
    asked = [{"field": "Domain", "value": "SystemInternal"}, {"field": "Name", "value": AGENT}]
    groups = connection.read("/groups", {"fields": "Name,Domain"}, json=asked).shaped(Page[Named]).items
    own = [group.id for group in groups if group.domain == "SystemInternal"]
    if not own:
        return None
    return [member.id for member in connection.read(f"/group/{own[0]}").shaped(Members).members]


def _suggested(connection: Connection) -> list[str]:
    """Everybody privileged who is not disabled. Raises: Rejected with the code `forbidden` if that is nobody."""
    web = connection.of.url.removesuffix("/REST/2.0")
    answer = connection.read(f"{web}/Helpers/Autocomplete/Users", _SUGGESTED)
    names = [one.value for one in answer.shaped(Suggestions).root]
    if not names:
        words = (
            f"{TITLE} does not tell who is privileged: our user has to be privileged itself, with the right SeeGroup"
        )
        raise Rejected(words, system=SYSTEM, code="forbidden")
    return names


def _is_privileged(connection: Connection, name: str) -> bool:
    return connection.read(f"/user/{part(name)}").shaped(Account).privileged
