"""Texts as rows of numbers: how often each feature is in them, weighed by how rare it is.

Three blocks stand side by side (words, pairs of words, runs of letters). Each is brought to length one by itself, so
that a text's many runs of letters do not drown its few words. A feature that many texts share weighs less, by the root
of the usual inverse document frequency: short questions differ in their common words too ("how", "when", "not").
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from automations.texts.features import letter_features, pair_features, plain, word_features, words

Floats = NDArray[np.float32]
Places = NDArray[np.int64]
Sparse = Any
"""A scipy.sparse.csr_matrix of float32; the library has no types."""

BLOCKS: tuple[tuple[Callable[[list[str]], Iterable[str]], float, int], ...] = (
    (lambda found: (name for name, _ in word_features(found)), 1.0, 1),
    (lambda found: (name for name, _ in pair_features(found)), 0.8, 2),
    (letter_features, 1.0, 2),
)
"""Each block's features, its weight beside the others, and in how many texts a feature must be to be kept."""
FEW_TEXTS = 500
"""Of fewer texts every feature is kept: there, twice would be much to ask."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block's features: the column of each, what it counts by its rarity, and the block's weight."""

    columns: dict[str, int]
    rarity: Floats
    weight: float


@dataclass(frozen=True, slots=True)
class Tally:
    """How often each feature of one block is in each of the examples: `times` is examples by `names`."""

    names: dict[str, int]
    times: Sparse
    weight: float
    at_least: int


@dataclass(frozen=True, slots=True)
class Learned:
    """What some of the examples know of one block: `kept` are the places of their features in the tally."""

    kept: Places
    rarity: Floats


def tallies(texts: Sequence[str]) -> tuple[Tally, ...]:
    """Count the features of the examples, block by block."""
    found = [words(plain(text)) for text in texts]
    made = []
    for features, weight, at_least in BLOCKS:
        names: dict[str, int] = {}
        times = _times([Counter(features(each)) for each in found], names, grow=True)
        made.append(Tally(names, times, weight, at_least))
    return tuple(made)


def learned(among: Sequence[Tally], rows: Places) -> tuple[Learned, ...]:
    """The features of these rows, and how much each counts by how few of the rows it is in."""
    return tuple(_learned(tally, rows) for tally in among)


def _learned(tally: Tally, rows: Places) -> Learned:
    in_texts = np.bincount(tally.times[rows].indices, minlength=len(tally.names))
    kept = np.flatnonzero(in_texts >= (1 if len(rows) < FEW_TEXTS else tally.at_least))
    rarity = np.sqrt(np.log((1 + len(rows)) / (1 + in_texts[kept])) + 1)
    return Learned(kept, rarity.astype(np.float32))


def example_vectors(among: Sequence[Tally], rows: Places, known: Sequence[Learned]) -> Sparse:
    """These rows of the examples, in the columns of what is known. What is not known is left out."""
    return _side_by_side(
        _weighed(tally.times[rows][:, one.kept], one.rarity, tally.weight)
        for tally, one in zip(among, known, strict=True)
    )


def blocks_of(among: Sequence[Tally], known: Sequence[Learned]) -> tuple[Block, ...]:
    """What is known by itself, without the examples."""
    made = []
    for tally, one in zip(among, known, strict=True):
        names = list(tally.names)
        columns = {names[place]: column for column, place in enumerate(one.kept.tolist())}
        made.append(Block(columns, one.rarity, tally.weight))
    return tuple(made)


def vectors(texts: Sequence[str], blocks: Sequence[Block]) -> Sparse:
    """Any texts in the columns of the blocks. What the blocks do not know is left out."""
    found = [words(plain(text)) for text in texts]
    return _side_by_side(
        _weighed(_times([Counter(features(each)) for each in found], block.columns), block.rarity, block.weight)
        for (features, _, _), block in zip(BLOCKS, blocks, strict=True)
    )


def _times(counts: Iterable[Counter[str]], names: dict[str, int], *, grow: bool = False) -> Sparse:
    """Counts as a sparse matrix. `grow`: names that are not there yet get the next column, else they are left out."""
    from scipy import sparse  # type: ignore[import-untyped]  # the library has no types

    columns: list[int] = []
    times: list[int] = []
    ends = [0]
    for each in counts:
        for name, count in each.items():
            column = names.setdefault(name, len(names)) if grow else names.get(name)
            if column is not None:
                columns.append(column)
                times.append(count)
        ends.append(len(columns))
    return sparse.csr_matrix(
        (np.array(times, dtype=np.float32), np.array(columns, dtype=np.int32), np.array(ends, dtype=np.int32)),
        shape=(len(ends) - 1, len(names)),
    )


def _weighed(times: Sparse, rarity: Floats, weight: float) -> Sparse:
    """Each row brought to the length `weight`; a row without features stays as it is."""
    times.data = (1 + np.log(times.data)) * rarity[times.indices]
    each = np.diff(times.indptr)
    of = np.repeat(np.arange(len(each)), each)
    lengths = np.sqrt(np.bincount(of, weights=times.data**2, minlength=len(each)))
    times.data = (times.data * (weight / lengths[of])).astype(np.float32)
    return times


def _side_by_side(blocks: Iterable[Sparse]) -> Sparse:
    from scipy import sparse

    return sparse.hstack(list(blocks), format="csr", dtype=np.float32)
