"""How much redaction finds and how much it damages, against the shared set of secrets: run as a module for a report.

A secret counts as masked only when every character of it is covered. "Unseen" is measured honestly: the vendor table is
emptied and all vendors' names are taken away, so that every format in the set is one that redaction has never heard of.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from automations import redact_places, redact_words
from automations.redact import redact

FOLDER = Path(__file__).parents[3] / "shared" / "datasets" / "secrets"


@dataclass(frozen=True)
class Figures:
    """Shares from 0 to 1: secrets wholly masked, and benign lines changed."""

    generated: float
    own_kinds: float
    samples: float
    unseen: float
    unseen_but_named: float
    benign_touched: float


def covered(text: str, start: int, end: int) -> bool:
    """Tell whether redaction covers every character of text[start:end]."""
    for low, high in sorted(redact_places.places(text)):
        if low <= start < high:
            start = high
    return start >= end


@contextmanager
def nothing_known(*, names: bool) -> Iterator[None]:
    """Take away the vendor formats, and the vendors' names too unless `names`."""
    known = redact_words.VENDORS if names else frozenset[str]()
    with patch.object(redact_places, "_FORMAT", re.compile(r"(?!)")), patch.object(redact_words, "VENDORS", known):
        redact_words.strength.cache_clear()
        yield
    redact_words.strength.cache_clear()


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _share(rows: list[dict[str, Any]]) -> float:
    return sum(covered(row["text"], row["start"], row["end"]) for row in rows) / len(rows)


def measure(folder: Path = FOLDER) -> Figures:
    """Measure all figures on the set in `folder`."""
    generated = _rows(folder / "generated.jsonl")
    formats = [row for row in generated if row["origin"] == "format"]
    samples = [{"text": row["text"], **secret} for row in _rows(folder / "samples.jsonl") for secret in row["secrets"]]
    benign = (folder / "benign_lines.txt").read_text(encoding="utf-8").splitlines()
    with nothing_known(names=False):
        unseen = _share(formats)
    with nothing_known(names=True):
        unseen_but_named = _share(formats)
    return Figures(
        generated=_share(formats),
        own_kinds=_share([row for row in generated if row["origin"] == "own"]),
        samples=_share(samples),
        unseen=unseen,
        unseen_but_named=unseen_but_named,
        benign_touched=sum(redact(line) != line for line in benign) / len(benign),
    )


if __name__ == "__main__":
    for name, figure in vars(measure()).items():
        print(f"{name.replace('_', ' '):18} {figure:.4f}")
