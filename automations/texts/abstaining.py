"""When to say nothing: how sure an answer is, what share of such answers is right, and from where on one is given.

All of it is learned from answers about texts that the lines had not seen. What lies outside all labels is known from
examples of it where the team has some; else labels are left out on purpose, and their texts stand for it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automations.texts.lines import NEVER, Scores

AHEAD = 0.25
"""What the distance to the second label counts beside the distance from the line. What lies outside all labels is far
on the other side of every line, more often than it is between two of them."""
AGAINST = 0.5
"""What the score of "outside" takes away, where there are examples of it."""

GIVEN_UP = 0.03
"""What share of all texts may be left undecided though the answer would have been right, where nothing else speaks."""
GIVEN_UP_AT_MOST = 0.08
LEFT_OUT_FOUND = 0.35
"""More is given up until so many texts of left-out labels are undecided. They are neighbours of the labels that stayed,
so that they are harder to tell than what really comes from outside."""

GIVEN_UP_KNOWING = (0.02, 0.06)
OUTSIDE_FOUND = 0.85
"""With examples from outside: so many of them shall be undecided, within these bounds of what may be given up."""
ENOUGH_OUTSIDE = 20
STEP = 0.005

FLATTEST = 0.05
"""Of the curve from sureness to confidence; it never falls, however strange the examples are."""


@dataclass(frozen=True, slots=True)
class Curve:
    """From sureness to the share of right answers: a logistic curve (Platt 1999)."""

    steepness: float
    offset: float

    def share(self, sureness: NDArray[np.float32]) -> NDArray[np.float64]:
        """What share of answers this sure is right, 0 to 1."""
        risen = np.clip(self.steepness * sureness.astype(np.float64) + self.offset, -50, 50)
        shares: NDArray[np.float64] = 1 / (1 + np.exp(-risen))
        return shares


def sureness(scores: Scores, labels: int) -> NDArray[np.float32]:
    """How sure the best label of each text is. Scores beyond `labels` are those of "outside"."""
    best = -np.partition(-scores[:, :labels], 1, axis=1)[:, :2]
    sure: NDArray[np.float32] = best[:, 0] + AHEAD * (best[:, 0] - best[:, 1])
    if scores.shape[1] > labels:
        sure = sure - AGAINST * np.maximum(scores[:, labels] - NEVER, 0)
    return sure


def curve_of(sure: NDArray[np.float32], right: NDArray[np.bool_]) -> Curve:
    """Draw the curve through answers of which it is known whether they were right."""
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # the library has no types

    # One right and one wrong answer more keep the curve from a cliff where all of them are right, or all wrong.
    at = np.concatenate([sure, [sure.max() + 1, sure.min() - 1]]).astype(np.float64)
    was = np.concatenate([right, [True, False]])
    drawn = LogisticRegression(C=100).fit(at.reshape(-1, 1), was)
    return Curve(max(float(drawn.coef_[0, 0]), FLATTEST), float(drawn.intercept_[0]))


def sure_enough(
    sure: NDArray[np.float32],
    right: NDArray[np.bool_],
    outside: NDArray[np.float32],
    left_out: NDArray[np.float32],
) -> float:
    """From which sureness on an answer is given.

    `sure` and `right` are of texts that have a label, `outside` the sureness of those that have none, `left_out` that
    of texts whose label was kept from the lines.
    """
    if len(outside) >= ENOUGH_OUTSIDE:
        strangers, wanted, (least, most) = outside, OUTSIDE_FOUND, GIVEN_UP_KNOWING
    else:
        strangers, wanted, least, most = left_out, LEFT_OUT_FOUND, GIVEN_UP, GIVEN_UP_AT_MOST
    good = np.sort(sure[right])
    if not len(good):
        return float(sure.max())
    level = float(good[0])
    for given_up in np.arange(least, most + STEP / 2, STEP):
        level = float(good[min(int(given_up * len(sure)), len(good) - 1)])
        if not len(strangers) or np.mean(strangers < level) >= wanted:
            break
    return level
