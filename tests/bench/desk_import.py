"""Reading a whole desk through each adapter: `uv run python -m tests.bench desk_import`.

Prints for each kind the tickets read, the requests sent and the pages they made, the seconds, and the most memory held
(tracemalloc) over the second tenth of the tickets and over all after it: flat memory is the same figure twice. The
first tenth is left out, since it may be one page, and while the next is read there are two.
"""

import gc
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
"""Memory that has not grown by half over eight tenths of the tickets does not grow with them."""


TENTHS = 10


def run(count: int, console: Console) -> None:
    """Read `count` tickets through every kind of desk and print a row for each."""
    columns = ("desk", "tickets", "requests", "pages", "s", "MB, second tenth", "MB, after it")
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
    tickets = requests = read = 0
    most = [0] * (TENTHS + 1)
    tracemalloc.start()
    begin = time.perf_counter()
    for page in pages(filled.desk):
        read += 1
        tickets += len(page.tickets)
        if filled.fake is not None:  # it would remember every exchange
            requests += len(filled.fake.exchanges)
            filled.fake.exchanges.clear()
        tenth = TENTHS * (tickets - len(page.tickets)) // count
        most[tenth] = max(most[tenth], tracemalloc.get_traced_memory()[1])
        gc.collect()  # what nobody holds any more is no growth, whenever it would be noticed
        tracemalloc.reset_peak()
        progress.update(task, completed=tickets)
    took_s = time.perf_counter() - begin
    tracemalloc.stop()
    asked = "none" if filled.fake is None else f"{requests}"
    return f"{tickets}", asked, f"{read}", f"{took_s:.1f}", f"{most[1] / 1e6:.1f}", f"{max(most[2:]) / 1e6:.1f}"
