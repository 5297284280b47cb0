"""A classifier of the team's own: which of their labels a text gets, how sure that is, and which words made it so.

It knows the team's examples and nothing else. It never changes, so that threads may share one.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from automations.texts.abstaining import Curve, sureness
from automations.texts.features import pair_features, plain, word_features, words
from automations.texts.lines import Lines, Scores
from automations.texts.scores import ScoreCard
from automations.texts.vectors import Block, vectors

AT_ONCE = 200
"""Texts whose features are in memory together."""
WORDS_NAMED = 4
WORTH_NAMING = 0.3
"""A word is named if it weighed at least this share of the weightiest."""


@dataclass(frozen=True, slots=True)
class Guess:
    """What a text most likely is, and what else it may be. Confidences are 0 to 1, and together at most 1.

    Of guesses with confidence 0.8 about texts that do have one of the labels, eight in ten are right. `words` are those
    that spoke most for the label, weightiest first. A text with nothing known in it has confidence 0.
    """

    label: str
    confidence: float
    second: str
    second_confidence: float
    words: tuple[str, ...]

    def sure(self, threshold: float) -> bool:
        """Whether it may decide: at or above the threshold, and above 0 in any case."""
        return self.confidence >= threshold and self.confidence > 0


@dataclass(frozen=True, slots=True)
class Classifier:
    """What training made. `threshold` is the confidence that it chose itself, below which nothing should be decided.

    `training_hash` is that of the examples, `examples` their number, with those from outside.
    """

    labels: tuple[str, ...]
    blocks: tuple[Block, ...]
    lines: Lines
    curve: Curve
    threshold: float
    training_hash: str
    examples: int
    scores: ScoreCard

    def guess(self, texts: Sequence[str]) -> list[Guess]:
        """A guess for each text, in order. Any text is taken; only its top is read (`features.MAX_CHARACTERS`)."""
        made: list[Guess] = []
        for start in range(0, len(texts), AT_ONCE):
            made += self._guessed(texts[start : start + AT_ONCE])
        return made

    def _guessed(self, texts: Sequence[str]) -> list[Guess]:
        rows = vectors(texts, self.blocks)
        scores = self.lines.scores(rows)
        shares = self.curve.share(sureness(scores, len(self.labels)))
        return [
            self._told(text, rows[row], scores[row, : len(self.labels)], float(shares[row]))
            for row, text in enumerate(texts)
        ]

    def _told(self, text: str, row: Any, scores: Scores, share: float) -> Guess:
        second, best = (int(place) for place in np.argsort(scores, kind="stable")[-2:])
        if row.nnz == 0:
            return Guess(self.labels[best], 0.0, self.labels[second], 0.0, ())
        others = np.exp(self.curve.steepness * (np.delete(scores, best).astype(np.float64) - scores[second]))
        rest = min(share, (1 - share) / float(others.sum()))
        return Guess(self.labels[best], share, self.labels[second], rest, self._weightiest(text, row, best))

    def _weightiest(self, text: str, row: Any, label: int) -> tuple[str, ...]:
        """The words that spoke for a label: what a feature added is shared among the words that it comes from."""
        spoke = row.data * self.lines.weights[row.indices][:, [label]].toarray().ravel()
        added = dict(zip(row.indices.tolist(), spoke.tolist(), strict=True))
        found = words(plain(text))
        by_word: dict[str, float] = defaultdict(float)
        start = 0
        for block, features in zip(self.blocks, (word_features, pair_features), strict=False):
            for name, sources in set(features(found)):
                column = block.columns.get(name)
                for word in sources if column is not None else ():
                    by_word[word] += added[start + block.columns[name]] / len(sources)
            start += len(block.columns)
        ranked = sorted(
            (-weight, word) for word, weight in by_word.items() if weight > 0 and len(word) > 1 and word[0].isalnum()
        )
        return tuple(word for weight, word in ranked[:WORDS_NAMED] if weight <= WORTH_NAMING * ranked[0][0])
