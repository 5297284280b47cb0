"""Tickets that say nearly the same: an index over titles and texts, for people to look at. It never merges anything.

Lexical on purpose: it needs no training and no network, and says which words two tickets share. A ticket that reads the
same gets the score 1, any other less.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix, csr_matrix, vstack  # type: ignore[import-untyped]  # the library has no types

from automations.texts.columns import BITS, WORDS, Field, columns_of, spellings
from automations.texts.weights import Counts, Floats, Tally, Weights

AT_ONCE: Final = 2_000
"""Tickets that are read and weighed together: bounds the memory while an index is made."""
MOST_ASKED: Final = (160, 160, 60, 160)
"""Terms of each block that a search looks for, the weightiest first: a long log asks no longer than a short one."""
MOST_HELD: Final = 600_000
"""Tickets that hold the terms looked for, counted for each term: beyond it the commonest are not looked for."""
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
        self._parts = [csc_matrix(vstack(rows, format="csr"))] if rows else []
        """The tickets the weights were made of, and those added later."""
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
        self._parts[1:] = [csc_matrix(vstack([*self._parts[1:], rows], format="csr"))]
        self._there = np.append(self._there, np.ones(len(self._entries) - start, dtype=bool))

    def nearest(self, title: str, text: str, n: int = 5, *, without: Collection[str] = ()) -> list[Near]:
        """The `n` tickets most like this one, the likest first; of equal ones the one whose id comes first.

        Only those that share a term with it. The scores, from 0 to 1, compare the answers to one question, not two
        questions. `without`: ids that are never returned, such as its own.
        """
        fields = columns_of(title), columns_of(text)
        counts = Counts([fields[0]], [fields[1]])
        asked = self._asked(self._weights.asked(counts))
        parts = [_columns_of(part, asked) for part in self._parts]
        whole = asked.of(self._weights.kept(counts)) or 1.0
        sums = np.concatenate([np.zeros(0), *(part @ asked.weights for part in parts)])
        scores = np.minimum(sums / whole, AT_MOST).round(PLACES)
        scores[self._same.get(_mark(*fields), []) if len(asked.columns) else []] = SAME
        scores[~self._there] = 0
        scores[[self._at[id_] for id_ in without if id_ in self._at]] = 0
        best = self._best(scores, n)
        written = spellings(title, text) if best else {}
        found = []
        for at in best:
            part, row = (parts[0], at) if at < self._weighed else (parts[1], at - self._weighed)
            shared = asked.shared(part, row)
            words = tuple(written[column] for column in shared if column >> BITS == WORDS)
            found.append(Near(self._entries[at].id, float(scores[at]), words[:WORDS_SHOWN]))
        return found

    def _asked(self, row: csr_matrix) -> "_Asked":
        """The columns that are looked for: the weightiest of each block, and of those the rarest."""
        kept = list[NDArray[np.int64]]()
        for block, most in enumerate(MOST_ASKED):
            of_block = np.flatnonzero(row.indices >> BITS == block)
            kept.append(of_block[np.lexsort((row.indices[of_block], -row.data[of_block]))][:most])
        places = np.concatenate(kept)
        held = self._weights.held[row.indices[places]]
        rarest = np.lexsort((row.indices[places], held))
        within = np.cumsum(held[rarest]) <= MOST_HELD
        within[:1] = True
        places = places[rarest[within]]
        return _Asked(row.indices[places], row.data[places])

    def megabytes(self) -> float:
        """The memory of the index itself, without the tickets' texts."""
        arrays = [array for part in self._parts for array in (part.data, part.indices, part.indptr)]
        return float(sum(array.nbytes for array in (*arrays, self._weights.held))) / 1_000_000

    def _best(self, scores: NDArray[np.float64], n: int) -> list[int]:
        n = min(n, int(np.count_nonzero(scores)))
        if n < 1:
            return []
        least = np.partition(scores, -n)[-n]
        found = [int(at) for at in np.flatnonzero(scores >= least)]
        return sorted(found, key=lambda at: (-scores[at], self._entries[at].id))[:n]

    def _counted(self, start: int, end: int) -> Counts:
        titles, texts = list[Field](), list[Field]()
        for number, entry in enumerate(self._entries[start:end], start):
            title, text = columns_of(entry.title), columns_of(entry.text)
            self._same[_mark(title, text)].append(number)
            titles.append(title)
            texts.append(text)
        return Counts(titles, texts)


def _mark(title: Field, text: Field) -> bytes:
    """Equal for what reads the same: the same terms in the same order, whatever stands between them."""
    marked = blake2b(title.columns.tobytes(), digest_size=8)
    marked.update(b"|" + text.columns.tobytes())
    return marked.digest()


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is looked for: columns, and what each counts."""

    columns: NDArray[np.int32]
    weights: Floats

    def of(self, row: csr_matrix) -> float:
        """What a ticket with this row would get."""
        values = dict(zip(row.indices.tolist(), row.data.tolist(), strict=True))
        pairs = zip(self.columns.tolist(), self.weights.tolist(), strict=True)
        return float(sum(values.get(column, 0.0) * weight for column, weight in pairs))

    def shared(self, part: csc_matrix, row: int) -> list[int]:
        """The columns that a ticket shares, what counts most first."""
        places = np.flatnonzero(part.indices == row)
        numbers = np.searchsorted(part.indptr, places, side="right") - 1
        counting = np.argsort(-part.data[places] * self.weights[numbers], kind="stable")
        return [int(column) for column in self.columns[numbers[counting]]]


def _columns_of(part: csc_matrix, asked: _Asked) -> csc_matrix:
    """Some columns of a matrix, in the order asked for."""
    starts, ends = part.indptr[asked.columns], part.indptr[asked.columns + 1]
    spans = list(zip(starts.tolist(), ends.tolist(), strict=True))
    data = [part.data[start:end] for start, end in spans]
    rows = [part.indices[start:end] for start, end in spans]
    if not spans:
        return csc_matrix((part.shape[0], 0), dtype=np.float32)
    ends = np.concatenate([[0], np.cumsum(ends - starts)])
    return csc_matrix((np.concatenate(data), np.concatenate(rows), ends), shape=(part.shape[0], len(spans)))
