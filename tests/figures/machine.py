"""Where and with what something was measured, in words that name no machine."""

import os
import platform
import re
import sqlite3
import subprocess
from importlib.metadata import version
from pathlib import Path

from tests.serving import ROOT


def machine() -> str:
    """Cores, memory, system and Python, such as `2 cores, 24 GB, Linux x86_64, Python 3.11.9`."""
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text("ascii"))
    held = f", {round(int(memory[1]) / 1e6)} GB" if memory else ""
    cores = len(os.sched_getaffinity(0))
    return f"{cores} cores{held}, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def versions() -> str:
    """What the figures depend on most."""
    packages = ("slack-bolt", "sqlalchemy", "dbos", "pydantic", "uvicorn")
    return ", ".join((f"SQLite {sqlite3.sqlite_version}", *(f"{name} {version(name)}" for name in packages)))


def commit(*, beside: tuple[str, ...] = ()) -> str:
    """The commit's short name, with `+` where anything but these files differs from it."""
    name = _git("rev-parse", "--short=10", "HEAD")
    changed = [line[3:] for line in _git("status", "--porcelain").splitlines()]
    return name + ("+" if [path for path in changed if path not in beside] else "")


def _git(*words: str) -> str:
    return subprocess.run(("git", *words), cwd=ROOT, capture_output=True, text=True, check=True).stdout.rstrip("\n")
