"""How the work of redaction grows with the text, for each piece that was built to make it slow."""

import time

from rich.console import Console
from rich.table import Table

from automations.redact import redact
from tests.automations.adverse import ADVERSARIAL
from tests.figures.told import tell

SMALL, LARGE = 1 << 15, 1 << 18
NOTHING_S = 0.005
"""Shorter than this is the clock's own noise."""


def run(console: Console) -> None:
    """Print CPU seconds for 32 and 256 KiB of each piece; linear work is a factor of 8, quadratic one of 64."""
    table = Table("piece", "32 KiB, s", "256 KiB, s", "factor", title="redaction of adverse text")
    rows = sorted(
        ((unit, _seconds(unit, SMALL), _seconds(unit, LARGE)) for unit in ADVERSARIAL), key=lambda row: -row[2]
    )
    for unit, small, large in rows:
        table.add_row(repr(unit[:30]), f"{small:.3f}", f"{large:.3f}", f"{large / small:.1f}")
    console.print(table)
    whole = sum(large for _, _, large in rows)
    console.print(f"all {len(rows)} pieces, 256 KiB of each: {whole:.1f} s")
    slowest, worst = rows[0], max(large / small for _, small, large in rows if small > NOTHING_S)
    tell(
        "redact",
        f"{len(rows)} pieces, 8 times the text takes at most {worst:.1f} times as long; the slowest 256 KiB "
        f"{slowest[2]:.2f} s",
        reached=worst < LARGE / SMALL * 2,
    )


def _seconds(unit: str, size: int) -> float:
    text = (unit * (size // len(unit) + 1))[:size]
    start = time.process_time()
    redact(text)
    return time.process_time() - start
