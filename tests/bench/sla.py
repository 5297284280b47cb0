"""Sweeping the SLA clocks of open tickets: `uv run python -m tests.bench sla --tickets 5000`.

So many tickets are open and their customers wait, with seven things that happened to each. Their clocks are made for
the first time; then they are swept with none, 1 %, 10 % and all of them changed since, and after a change of policy. A
sweep takes the changes in and finds what is due; all of it is the database's and ours, no desk is there to be called.
On SQLite and on PostgreSQL where it starts; each measurement is a process of its own.
"""

import json
import os
import subprocess
import sys
import time
from contextlib import ExitStack
from datetime import time as clock_time
from datetime import timedelta
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from sqlalchemy import insert, update

from automations.calendar import WorkingHours
from automations.sla.keeping import due, refresh
from automations.sla.life import Life, Said, Stood
from automations.sla.policy import SlaPolicy, SlaTarget
from storage import migrate
from storage.engine import Database
from storage.models import MirrorMessage, MirrorSpan, MirrorTicket
from tests.automations.sla.mirrored import SYSTEM, messages, spans, ticket_row
from tests.bench.reconcile import databases, peak_mb, tell
from tests.figures.told import tell as tell_figure
from tests.serving import ROOT
from tests.support import START, FakeClock

FILL: Final = "fill"
MOST_S: Final = 2
"""What a sweep may take while a share of the tickets changed."""
SWEEPS: Final = ("the first", "none", "1 %", "10 %", "all", "another policy")
JUDGED: Final = ("none", "1 %", "10 %")
SHARES: Final = {"1 %": 100, "10 %": 10, "all": 1}
HOURS: Final = WorkingHours(frozenset(range(5)), clock_time(8), clock_time(16), "Europe/Oslo")
POLICY: Final = SlaPolicy(
    targets=tuple(
        SlaTarget(
            name=tier or "all",
            tier=(tier,) if tier else (),
            first_reply=timedelta(hours=hours),
            next_reply=timedelta(hours=2 * hours),
            resolution=timedelta(hours=10 * hours),
        )
        for tier, hours in (("enterprise", 1), ("business", 4), ("", 8))
    )
)


def run(size: int, console: Console) -> None:
    """Measure and print a row for each database and sweep."""
    columns = ("database", "changed", "clocks made of", "due", "s", "CPU s", "MB")
    table = Table(*columns, title=f"a sweep over the clocks of {size:,} open tickets; load {os.getloadavg()[0]:.1f}")
    with ExitStack() as stack:
        for name, url in databases(stack):
            _child(FILL, url, size)
            for sweep in SWEEPS:
                told = _child(sweep, url, size)
                figures = f"{told['made']:.0f}", f"{told['due']:.0f}", f"{told['s']:.2f}", f"{told['cpu']:.2f}"
                table.add_row(name, sweep, *figures, f"{told['mb']:.0f}")
                if sweep in JUDGED:
                    tell_figure("sla", f"{name}, {sweep} changed: {told['s']:.2f} s", reached=told["s"] < MOST_S)
    console.print(table)


def _child(what: str, url: str, size: int) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.sla", what, str(size)]
    env = {**os.environ, "BENCH_DATABASE": url}
    done = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, check=True)
    return {str(name): float(value) for name, value in json.loads(done.stdout).items()}


def _life(number: int) -> Life:
    made = START - timedelta(hours=number % 300, minutes=number % 60)
    stood = [Stood(made, "open", ("low", "normal", "high")[number % 3], "Support")]
    stood += [
        stood[0]._replace(at=made + timedelta(hours=2), status="pending"),
        stood[0]._replace(at=made + timedelta(hours=9)),
    ]
    said = ("customer", "agent", "customer", "customer")[: 1 + number % 4]
    return Life(
        "customer",
        ("enterprise", "business", "")[number % 3],
        tuple(stood),
        tuple(Said(made + timedelta(hours=3 * hour), side) for hour, side in enumerate(said)),
    )


def _fill(database: Database, size: int) -> None:
    lives = [(number, _life(number)) for number in range(1, size + 1)]
    with database.begin() as session:
        session.execute(
            insert(MirrorTicket), [{"id": n, **ticket_row(str(n), life, START, solved_at=None)} for n, life in lives]
        )
        session.execute(insert(MirrorSpan), [row for n, life in lives for row in spans(n, life)])
        session.execute(insert(MirrorMessage), [row for n, life in lives for row in messages(n, life)])


def _change(database: Database, size: int, every: int, clock: FakeClock) -> None:
    """Customers write once more in every n-th ticket, as the mirror would have it."""
    now = clock.move(timedelta(minutes=1))
    message: dict[str, Any] = {"at": now, "side": "customer", "author": "", "first": False}
    numbers = range(1, size + 1, every)
    with database.begin() as session:
        session.execute(update(MirrorTicket), [{"id": n, "changed_at": now} for n in numbers])
        rows = [{"ticket": n, "n": 1000 + every, **message, "asked_at": None, "waited_s": None} for n in numbers]
        session.execute(insert(MirrorMessage), rows)


def _measure(what: str, url: str, size: int) -> None:
    if what == FILL:
        migrate.upgrade(url)
    database, clock = (
        Database(url),
        FakeClock(START + timedelta(minutes=10 * (1 + SWEEPS.index(what) if what != FILL else 0))),
    )
    if what == FILL:
        _fill(database, size)
        tell(s=0)
        return
    if what in SHARES:
        _change(database, size, SHARES[what], clock)
    policy = POLICY.model_copy(update={"warn_at": 0.5}) if what == SWEEPS[-1] else POLICY
    began, busy = time.perf_counter(), time.process_time()
    made = refresh(database, SYSTEM, policy, HOURS, clock)
    with database.read() as session:
        found = due(session, SYSTEM, clock.now(), 200)
    tell(made=made, due=len(found), s=time.perf_counter() - began, cpu=time.process_time() - busy, mb=peak_mb())
    database.close()


if __name__ == "__main__":
    _measure(sys.argv[1], os.environ["BENCH_DATABASE"], int(sys.argv[2]))
