"""What the classifier sees of a text: its words and their stems, the words that stand together, and runs of letters.

Words say what a ticket is about, pairs of words say it in any order ("card" and "lost"), and runs of letters forgive
typos and endings. Only the first MAX_CHARACTERS of a text are read: what decides a ticket's queue stands at its
top, and quoted mail at its end.
"""

import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import Any

MAX_CHARACTERS = 4_000
"""What is read of a text, in characters."""
MAX_PAIRED = 40
"""Pairs are made of so many different words from the top: their number grows with its square."""
LETTERS = range(2, 6)
"""How long the runs of letters are."""

_SHORT_FORMS = (
    (re.compile(r"\bcan['’]?t\b"), "can not"),
    (re.compile(r"\bwon['’]t\b"), "will not"),
    (re.compile(r"n['’]t\b"), " not"),
    (re.compile(r"['’]re\b"), " are"),
    (re.compile(r"['’]s\b"), " is"),
    (re.compile(r"['’]m\b"), " am"),
    (re.compile(r"['’]ll\b"), " will"),
    (re.compile(r"['’]d\b"), " would"),
    (re.compile(r"['’]ve\b"), " have"),
)
"""So that "what's" and "what is" are the same words, and "can't" keeps its "not"."""
_LONG_NUMBER = re.compile(r"\d{5,}")
_WORD = re.compile(r"\w+|[^\w\s]")
_UNREADABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

_stemmers = threading.local()


def plain(text: str) -> str:
    """A text in small letters on one line, without control characters, with short forms written out.

    Numbers of five and more digits all become one: an account's number tells no queue, an error's 502 does.
    """
    top = unicodedata.normalize("NFKC", _UNREADABLE.sub(" ", text[:MAX_CHARACTERS])).lower()
    for short, written_out in _SHORT_FORMS:
        top = short.sub(written_out, top)
    return " ".join(_LONG_NUMBER.sub("00000", top).split())


def words(text: str) -> list[str]:
    """The words, marks and emoji of a plain text, in order."""
    return _WORD.findall(text)


def word_features(found: list[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each word, its stem and each two neighbours, with the words that each of them comes from."""
    stems = ["^", *map(stem, found), "$"]
    for word in found:
        yield f"w{word}", (word,)
        yield f"s{stem(word)}", (word,)
    for (left, right), between in zip(pairwise(stems), _neighbours(found), strict=True):
        yield f"b{left} {right}", between


def pair_features(found: list[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each two different words of the text's top, in any order, with the words that they come from."""
    first = {stem(word): word for word in reversed(found)}
    ordered = list(dict.fromkeys(map(stem, found)))[:MAX_PAIRED]
    ordered.sort()
    for place, left in enumerate(ordered):
        for right in ordered[place + 1 :]:
            yield f"p{left} {right}", (first[left], first[right])


def letter_features(found: list[str]) -> Iterator[str]:
    """Each run of two to five letters inside a word, whose ends count as letters."""
    for word in found:
        edged = f" {word} "
        for length in LETTERS:
            if length >= len(edged):
                yield f"c{edged}"
                break
            for start in range(len(edged) - length + 1):
                yield f"c{edged[start : start + length]}"


@lru_cache(maxsize=1 << 16)
def stem(word: str) -> str:
    """A word without its ending, by the rules for English: they leave most words of other languages as they are."""
    stemmer: Any = getattr(_stemmers, "english", None)
    if stemmer is None:  # one for each thread, since a stemmer keeps the word it works on in itself
        import snowballstemmer  # type: ignore[import-untyped]  # the library has no types

        stemmer = _stemmers.english = snowballstemmer.stemmer("english")
    return str(stemmer.stemWord(word))


def _neighbours(found: list[str]) -> Iterator[tuple[str, ...]]:
    if not found:
        yield ()
        return
    yield (found[0],)
    yield from pairwise(found)
    yield (found[-1],)
