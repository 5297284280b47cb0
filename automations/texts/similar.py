"""Tickets that say nearly the same: an index over titles and texts, for people to look at. It never merges anything.

Lexical on purpose: it needs no training and no network, and says which words two tickets share. A ticket that reads the
same gets the score 1, any other less.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix, vstack  # type: ignore[import-untyped]  # the library has no types

from automations.texts.columns import BITS, BLOCKS, WIDTH, WORDS, Field, as_written, columns_of
from automations.texts.terms import terms_of
from automations.texts.weights import Counts, Floats, Tally, Weights

AT_ONCE: Final = 2_000
"""Tickets that are read and weighed together: bounds the memory while an index is made."""
MOST_ASKED: Final = (160, 160, 60, 160)
"""Terms of each block that a search looks for, the weightiest first: a long log asks no longer than a short one."""
SAME: Final = 1.0
AT_MOST: Final = 0.99
"""The score of a ticket that does not read the same."""
PLACES: Final = 4
WORDS_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Entry:
    """A ticket to be found."""

    id: str
    title: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Near:
    """A ticket that was found. `words` are those of the ticket searched for that count most, as they stand there."""

    id: str
    score: float
    words: tuple[str, ...]


def nothing_told(done: int, total: int) -> None:
    """Where nobody waits."""


class Index:
    """Tickets by what they say. The same entries in another order are the same index."""

    def __init__(self, entries: Iterable[Entry], on_progress: Callable[[int, int], None] = nothing_told) -> None:
        self._entries = list({entry.id: entry for entry in entries}.values())
        self._at = {entry.id: number for number, entry in enumerate(self._entries)}
        self._same: defaultdict[bytes, list[int]] = defaultdict(list)
        tally, read = Tally(), list[Counts]()
        for start in range(0, len(self._entries), AT_ONCE):
            counts = self._counted(start, start + AT_ONCE)
            tally.count(counts)
            read.append(counts)
            on_progress(start + len(counts), len(self._entries))
        self._weights = Weights.of(tally)
        rows = [self._weights.kept(read.pop(0)) for _ in range(len(read))]
        self._weighed = len(self._entries)
        self._body = csc_matrix(vstack(rows, format="csr") if rows else _none())
        self._added = csc_matrix(_none())
        self._there = np.ones(len(self._entries), dtype=bool)

    @classmethod
    def of(cls, entries: Iterable[Entry], on_progress: Callable[[int, int], None] = nothing_told) -> "Index":
        """An index over these tickets; of several with one id the last counts. `on_progress`: so many of so many."""
        return cls(entries, on_progress)

    def __len__(self) -> int:
        return len(self._at)

    def add(self, entries: Iterable[Entry]) -> None:
        """Take in more tickets, or the new text of some, without reading the others again.

        They are weighed as the first ones were, until they are as many; then all are weighed anew.
        """
        start = len(self._entries)
        for entry in {entry.id: entry for entry in entries}.values():
            if (before := self._at.get(entry.id)) is not None and before < start:
                self._there[before] = False
            self._at[entry.id] = len(self._entries)
            self._entries.append(entry)
        if len(self._entries) >= 2 * self._weighed:
            self.__init__(self._entries)  # type: ignore[misc]  # the same as a new one
            return
        rows = self._weights.kept(self._counted(start, len(self._entries)))
        self._added = csc_matrix(vstack([self._added, rows], format="csr"))
        self._there = np.append(self._there, np.ones(len(self._entries) - start, dtype=bool))

    def nearest(self, title: str, text: str, n: int = 5, *, without: Collection[str] = ()) -> list[Near]:
        """The `n` tickets most like this one, the likest first; of equal ones the one whose id comes first.

        Only those that share a term with it. The scores, from 0 to 1, compare the answers to one question, not two
        questions. `without`: ids that are never returned, such as its own.
        """
        terms = terms_of(title), terms_of(text)
        fields = columns_of(terms[0]), columns_of(terms[1])
        counts = Counts([fields[0]], [fields[1]])
        columns, weights = _weightiest(self._weights.asked(counts))
        if not len(columns):
            return []
        sums = np.concatenate([_sums(part, columns, weights) for part in (self._body, self._added)])
        whole = _itself(self._weights.kept(counts), columns, weights)
        scores = np.minimum(sums.astype(np.float64) / whole, AT_MOST).round(PLACES)
        scores[self._same.get(_mark(*fields), [])] = SAME
        scores[~self._there] = 0
        for id_ in without:
            if id_ in self._at:
                scores[self._at[id_]] = 0
        written = as_written(*terms)
        return [
            Near(self._entries[at].id, float(scores[at]), self._shared(at, columns, weights, written))
            for at in self._best(scores, n)
        ]

    def megabytes(self) -> float:
        """The memory of the index itself, without the tickets' texts."""
        parts = (self._body, self._added)
        arrays = [array for part in parts for array in (part.data, part.indices, part.indptr)]
        return float(sum(array.nbytes for array in (*arrays, self._weights.rarity))) / 1_000_000

    def _best(self, scores: NDArray[np.float64], n: int) -> list[int]:
        n = min(n, int(np.count_nonzero(scores)))
        if n < 1:
            return []
        least = np.partition(scores, -n)[-n]
        found = [int(at) for at in np.flatnonzero(scores >= least)]
        return sorted(found, key=lambda at: (-scores[at], self._entries[at].id))[:n]

    def _shared(self, at: int, columns: list[int], weights: list[float], written: dict[int, str]) -> tuple[str, ...]:
        """The words that two tickets share, the weightiest first."""
        part, row = (self._body, at) if at < self._body.shape[0] else (self._added, at - self._body.shape[0])
        shared = list[tuple[float, str]]()
        for column, weight in zip(columns, weights, strict=True):
            if column >> BITS != WORDS:
                continue
            start, end = part.indptr[column], part.indptr[column + 1]
            place = start + int(np.searchsorted(part.indices[start:end], row))
            if place < end and part.indices[place] == row:
                shared.append((-weight * float(part.data[place]), written[column]))
        return tuple(word for _, word in sorted(shared)[:WORDS_SHOWN])

    def _counted(self, start: int, end: int) -> Counts:
        titles, texts = list[Field](), list[Field]()
        for number, entry in enumerate(self._entries[start:end], start):
            title, text = columns_of(terms_of(entry.title)), columns_of(terms_of(entry.text))
            self._same[_mark(title, text)].append(number)
            titles.append(title)
            texts.append(text)
        return Counts(titles, texts)


