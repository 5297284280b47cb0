"""People and queues as the ordinary credential sees them. Lists are kept for a minute, to save calls."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final, TypeVar

from automations.adapters.http import Connection
from automations.adapters.paging import pages
from automations.adapters.request_tracker.limits import SYSTEM, TITLE
from automations.adapters.request_tracker.line import PER_PAGE, part
from automations.adapters.request_tracker.shapes import Account, Named, Page, QueueFields
from automations.adapters.request_tracker.staff import privileged
from automations.adapters.request_tracker.users import by_email
from automations.domain import DeskAgent
from automations.errors import Rejected

KEPT: Final = timedelta(minutes=1)

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
