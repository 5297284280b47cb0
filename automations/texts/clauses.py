"""The words of a text in the form in which they are compared, and whether what they say is denied."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from automations.texts.word_lists import listed


@dataclass(frozen=True, slots=True)
class Word:
    """A word: how it is compared, its place in the text, and whether it begins a clause."""

    form: str
    start: int
    end: int
    first: bool


_WORD: Final = re.compile(r"[\w\u0300-\u036f]+(?:['’][\w\u0300-\u036f]+)*")
_CLAUSE: Final = re.compile(r"[.,;:!?()\n\"“”]|\s[-–—]+\s")


def split(text: str) -> list[Word]:
    """The words of a text. A possessive 's is dropped; what a hyphen joins are two words."""
    words: list[Word] = []
    last = 0
    for found in _WORD.finditer(text):
        first = not words or _CLAUSE.search(text, last, found.start()) is not None
        words.append(Word(_form(found[0]), found.start(), found.end(), first))
        last = found.end()
    return words


def _form(word: str) -> str:
    return unicodedata.normalize("NFC", word).casefold().replace("’", "'").removesuffix("'s")


_NOT: Final = listed(
    """
    not no never without nor neither non don't dont didn't didnt doesn't doesnt isn't isnt aren't arent wasn't wasnt
    weren't won't wont wouldn't shouldn't needn't haven't hasn't hadn't
    """
)
"""What denies a word. "Cannot" does not: who cannot cancel wants to."""
_BETWEEN: Final = listed(
    """
    a about actually all an and any ask asked asking at be currently even exactly for going have i intend intending
    intention is it like longer me more my necessarily necessary need of or our overly particularly plan planning
    please quite really reason so such super terribly that the this to too trying us very want wants we wish wishing
    yet you your
    """
)
"""What may stand between a denial and what it denies: "do not want to cancel", "no need to cancel"."""
_WINDOW: Final = 6
"""Words within which a denial is looked for; a longer one reads as another thought."""


def is_denied(words: Sequence[Word], place: int) -> bool:
    """Whether what begins there is denied in its clause: "do not cancel", "not urgent", "no legal issue"."""
    for at in range(place, max(0, place - _WINDOW), -1):
        before = words[at - 1].form
        if words[at].first or not (before in _NOT or before in _BETWEEN):
            return False
        if before in _NOT:
            return before != "not" or words[at].form not in {"only", "just"}
    return False
