"""The creates of the last minutes, which the ticket search may not show yet.

Intercom promises nothing about its search index, and neighbours in the field are late by minutes; what is not found
before `INDEX_WAIT_S` have passed may be there all the same. This is kept in memory, so it spares a process its own
doubles and no other's: whoever looks up a ticket of another process has to wait as long.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

INDEX_WAIT_S: Final = 600.0
"""Seconds after which what was made is taken to be found (i). Documented nowhere; Zendesk's maintainers name 1 to 10
minutes for theirs, and Freshdesk says "a few minutes"."""


class Sent:
    """Creates by our key, with the ticket's id once it is known."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._made: dict[str, tuple[datetime, str | None]] = {}

    def begin(self, key: str) -> None:
        """A create of this key is about to be sent."""
        now = self._now()
        for old in [one for one, (at, _) in self._made.items() if now - at > timedelta(seconds=INDEX_WAIT_S)]:
            self._made.pop(old, None)
        self._made[key] = now, None

    def made(self, key: str, ticket: str) -> None:
        """It made this ticket."""
        self._made[key] = self._now(), ticket

    def undone(self, key: str) -> None:
        """It made nothing, for certain."""
        self._made.pop(key, None)

    def ticket(self, key: str) -> str | None:
        """The ticket that was made under this key lately, None if we do not know."""
        return self._made.get(key, (None, None))[1]

    def wait_s(self, key: str, since: datetime | None) -> float:
        """Seconds before not finding this key means something; 0.0 if it does now.

        `since`: nothing was sent under this key before, so that much later nothing can still be under way unless a
        create is known to us.
        """
        last = max((at for at in (since, self._made.get(key, (None, None))[0]) if at is not None), default=None)
        if last is None:
            return 0.0
        return max(INDEX_WAIT_S - (self._now() - last).total_seconds(), 0.0)
