"""Words that rules look for: the team's own keywords, and a customer asking for a human. What is denied does not count.

Each is found in one pass over the words of a text, whatever stands in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from automations.texts.clauses import Word, is_denied, split
from automations.texts.word_lists import listed


@dataclass(frozen=True, slots=True)
class Mention:
    """What was found: the pattern, the text's own words, and their place in it (`text[start:end] == words`)."""

    pattern: str
    words: str
    start: int
    end: int


class Keywords:
    """Keywords as settings give them: words or phrases, upper and lower case alike; `*` ends a word that may go on.

    `"down"` is found in "it is down" and not in "download"; `"legal*"` in "legally" too; `"close my account"` as these
    words in a row. Raises ValueError for a pattern without a word, or with `*` elsewhere than at a word's end.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        self.patterns = tuple(dict.fromkeys(patterns))
        self._by_first: dict[str, list[tuple[str, list[str]]]] = {}
        for pattern in self.patterns:
            parts = _parts(pattern)
            self._by_first.setdefault(parts[0], []).append((pattern, parts))
        self._lengths = sorted({len(first) - 1 for first in self._by_first if first.endswith("*")})

    def find(self, text: str) -> tuple[Mention, ...]:
        """Every place where a pattern stands and is not denied, in the text's order, then in that of the patterns."""
        words = split(text)
        found: list[Mention] = []
        for place, word in enumerate(words):
            beginnings = (f"{word.form[:length]}*" for length in self._lengths if length <= len(word.form))
            candidates = [one for first in (word.form, *beginnings) for one in self._by_first.get(first, ())]
            standing = [(pattern, len(parts)) for pattern, parts in candidates if _stands(parts, words, place)]
            if standing and not is_denied(words, place):
                standing.sort(key=lambda one: self.patterns.index(one[0]))
                found += [_mention(text, pattern, words[place : place + length]) for pattern, length in standing]
        return tuple(found)


def _parts(pattern: str) -> list[str]:
    """The words of a pattern as they are compared, `*` kept where one may go on."""
    parts: list[str] = []
    for piece in pattern.split():
        words = [word.form for word in split(piece)]
        if piece.count("*") > piece.endswith("*") or not words:
            raise ValueError(
                f"{pattern!r} is no keyword: write words with blanks between, and * only at the end of a word, "
                'such as "cancel", "legal*" or "close my account".'
            )
        parts += [*words[:-1], f"{words[-1]}{'*' * piece.endswith('*')}"]
    if not parts:
        raise ValueError("A keyword is empty: write a word or a phrase, or take it out.")
    return parts


def _stands(parts: Sequence[str], words: Sequence[Word], place: int) -> bool:
    return place + len(parts) <= len(words) and all(
        words[place + at].form.startswith(part[:-1]) if part.endswith("*") else words[place + at].form == part
        for at, part in enumerate(parts)
    )


def _mention(text: str, pattern: str, words: Sequence[Word]) -> Mention:
    start, end = words[0].start, words[-1].end
    return Mention(pattern, text[start:end], start, end)


HUMAN: Final = "asks for a human"
"""The pattern of what asks_for_human finds."""


_Phrases = dict[str, list[list[str]]]
"""Phrases by their first word."""


def _phrases(*phrases: str) -> _Phrases:
    table: _Phrases = {}
    for phrase in phrases:
        parts = phrase.split()
        table.setdefault(parts[0], []).append(parts)
    return table


