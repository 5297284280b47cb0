"""What commands print: tables and lines for people, JSON for machines, progress and errors beside them.

Results go to standard output, everything else to standard error. Text from outside never reaches the terminal with its
control characters: an event could otherwise rewrite the screen of whoever reads it. NO_COLOR is respected by Rich.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

_BIDI = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
_CONTROL = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))} | {
    code: f"\\u{code:04x}" for code in (0x2028, 0x2029, *_BIDI)
}
_CONTROL_BUT_LINES = {code: shown for code, shown in _CONTROL.items() if chr(code) not in "\n\t"}


def out() -> Console:
    """Where results go. Made anew for each command, so that it sees the environment as it is."""
    return Console(highlight=False, markup=False, emoji=False)


def err() -> Console:
    """Where everything goes that is not the result."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def one_line(value: object) -> str:
    """A value as one line of plain text; nothing for None."""
    return "" if value is None else " ".join(str(value).split()).translate(_CONTROL)


def plain(text: str) -> str:
    """Text of several lines without control characters."""
    return text.replace("\r\n", "\n").translate(_CONTROL_BUT_LINES)


def say(text: str) -> None:
    """Print one result for people. Long lines are left to the terminal, so that they can be copied whole."""
    out().print(Text(plain(text)), soft_wrap=True)


def note(text: str) -> None:
    """Print something beside the result: what happens meanwhile, what could not be done."""
    err().print(Text(plain(text)), soft_wrap=True)


def as_json(value: Any) -> None:
    """Print a value as JSON in ASCII, without colours whatever the terminal is."""
    sys.stdout.write(f"{json.dumps(value, indent=2)}\n")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, fixed: Sequence[str] = ()) -> None:
    """Print a table as wide as the terminal, 80 where there is none. Columns of `fixed` are never broken into lines."""
    listed = list(rows)
    if not listed:
        say("Nothing to show.")
        return
    made = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="bold")
    for name in columns:
        made.add_column(name, no_wrap=name in fixed, overflow="fold")
    for row in listed:
        made.add_row(*(Text(one_line(cell)) for cell in row))
    out().print(made)


def facts(pairs: Iterable[tuple[str, object]]) -> None:
    """Print names and values below each other, without those that have no value."""
    made = Table(box=None, show_header=False, show_edge=False, pad_edge=False)
    made.add_column(style="bold", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in pairs:
        if value not in (None, ""):
            made.add_row(Text(name), Text(plain(str(value)).rstrip()))
    out().print(made)


@contextmanager
def progress(title: str, unit: str = "") -> Iterator["Bar"]:
    """A progress bar on standard error that goes away when the work is done; nothing where that is no terminal."""
    shown = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn(unit),
        TimeRemainingColumn(),
        console=err(),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with shown:
        yield Bar(shown, title)


class Bar:
    """The bar of one piece of work."""

    def __init__(self, shown: Progress, title: str) -> None:
        self._shown = shown
        self._title = title
        self._task = shown.add_task(title, total=None)

    def at(self, done: int, total: int) -> None:
        """So much of so much is done."""
        self._shown.update(self._task, completed=done, total=total)

    def told(self, words: str) -> None:
        """Something more is done, of nobody knows how much."""
        self._shown.update(self._task, description=f"{self._title}: {one_line(words)}")
