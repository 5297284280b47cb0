"""How much each term of a ticket counts: BM25's saturation, length and rarity, with part of the cosine's norm.

Rarity counts on both sides, so that one rare name does not outweigh a shared sentence. A long ticket is measured by its
length and, less than in a cosine, by its norm: long reports of a fault and short ones find each other. The values were
chosen where the figures are flat around them; BM25F: Robertson & Zaragoza, "The Probabilistic Relevance Framework:
BM25 and Beyond" (2009); the norm's power: Singhal, Buckley & Mitra, "Pivoted Document Length Normalization" (1996).
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix  # type: ignore[import-untyped]  # the library has no types

from automations.texts.columns import BITS, BLOCKS, WIDTH, Field

TITLE: Final = 2.5
"""A word of the title counts as so many of the text."""
SATURATION: Final = 1.6
LENGTH: Final = 0.5
RARITY: Final = 0.7
NORM: Final = 0.6
SHARES: Final = np.array([1.0, 0.25, 0.15, 0.5], dtype=np.float32)
"""Weights of words, pairs, names and pieces in the sum."""

Floats = NDArray[np.float32]


class Counts:
    """How often each term stands in titles and texts of some tickets: two matrices, and the lengths of each block."""

    def __init__(self, titles: list[Field], texts: list[Field]) -> None:
        self.titles, self.texts = _matrix(titles), _matrix(texts)
        self.title_lengths = np.array([field.lengths for field in titles], dtype=np.float32).reshape(-1, BLOCKS)
        self.text_lengths = np.array([field.lengths for field in texts], dtype=np.float32).reshape(-1, BLOCKS)

    def __len__(self) -> int:
        return int(self.titles.shape[0])


def _matrix(fields: list[Field]) -> csr_matrix:
    ends = np.cumsum([0, *(len(field.columns) for field in fields)])
    columns = np.concatenate([field.columns for field in fields]) if fields else np.zeros(0, dtype=np.int32)
    made = csr_matrix(
        (np.ones(len(columns), dtype=np.float32), columns, ends), shape=(len(fields), BLOCKS * WIDTH), dtype=np.float32
    )
    made.sum_duplicates()
    return made


class Tally:
    """What the weights need to know of all tickets, counted piece by piece."""

    def __init__(self) -> None:
        self.tickets = 0
        self.holding = np.zeros(BLOCKS * WIDTH, dtype=np.int32)
        self._lengths = np.zeros((2, BLOCKS))
        self._filled = np.zeros((2, BLOCKS))

    def count(self, counts: Counts) -> None:
        """Take these tickets in."""
        self.tickets += len(counts)
        np.add.at(self.holding, (counts.titles + counts.texts).indices, 1)
        for field, lengths in enumerate((counts.title_lengths, counts.text_lengths)):
            self._lengths[field] += lengths.sum(axis=0)
            self._filled[field] += (lengths > 0).sum(axis=0)

    def usual_lengths(self) -> NDArray[np.float64]:
        """The mean length of each field's blocks where they are not empty."""
        return np.asarray(np.maximum(self._lengths, 1) / np.maximum(self._filled, 1))


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of terms as one collection of tickets gives them."""

    tickets: int
    held: NDArray[np.int32]
    """How many tickets hold each term."""
    usual: NDArray[np.float64]

    @classmethod
    def of(cls, tally: Tally) -> "Weights":
        """From a tally of all tickets."""
        return cls(tally.tickets, tally.holding, tally.usual_lengths())

    def kept(self, counts: Counts) -> csr_matrix:
        """The rows of tickets that are searched."""
        titles, texts = counts.titles.copy(), counts.texts.copy()
        for number, (rows, lengths) in enumerate(((titles, counts.title_lengths), (texts, counts.text_lengths))):
            stretch = 1 - LENGTH + LENGTH * lengths / self.usual[number]
            rows.data /= _per_value(rows, stretch)
        rows = self._saturated(titles * TITLE + texts)
        norms = _norms(rows)
        rows.data *= SHARES[rows.indices >> BITS] * _per_value(rows, np.where(norms > 0, norms, 1) ** -NORM)
        return rows

    def asked(self, counts: Counts) -> csr_matrix:
        """The rows of tickets that are searched for; each block of one finds itself with about its share."""
        rows = self._saturated(counts.titles * TITLE + counts.texts)
        norms = _norms(rows)
        rows.data *= _per_value(rows, np.where(norms > 0, norms, 1) ** (NORM - 2))
        return rows

    def _saturated(self, rows: csr_matrix) -> csr_matrix:
        rows = rows.tocsr()
        held = self.held[rows.indices]
        rarity = np.log1p((self.tickets - np.minimum(held, self.tickets) + 0.5) / (held + 0.5)) ** RARITY
        rows.data = (rows.data / (rows.data + SATURATION) * rarity).astype(np.float32)
        return rows


def _per_value(rows: csr_matrix, of_blocks: NDArray[np.floating[Any]]) -> Floats:
    """For each stored value, the figure of its row and block."""
    row = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    return np.asarray(of_blocks[row, rows.indices >> BITS], dtype=np.float32)


def _norms(rows: csr_matrix) -> NDArray[np.float64]:
    row = np.repeat(np.arange(rows.shape[0]), np.diff(rows.indptr))
    squares = np.bincount(row * BLOCKS + (rows.indices >> BITS), weights=rows.data**2, minlength=rows.shape[0] * BLOCKS)
    return np.sqrt(squares).reshape(-1, BLOCKS)
