"""Mirroring the built-in desk: `uv run python -m tests.bench mirror --tickets N`.

The first reading of so many tickets with five messages each, half of them solved, then 10,000 changes read on, on
SQLite and on PostgreSQL where it starts. Each measurement is a process of its own, so that its peak memory is its own.
"""

import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from datetime import timedelta
from itertools import count
from typing import Any, Final

from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import insert, update

from automations.adapters.builtin.customers import BuiltinCustomers
from automations.adapters.builtin.desk import BuiltinDesk
from automations.mirror.reading import read_on
from automations.redact import Redactor
from storage import migrate
from storage.engine import Database
from storage.models import DeskCustomer, DeskGroup, DeskMessage, DeskTicket, DeskUser
from tests.bench.reconcile import databases, peak_mb, tell
from tests.figures.told import tell as tell_figure
from tests.serving import ROOT
from tests.support import START, FakeClock

FILL, FIRST, ON = "fill", "first", "on"
CHANGES: Final = 10_000
MOST_S: Final = 30
"""What reading so many changes may take."""
BATCH: Final = 10_000


def run(size: int, console: Console) -> None:
    """Measure and print two rows for each database."""
    table = Table("database", "reading", "tickets", "s", "MB", title=f"mirroring {size:,} tickets with 5 messages each")
    with ExitStack() as stack, Progress(console=console, transient=True) as progress:
        for name, url in databases(stack):
            for what in (FILL, FIRST, ON):
                figures = _child(what, url, size, progress)
                if what != FILL:
                    cells = (f"{figures['tickets']:,.0f}", f"{figures['s']:.1f}", f"{figures['mb']:.0f}")
                    table.add_row(name, "the first" if what == FIRST else f"{CHANGES:,} changes", *cells)
                if what == ON:
                    words = f"{name}: {figures['tickets']:,.0f} changes in {figures['s']:.1f} s, {figures['mb']:.0f} MB"
                    tell_figure("mirror", words, reached=figures["s"] < MOST_S)
    console.print(table)


def _child(what: str, url: str, size: int, progress: Progress) -> dict[str, float]:
    task = progress.add_task(what, total=size if what != ON else min(size, CHANGES))
    command = [sys.executable, "-m", "tests.bench.mirror", what, str(size)]
    with subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "BENCH_DATABASE": url}, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            told = json.loads(line)
            if "s" in told:
                progress.remove_task(task)
                return {str(name): float(value) for name, value in told.items()}
            progress.update(task, completed=told["read"])
    raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}")


def _fill(database: Database, size: int) -> None:
    """Tickets a minute apart: asked, answered, asked again, answered, and every second one solved."""
    with database.begin() as session:
        session.execute(insert(DeskGroup), [{"name": name} for name in ("Support", "Billing")])
        people = [
            {"name": f"Agent {n}", "email": f"a{n}@team.example", "role": "agent", "state": "active"} for n in range(20)
        ]
        session.execute(insert(DeskUser), people)
        tiers, kept = ("enterprise", "business", "free"), {"domains": [], "status": "active", "fields": {}}
        rows = [
            {"name": f"Customer {n}", "external_ref": f"acct_{n}", "tier": tiers[n % 3], **kept} for n in range(500)
        ]
        session.execute(insert(DeskCustomer), rows)
    for first in range(0, size, BATCH):
        numbers = range(first, min(first + BATCH, size))
        with database.begin() as session:
            session.execute(insert(DeskTicket), [_ticket(number, size) for number in numbers])
            session.execute(insert(DeskMessage), [one for number in numbers for one in _messages(number, size)])
        tell(read=numbers[-1] + 1)


def _ticket(number: int, size: int) -> dict[str, Any]:
    made = START - timedelta(minutes=size - number)
    solved = made + timedelta(hours=9) if number % 2 else None
    return {
        "id": number + 1, "key": f"import/{number}", "subject": f"Export {number} stops at 10 %",
        "status": "solved" if solved else "open", "priority": ("low", "normal", "high")[number % 3],
        "group_id": 1 + number % 2, "assignee_id": 1 + number % 20, "customer_id": 1 + number % 500,
        "requester": f"c{number % 5000}@acme.example", "tags": ["export"] if number % 4 else ["billing", "refund"],
        "fields": {}, "created_at": made, "updated_at": solved or made + timedelta(hours=4), "solved_at": solved,
    }  # fmt: skip


def _messages(number: int, size: int) -> list[dict[str, Any]]:
    made, agent, asker = START - timedelta(minutes=size - number), f"a{number % 20}@team.example", "c@acme.example"
    said = [(0, asker, "public", True), (1, agent, "public", False), (2, asker, "public", True)]
    said += [(3, agent, "public", False), (4, agent, "internal", False)]
    rows: list[dict[str, Any]] = [
        {"at": made + timedelta(hours=hour), "author": by, "kind": kind, "body": "words " * 50, "from_customer": theirs}
        for hour, by, kind, theirs in said
    ]
    if number % 2:
        solved = {"changes": [["status", "open", "solved"]], "kind": "change", "body": "", "from_customer": False}
        rows.append({"at": made + timedelta(hours=9), "author": agent, **solved})
    return [{"ticket_id": number + 1, "key": None, "changes": None, **row} for row in rows]


def _change(database: Database, size: int) -> None:
    """So many tickets spread over all: answered once more and given another priority."""
    step = max(size // CHANGES, 1)
    numbers, messages = range(1, size + 1, step)[:CHANGES], count()
    with database.begin() as session:
        session.execute(update(DeskTicket), [{"id": n, "priority": "urgent", "updated_at": START} for n in numbers])
        rows = [
            {"ticket_id": n, "at": START + timedelta(microseconds=next(messages)), "author": "a1@team.example",
             "kind": kind, "body": "words", "from_customer": False, "changes": changes, "key": None}
            for n in numbers
            for kind, changes in (("public", None), ("change", [["priority", "normal", "urgent"]]))
        ]  # fmt: skip
        session.execute(insert(DeskMessage), rows)


def _told(read: int) -> None:
    tell(read=read)


def _measure(what: str, url: str, size: int) -> None:
    if what == FILL:
        migrate.upgrade(url)
    database = Database(url)
    if what == FILL:
        began = time.perf_counter()
        _fill(database, size)
        tell(s=time.perf_counter() - began, mb=peak_mb(), tickets=size)
        return
    if what == ON:
        _change(database, size)
    clock = FakeClock()
    desk, book = BuiltinDesk(database, clock, "https://bot.example"), BuiltinCustomers(database)
    began = time.perf_counter()
    reading = read_on(database, desk, book, clock=clock, redactor=Redactor(), on_progress=_told)
    tell(s=time.perf_counter() - began, mb=peak_mb(), tickets=reading.changed)
    database.close()


if __name__ == "__main__":
    _measure(sys.argv[1], os.environ["BENCH_DATABASE"], int(sys.argv[2]))
