"""Whether the writer of a message is angry or unhappy: VADER's rules over a lexicon made for support.

What stands in code, traces, quoted mail and signatures says nothing of a mood and is not read (see plain).
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from typing import Final

from automations.texts import feelings, tone_rules
from automations.texts.plain import written
from automations.texts.tone_tokens import Token, sentences

THRESHOLD: Final = -0.45
"""At or below this score a text counts as negative. Chosen on one half of a public set of technical posts and confirmed
on the other half, see tests/automations/texts/test_sentiment_figures.py: there it leaves room on both sides of the
figures that are asked for, precision 0.80 and recall 0.60."""
_SPREAD: Final = 15.0
"""VADER's constant that brings a sum into -1..1 (Hutto and Gilbert 2014)."""
_NEXT: Final = 0.55
"""How much each further sign counts beside the one before it: a mood is not worse for being long."""
_SOFTENING: Final = 0.25
"""How much friendly words take off: "please" and "thanks" do not undo an anger, but outweigh a mere report."""
_MOST_SOFTENING: Final = 1.0
_SLIGHT: Final = -1.5
"""A displeasure that praise outweighs."""


@dataclass(frozen=True, slots=True)
class Sentiment:
    """How a text sounds: score in -1..1 (below 0 unhappy), and the signs of displeasure in the text's own words."""

    score: float
    negative: bool
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sign:
    """A word, phrase or mark that tells a mood: its weight on VADER's scale, and where in the text it stands."""

    weight: float
    start: int
    end: int


def sentiment(text: str) -> Sentiment:
    """How the words that a person wrote in `text` sound. Code, quoted mail and signatures are passed over.

    Only English is understood; of another language the score is near 0, which says nothing (see language).
    """
    words = written(text).words
    signs = sorted(_signs(words), key=lambda sign: sign.start)
    score = _score([sign.weight for sign in signs])
    unhappy = dict.fromkeys(words[sign.start : sign.end] for sign in signs if sign.weight <= _WORTH_TELLING)
    return Sentiment(score, score <= THRESHOLD, tuple(unhappy))


_WORTH_TELLING: Final = -0.5


def _score(weights: list[float]) -> float:
    unhappy = sorted(weight for weight in weights if weight < 0)
    happy = sum(weight for weight in weights if weight > 0)
    total = sum(weight * _NEXT**place for place, weight in enumerate(unhappy))
    if total > _SLIGHT and happy > -2 * total:
        total += happy
    else:
        total = min(total + min(happy * _SOFTENING, _MOST_SOFTENING), 0.0)
    return round(total / math.sqrt(total * total + _SPREAD), 4)


def _signs(text: str) -> Iterator[Sign]:
    spoken = sentences(text)
    shouted = tone_rules.is_shouted(text)
    for sentence in spoken:
        yield from _read(sentence, shouted)
    for weight, start, end in tone_rules.marks(spoken, shouted):
        yield Sign(weight, start, end)


def _read(sentence: list[Token], shouted: bool) -> Iterator[Sign]:
    """The signs of one sentence: phrases first, the longest of them, then single words, faces and emoji."""
    exclaimed = min(3, sum(token.text.count("!") for token in sentence if token.kind == "end"))
    asked = sentence[-1].kind == "end" and sentence[-1].text == "?"
    said = {token.word for token in sentence}
    over = tone_rules.SETTLED & said and tone_rules.THANKS & said
    place = 0
    while place < len(sentence):
        token = sentence[place]
        weight, length = _weighed(sentence, place)
        start = token.start
        if weight and token.kind == "word":
            weight, start = _spoken(weight, length, sentence, place)
            weight *= _CAPITALS if length == 1 and len(token.text) > 2 and token.text.isupper() and not shouted else 1.0
        if weight < 0 and token.kind == "word":
            weight -= exclaimed * _EXCLAIMED
            weight *= (_ASKED if asked and weight > _REPORT else 1.0) * (_OVER if over else 1.0)
        if weight:
            yield Sign(weight, start, sentence[place + length - 1].end)
        place += length


_CAPITALS: Final = 1.25
_EXCLAIMED: Final = 0.292
"""VADER's weight of an exclamation mark; more than three add nothing."""
_REPORT: Final = -2.0
"""Weights above this may be a mere report."""
_ASKED: Final = 0.5
"""A question about an error is no complaint."""
_OVER: Final = 0.25
"""What somebody is thanked for having ended: "thanks for fixing this horrible bug"."""


