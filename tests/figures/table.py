"""The table of the figures, for README.md and for a terminal."""

from collections.abc import Mapping, Sequence

from rich.table import Table

from tests.figures.results import PASSED, Result
from tests.figures.row import Row

HEADS = ("row", "what", "floor", "measured", "holds", "when")


def cells(row: Row, result: Result | None) -> tuple[str, ...]:
    """One row in words. What was never measured says so."""
    if result is None:
        return row.number, row.what, row.floor, "not measured yet", "–", "–"
    measured = "; ".join(result.words) or result.outcome
    return row.number, row.what, row.floor, measured, verdict(result), f"{result.at[:10]}, {_lasted(result.seconds)}"


def verdict(result: Result) -> str:
    """`yes`, `short` where a figure fell short of its floor, else how the command ended."""
    if result.outcome != PASSED:
        return result.outcome
    return "yes" if result.reached else "short"


def markdown(rows: Sequence[Row], results: Mapping[str, Result]) -> str:
    """The table of README.md, and below it the machines that were measured on."""
    lines = [HEADS, ("---",) * len(HEADS), *(cells(row, results.get(row.number)) for row in rows)]
    table = "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)
    places = sorted({result.machine for row in rows if (result := results.get(row.number))})
    return f"{table}\n\nMeasured on: {'; '.join(places) or 'nothing yet'}."


def shown(rows: Sequence[Row], results: Mapping[str, Result], title: str) -> Table:
    """The same for a terminal."""
    table = Table(*HEADS, title=title, show_lines=True)
    for row in rows:
        table.add_row(*cells(row, results.get(row.number)))
    return table


def _lasted(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
