"""How good a classifier is, by texts it had not seen: overall, for each label, and at each level of confidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEVELS = tuple(level / 20 for level in range(20))


@dataclass(frozen=True, slots=True)
class LabelScore:
    """`examples` of the label; of the texts given this label `precision` were right, of its own `recall` were found."""

    label: str
    examples: int
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


@dataclass(frozen=True, slots=True)
class Point:
    """Deciding at or above `confidence` decides the share `coverage` of texts, of which `accuracy` are right."""

    confidence: float
    coverage: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class ScoreCard:
    """Shares, 0 to 1. `accuracy` and `macro_f1` count every guess; `decided` is what the threshold leaves.

    `outside_left` is the share of texts from outside all labels that stay undecided, of `outside_texts` examples; of
    texts whose label was left out on purpose where `outside_stood_in` says so; None where there was neither.
    """

    accuracy: float
    macro_f1: float
    labels: tuple[LabelScore, ...]
    curve: tuple[Point, ...]
    decided: Point
    outside_left: float | None
    outside_texts: int
    outside_stood_in: bool

    def as_document(self) -> dict[str, Any]:
        """All of it as JSON knows it."""
        return {
            "accuracy": self.accuracy,
            "macro_f1": self.macro_f1,
            "decided": _point(self.decided),
            "out_of_scope": {
                "left_undecided": self.outside_left,
                "texts": self.outside_texts,
                "stood_in_by_left_out_labels": self.outside_stood_in,
            },
            "curve": [_point(point) for point in self.curve],
            "labels": [
                {
                    "label": each.label,
                    "examples": each.examples,
                    "precision": each.precision,
                    "recall": each.recall,
                    "f1": each.f1,
                }
                for each in self.labels
            ],
        }


def score_card_of(document: dict[str, Any]) -> ScoreCard:
    """The other way round. Raises: KeyError or TypeError if it is no such document."""
    outside = document["out_of_scope"]
    return ScoreCard(
        document["accuracy"],
        document["macro_f1"],
        tuple(
            LabelScore(each["label"], each["examples"], each["precision"], each["recall"])
            for each in document["labels"]
        ),
        tuple(Point(**point) for point in document["curve"]),
        Point(**document["decided"]),
        outside["left_undecided"],
        outside["texts"],
        outside["stood_in_by_left_out_labels"],
    )


def label_scores(labels: Sequence[str], true: NDArray[np.int64], guessed: NDArray[np.int64]) -> tuple[LabelScore, ...]:
    """Precision and recall of each label; both numbers are places in `labels`."""
    size = len(labels)
    hits = np.bincount(true[true == guessed], minlength=size)
    examples, given = np.bincount(true, minlength=size), np.bincount(guessed, minlength=size)
    return tuple(
        LabelScore(label, int(n), float(hit / made) if made else 0.0, float(hit / n) if n else 0.0)
        for label, hit, n, made in zip(labels, hits, examples, given, strict=True)
    )


def point_at(level: float, confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> Point:
    """What deciding at or above `level` would have done. Without any decision the accuracy is told as 0."""
    decided = confidence >= level
    return Point(level, float(decided.mean()), float(right[decided].mean()) if decided.any() else 0.0)


def curve_at_levels(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[Point, ...]:
    """Coverage and accuracy at each twentieth of confidence."""
    return tuple(point_at(level, confidence, right) for level in LEVELS)


def _point(point: Point) -> dict[str, float]:
    return {"confidence": point.confidence, "coverage": point.coverage, "accuracy": point.accuracy}
