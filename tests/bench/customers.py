"""Syncing the customers of a large company: `uv run python -m tests.bench customers`.

100,000 customers in a source and in a desk, in memory and in pages, on SQLite and on PostgreSQL where it starts: the
first sync, one in which nothing has changed, one in which 1 % has, and carrying that out; then the same company with an
SQLite file as its source. Each measurement is a process of its own, so that its peak memory is its own; what it costs
only to read the pages and hold both lists is measured the same way and told beside it.
"""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from automations.adapters.customers_sql.source import CustomersSql
from automations.customer_ports import CustomerSource
from automations.desks import Customer, CustomerChange, SourceRow
from automations.plan import RunState
from storage import migrate
from storage.engine import Database
from tests.automations.customer_context.listed import PER_PAGE, Book, Source
from tests.automations.customer_context.synced import RULES, Synced, written
from tests.bench.reconcile import databases, peak_mb, tell
from tests.figures.told import tell as tell_figure
from tests.serving import ROOT
from tests.support import FakeClock, RecordingJobs

READ, FIRST, AGAIN, CHANGED, APPLY = "read", "first", "again", "changed", "apply"
MOST_S: Final = 10
MOST_MB: Final = 300
"""What planning 1 % of changes may take beside reading the pages."""
EVERY: Final = 100
"""One customer of so many has another tier in the source than in the desk."""
WORDS: Final = {
    READ: "reading alone",
    FIRST: "first sync",
    AGAIN: "nothing changed",
    CHANGED: "1 % changed",
    APPLY: "1 % carried out",
}
KEPT: Final = ("customer", "customer_domain", "customer_group", "customer_change", "customer_conflict")


def columns_of(number: int, tier: str) -> dict[str, str | None]:
    """What a source says of a customer."""
    domains = f"c{number:06}.example, mail.c{number:06}.example"
    return {"id": f"A-{number:06}", "name": f"Customer number {number:06}", "domains": domains, "tier": tier}


class Rows(Source):
    """A source of `size` customers whose rows are made one by one, as they would arrive."""

    def __init__(self, size: int, *, changed: bool) -> None:
        super().__init__()
        self.size, self.changed = size, changed

    def rows(self, since: str | None) -> Iterator[SourceRow]:
        for number in range(self.size):
            tier = "enterprise" if self.changed and number % EVERY == 0 else "pro"
            yield SourceRow(f"row {number + 1}", columns_of(number, tier))


@dataclass
class Pages(Book):
    """A desk with as many customers that is made page by page; what was written to it is kept beside that."""

    size: int = 0
    edited: dict[str, Customer] = field(default_factory=dict)

    def customers(self) -> Iterator[Customer]:
        for number in range(self.size):
            if number % PER_PAGE == 0:
                self.requests += 1
            yield self._there(str(number))

    def change(self, customer: str, **values: object) -> None:
        self.edited[customer] = replace(self._there(customer), **values)  # type: ignore[arg-type]  # as a book's

    def update_customer(self, customer: str, change: CustomerChange) -> None:
        self._write("update", customer)
        self.change(customer, **({"tier": change.tier} if change.tier is not None else {}))

    def _there(self, customer: str) -> Customer:
        if customer in self.edited:
            return self.edited[customer]
        said = columns_of(int(customer), "pro")
        domains = tuple(str(said["domains"]).split(", "))
        return Customer(customer, str(said["name"]), str(said["id"]), domains, "pro", "active", ())


def run(size: int, console: Console) -> None:
    """Measure and print a row for each database and source."""
    columns = (
        "database",
        "source",
        "what",
        "s",
        "s of CPU",
        "MB",
        "rows written",
        "reads of the desk",
        "writes of the desk",
    )
    table = Table(*columns, title=f"syncing {size:,} customers with a desk of {size:,}, pages of {PER_PAGE}")
    with ExitStack() as stack, Progress(console=console, transient=True) as progress:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="handoff-bench-")))
        file = _file(folder / "crm.db", size)
        for name, url in databases(stack):
            told = {what: _child(what, url, size, "", progress) for what in WORDS}
            for what, words in WORDS.items():
                table.add_row(name, "in memory", words, *_cells(told[what]))
            _tell(name, told)
            table.add_row(name, "an SQLite file", WORDS[READ], *_cells(_child(READ, url, size, file, progress)))
            table.add_row(name, "an SQLite file", "1 % changed", *_cells(_child(CHANGED, url, size, file, progress)))
    console.print(table)


