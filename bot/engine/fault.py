"""Faults as the engine may keep them: in words, without secrets.

The engine writes whatever a run or a step raised into tables of its own, where nobody redacts. So nothing leaves a run
but a `Fault`, whose words went through redaction.
"""

from collections.abc import Callable
from typing import Final

from dbos import PortableWorkflowError

from automations.errors import HandoffError

LONGEST: Final = 1000


class Fault(Exception):
    """Something unexpected, in words that may be stored and shown."""


def words_of(error: BaseException, redact: Callable[[str], str]) -> str:
    """An error for people: redacted, one paragraph, at most 1,000 signs, with its kind where it is none of ours."""
    if isinstance(error, PortableWorkflowError):  # what the engine recorded, read back
        kind = "" if error.name == Fault.__name__ else error.name
    else:
        kind = "" if isinstance(error, HandoffError | Fault) else type(error).__name__
    text = f"{kind}: {error}" if kind else str(error)
    return redact(text.strip())[:LONGEST]


class InWords:
    """Raises a `Fault` in the place of whatever is raised inside, but for errors of the kinds `but`."""

    def __init__(self, redact: Callable[[str], str], *, but: tuple[type[Exception], ...] = ()) -> None:
        self._redact = redact
        self._passed: tuple[type[Exception], ...] = (Fault, *but)

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, Exception) and not isinstance(error, self._passed):
            raise Fault(words_of(error, self._redact)) from error
