"""The terms of a ticket by which similar ones are found: stems, names of code, and pieces of its first words.

`openFileDialog`, `open_file_dialog` and `open.file.dialog` are the same three words and one name each; `3.11.2` is one
term, not three numbers. Scripts without spaces are read two characters at a time.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import snowballstemmer  # type: ignore[import-untyped]  # the library has no types

from automations.texts.noise import without_noise
from automations.texts.stop_words import STOP_WORDS

LONGEST: Final = 100
"""Characters of a word; what is longer is encoded content."""
MOST_WORDS: Final = 2_000
HEAD: Final = 300
"""Characters at the start of a text that, with its title, are also read in pieces: the problem is named there."""
PIECE: Final = 4
CACHED: Final = 200_000

_TOKEN: Final = re.compile(r"\w+(?:[.\-:/\\@$#'’]+\w+)*")
_PART: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_a-zA-Z]+")
_VERSION: Final = re.compile(r"v?\d+(?:[.\-]\d+)+[\w.\-]*")
_HASH: Final = re.compile(r"(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,}")
_UNSPACED: Final = re.compile(r"[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_LONGEST_NUMBER: Final = 6
_stemmer: Final = snowballstemmer.stemmer("english")


@dataclass(frozen=True, slots=True)
class Terms:
    """What one field of a ticket says. `words` are in order, so that neighbours can be joined."""

    words: tuple[str, ...]
    names: tuple[str, ...]
    pieces: tuple[str, ...]
    as_written: dict[str, str]
    """The first spelling of each of `words`, for people."""


def terms_of(text: str) -> Terms:
    """The terms of one field, whatever is in it. What has no letters or digits is read piece by piece."""
    plain, frames = without_noise(text)
    words: list[str] = []
    names: list[str] = []
    as_written: dict[str, str] = {}
    tokens = _TOKEN.findall(plain) or plain.split()
    for token in tokens:
        found = _read(token)
        for word, written in found.words:
            as_written.setdefault(word, written)
            words.append(word)
        names += found.names
        if len(words) > MOST_WORDS:
            break
    names += [frame.lower() for frame in frames]
    pieces = [piece for token in re.findall(r"\w+", plain[:HEAD]) for piece in _pieces(token)]
    return Terms(tuple(words), tuple(names), tuple(pieces), as_written)


@dataclass(frozen=True, slots=True)
class _Token:
    words: tuple[tuple[str, str], ...] = ()
    """Stem and spelling."""
    names: tuple[str, ...] = ()


@lru_cache(maxsize=CACHED)
def _read(token: str) -> _Token:
    if len(token) > LONGEST or _HASH.fullmatch(token):
        return _Token()
    if not token.isascii():
        token = _unaccented(token)
        if _UNSPACED.search(token):
            pairs = [token[at : at + 2] for at in range(max(1, len(token) - 1))]
            return _Token(tuple((pair, pair) for pair in pairs))
    low = token.lower()
    if _VERSION.fullmatch(low):
        return _Token(((low, low),))
    if "'" in low:
        low = token = low.split("'")[0]
    parts = _PART.findall(token) or [token]
    if len(parts) == 1:
        return _Token(_words([low]))
    return _Token(_words([part.lower() for part in parts if len(part) > 1]), _names(low, token))


def _words(parts: list[str]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (_stemmer.stemWord(part) if part.isascii() else part, part)
        for part in parts
        if part not in STOP_WORDS and not (part.isdigit() and len(part) > _LONGEST_NUMBER)
    )


def _names(low: str, token: str) -> tuple[str, ...]:
    """A name whole, without the folders before it, and its last part where that is itself made of several words."""
    whole = re.split(r"[/\\]", low)[-1]
    last = re.split(r"[./\\:#$]", token)[-1]
    several = len(_PART.findall(last)) > 1 and last.lower() != whole
    return (whole, last.lower()) if several else (whole,)


def _unaccented(token: str) -> str:
    """One spelling of a word: `Café`, `CAFÉ` and full-width letters are `cafe`."""
    whole = unicodedata.normalize("NFKD", token).replace("’", "'")
    return unicodedata.normalize("NFC", "".join(one for one in whole if not unicodedata.combining(one)))


@lru_cache(maxsize=CACHED)
def _pieces(token: str) -> tuple[str, ...]:
    """Four letters at a time, the word's ends marked: they forgive a misspelling, a compound, another ending."""
    low = token.lower()
    if low in STOP_WORDS or len(low) > LONGEST:
        return ()
    marked = f"_{low}_"
    return tuple(marked[at : at + PIECE] for at in range(max(1, len(marked) - PIECE + 1)))
