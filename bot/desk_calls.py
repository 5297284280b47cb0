"""The calls of each kind of desk, and their comparison with an OpenAPI document, for the commands that show both."""

from collections.abc import Sequence
from dataclasses import dataclass

from automations.adapters.call_check import Difference, Weight, compare
from automations.adapters.calls import Call
from automations.adapters.openapi import Document
from bot.desk import KINDS
from bot.settings_desks import Desk


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of a comparison. `title` is the document's own; `found` has everything worth telling."""

    title: str
    calls: int
    inferred: int
    found: tuple[Difference, ...]

    @property
    def differing(self) -> int:
        """How many calls differ."""
        return len({one.call for one in self.found if one.weight is Weight.DIFFERS})

    def agrees(self, *, strict: bool) -> bool:
        """True if nothing is wrong. Inferred calls may differ, unless `strict`."""
        return not any(one.counts or (strict and one.weight is Weight.DIFFERS) for one in self.found)


def calls_of(kind: str, section: Desk | None = None) -> Sequence[Call]:
    """The calls by which a kind of desk is asked; by none for the built-in one.

    `section` has the names of fields where they are settings; without it they are as they are shipped.
    """
    if kind == "builtin":
        return ()
    return KINDS[kind].calls(section or Desk().model_copy(update={"kind": kind}))


def inferred_calls(section: Desk) -> list[str]:
    """The calls of the settings' desk that were written without a reference page of its vendor."""
    return [f"{call.method} {call.path}" for call in calls_of(section.kind, section) if call.inferred]


def compared(kind: str, section: Desk | None, raw: object) -> Compared:
    """Compare a kind's calls with a parsed document. Raises: ConfigError if that is no OpenAPI document."""
    document, calls = Document(raw), calls_of(kind, section)
    found = tuple(compare(calls, document))
    return Compared(document.title, len(calls), sum(call.inferred for call in calls), found)
