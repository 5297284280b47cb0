"""Waiting for a desk while a person looks on: as long as it asks for, and until its lists show what was just made."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

from automations.errors import Unavailable

PATIENCE_S: Final = 900.0
"""How long in all one question is asked again."""
LOOK_S: Final = 2.0
LONGEST_PAUSE_S: Final = 30.0

Shown = TypeVar("Shown")


def patiently(ask: Callable[[], Shown], waiting: Callable[[str], None]) -> Shown:
    """Ask until the desk answers, with the pause it asks for. `waiting` is told how long, and why.

    Raises: Unavailable once it has been asked for PATIENCE_S seconds; what else the desk says, at once.
    """
    left_s, pause_s = PATIENCE_S, 1.0
    while True:
        try:
            return ask()
        except Unavailable as exc:
            wait_s = pause_s if exc.retry_after_s is None else max(exc.retry_after_s, 0.1)
            if (left_s := left_s - wait_s) < 0:
                raise
            waiting(f"waiting {wait_s:.0f} s: {exc}")
        time.sleep(wait_s)
        pause_s = min(pause_s * 2, LONGEST_PAUSE_S)


def until_shown(look: Callable[[], Shown | None], within_s: float) -> Shown | None:
    """Look again every few seconds until something is shown; None if nothing is within that time."""
    while (found := look()) is None and within_s > 0:
        within_s -= LOOK_S
        time.sleep(LOOK_S)
    return found