def _none() -> csr_matrix:
    return csr_matrix((0, BLOCKS * WIDTH), dtype=np.float32)


def _mark(title: Field, text: Field) -> bytes:
    """Equal for what reads the same: the same terms in the same order, whatever stands between them."""
    marked = blake2b(title.columns.tobytes(), digest_size=8)
    marked.update(b"|" + text.columns.tobytes())
    return marked.digest()


def _weightiest(asked: csr_matrix) -> tuple[list[int], list[float]]:
    """The columns that are looked for, and their weights."""
    kept = list[int]()
    for block, most in enumerate(MOST_ASKED):
        of_block = np.flatnonzero(asked.indices >> BITS == block)
        heaviest = np.lexsort((asked.indices[of_block], -asked.data[of_block]))[:most]
        kept += of_block[heaviest].tolist()
    return asked.indices[kept].tolist(), asked.data[kept].tolist()


def _sums(part: csc_matrix, columns: Sequence[int], weights: Sequence[float]) -> Floats:
    sums = np.zeros(part.shape[0], dtype=np.float32)
    for column, weight in zip(columns, weights, strict=True):
        start, end = part.indptr[column], part.indptr[column + 1]
        sums[part.indices[start:end]] += part.data[start:end] * np.float32(weight)
    return sums


def _itself(kept: csr_matrix, columns: Sequence[int], weights: Sequence[float]) -> float:
    """What the ticket searched for would get if it were in the index."""
    values = dict(zip(kept.indices.tolist(), kept.data.tolist(), strict=True))
    return sum(values.get(column, 0.0) * weight for column, weight in zip(columns, weights, strict=True)) or 1.0
