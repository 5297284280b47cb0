"""Answers that are believed for a short while."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

MOST = 10_000
"""Entries kept; more than that many people do not click within a minute."""


class TtlCache(Generic[T]):
    """Keeps answers for `ttl_s` seconds. Safe between threads; two threads may ask the same question at once.

    `monotonic` tells the seconds. Errors are not kept.
    """

    def __init__(self, ttl_s: float, monotonic: Callable[[], float]) -> None:
        self._ttl_s = ttl_s
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, T]] = {}

    def get(self, key: str, ask: Callable[[], T]) -> T:
        """The answer for `key`, asked anew if ours is too old. The age counts from before the question."""
        now = self._monotonic()
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and now - kept[0] < self._ttl_s:
            return kept[1]
        answer = ask()
        with self._lock:
            if len(self._kept) >= MOST:
                self._kept.clear()
            self._kept[key] = (now, answer)
        return answer
