"""The terms of a ticket by which similar ones are found: stems, names of code, and pieces of its first words.

`openFileDialog`, `open_file_dialog` and `open.file.dialog` are the same three words and one name each; `3.11.2` is one
term, not three numbers; a time, an address or a checksum is none. Scripts without spaces are read two characters at a
time.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

import snowballstemmer  # type: ignore[import-untyped]  # the library has no types

from automations.texts.noise import without_noise
from automations.texts.stop_words import STOP_WORDS

LONGEST: Final = 100
"""Characters of a token; what is longer is encoded content."""
MOST: Final = 2_000
"""Tokens of a field that are read; of more a quarter from its end."""
HEAD: Final = 300
"""Characters at the start of a text that are also read in pieces, as titles are: the problem is named there."""
PIECE: Final = 4
CACHED: Final = 50_000
"""Different words that are kept in mind: most of a text is made of few."""

_TOKEN: Final = re.compile(r"\w+(?:[.\-:/\\@$#'’]+\w+)*")
_PART: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_a-zA-Z]+")
_VERSION: Final = re.compile(r"v?\d{1,4}(?:[.\-]\d{1,4})+[\w.\-]*")
_CHANCE: Final = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|\d{4}[-/]\d\d[-/]\d\d(?:t[\d:.]+z?)?|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)\d\d"  # a date
    r"|\d{1,2}:\d\d(?::\d\d)?(?:\.\d+)?"  # a time of day
    r"|(?=[a-f]*\d)(?=\d*[a-f])[0-9a-f]{7,}"  # a checksum
    r"|0x(?![89c][0-9a-f]{7}$)[0-9a-f]+"  # an address; 0x80070005 and its like are error codes of Windows
    r"|\d{7,}"
)
_IDENTITY: Final = re.compile(r"(?<=.)@[0-9a-f]{5,16}$")
_UNSPACED: Final = re.compile(r"[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_stemmer: Final = snowballstemmer.stemmer("english")


class Tokens(NamedTuple):
    """What stands in one field of a ticket, in its order."""

    all: list[str]
    first: list[str]
    """The plain words of its start."""
    frames: tuple[str, ...]
    """The functions of its stack traces, the nearest first."""


class Token(NamedTuple):
    """What one token stands for."""

    stems: tuple[str, ...] = ()
    spellings: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def tokens_of(text: str) -> Tokens:
    """The tokens of one field, whatever is in it. What has no letters or digits is read as it stands."""
    plain, frames = without_noise(text)
    tokens = _TOKEN.findall(plain) or plain.split()
    if len(tokens) > MOST:
        tokens = tokens[: MOST * 3 // 4] + tokens[-MOST // 4 :]
    return Tokens(tokens, re.findall(r"\w+", plain[:HEAD]), frames)


def read(token: str) -> Token:
    """The stems of a token's words, their spellings, and the names it is; of chance nothing."""
    if not token.isascii():
        token = _unaccented(token)
        if _UNSPACED.search(token):
            pairs = tuple(token[at : at + 2] for at in range(max(1, len(token) - 1)))
            return Token(pairs, pairs)
    low = token.lower()
    if len(token) > LONGEST or _CHANCE.fullmatch(low):
        return Token()
    if _VERSION.fullmatch(low):
        return Token((low,), (low,))
    if "'" in low:
        low = token = low.split("'")[0]
    token = _IDENTITY.sub("", token)
    parts = [part.lower() for part in _PART.findall(token)] or [low]
    if len(parts) == 1:
        return _words(parts, ())
    return _words([part for part in parts if len(part) > 1], _names(token))


def _words(parts: list[str], names: tuple[str, ...]) -> Token:
    told = tuple(part for part in parts if part not in STOP_WORDS)
    return Token(tuple(map(_stem, told)), told, names)


@lru_cache(maxsize=CACHED)
def _stem(word: str) -> str:
    return str(_stemmer.stemWord(word)) if word.isascii() else word


def _names(token: str) -> tuple[str, ...]:
    """A name whole, without the folders before it, and its last part where that is itself made of several words."""
    whole = re.split(r"[/\\]", token)[-1].lower()
    last = re.split(r"[./\\:#$]", token)[-1]
    several = len(_PART.findall(last)) > 1 and last.lower() != whole
    return (whole, last.lower()) if several else (whole,)


def _unaccented(token: str) -> str:
    """One spelling of a word: `Café`, `CAFÉ` and full-width letters are `cafe`."""
    whole = unicodedata.normalize("NFKD", token).replace("’", "'")
    return unicodedata.normalize("NFC", "".join(one for one in whole if not unicodedata.combining(one)))


def pieces(word: str) -> tuple[str, ...]:
    """Four letters at a time, the word's ends marked: they forgive a misspelling, a compound, another ending."""
    low = word.lower()
    if low in STOP_WORDS or len(low) > LONGEST:
        return ()
    marked = f"_{low}_"
    return tuple(marked[at : at + PIECE] for at in range(max(1, len(marked) - PIECE + 1)))
