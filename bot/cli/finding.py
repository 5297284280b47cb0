"""What a check found, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `todo` says what to do about it; empty where nothing has to be done."""

    area: str
    state: State
    words: str
    todo: str = ""


def ok(area: str, words: str) -> Finding:
    """All is well."""
    return Finding(area, State.OK, words)


def warning(area: str, words: str, todo: str = "") -> Finding:
    """It works, but somebody should look at it."""
    return Finding(area, State.WARNING, words, todo)


def problem(area: str, words: str, todo: str = "") -> Finding:
    """It does not work."""
    return Finding(area, State.PROBLEM, words, todo)
