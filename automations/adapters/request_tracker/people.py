"""People and queues as the ordinary credential sees them. Lists are kept for a minute, to save calls."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final, TypeVar

from automations.adapters.http import Connection
from automations.adapters.paging import pages
from automations.adapters.request_tracker.limits import SYSTEM, TITLE
from automations.adapters.request_tracker.line import PER_PAGE, part
from automations.adapters.request_tracker.shapes import Account, Made, Members, Named, Page, Person, QueueFields
from automations.domain import DeskAgent
from automations.errors import Rejected

KEPT: Final = timedelta(minutes=1)
AGENT: Final = "Privileged"
"""The one role that an agent can have: what they may do comes with groups."""
NOBODY: Final = "Nobody"
_NO_PERSON: Final = frozenset({NOBODY, "RT_System"})
_TOGETHER: Final = PER_PAGE
"""Names asked for in one call, so that what is found of them fits into one page."""

T = TypeVar("T")


class Kept:
    """Readings by name, each good for `KEPT`."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._kept: dict[str, tuple[datetime, object]] = {}

    def get(self, name: str, read: Callable[[], T], *, anew: bool = False) -> T:
        """What was read under this name less than a minute ago, or what `read` gives now."""
        at, value = self._kept.get(name, (None, None))
        if anew or at is None or self._now() - at >= KEPT:
            value = read()
            self._kept[name] = (self._now(), value)
        return value  # type: ignore[return-value]  # it came from the same `read`


class Directory:
    """Who and what there is: agents, queues and the fields of a queue."""

    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        self._connection = connection
        self._kept = Kept(now)

    def queues(self, *, anew: bool = False) -> Mapping[str, str]:
        """The queues that are in use and that our user may see: names by number."""
        return self._kept.get("queues", lambda: {queue.id: queue.name for queue in self._queues()}, anew=anew)

    def queue(self, name: str) -> str:
        """The number of a queue. Raises: Rejected with the code `no_group`, naming the known ones."""
        for anew in (False, True):  # one that was made a moment ago is there, too
            for number, known in self.queues(anew=anew).items():
                if known == name:
                    return number
        listed = ", ".join(sorted(self.queues().values())[:20]) or "none"
        words = f"{TITLE} has no queue {name[:80]!r} that our user may see; known: {listed}"
        raise Rejected(words, system=SYSTEM, code="no_group")

    def fields(self, queue: str) -> frozenset[str]:
        """The names of the custom fields that tickets of a queue have, by its number."""

        def read() -> frozenset[str]:
            shown = self._connection.read(f"/queue/{queue}").shaped(QueueFields)
            return frozenset(field.name for field in shown.fields)

        return self._kept.get(f"fields/{queue}", read)

    def login(self, email: str) -> str:
        """The user name of the active user with this address. Raises: Rejected with the code `no_agent`."""
        if (found := by_email(self._connection, email)) is None:
            words = f"{TITLE} has no active user with the address {email[:80]}"
            raise Rejected(words, system=SYSTEM, code="no_agent")
        return found.id

    def name(self, email: str) -> str:
        """The name of the user with this address; the address if there is none."""
        found = by_email(self._connection, email, disabled=True)
        return email if found is None else found.real_name or found.id

    def agents(self) -> tuple[DeskAgent, ...]:
        """All privileged users, by name; one that was disabled is suspended."""
        return self._kept.get("agents", lambda: privileged(self._connection))

    def account(self, user: str) -> Account:
        """A user by number or user name. Raises: Rejected with the code `not_found`."""
        return self._kept.get(f"user/{user}", lambda: self._connection.read(f"/user/{part(user)}").shaped(Account))

    def _queues(self) -> Iterator[Named]:
        def fetch(page: int) -> tuple[list[Named], int | None]:
            asked = {"fields": "Name", "per_page": PER_PAGE, "page": page}
            found = self._connection.read("/queues/all", asked).shaped(Page[Named])
            # Queues that our user may not see leave holes in a page, so only an empty one is the end.
            return found.items, page + 1 if found.count else None

        return pages(1, fetch, title=TITLE, system=SYSTEM)


def privileged(connection: Connection) -> tuple[DeskAgent, ...]:
    """All privileged users, by name: two calls, and two more for each hundred.

    The lists of users do not say who is privileged, nor who is disabled; asked for either, they leave that condition
    out without a word and give everybody (measured; `searchable_fields` in lib/RT/REST2/Resource/Users.pm).
    """
    asked = [{"field": "Domain", "value": "SystemInternal"}, {"field": "Name", "value": AGENT}]
    groups = connection.read("/groups", {"fields": "Name"}, json=asked).shaped(Page[Made]).items
    if not groups:
        words = f"{TITLE} does not show its group {AGENT}: our user needs the right SeeGroup"
        raise Rejected(words, system=SYSTEM, code="forbidden")
    members = connection.read(f"/group/{groups[0].id}").shaped(Members).members
    names = [member.id for member in members if member.id not in _NO_PERSON]
    agents = []
    for start in range(0, len(names), _TOGETHER):
        some = names[start : start + _TOGETHER]
        active = {person.id for person in users(connection, some)}
        agents += [agent(person, active=person.id in active) for person in users(connection, some, disabled=True)]
    return tuple(sorted(agents, key=lambda one: (one.name, one.id)))


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
