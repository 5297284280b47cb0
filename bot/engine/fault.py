"""Faults as the engine may keep them: in words, without secrets.

The engine writes whatever a run or a step raised into tables of its own, where nobody redacts. So nothing leaves a run
but a `Fault`, whose words went through redaction.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


@contextmanager
def in_words(redact: Callable[[str], str], *, but: tuple[type[Exception], ...] = ()) -> Iterator[None]:
    """Raise a `Fault` in the place of whatever is raised inside, but for errors of these kinds."""
    try:
        yield
    except Exception as exc:
        if isinstance(exc, (Fault, *but)):
            raise
        raise Fault(words_of(exc, redact)) from exc
