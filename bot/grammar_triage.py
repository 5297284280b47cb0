"""What follows `/support triage`: nothing, or `evaluate` with how far to look back. The text is made plain already."""

import re
from typing import Final

from automations.triage.asking import USUAL_DAYS
from bot.grammar import UsageError

MOST_DAYS: Final = 3_650
_LENGTH: Final = re.compile(r"(?:(?:the )?last )?([0-9]{1,5}) ?(d|days?|w|weeks?)?", re.IGNORECASE)
_EVALUATE: Final = frozenset({"evaluate", "evaluation", "measure"})


def parse_triage(rest: str) -> int | None:
    """Days to measure on, None for nothing at all. Raises: UsageError with what is known."""
    word, _, more = rest.strip().partition(" ")
    if not word:
        return None
    if word.casefold() not in _EVALUATE:
        raise UsageError(f"After “triage” I do not know “{word[:40]}”. I know: triage evaluate 90d.")
    if not more.strip():
        return USUAL_DAYS
    match = _LENGTH.fullmatch(more.strip())
    days = int(match[1]) * (7 if (match[2] or "d").casefold().startswith("w") else 1) if match else 0
    if not 1 <= days <= MOST_DAYS:
        raise UsageError(f"After “triage evaluate” comes how far to look back, such as 90d; at most {MOST_DAYS} days.")
    return days
