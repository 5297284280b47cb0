"""Counting a week's report over a large mirror: `uv run python -m tests.bench report --tickets 1000000`.

A year of tickets with five messages each is made up, always the same, and put into the mirror's tables; then a week's
report with every number, the week before beside it, is counted for the last week and for an old one, on SQLite
and on PostgreSQL where it starts. Each measurement is a process of its own, so that its peak memory is its own.
`BENCH_FOLDER` keeps the filled databases there, to be measured again.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import Select, String, cast, func, literal, select, text
from sqlalchemy import Table as Rows

from automations.weekly_report.counting import count_report
from automations.weekly_report.members import pack
from automations.weekly_report.period import last_week
from automations.weekly_report.request import Request
from storage import migrate
from storage.engine import Database
from storage.models import MirrorMessage, MirrorSpan, MirrorTag, MirrorTicket
from storage.models.mirror import FOREVER
from tests.automations.weekly_report.mirrored import SYSTEM
from tests.automations.weekly_report.terms import ZONE, report_context
from tests.bench.reconcile import postgresql
from tests.figures.told import tell
from tests.serving import ROOT

END = datetime(2026, 11, 23, 7, tzinfo=UTC)
YEAR = timedelta(days=365)
MOST_S, MOST_MB = 5, 500
TABLES: Sequence[Rows] = tuple(one.__table__ for one in (MirrorTicket, MirrorSpan, MirrorMessage, MirrorTag))  # type: ignore[misc]  # each is a Table
AT_ONCE = 10_000
MADE_UP = 50_000
"""Tickets that are made up one by one; more are copies of them."""
GROUPS, TIERS, PRIORITIES = ("Support", "Billing", "Platform", ""), ("", "gold", "silver"), ("low", "normal", "high")
WEEKS = {"last week": END, "an old week": END - timedelta(days=300)}


def run(size: int, console: Console) -> None:
    """Fill, measure and print a row for each database and week."""
    columns = ("database", "period", "s", "CPU s", "MB", "created", "open", "responses", "result KB", "members KB")
    table = Table(*columns, title=f"a week's report over {size:,} tickets; load {os.getloadavg()[0]:.1f}")
    with ExitStack() as stack, Progress(console=console, transient=True) as progress:
        kept = os.environ.get("BENCH_FOLDER")
        folder = Path(kept or stack.enter_context(tempfile.TemporaryDirectory(prefix="handoff-bench-")))
        for name, url in (
            ("SQLite", f"sqlite:///{folder / 'bench.db'}"),
            ("PostgreSQL", stack.enter_context(postgresql(folder, keep=kept is not None))),
        ):
            _fill(url, size, progress)
            for period in WEEKS:
                told = _child(url, period)
                figures = (told[key] for key in ("created", "open", "responses", "result_kb", "members_kb"))
                row = (
                    name,
                    period,
                    f"{told['s']:.1f}",
                    f"{told['cpu']:.1f}",
                    f"{told['mb']:.0f}",
                    *(f"{one:.0f}" for one in figures),
                )
                table.add_row(*row)
                words = f"{name}, {period}: {told['s']:.1f} s, {told['mb']:.0f} MB"
                tell("report", words, reached=told["s"] < MOST_S and told["mb"] < MOST_MB)
    console.print(table)


def _fill(url: str, size: int, progress: Progress) -> None:
    """Write the tickets, unless they are there already: some are made up, the database copies those."""
    migrate.upgrade(url)
    database = Database(url)
    with database.read() as session:
        if session.execute(select(func.count()).select_from(MirrorTicket)).scalar_one() == size:
            return
    task = progress.add_task(f"{database.dialect}: tickets", total=size)
    random = Random(7)
    made = min(size, MADE_UP)
    for first in range(0, made, AT_ONCE):
        lives = [_life(random, number, made) for number in range(first + 1, min(first + AT_ONCE, made) + 1)]
        _write(database, {table: [row for life in lives for row in life[n]] for n, table in enumerate(TABLES)})
        progress.update(task, completed=first + len(lives))
    for after in range(made, size, made):
        with database.begin() as session:
            for table in TABLES:
                session.execute(table.insert().from_select(*_copied(table, after, min(made, size - after))))
        progress.update(task, completed=min(after + made, size))
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze" if database.dialect == "postgresql" else "analyze"))
    database.close()
    progress.remove_task(task)


def _copied(table: Rows, after: int, size: int) -> tuple[list[str], Select[Any]]:
    """The first `size` tickets once more, their numbers moved on by `after`."""
    key = table.columns["id" if table.name == "mirror_ticket" else "ticket"]
    moved: dict[str, Any] = {key.name: key + after, "ticket_id": literal("T") + cast(key + after, String)}
    columns = [moved.get(column.name, column) for column in table.columns]
    return [column.name for column in table.columns], select(*columns).where(key <= size)


Row = dict[str, Any]


def _life(random: Random, number: int, size: int) -> tuple[list[Row], list[Row], list[Row], list[Row]]:
    """A ticket with its stretches, messages and tags: replied to, solved within days, one in ten reopened, closed."""
    created = END - YEAR * (1 - number / size) - timedelta(seconds=random.randrange(3600))
    replied = created + timedelta(seconds=random.lognormvariate(9, 1.2))
    solved = replied + timedelta(seconds=random.lognormvariate(11.3, 1.3))
    place: Row = {
        "status": "open", "priority": random.choice(PRIORITIES), "group_name": random.choice(GROUPS),
        "assignee": "", "merged": False,
    }  # fmt: skip
    person = f"agent{random.randrange(40)}@team.example"
    steps: list[tuple[datetime, Row]] = [(created, {}), (replied, {"assignee": person})]
    if random.random() < 0.2:
        steps.append((replied + (solved - replied) / 3, {"group_name": random.choice(GROUPS)}))
    steps += [(replied + (solved - replied) / 2, {"status": "pending"}), (solved, {"status": "solved"})]
    if random.random() < 0.1:
        reopened, solved = solved + timedelta(hours=30), solved + timedelta(hours=60)
        steps += [(reopened, {"status": "open"}), (solved, {"status": "solved"})]
    steps.append((solved + timedelta(days=4), {"status": "closed", "merged": random.random() < 0.01}))
    spans = _spans(number, place, [step for step in steps if step[0] < END])
    last = spans[-1]
    messages = _messages(number, created, replied, solved, person)
    done = last["status"] in ("solved", "closed")
    ticket: Row = {
        "id": number, "system": SYSTEM, "ticket_id": f"T{number}", "url": f"https://desk.example/tickets/{number}",
        "subject": f"The export of invoice {number} ends with an error after the update", "requester": None,
        "opened_by": "customer", "created_at": created, "updated_at": last["from_at"], "status": last["status"],
        "priority": last["priority"], "group_name": last["group_name"], "assignee": last["assignee"],
        "tags": ["billing"], "customer_id": f"c{number % 5000}", "customer_name": f"Customer {number % 5000}",
        "tier": random.choice(TIERS), "first_reply_at": replied if replied < END else None,
        "waiting_since": created if replied >= END else None, "solved_at": solved if done else None,
        "closed_at": last["from_at"] if last["status"] == "closed" else None,
        "merged_into": "T1" if last["merged"] else None,
        "deleted_at": END if random.random() < 0.002 else None, "told_by": "history", "changed_at": END,
    }  # fmt: skip
    tags = sorted({f"topic-{random.randrange(200)}", f"product-{random.randrange(8)}"})
    return [ticket], spans, messages, [{"ticket": number, "tag": tag} for tag in tags]


def _spans(number: int, place: Row, steps: Sequence[tuple[datetime, Row]]) -> list[Row]:
    spans: list[Row] = []
    for n, (at, change) in enumerate(steps):
        before = place["status"] if n else ""
        place = {**place, **change}
        until = steps[n + 1][0] if n + 1 < len(steps) else FOREVER
        spans.append({"ticket": number, "n": n, "from_at": at, "until_at": until, "before": before, **place})
    return spans


def _messages(number: int, created: datetime, replied: datetime, solved: datetime, person: str) -> list[Row]:
    """The question, its answer, two more words of the customer, and an answer to the first of those."""
    between = (solved - replied) / 4
    told = (
        (created, "customer", None), (replied, "agent", created), (replied + between, "customer", None),
        (replied + between * 2, "customer", None), (replied + between * 3, "agent", replied + between),
    )  # fmt: skip
    return [
        {
            "ticket": number, "n": n, "at": at, "side": side, "author": person if side == "agent" else "",
            "asked_at": asked, "first": n == 1, "waited_s": int((at - asked).total_seconds()) if asked else None,
        }
        for n, (at, side, asked) in enumerate(told)
        if at < END
    ]  # fmt: skip


def _write(database: Database, rows: Mapping[Rows, Sequence[Row]]) -> None:
    """Write a batch the way each database takes many rows best."""
    if database.dialect == "sqlite":
        with database.begin() as session:
            for table, several in rows.items():
                session.execute(table.insert(), several)
        return
    with database.engine.begin() as connection:
        raw = connection.connection.cursor()
        for table, several in rows.items():
            names = list(several[0])
            with raw.copy(f"copy {table.name} ({', '.join(names)}) from stdin") as copy:
                for row in several:
                    copy.write_row([json.dumps(one) if isinstance(one := row[name], list) else one for name in names])


def _child(url: str, period: str) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.bench.report", period]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "BENCH_DATABASE": url}, stdout=subprocess.PIPE, text=True, check=True
    )
    return {str(name): float(value) for name, value in json.loads(done.stdout).items()}


def _measure(url: str, period: str) -> None:
    database, ctx = Database(url), report_context(compare_most=100)
    request = Request(last_week(WEEKS[period], ZONE))
    with database.read() as session:
        began, busy = time.perf_counter(), time.process_time()
        counted = count_report(session, request, ctx)
        packed, stored = pack(counted.members), json.dumps(counted.result.stored())
        took, busy = time.perf_counter() - began, time.process_time() - busy
    database.close()
    counts = counted.result.counts
    told = {
        "s": took, "cpu": busy, "mb": _peak_mb(), "created": counts.created, "open": counts.backlog_end,
        "responses": counted.result.response.calendar.n, "result_kb": len(stored) / 1024,
        "members_kb": len(packed) / 1024,
    }  # fmt: skip
    sys.stdout.write(json.dumps(told))


def _peak_mb() -> float:
    """The most this process ever held; `ru_maxrss` would tell that of whoever started it, if that was more."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    _measure(os.environ["BENCH_DATABASE"], sys.argv[1])
