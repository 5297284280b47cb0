"""Reading a whole desk through each adapter: `uv run python -m tests.bench desk_import`.

Prints for each kind the tickets read, the requests sent and the pages they made, the seconds, and the most memory held
(tracemalloc) over the first tenth of the tickets and over all of them: flat memory is the same figure twice.
"""

import tempfile
import time
import tracemalloc
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bot.cli.desk_export import pages
from tests.desks.kinds import FILLED, Filled
from tests.figures.told import tell as tell_figure

FLAT = 1.5
"""Memory that has not grown by half over nine tenths of the tickets does not grow with them."""


def run(count: int, console: Console) -> None:
    """Read `count` tickets through every kind of desk and print a row for each."""
    columns = ("desk", "tickets", "requests", "pages", "s", "MB, first tenth", "MB, all")
    table = Table(*columns, title=f"reading {count:,} tickets")
    with Progress(console=console, transient=True) as progress:
        for kind, fill in FILLED.items():
            with tempfile.TemporaryDirectory(prefix="handoff-bench-") as folder:
                filled = fill(count, Path(folder))
                table.add_row(kind, *(cells := _read(kind, filled, count, progress)))
            early, peak = (float(cell) for cell in cells[-2:])
            words = f"{kind}: {cells[0]} tickets, {cells[1]} requests for {cells[2]} pages, {early} then {peak} MB"
            tell_figure("desk_import", words, reached=cells[0] == f"{count}" and peak < FLAT * early)
    console.print(table)


def _read(kind: str, filled: Filled, count: int, progress: Progress) -> tuple[str, ...]:
    task = progress.add_task(kind, total=count)
    tickets = requests = read = early = 0
    tracemalloc.start()
    begin = time.perf_counter()
    for page in pages(filled.desk):
        read += 1
        tickets += len(page.tickets)
        if filled.fake is not None:  # it would remember every exchange
            requests += len(filled.fake.exchanges)
            filled.fake.exchanges.clear()
        if tickets >= count / 10 and not early:
            early = tracemalloc.get_traced_memory()[1]
            tracemalloc.reset_peak()
        progress.update(task, completed=tickets)
    took_s, peak = time.perf_counter() - begin, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    asked = "none" if filled.fake is None else f"{requests}"
    return f"{tickets}", asked, f"{read}", f"{took_s:.1f}", f"{early / 1e6:.1f}", f"{max(peak, early) / 1e6:.1f}"
