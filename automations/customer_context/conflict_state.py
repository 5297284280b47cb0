"""The states of a conflict, and the name people use for one."""

from typing import Final

OPEN: Final = "open"
TAKING: Final = "taking"
TAKEN: Final = "taken"
KEPT: Final = "kept"
IGNORED: Final = "ignored"
GONE: Final = "gone"

SETTLED: Final = (KEPT, IGNORED)
"""Settled by people, and remembered while both values are as they were."""

UNSETTLED: Final = (OPEN, TAKING)
"""Waits for people, or for the run that they asked for."""

STANDING: Final = (*UNSETTLED, *SETTLED)
"""At most one row of an account, a field and a kind is in one of these."""

UNDECIDED: Final = {"decided_by": None, "decided_at": None, "reason": "", "until": None}
"""Columns of a row that nobody decided about."""


def conflict_ref(number: int) -> str:
    """The name people and the audit log use for a conflict: `CONFLICT-31`."""
    return f"CONFLICT-{number}"
