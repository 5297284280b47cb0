"""What this machine gives at most, measured beside our own figures: `python -m tests.bench floor --seconds 20`.

One row of 1.5 KB a transaction on SQLite (WAL, synchronous FULL) and on PostgreSQL; a bare signed endpoint that inserts
one row; and Alertmanager, where `prometheus-alertmanager` is installed (Debian's package), fed the same failures as
alerts by the same 16 connections. Alertmanager keeps alerts in memory and answers before anything is on a disk.
"""

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
from rich.console import Console
from sqlalchemy import insert

from storage.engine import Database
from tests.bench.bare_process import METADATA, ROWS
from tests.bench.load import KEYS, SECRET, drive, event
from tests.bench.reconcile import postgresql
from tests.figures.told import tell
from tests.serving import Process, free_port

ALERTMANAGER = "prometheus-alertmanager"
CONFIG = "route:\n  receiver: nobody\nreceivers:\n  - name: nobody\n"


def run(seconds: float, console: Console) -> None:
    """Measure and print. `seconds` is the length of each measurement."""
    with tempfile.TemporaryDirectory(prefix="handoff-floor-") as name:
        folder = Path(name)
        rate = _inserted(f"sqlite:///{folder / 'floor.db'}", seconds)
        _told(console, f"SQLite: {rate:,.0f} transactions a second")
        with postgresql(folder) as url:
            _told(console, f"PostgreSQL: {_inserted(url, seconds):,.0f} transactions a second on one connection")
        with Process("tests.bench.bare_process", [name], env={"BENCH_SECRET": SECRET}) as bare:
            drive(bare.url, 1)
            _told(console, f"bare endpoint: {drive(bare.url, seconds).line().strip()}")
        if shutil.which(ALERTMANAGER) is None:
            _told(console, "Alertmanager is not installed here")
            return
        with alertmanager(folder) as url:
            _told(console, f"Alertmanager: {drive(url, seconds, path='/api/v2/alerts', make=alert).line().strip()}")


def alert(number: int, run: str) -> tuple[bytes, dict[str, str]]:
    """The same failure as one alert, with the same labels for those that belong together."""
    said = json.loads(event(number, run))
    labels = {"alertname": "failed", "source": said["source"], "job": said["job"]["name"], "severity": "page"}
    kept = {key: json.dumps(said[key]) for key in ("summary", "attempts", "checks", "impact", "details", "customer")}
    one = {"labels": labels, "annotations": kept, "startsAt": datetime.now(UTC).isoformat()}
    return json.dumps([{**one, "generatorURL": said["diagnostics_url"]}]).encode(), {"Content-Type": "application/json"}


@contextmanager
def alertmanager(folder: Path) -> Iterator[str]:
    """One Alertmanager of our own on a free port; ended afterwards. Raises TimeoutError when it does not get ready."""
    config, url = folder / "alertmanager.yml", f"http://127.0.0.1:{free_port()}"
    config.write_text(CONFIG, encoding="utf-8")
    words = (f"--config.file={config}", f"--storage.path={folder / 'am'}", "--cluster.listen-address=")
    command = (ALERTMANAGER, *words, f"--web.listen-address={url.removeprefix('http://')}")
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        try:
            _wait_until_ready(url)
            yield url
        finally:
            child.terminate()


def _wait_until_ready(url: str) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            httpx.get(f"{url}/-/ready").raise_for_status()
        except httpx.HTTPError:
            time.sleep(0.1)  # nothing tells when it is ready
        else:
            return
    raise TimeoutError(f"{ALERTMANAGER} does not answer at {url}")


def _inserted(url: str, seconds: float) -> float:
    """Rows a second, each in a transaction of its own."""
    database = Database(url)
    METADATA.create_all(database.engine)
    body, number = json.loads(event(1, "floor")), 0
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        number += 1
        with database.begin() as session:
            session.execute(insert(ROWS).values(body={**body, "key": number % KEYS}))
    rate = number / (time.perf_counter() - began)
    database.close()
    return rate


def _told(console: Console, words: str) -> None:
    console.print(words)
    tell("floor", words)
