"""Terms of tickets as columns of a matrix: four blocks of hashed columns, so that no vocabulary has to be kept.

Words, pairs of neighbouring words, names of code, and pieces of the first words. A new ticket has columns at once,
whether or not its words were seen before.
"""

from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import murmurhash3_32  # type: ignore[import-untyped]  # the library has no types

from automations.texts.terms import CACHED, pieces, read, tokens_of

WORDS, PAIRS, NAMES, PIECES = range(4)
BLOCKS: Final = 4
BITS: Final = 20
WIDTH: Final = 1 << BITS
"""Columns of a block. One in ten of 100,000 terms shares its column with another; a ticket has a hundred terms."""


class Field(NamedTuple):
    """One field of a ticket: the column of each of its terms, block after block, and how many each block has."""

    columns: NDArray[np.int32]
    lengths: tuple[int, int, int, int]


def columns_of(text: str) -> Field:
    """The columns of a title's or a text's terms, with those that repeat."""
    tokens = tokens_of(text)
    words, names, parts = list[int](), list[int](), list[int]()
    for token in tokens.all:
        of_token = _of_token(token)
        words += of_token[0]
        names += of_token[1]
    for frame in tokens.frames:
        names.append(_column(frame.lower()) + NAMES * WIDTH)
    for word in tokens.first:
        parts += _of_pieces(word)
    pairs = _pairs(np.array(words, dtype=np.int64))
    columns = np.concatenate([np.array(words, dtype=np.int32), pairs, np.array(names + parts, dtype=np.int32)])
    return Field(columns, (len(words), len(pairs), len(names), len(parts)))


def spellings(*texts: str) -> dict[int, str]:
    """The spelling of each column of words, for people: of several the first."""
    found: dict[int, str] = {}
    for text in texts:
        for token in map(read, tokens_of(text).all):
            for stem, spelling in zip(token.stems, token.spellings, strict=True):
                found.setdefault(_column(stem), spelling)
    return found


@lru_cache(maxsize=CACHED)
def _of_token(token: str) -> tuple[tuple[int, ...], tuple[int, ...]]:
    found = read(token)
    return (
        tuple(_column(stem) + WORDS * WIDTH for stem in found.stems),
        tuple(_column(name) + NAMES * WIDTH for name in found.names),
    )


@lru_cache(maxsize=CACHED)
def _of_pieces(word: str) -> tuple[int, ...]:
    return tuple(_column(piece) + PIECES * WIDTH for piece in pieces(word))


def _pairs(words: NDArray[np.int64]) -> NDArray[np.int32]:
    mixed = words[:-1] * 0x9E3779B1 + words[1:] * 0x85EBCA6B  # below 2**53: no overflow
    return ((mixed >> 8) % WIDTH + PAIRS * WIDTH).astype(np.int32)


@lru_cache(maxsize=CACHED)
def _column(term: str) -> int:
    return int(murmurhash3_32(term.encode("utf-8", "surrogatepass"), positive=True)) % WIDTH