def _tell(name: str, told: dict[str, dict[str, float]]) -> None:
    """What planning took beside only reading, and how often the desk was asked."""
    changed, read = told[CHANGED], told[READ]
    beside_s, beside_mb = changed["s"] - read["s"], changed["mb"] - read["mb"]
    words = f"{name}: 1 % changed planned in {beside_s:.1f} s and {beside_mb:.0f} MB beside reading, "
    words += f"{changed['reads']:,.0f} requests; carried out with {told[APPLY]['writes']:,.0f} writes; "
    words += f"nothing changed: {told[AGAIN]['rows']:,.0f} rows written"
    reached = beside_s < MOST_S and beside_mb < MOST_MB and not told[AGAIN]["rows"]
    tell_figure("customers", words, reached=reached)


def _cells(figures: dict[str, float]) -> Iterator[str]:
    yield from (f"{figures[name]:.1f}" for name in ("s", "cpu"))
    yield f"{figures['mb']:.0f}"
    yield from (f"{figures[name]:,.0f}" for name in ("rows", "reads", "writes"))


def _file(path: Path, size: int) -> str:
    """An SQLite file in which 1 % of the customers have yet another tier. Returns its URL."""
    with closing(sqlite3.connect(path)) as made, made:
        made.execute("create table customer (id text primary key, name text, domains text, tier text)")
        rows = (columns_of(number, "basic" if number % EVERY == 1 else "pro") for number in range(size))
        made.executemany("insert into customer values (:id, :name, :domains, :tier)", rows)
    return f"sqlite:///{path}"


def _source(size: int, file: str, *, changed: bool) -> CustomerSource:
    if not file:
        return Rows(size, changed=changed)
    query = "select id, name, domains, tier from customer"
    return CustomersSql("crm", file, query, ("id", "name", "domains", "tier"), FakeClock().now)


def _child(what: str, url: str, size: int, file: str, progress: Progress) -> dict[str, float]:
    """Measure in a process of its own, with a bar for how far its reading is."""
    task = progress.add_task(f"{what}: customers", total=size)
    command = [sys.executable, "-m", "tests.bench.customers", what, str(size), file]
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "BENCH_DATABASE": url}, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            told = json.loads(line)
            if "s" in told:
                progress.remove_task(task)
                return {str(name): float(value) for name, value in told.items()}
            progress.update(task, description=f"{what}: {told['what']}", completed=told["read"])
    raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}")


def _measure(what: str, url: str, size: int, file: str) -> None:
    source, desk = _source(size, file, changed=what in (CHANGED, APPLY)), Pages(size=size)
    if what == READ:
        began, worked = time.perf_counter(), time.process_time()
        held = list(source.rows(None)), list(desk.customers())
        took = {"s": time.perf_counter() - began, "cpu": time.process_time() - worked}
        tell(**took, mb=peak_mb(), rows=0, reads=desk.requests, writes=len(held) - 2)
        return
    migrate.upgrade(url)
    rules = RULES.model_copy(update={"brake_most": size})
    here = Synced(Database(url), FakeClock(), RecordingJobs(), book=desk, rules=rules, read_from=source)
    here.told = lambda name, read, _total: tell(what=name, read=read)
    number = here.sync() if what == APPLY else 0
    desk.requests = 0
    began, worked = time.perf_counter(), time.process_time()
    with written(here.database) as rows:
        if what == APPLY:
            here.apply(number)
        else:
            number = here.sync()
    took = {"s": time.perf_counter() - began, "cpu": time.process_time() - worked}
    if here.state(number) is not RunState.DONE:
        raise RuntimeError(here.run(number).words or here.run(number).plan["brake"])
    wrote = sum(rows.get(table, 0) for table in KEPT)
    tell(**took, mb=peak_mb(), rows=wrote, reads=desk.requests - len(desk.writes), writes=len(desk.writes))
    here.database.close()


if __name__ == "__main__":
    _measure(sys.argv[1], os.environ["BENCH_DATABASE"], int(sys.argv[2]), sys.argv[3])
