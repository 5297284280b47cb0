"""How long an index of similar tickets takes to make and to ask, and what it holds, for tickets of a tracker's size."""

import random
import re
import resource
import time

from rich.console import Console

from automations.texts.similar import Entry, Index
from tests.figures.told import tell

QUERIES = 300
WORDS = 40_000
_SYLLABLES = re.findall("..", "bacedifoguhalemminopurasetivowuxayezijokebipalo")


def run(tickets: int, console: Console) -> None:
    """Print seconds to make the index, milliseconds a question, milliseconds to add one, and megabytes."""
    made = _tickets(tickets)
    characters = sum(len(entry.title) + len(entry.text) for entry in made) / tickets
    console.print(f"{tickets} tickets of {characters:.0f} characters")
    before = _megabytes()
    start, worked = time.perf_counter(), time.process_time()
    index = Index.of(made)
    took, worked = time.perf_counter() - start, time.process_time() - worked
    console.print(f"made in {took:.1f} s, {worked:.1f} s of them on a processor")
    console.print(f"most memory of the process {_megabytes():.0f} MB, before the index {before:.0f} MB")
    console.print(f"the index holds {index.megabytes():.0f} MB beside the texts")
    times, working = [], time.process_time()
    asked = made[:: max(1, tickets // QUERIES)]
    for entry in asked:
        start = time.perf_counter()
        index.nearest(entry.title, entry.text, without=[entry.id])
        times.append((time.perf_counter() - start) * 1000)
    working = (time.process_time() - working) * 1000 / len(asked)
    times.sort()
    middle, late = times[len(times) // 2], times[int(len(times) * 0.95)]
    console.print(f"a question: {middle:.1f} ms in the middle, {late:.1f} ms for 95 %, {working:.1f} ms on a processor")
    start = time.perf_counter()
    index.add([Entry("new", made[0].title, made[1].text)])
    added = (time.perf_counter() - start) * 1000
    console.print(f"adding one: {added:.0f} ms")
    tell(
        "similar",
        f"{tickets:,} tickets: made in {took:.1f} s, {index.megabytes():.0f} MB; a question {middle:.1f} ms, p95 "
        f"{late:.1f} ms; adding one {added:.0f} ms",
    )


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _tickets(count: int) -> list[Entry]:
    """Tickets whose words are as unevenly spread as those of a language (Zipf), with names of code and stack traces."""
    chance = random.Random(7)
    words = ["".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4))) for _ in range(WORDS)]
    weights = [1 / (rank + 10) for rank in range(WORDS)]
    spread = chance.choices(words, weights, k=1_000_000)

    def some(length: int) -> str:
        start = chance.randrange(len(spread) - length)
        return " ".join(spread[start : start + length])

    def trace() -> str:
        frames = (
            f"{a}.{b.title()}.{c}({b.title()}.java:{chance.randrange(900)})" for a, b, c in _triples(chance, words)
        )
        return "\n".join(f"    at {frame}" for frame in frames)

    return [
        Entry(
            str(number),
            some(chance.randint(4, 12)),
            some(int(chance.lognormvariate(4.7, 0.8))) + (f"\n{trace()}" if chance.random() < 0.2 else ""),
        )
        for number in range(count)
    ]


def _triples(chance: random.Random, words: list[str]) -> list[list[str]]:
    return [chance.choices(words, k=3) for _ in range(chance.randint(3, 25))]
