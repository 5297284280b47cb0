"""The tickets made in the last minutes, which the ticket search may not show yet.

Intercom promises nothing about its search index, and its neighbours in the field are late by minutes, so for as long
as `SETTLE_S` not finding a ticket proves nothing. What this process made itself it remembers meanwhile and need not
search for.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from automations.adapters.http import TIMEOUT_S

INDEX_WAIT_S: Final = 600.0
"""Seconds after which the search is taken to show what was made (i). Documented nowhere; Zendesk's maintainers name 1
to 10 minutes for theirs, and Freshdesk says "a few minutes"."""

SETTLE_S: Final = INDEX_WAIT_S + TIMEOUT_S
"""Seconds in which a create without an answer may still come to be found: it may be under way first."""


class Sent:
    """Tickets by our key. Several threads make some at the same time."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._made: dict[str, tuple[datetime, str]] = {}

    def made(self, key: str, ticket: str) -> None:
        """Remember the ticket that was made under the key, and forget what the search shows by now."""
        now = self._now()
        with self._lock:
            for old in [one for one, (at, _) in self._made.items() if now - at > timedelta(seconds=SETTLE_S)]:
                del self._made[old]
            self._made[key] = now, ticket

    def ticket(self, key: str) -> str | None:
        """The ticket that was made under this key lately, None if we do not know of one."""
        with self._lock:
            return self._made[key][1] if key in self._made else None