_REACHING: Final = _phrases(
    "speak to", "speak with", "talk to", "talk with", "chat with", "speaking to", "speaking with", "talking to",
    "talking with", "connect me to", "connect me with", "connect us to", "connect us with", "transfer me to",
    "transfer us to", "transferred to", "put me through to", "put us through to", "put me in touch with", "pass me to",
    "pass me on to", "forward me to", "hand me over to", "get hold of", "get through to", "escalate to",
    "escalate this to", "escalate it to", "hear from",
)  # fmt: skip
"""Followed by anybody at all they ask for a human."""
_WANTING: Final = _phrases(
    "want", "need", "get", "get me", "give me", "is there", "send me", "prefer", "reach", "contact"
)
"""Followed by a human, a real person or a manager they do."""
_OTHERWISE: Final = _phrases(
    "real human", "actual human", "live human", "live agent", "human agent", "human being please", "human please",
    "agent please", "not a bot", "no more bots", "call me", "phone me", "ring me", "give me a call", "give me a ring",
    "call us", "give us a call", "can a human", "can a person", "any human", "your manager", "your supervisor",
    "am i talking to a bot", "am i speaking to a bot", "are you a bot", "are you human", "are you a human",
)  # fmt: skip
_TO_A_BOT: Final = _phrases(
    *(
        f"{verb} {link} {article} {bot}"
        for verb in ("talk", "speak", "chat", "talking", "speaking", "chatting")
        for link in ("to", "with")
        for article in ("a", "this", "your", "the")
        for bot in ("bot", "robot", "machine", "chatbot")
    )
)
"""Asked for by nobody; denied ("I do not want to talk to a bot") it asks for a human."""
_PERSONS: Final = listed("human humans person people somebody someone")
_STAFF: Final = listed("agent agents representative representatives rep operator advisor adviser supervisor manager")
_IN_CHARGE: Final = listed("human humans manager supervisor representative")
_REAL: Final = listed("real actual live human")
_BEFORE: Final = _REAL | listed("a an the your any some another one my our proper account customer service support")
_MOST_BEFORE: Final = 5
"""Words that stand before a person at most."""
_THINGS: Final = listed(
    """
    resources resource error errors readable rights review account accounts role roles login seat seats permission
    permissions license view access app version key string id pool page portal console plugin extension software
    friendly
    """
)
"""After it a person is a thing: human resources, manager role, agent key."""
_SAYINGS: Final = listed("crazy mad old stupid paranoid lazy names cynical naive picky")
_TELLERS: Final = listed("they he she people friends everyone functions you'll")
"""What makes "call me" no request."""


def asks_for_human(text: str) -> Mention | None:
    """Where a customer first asks to speak to a person; None where nobody does, or where it is said to be unwanted."""
    words = split(text)
    for place in range(len(words)):
        to_a_bot = _length(_TO_A_BOT, words, place)
        length = to_a_bot or _asked(words, place)
        if length and is_denied(words, place) == bool(to_a_bot):
            return _mention(text, HUMAN, words[place : place + length])
    return None


def _asked(words: Sequence[Word], place: int) -> int:
    """How many words from there on ask for a human; 0 where they do not."""
    if length := _length(_OTHERWISE, words, place):
        after = words[place + length].form if place + length < len(words) else ""
        told = place > 0 and not words[place].first and words[place - 1].form in _TELLERS
        return 0 if told or after in _SAYINGS | _THINGS else length
    for phrases, wanted in ((_REACHING, _PERSONS | _STAFF), (_WANTING, _IN_CHARGE)):
        if length := _length(phrases, words, place):
            following = words[place + length : place + length + _MOST_BEFORE]
            before = [word.form for word in takewhile(lambda word: word.form in _BEFORE, following)]
            return _up_to_person(words, place, length, before, wanted)
    return 0


def _up_to_person(words: Sequence[Word], place: int, length: int, before: list[str], wanted: frozenset[str]) -> int:
    """The length with the person asked for, who stands behind `before`; 0 where nobody does."""
    at = place + length + len(before)
    noun = words[at].form if at < len(words) else ""
    if before and before[-1] == "human" and noun not in _THINGS | _STAFF | _PERSONS:
        return at - place  # "a human" was taken for what goes before a person
    follows = words[at + 1].form if at + 1 < len(words) and not words[at + 1].first else ""
    if noun in wanted:
        named = noun not in {"agent", "agents", "operator"} or "the" not in before
    else:
        named = noun in _PERSONS | _STAFF and bool(_REAL.intersection(before))
    return at + 1 - place if named and follows not in _THINGS else 0


def _length(phrases: _Phrases, words: Sequence[Word], place: int) -> int:
    """The length of the longest of these phrases that stands there, 0 for none."""
    candidates = phrases.get(words[place].form, ())
    return max((len(parts) for parts in candidates if _stands(parts, words, place)), default=0)
