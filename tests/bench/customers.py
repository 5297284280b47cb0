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
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from automations.desks import Customer, CustomerChange, SourceRow
from automations.ports import CustomerSource
from storage import migrate
from storage.engine import Database
from tests.automations.customer_context.applied import Applied
from tests.automations.customer_context.listed import PER_PAGE, Book, Source
from tests.automations.customer_context.synced import RULES, written
from tests.bench.reconcile import databases, peak_mb, tell
from tests.serving import ROOT
from tests.support import FakeClock, RecordingJobs

READ, FIRST, AGAIN, CHANGED, APPLY = "read", "first", "again", "changed", "apply"
EVERY: Final = 100
"""One customer of so many has another tier in the source than in the desk."""
WORDS: Final = {
    FIRST: "first sync",
    AGAIN: "nothing changed",
    CHANGED: "1 % changed",
    APPLY: "1 % carried out",
}
KEPT: Final = ("customer", "customer_group", "customer_change", "customer_conflict")


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
    columns = ("database", "source", "what", "s", "MB", "rows written", "requests of the desk", "writes of the desk")
    table = Table(*columns, title=f"syncing {size:,} customers with a desk of {size:,}, pages of {PER_PAGE}")
    with ExitStack() as stack, Progress(console=console, transient=True) as progress:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="handoff-bench-")))
        files = {"": "in memory", str(_file(folder, size)): "SQLite file"}
        for name, url in databases(stack):
            for file, words in files.items():
                reading = _child(READ, url, size, file, progress)
                table.add_row(name, words, "reading alone", *_cells(reading))
                if file:
                    table.add_row(name, words, "1 % changed", *_cells(_child(CHANGED, url, size, file, progress)))
                    continue
                for what in (FIRST, AGAIN, CHANGED, APPLY):
                    table.add_row(name, words, WORDS[what], *_cells(_child(what, url, size, file, progress)))
    console.print(table)


def _cells(figures: dict[str, float]) -> Iterator[str]:
    yield f"{figures['s']:.1f}"
    yield f"{figures['mb']:.0f}"
    yield from (f"{figures[name]:,.0f}" for name in ("rows", "requests", "writes"))
