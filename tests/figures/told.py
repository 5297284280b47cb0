"""Says a measured figure where the runner of the figures reads it."""

import os
import re
from collections.abc import Collection
from pathlib import Path

VARIABLE = "HANDOFF_FIGURES"
MISSED = "missed"
_LINE = re.compile(rf"FIGURE (?P<row>\S+?)(?P<missed> {MISSED})?: (?P<words>.+)")


def tell(row: str, words: str, *, reached: bool = True) -> None:
    """Add a line `FIGURE row: words` to the file that HANDOFF_FIGURES names; nothing without it.

    With `reached` false it says that the floor was missed: a benchmark asserts nothing, and its table must not hide it.
    """
    if place := os.environ.get(VARIABLE):
        with Path(place).open("a", encoding="utf-8") as file:
            file.write(f"FIGURE {row}{'' if reached else f' {MISSED}'}: {' '.join(words.split())}\n")


def heard(text: str, rows: Collection[str]) -> tuple[list[str], bool]:
    """What was told of a row by one of these names, in the order of telling; whether all of it reached its floor."""
    found = [match for line in text.splitlines() if (match := _LINE.fullmatch(line)) and match["row"] in rows]
    return [match["words"] for match in found], not any(match["missed"] for match in found)
