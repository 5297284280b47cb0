"""How the work of redaction grows with the text, for each piece that was built to make it slow."""

import time

from rich.console import Console
from rich.table import Table

from automations.redact import redact
from tests.automations.adverse import ADVERSARIAL

SMALL, LARGE = 1 << 15, 1 << 18


def run(console: Console) -> None:
    """Print CPU seconds for 32 and 256 KiB of each piece; linear work is a factor of 8, quadratic one of 64."""
    table = Table("piece", "32 KiB, s", "256 KiB, s", "factor", title="redaction of adverse text")
    rows = sorted(
        ((unit, _seconds(unit, SMALL), _seconds(unit, LARGE)) for unit in ADVERSARIAL), key=lambda row: -row[2]
    )
    for unit, small, large in rows:
        table.add_row(repr(unit[:30]), f"{small:.3f}", f"{large:.3f}", f"{large / small:.1f}")
    console.print(table)
    console.print(f"all {len(rows)} pieces, 256 KiB of each: {sum(large for _, _, large in rows):.1f} s")


def _seconds(unit: str, size: int) -> float:
    text = (unit * (size // len(unit) + 1))[:size]
    start = time.process_time()
    redact(text)
    return time.process_time() - start
