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
Sparse = Any
"""A scipy.sparse.csr_matrix; the library has no types."""

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
    """One block's features: the column of each, and its weight."""

    columns: dict[str, int]
    rarity: Floats
    weight: float


def counted(texts: Sequence[str]) -> list[list[Counter[str]]]:
    """How often each feature is in each text, block by block."""
    found = [words(plain(text)) for text in texts]
    return [[Counter(features(each)) for each in found] for features, _, _ in BLOCKS]


def learned(counts: list[list[Counter[str]]], rows: Sequence[int]) -> tuple[Block, ...]:
    """The features of these rows, and how much each weighs by how few of the rows it is in."""
    return tuple(
        _block(block, rows, weight, 1 if len(rows) < FEW_TEXTS else at_least)
        for block, (_, weight, at_least) in zip(counts, BLOCKS, strict=True)
    )


def _block(counts: list[Counter[str]], rows: Sequence[int], weight: float, at_least: int) -> Block:
    in_texts: Counter[str] = Counter()
    for row in rows:
        in_texts.update(counts[row].keys())
    kept = sorted(name for name, texts in in_texts.items() if texts >= at_least)
    among = np.array([in_texts[name] for name in kept], dtype=np.float32)
    rarity = np.sqrt(np.log((1 + len(rows)) / (1 + among)) + 1).astype(np.float32)
    return Block({name: column for column, name in enumerate(kept)}, rarity, weight)


def vectors(counts: list[list[Counter[str]]], rows: Sequence[int], blocks: Sequence[Block]) -> Sparse:
    """These rows in these blocks' columns, as a sparse matrix of float32. What the blocks do not know is left out."""
    from scipy import sparse  # type: ignore[import-untyped]  # the library has no types

    return sparse.hstack(
        [_weighed(each, rows, block) for each, block in zip(counts, blocks, strict=True)], format="csr"
    )


def _weighed(counts: list[Counter[str]], rows: Sequence[int], block: Block) -> Sparse:
    from scipy import sparse

    columns: list[int] = []
    times: list[int] = []
    ends = [0]
    for row in rows:
        for name, count in counts[row].items():
            if (column := block.columns.get(name)) is not None:
                columns.append(column)
                times.append(count)
        ends.append(len(columns))
    at = np.array(columns, dtype=np.int32)
    values = (1 + np.log(np.array(times, dtype=np.float32))) * block.rarity[at]
    lengths = np.sqrt(np.add.reduceat(np.append(values**2, np.float32(0)), ends[:-1]))
    lengths[np.diff(ends) == 0] = 1
    values *= block.weight / np.repeat(lengths, np.diff(ends))
    return sparse.csr_matrix(
        (values.astype(np.float32), at, np.array(ends, dtype=np.int32)), shape=(len(rows), len(block.columns))
    )
