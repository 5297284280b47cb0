"""Terms of tickets as columns of a matrix: four blocks of hashed columns, so that no vocabulary has to be kept.

Words, pairs of neighbouring words, names of code, and pieces of the first words. A new ticket has columns at once,
whether or not its words were seen before.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import murmurhash3_32  # type: ignore[import-untyped]  # the library has no types

from automations.texts.terms import CACHED, Terms

WORDS, PAIRS, NAMES, PIECES = range(4)
BLOCKS: Final = 4
BITS: Final = 20
WIDTH: Final = 1 << BITS
"""Columns of a block. Two of 100,000 terms share one with a chance of one in ten, and a ticket has a hundred terms."""

Columns = NDArray[np.int32]


class Field(NamedTuple):
    """One field of a ticket: the column of each of its terms, one after the other, and how many each block has."""

    columns: Columns
    lengths: tuple[int, int, int, int]


def columns_of(terms: Terms) -> Field:
    """The columns of one field's terms, block after block, with those that repeat."""
    words = np.fromiter((_column(word) for word in terms.words), dtype=np.int64, count=len(terms.words))
    blocks: Sequence[NDArray[np.int64]] = (
        words,
        _pairs(words),
        np.fromiter((_column(name) for name in terms.names), dtype=np.int64, count=len(terms.names)),
        np.fromiter((_column(piece) for piece in terms.pieces), dtype=np.int64, count=len(terms.pieces)),
    )
    shifted = [block + number * WIDTH for number, block in enumerate(blocks)]
    first, second, third, fourth = map(len, blocks)
    return Field(np.concatenate(shifted).astype(np.int32), (first, second, third, fourth))


def as_written(*fields: Terms) -> dict[int, str]:
    """The spelling of each column of words, for people."""
    pairs = chain.from_iterable(terms.as_written.items() for terms in reversed(fields))
    return {_column(word): spelling for word, spelling in pairs}


def _pairs(words: NDArray[np.int64]) -> NDArray[np.int64]:
    mixed = words[:-1] * 0x9E3779B1 + words[1:] * 0x85EBCA6B  # below 2**52: no overflow
    return (mixed >> 8) % WIDTH


@lru_cache(maxsize=CACHED)
def _column(term: str) -> int:
    return int(murmurhash3_32(term.encode("utf-8", "surrogatepass"), positive=True)) % WIDTH
