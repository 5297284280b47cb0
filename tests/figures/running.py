"""Plays one row in a process of its own and says what came of it."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from tests.figures.machine import commit, machine
from tests.figures.registry import whole
from tests.figures.results import FAILED, PASSED, TOO_SLOW, Result
from tests.figures.row import Row
from tests.figures.told import VARIABLE, heard
from tests.serving import ROOT

LIMIT_S: Final = 600.0
"""No row may take longer; it is ended then."""
OURS: Final = ("README.md", "tests/figures/results.json")
"""What measuring itself writes."""
MODULES: Final = {"pytest": "pytest", "bench": "tests.bench", "mutation": "tests.mutation"}
_COUNTED = re.compile(r"(?:=+ )?((?:\d+ \w+(?:, )?)+) in [\d.]+s")
"""The last line of pytest, such as `3 passed, 1 skipped in 2.10s`."""


def play(row: Row, log: Path, *, limit_s: float = LIMIT_S) -> Result:
    """Run the row's command with what it prints in `log`.

    A row of tests that tell no figure is told by how many of them passed; a benchmark that tells none has failed.
    """
    kind, *words = row.command
    with tempfile.TemporaryDirectory(prefix="handoff-figures-", dir=_quick_folder()) as folder:
        told = Path(folder) / "told.txt"
        told.touch()
        env = {**os.environ, **row.env, VARIABLE: str(told), "PYTEST_DEBUG_TEMPROOT": folder}
        began, at = time.monotonic(), datetime.now(UTC)
        with log.open("wb") as output:
            child = subprocess.Popen(
                (sys.executable, "-m", MODULES[kind], *words),
                cwd=ROOT,
                env=env,
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
            outcome = _ended(child, limit_s)
        seconds = time.monotonic() - began
        words_told, reached = heard(told.read_text(encoding="utf-8"), {row.number, whole(row.number)})
    if not words_told:
        words_told = _counted(log)
    if outcome == PASSED and not words_told:
        outcome, words_told = FAILED, ["it told no figure"]
    return Result(
        outcome=outcome,
        words=tuple(words_told),
        reached=reached,
        seconds=round(seconds, 1),
        at=f"{at:%Y-%m-%d %H:%M}",
        commit=commit(beside=OURS),
        machine=machine(),
    )


def _ended(child: "subprocess.Popen[bytes]", limit_s: float) -> str:
    """Wait for it; end it and all it started when its time is over or the person at the keys has had enough."""
    try:
        return PASSED if child.wait(limit_s) == 0 else FAILED
    except subprocess.TimeoutExpired:
        return TOO_SLOW
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def _counted(log: Path) -> list[str]:
    """How many tests passed, failed and were skipped, in pytest's own words."""
    lines = log.read_text(encoding="utf-8", errors="replace").rstrip().splitlines()
    match = _COUNTED.match(lines[-1]) if lines else None
    return [f"tests: {match[1]}"] if match else []


def _quick_folder() -> str | None:
    """Memory where there is some: on a disk every commit of every test waits for it."""
    memory = Path("/dev/shm")
    return str(memory) if memory.is_dir() else None
