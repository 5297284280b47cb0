"""How well "negative" was told where people had judged the texts: precision and recall, here and at each threshold."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

NEGATIVE: Final = "negative"
NEUTRAL: Final = "neutral"
POSITIVE: Final = "positive"

_WORDS: Final = {
    **dict.fromkeys(("negative", "neg", "-", "angry", "anger", "unhappy"), NEGATIVE),
    **dict.fromkeys(("neutral", "neu", "neut", "none", "mixed"), NEUTRAL),
    **dict.fromkeys(("positive", "pos", "+", "happy"), POSITIVE),
}
_STARS: Final = {"0": NEGATIVE, "2": NEUTRAL, "4": POSITIVE}
"""The labels of Sentiment140 (Go, Bhayani and Huang 2009)."""

_CURVE: Final = tuple(-step / 20 for step in range(1, 20))
"""Scores from -0.05 to -0.95."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A text's score, whether it counts as negative, and what a person said of it: "" where nobody did."""

    score: float
    negative: bool
    label: str


def polarities(labels: Sequence[str]) -> list[str]:
    """What these labels of one file mean: negative, neutral, positive, or "" for one that says nothing of a mood.

    Numbers are read by their sign, 0, 2 and 4 as Sentiment140 writes them. 0 and 1 alone could mean either, so they
    are not read at all.
    """
    plain = [label.strip().casefold() for label in labels]
    given = {label for label in plain if label}
    if "4" in given and given <= set(_STARS):
        return [_STARS.get(label, "") for label in plain]
    if given == {"0", "1"}:
        return [""] * len(plain)
    return [_WORDS.get(label) or _signed(label) for label in plain]


def _signed(label: str) -> str:
    try:
        number = float(label)
    except ValueError:
        return ""
    return NEGATIVE if number < 0 else POSITIVE if number > 0 else NEUTRAL if number == 0 else ""


def figures(rows: Sequence[Judged]) -> dict[str, Any]:
    """Precision, recall and F1 of "negative" over the labelled rows, None where there is nothing to divide by.

    `neutral_taken_for_negative` is the share of neutral rows; `curve` holds all of it for thresholds of the score.
    """
    labelled = [row for row in rows if row.label]
    return {
        "labelled": len(labelled),
        "labels": dict(sorted(Counter(row.label for row in labelled).items())),
        **_of([(row.label, row.negative) for row in labelled]),
        "curve": [{"threshold": at, **_of([(row.label, row.score <= at) for row in labelled])} for at in _CURVE],
    }


def _of(told: Sequence[tuple[str, bool]]) -> dict[str, float | None]:
    count = Counter(told)
    hits = count[NEGATIVE, True]
    precision = _share(hits, sum(found for _, found in told))
    recall = _share(hits, hits + count[NEGATIVE, False])
    f1 = round(2 * hits / (2 * hits + _errors(count)), 4) if hits else None
    alarmed = _share(count[NEUTRAL, True], count[NEUTRAL, True] + count[NEUTRAL, False])
    return {"precision": precision, "recall": recall, "f1": f1, "neutral_taken_for_negative": alarmed}


def _errors(count: Counter[tuple[str, bool]]) -> int:
    """Texts that were wrongly called negative or wrongly not."""
    return sum(times for (label, found), times in count.items() if found != (label == NEGATIVE))


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