def _weighed(sentence: list[Token], place: int) -> tuple[float, int]:
    """What the sign at this place weighs by itself, and how many tokens it takes."""
    token = sentence[place]
    if token.kind != "word":
        return tone_rules.FACES.get(token.kind, 0.0) or feelings.EMOJI.get(token.text, 0.0), 1
    for parts, weight in _phrases().get(token.word, ()):
        following = sentence[place : place + len(parts)]
        if tuple(one.word for one in following) == parts:
            return weight, len(parts)
    return _word_weight(token.word), 1


def _spoken(weight: float, length: int, sentence: list[Token], place: int) -> tuple[float, int]:
    """The weight of a word or phrase by the words before it, and where what says so begins."""
    before = _before(sentence, place)
    denial = next((one for one in before[: _REACH if length == 1 else _REACH - 1] if _denies(one.word)), None)
    if denial:
        return _denied(weight), denial.start
    if length == 1:
        weight = _in_context(weight, sentence[place].word, [one.word for one in before])
    return weight, sentence[place].start


_REACH: Final = 3
"""Words over which a denial reaches a word, as in VADER; a phrase must be nearer."""


def _before(sentence: list[Token], place: int) -> list[Token]:
    """At most four words before that place, the nearest first, up to a comma."""
    nearest = reversed(sentence[max(0, place - 4) : place])
    return list(takewhile(lambda token: token.word, nearest))


def _denies(word: str) -> bool:
    return word in _lexicon().negations or word.endswith("n't") or word == "no"


def _denied(weight: float) -> float:
    """Of a denied word: "not happy" is a complaint; "not annoying", "no problem" and "not useful" say nothing here."""
    return weight * _NEGATED if weight >= _PRAISE else 0.0


_NEGATED: Final = -0.74
"""VADER's factor for a negated word."""
_PRAISE: Final = 2.0


def _in_context(weight: float, word: str, before: list[str]) -> float:
    """The weight of a word by those before it: strengthened, weakened, or somebody else's feeling."""
    if weight < 0 and "less" in before[:2]:
        return weight * _LESS
    boosters = _lexicon().boosters
    strength = sum(boosters.get(one, 0.0) * (1 - at / 20) for at, one in enumerate(before[:2]))
    weight += math.copysign(strength, weight * strength)
    elsewhere = word in tone_rules.FELT and tone_rules.OTHERS.intersection(before)
    return weight * _SOMEBODY_ELSE if elsewhere else weight


_LESS: Final = 0.25
_SOMEBODY_ELSE: Final = 0.5


@dataclass(frozen=True, slots=True)
class _Lexicon:
    weights: dict[str, float]
    negations: frozenset[str]
    boosters: dict[str, float]


@cache
def _lexicon() -> _Lexicon:
    """VADER's words, read once (35 ms, 5 MB)."""
    from vaderSentiment.vaderSentiment import (  # type: ignore[import-untyped]  # the library has no types
        BOOSTER_DICT,
        NEGATE,
        SentimentIntensityAnalyzer,
    )

    weights = SentimentIntensityAnalyzer().lexicon
    return _Lexicon(weights, frozenset(NEGATE), BOOSTER_DICT)


@cache
def _phrases() -> dict[str, list[tuple[tuple[str, ...], float]]]:
    """Phrases by their first word, the longest first."""
    weights = feelings.PHRASES | dict.fromkeys(feelings.TECHNICAL_PHRASES, 0.0)
    found: dict[str, list[tuple[tuple[str, ...], float]]] = {}
    for phrase in sorted(weights, key=len, reverse=True):
        parts = tuple(phrase.split("_"))
        found.setdefault(parts[0], []).append((parts, weights[phrase]))
    return found


_LONG: Final = re.compile(r"(.)\1{2,}")
_FOREIGN: Final = 0.4
"""How much VADER's own word counts: it was weighed in short public posts, where fewer words are technical."""


@cache
def _known(word: str) -> float | None:
    if word in feelings.WORDS:
        return feelings.WORDS[word]
    if word in feelings.TECHNICAL:
        return 0.0
    weight = _lexicon().weights.get(word)
    return None if weight is None else weight * _FOREIGN


def _word_weight(word: str) -> float:
    """The weight of a word, also where letters are drawn out: "soooo", "shameeee"."""
    weight = _known(word)
    if weight is None and _LONG.search(word):
        weight = _known(_LONG.sub(r"\1\1", word)) or _known(_LONG.sub(r"\1", word))
    return weight or 0.0
