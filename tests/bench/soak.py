"""Memory and disk of a bot under an even load: `python -m tests.bench soak --seconds 530`.

A day of a busy team, 50,000 events of 1.5 KB on 200 keys, pressed into ten minutes with start and end; desk and Slack
as they are in the tests. Told are the resident memory at a third of the time, when everything was used once, and at the
end, and by how much the database grows.
"""

import threading
from pathlib import Path

from rich.console import Console

from tests.bench.load import drive
from tests.bench.world import World, world
from tests.figures.told import tell

PER_SECOND = 95
LOOK_S = 5.0
FLOOR_MB = 300
FLAT = 1.15
"""Memory that has grown by less than this since a third of the time is flat."""


def run(seconds: float, console: Console) -> None:
    """Measure and print."""
    with world() as here:
        drive(here.bot.url, 2)
        over, seen = threading.Event(), [here.memory_mb]
        watcher = threading.Thread(target=_watch, args=(here, over, seen))
        watcher.start()
        before = _disk_mb(here.folder)
        try:
            measured = drive(here.bot.url, seconds, per_second=PER_SECOND)
        finally:
            over.set()
            watcher.join()
        console.print(measured.line())
        third, last = seen[len(seen) // 3], seen[-1]
        grown = _disk_mb(here.folder) - before
        words = (
            f"{len(measured.latencies)} events in {measured.seconds:.0f} s, refused {len(measured.refused)}: memory"
            f" {seen[0]:.0f} MB at first, {third:.0f} MB after a third, {last:.0f} MB at the end,"
            f" most {max(seen):.0f} MB (floor {FLOOR_MB}); disk +{grown:.0f} MB"
        )
        console.print(words)
        tell("5", words, reached=max(seen) < FLOOR_MB and last < FLAT * third and not measured.refused)


def _watch(here: World, over: threading.Event, seen: list[float]) -> None:
    while not over.wait(LOOK_S):
        seen.append(here.memory_mb)


def _disk_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.glob("handoff.db*")) / 2**20
