"""All rows of the figures, from every `rows_….py` beside this module."""

import pkgutil
import re
from dataclasses import replace
from importlib import import_module
from string import ascii_lowercase

import tests.figures
from tests.figures.row import Row

NUMBER = re.compile(r"(\d+)([a-z]*)|([a-z_]+)")


def rows() -> list[Row]:
    """Every row once: the numbered ones in their order, then the benchmarks by name.

    Several rows of one number become its parts, with the letters that follow: 12, 12b, 12c. Raises ValueError for a
    number that is none, and where two benchmarks have one name.
    """
    names = [found.name for found in pkgutil.iter_modules(tests.figures.__path__) if found.name.startswith("rows_")]
    found = [row for name in names for row in import_module(f"tests.figures.{name}").ROWS]
    if unknown := [row for row in found if not NUMBER.fullmatch(row.number)]:
        raise ValueError(f"{unknown[0].number} ({unknown[0].what}) is no number of a row")
    taken = {row.number for row in found}
    seen: set[str] = set()
    for place_in, row in enumerate(found):
        if row.number in seen:
            found[place_in] = row = replace(row, number=_next_part(row.number, taken))
        seen.add(row.number)
        taken.add(row.number)
    return sorted(found, key=lambda row: place(row.number))


def _next_part(number: str, taken: set[str]) -> str:
    if not number.isdecimal():
        raise ValueError(f"two rows are called {number}")
    return next(part for letter in ascii_lowercase[1:] if (part := f"{number}{letter}") not in taken)


def place(number: str) -> tuple[int, str]:
    """Where a row stands: 2 before 10, 6 before 6b, names last."""
    match = NUMBER.fullmatch(number)
    assert match is not None
    return (int(match[1]), match[2]) if match[1] else (10**6, number)


def chosen(found: list[Row], numbers: list[str]) -> list[Row]:
    """The rows of these numbers; `6` means all parts of row 6. Raises ValueError for a number that no row has."""
    known = {name for row in found for name in (row.number, whole(row.number))}
    if unknown := [number for number in numbers if number not in known]:
        raise ValueError(f"no row {', '.join(unknown)}; there are {', '.join(row.number for row in found)}")
    return [row for row in found if row.number in numbers or whole(row.number) in numbers]


def whole(number: str) -> str:
    """The number in the table of figures of a row that is a part of it: `6` for `6c`; a benchmark's name is whole."""
    match = NUMBER.fullmatch(number)
    return match[1] if match is not None and match[1] else number
