"""Ingest under load, beside a bare signed endpoint in the same run: `uv run python -m tests.bench ingest`.

The desk and Slack are slow (1 s a write) throughout. First the bare endpoint, then the bot, each as fast as 16
connections are answered; then the bot at 200 events/s for the latency that senders see at that pace.
"""

import tempfile
import threading
from collections.abc import Callable

from rich.console import Console

from tests.bench.load import SECRET, Measured, drive
from tests.bench.world import World, world
from tests.figures.told import tell
from tests.serving import Process

PACE, P99_MS = 200, 250


def run(seconds: float, console: Console) -> None:
    """Measure and print. `seconds` is the length of each measurement of the bot."""
    with (
        tempfile.TemporaryDirectory(prefix="handoff-bare-") as folder,
        Process("tests.bench.bare_process", [folder], env={"BENCH_SECRET": SECRET}) as bare,
    ):
        drive(bare.url, 2)
        yardstick = drive(bare.url, min(seconds, 20))
    console.print(f"bare endpoint       {yardstick.line()}")
    with world() as here:
        here.slow(1.0)
        drive(here.bot.url, 2)
        flat_out, memory = _watched(here, lambda: drive(here.bot.url, seconds))
        console.print(f"handoff, flat out   {flat_out.line()}")
        console.print(f"share of the bare endpoint's rate: {100 * flat_out.rate / yardstick.rate:.0f} %")
        console.print(f"memory in MB, every 10 s: {memory}")
        paced, memory = _watched(here, lambda: drive(here.bot.url, seconds, per_second=PACE))
        console.print(f"handoff, {PACE}/s asked {paced.line()}")
        console.print(f"memory in MB, every 10 s: {memory}")
    late = paced.percentile(0.99)
    tell(
        "1",
        f"bare endpoint {yardstick.rate:.0f} a second; as fast as answered {flat_out.rate:.0f} a second, p99 "
        f"{flat_out.percentile(0.99):.0f} ms; {PACE} asked: {paced.rate:.0f} a second, p99 {late:.0f} ms from the due "
        f"time on; {seconds:.0f} s each, memory {memory.split()[0]} to {memory.split()[-1]} MB",
        reached=paced.rate > 0.99 * PACE and late < P99_MS and not paced.refused,
    )


def _watched(here: World, work: Callable[[], Measured]) -> tuple[Measured, str]:
    done, seen = threading.Event(), [here.memory_mb]
    result: list[Measured] = []

    def watch() -> None:
        while not done.wait(10):
            seen.append(here.memory_mb)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        result.append(work())
    finally:
        done.set()
        watcher.join()
    seen.append(here.memory_mb)
    return result[0], " ".join(f"{mb:.0f}" for mb in seen)
