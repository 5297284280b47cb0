"""One straight line for each label, between its examples and all others: a linear support vector machine.

On short texts of many kinds it needs the least time for the most right answers (Joachims 1998, "Text categorization
with support vector machines"; Fan et al. 2008, LIBLINEAR). A text's distance from each line is its score: above 0 it is
on the label's side.
"""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automations.texts.vectors import Floats, Places, Sparse

NEGLIGIBLE = 0.01
"""Weights below it are left out: nine of ten are, and the answers stay the same."""
NEVER = -1.0
"""The score of a label that had no example: the far side of its line."""
MOST_ROUNDS = 2_000
NEAR_ENOUGH = 0.1
"""LIBLINEAR's own tolerance. A hundredth of it takes a third longer and changes no answer in a thousand."""

Scores = NDArray[np.float32]
"""Texts by labels: how far each text is on the label's side of its line."""


@dataclass(frozen=True, slots=True)
class Lines:
    """`weights` is sparse, features by labels; `offsets` is one for each label."""

    weights: Sparse
    offsets: Floats

    def scores(self, texts: Sparse) -> Scores:
        """How far each text, as a row of its features, is on each label's side."""
        scores: Scores = np.asarray((texts @ self.weights).toarray(), dtype=np.float32) + self.offsets
        return scores


def fitted(texts: Sparse, of: Places, labels: int, strictness: float) -> Lines:
    """Draw the lines between texts of known labels, which are numbers below `labels`.

    A high `strictness` (LIBLINEAR's C) bends them to every example, a low one lets wrongly labelled ones lie. A label
    with few examples counts more for each of them, else the frequent ones would take everything.
    """
    from sklearn.svm import LinearSVC  # type: ignore[import-untyped]  # the library has no types

    there, counts = np.unique(of, return_counts=True)
    weights = np.zeros((labels, texts.shape[1]), dtype=np.float64)
    offsets = np.full(labels, NEVER, dtype=np.float64)
    if len(there) == 1:
        offsets[there[0]] = -NEVER
        return _packed(weights, offsets)
    balance = dict(zip(there.tolist(), np.sqrt(counts.mean() / counts).tolist(), strict=True))
    machine = LinearSVC(C=strictness, class_weight=balance, tol=NEAR_ENOUGH, random_state=0, max_iter=MOST_ROUNDS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of lines that are not yet the very best, which serve as well
        machine.fit(texts, of)
    drawn, ends = machine.coef_, machine.intercept_
    if len(there) == 2:  # the library draws one line for two labels
        drawn, ends = np.vstack([-drawn, drawn]), np.concatenate([-ends, ends])
    weights[there], offsets[there] = drawn, ends
    return _packed(weights, offsets)


def _packed(weights: NDArray[np.float64], offsets: NDArray[np.float64]) -> Lines:
    from scipy import sparse  # type: ignore[import-untyped]  # the library has no types

    weights[np.abs(weights) < NEGLIGIBLE] = 0
    kept: Any = sparse.csr_matrix(weights.T.astype(np.float16).astype(np.float32))
    return Lines(kept, offsets.astype(np.float32))
