"""How the lines answer texts that they had not seen: the examples are dealt into parts, each kept away once.

Everything else is learned from these answers: the strictness of the lines, their confidence, and when they say nothing.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from automations.texts.examples import Examples
from automations.texts.lines import Scores, fitted
from automations.texts.vectors import Places, example_vectors, learned, tallies

PARTS = 4
STRICTNESS = (1.0, 0.25)
"""What is tried, the first where both are as good. Lenient lines are better where people often gave wrong labels."""
GROUPS = 3
"""Labels fall into so many groups, and are left out one group at a time."""
FEW_LABELS = 9
"""Of fewer, each label is a group by itself; with two left, everything would lie on the side of one of them."""
FEWEST_LEFT = 3


@dataclass(frozen=True, slots=True)
class Effort:
    """On how many parts each strictness is tried, how many are answered by the better one, how many groups left out.

    With many examples fewer are enough texts to judge by, and each takes longer.
    """

    tried: int
    answered: int
    left_out: int

    @property
    def fits(self) -> int:
        """How many times lines are drawn, at most."""
        return len(STRICTNESS) * self.tried + self.answered - self.tried + self.left_out


def effort_for(examples: int) -> Effort:
    """What is done with so many examples."""
    if examples <= 2_000:
        return Effort(PARTS, PARTS, FEW_LABELS - 1)
    return Effort(1, PARTS, 1) if examples <= 4_000 else Effort(1, 2, 1)


@dataclass(frozen=True, slots=True)
class Unseen:
    """Scores of examples (`rows`) by lines that had not seen them, and of texts whose label was kept from the lines."""

    strictness: float
    rows: Places
    scores: Scores
    left_out: Scores


class Ground:
    """The examples as counted features, and lines drawn on some of them."""

    def __init__(self, examples: Examples, told: Callable[[], None]) -> None:
        self.examples = examples
        self.tallies = tallies(examples.texts)
        self.of = np.array(examples.of, dtype=np.int64)
        self.columns = len(examples.labels) + int((self.of == examples.outside).any())
        self._told = told

    def answers(self, on: Places, to: Places, strictness: float) -> Scores:
        """How lines drawn on some rows score others. Only what the first ones know counts in the others, as later."""
        known = learned(self.tallies, on)
        lines = fitted(example_vectors(self.tallies, on, known), self.of[on], self.columns, strictness)
        self._told()
        return lines.scores(example_vectors(self.tallies, to, known))

    def right(self, rows: Places, scores: Scores) -> float:
        """What share of these rows' best labels is right, without the rows from outside."""
        inside = self.of[rows] < self.examples.outside
        best = scores[:, : self.examples.outside].argmax(axis=1)
        return float((best == self.of[rows])[inside].mean()) if inside.any() else 0.0


def unseen(ground: Ground, effort: Effort) -> Unseen:
    """Have examples answered by lines that had not seen them."""
    part_of = dealt(ground.examples)
    parts = [(np.flatnonzero(part_of != part), np.flatnonzero(part_of == part)) for part in range(effort.answered)]
    parts = [(on, to) for on, to in parts if len(on) and len(to)]
    trial, rest = parts[: effort.tried], parts[effort.tried :]
    tried = {each: [ground.answers(*part, each) for part in trial] for each in STRICTNESS}
    best = max(STRICTNESS, key=lambda each: _right(ground, parts, tried[each]))
    scores = np.vstack([*tried[best], *(ground.answers(*part, best) for part in rest)])
    rows = np.concatenate([to for _, to in parts])
    return Unseen(best, rows, scores, _left_out(ground, best, effort.left_out))


def _right(ground: Ground, parts: list[tuple[Places, Places]], answers: list[Scores]) -> float:
    return float(np.mean([ground.right(to, answer) for (_, to), answer in zip(parts, answers, strict=False)]))


def dealt(examples: Examples) -> NDArray[np.int64]:
    """The part of each example. Each label is dealt evenly; equal texts go to one part, or it would have seen them."""
    part = np.zeros(len(examples.texts), dtype=np.int64)
    by_label: dict[int, list[int]] = defaultdict(list)
    for row, label in enumerate(examples.of):
        by_label[label].append(row)
    for rows in by_label.values():
        different = sorted({examples.texts[row] for row in rows}, key=_shuffled)
        place = {text: number for number, text in enumerate(different)}
        for number, row in enumerate(rows):
            # One text alone, again and again, cannot be kept together: nothing of the label would be left to learn.
            part[row] = (place[examples.texts[row]] if len(different) > 1 else number) % PARTS
    return part


def _left_out(ground: Ground, strictness: float, most: int) -> Scores:
    """Scores of texts whose label was kept from the lines; none where too few labels would stay."""
    size = len(ground.examples.labels)
    groups = GROUPS if size >= FEW_LABELS else size
    scored = [np.zeros((0, ground.columns), dtype=np.float32)]
    if size > FEWEST_LEFT:
        group_of = np.full(ground.examples.outside + 1, -1)
        for place, label in enumerate(sorted(range(ground.examples.outside), key=_by_name(ground.examples.labels))):
            group_of[label] = place % groups
        for group in range(min(most, groups)):
            without = group_of[ground.of] == group
            scored.append(ground.answers(np.flatnonzero(~without), np.flatnonzero(without), strictness))
    return np.vstack(scored)


def _by_name(labels: Sequence[str]) -> Callable[[int], str]:
    return lambda place: _shuffled(labels[place])


def _shuffled(text: str) -> str:
    """A key that sorts texts as if by chance, and every time the same."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
