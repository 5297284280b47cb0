"""How long a log of 100,000 rows is read and judged against signed checkpoints, and what an append costs."""

import secrets
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console

from storage import audit, checkpointing, checkpoints, migrate
from storage.engine import Database
from tests.figures.told import tell

ROWS = 100_000
EVERY = 1_000
MOST_S = 10
KEY = secrets.token_bytes(32)
_START = datetime(2026, 1, 1, tzinfo=UTC)


def run(rows: int, console: Console) -> None:
    """Print rows per second of appending in transactions of 100, and the seconds of one `verify` of all of them."""
    with tempfile.TemporaryDirectory() as folder:
        url, file = f"sqlite:///{folder}/handoff.db", Path(folder) / "checkpoints.jsonl"
        migrate.upgrade(url)
        database = Database(url)
        try:
            appending = fill(database, file, rows)
            lines = checkpoints.read(file, KEY)
            begun = time.perf_counter()
            with database.read() as session:
                verdict = audit.verify(session, lines=lines)
            took = time.perf_counter() - begun
        finally:
            database.close()
    assert verdict.ok, verdict.problem
    words = f"{verdict.checked:,} rows and {len(lines)} signed checkpoints verified in {took:.1f} s"
    console.print(f"{words}; {rows / appending:,.0f} appends/s in transactions of 100")
    tell("24b", words, reached=took < MOST_S)


def fill(database: Database, file: Path, rows: int) -> float:
    """Write so many rows as a team does, with a checkpoint now and then. Seconds that the appends took."""
    took = 0.0
    for first in range(0, rows, 100):
        begun = time.perf_counter()
        with database.begin() as session:
            for number in range(first, min(first + 100, rows)):
                audit.append(
                    session,
                    at=_START + timedelta(seconds=number),
                    actor=f"person{number % 9}@team.example",
                    action="case.claimed",
                    target=f"CASE-{number}",
                    outcome="done",
                    correlation_id=f"case/{number}",
                    before={"status": "open", "owner": "lea@team.example"},
                    after={"status": "claimed", "owner": f"person{number % 9}@team.example"},
                )
        took += time.perf_counter() - begun
        if (first + 100) % EVERY == 0:
            checkpointing.checkpoint(database, file, KEY, _START + timedelta(seconds=first))
    return took
