"""What follows `/support-undo`: a run, or what failure tickets or triage did since some time, by whom or by what.

Read as forgivingly as `bot.grammar` reads: the words may come in any order, with or without dashes, `=` and `:`.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.grammar import UsageError, plain
from bot.grammar_duty import literal


class UndoOf(StrEnum):
    """What can be taken back."""

    RUN = "run"
    FAILURE_TICKETS = "failure-tickets"
    TRIAGE = "triage"


_ALIASES: Final = {
    "failure-tickets": UndoOf.FAILURE_TICKETS,
    "failure_tickets": UndoOf.FAILURE_TICKETS,
    "failuretickets": UndoOf.FAILURE_TICKETS,
    "failures": UndoOf.FAILURE_TICKETS,
    "cases": UndoOf.FAILURE_TICKETS,
    "triage": UndoOf.TRIAGE,
}
_KEYS: Final = {
    UndoOf.FAILURE_TICKETS: ("source", "rule", "since", "until", "because"),
    UndoOf.TRIAGE: ("rule", "intent", "since", "until"),
}
_RUN: Final = re.compile(r"(?:run[-\s]?|#)?([1-9][0-9]{0,17})", re.IGNORECASE)
_KEY: Final = re.compile(r"(?:^|(?<=\s))-{0,2}(source|rule|intent|since|until)(?:\s*[=:]\s*|\s+|$)", re.IGNORECASE)
_BECAUSE: Final = re.compile(r"(?:^|(?<=\s))-{0,2}(?:because|reason)(?:\s*[=:]\s*|\s+|$)", re.IGNORECASE)
_MOST: Final = 255
_MOST_REASON: Final = 1_000
USAGE: Final = (
    "RUN-7, or failure-tickets source NAME since 2h, or triage since 2h. After them may come: rule NAME, until TIME, "
    "for failure-tickets because REASON, for triage intent NAME"
)


@dataclass(frozen=True, slots=True)
class UndoCommand:
    """An `undo …` that was read. `run_id` for a run, the other fields as typed and empty where not given."""

    of: UndoOf
    run_id: int = 0
    source: str = ""
    rule: str = ""
    intent: str = ""
    since: str = ""
    until: str = ""
    because: str = ""


def parse_undo(text: str) -> UndoCommand | None:
    """Read what follows `/support-undo`; None for nothing or a call for help. Raises: UsageError with what is known."""
    typed = literal(plain(text)).strip("'\" ")
    if typed.casefold() in ("", "help", "--help", "-h", "?"):
        return None
    if (run := _RUN.fullmatch(typed)) is not None:
        return UndoCommand(UndoOf.RUN, run_id=int(run.group(1)))
    word, _, rest = typed.partition(" ")
    if word.casefold() == "failure" and rest.casefold().startswith("tickets"):
        word, rest = "failure-tickets", rest[len("tickets") :].strip()
    of = _ALIASES.get(word.casefold())
    if of is None:
        raise UsageError(f"I do not know “{_short(word)}”. I know: {USAGE}.")
    given = _given(rest, of)
    if not given.get("since"):
        raise UsageError(f"Since when? Say “{of} … since 2h”. I know: {USAGE}.")
    names = ("source", "rule", "intent", "since", "until", "because")
    return UndoCommand(of, 0, *(given.get(name, "") for name in names))


def _given(rest: str, of: UndoOf) -> dict[str, str]:
    """The values by their names. A reason comes last and may use any word."""
    given: dict[str, str] = {}
    if (because := _BECAUSE.search(rest)) is not None:
        given["because"], rest = rest[because.end() :].strip().strip("'\""), rest[: because.start()]
    found = list(_KEY.finditer(rest))
    if rest[: found[0].start() if found else len(rest)].strip():
        raise UsageError(f"After “{of}” I do not know “{_short(rest.strip())}”. I know: {USAGE}.")
    for number, key in enumerate(found):
        ends = found[number + 1].start() if number + 1 < len(found) else len(rest)
        name, value = key.group(1).casefold(), rest[key.end() : ends].strip().strip("'\"")
        if name in given:
            raise UsageError(f"“{name}” stands there twice. I know: {USAGE}.")
        given[name] = value
    for name, value in given.items():
        if name not in _KEYS[of]:
            raise UsageError(f"“{name}” says nothing about {of}. I know: {USAGE}.")
        if not value or len(value) > (_MOST_REASON if name == "because" else _MOST):
            raise UsageError(f"What comes after “{name}”? I know: {USAGE}.")
    return given


def _short(word: str) -> str:
    return word if len(word) <= 40 else word[:39] + "…"
