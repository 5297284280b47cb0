"""Signs of displeasure that are no single word: shouting, impatience, repetition, sarcasm."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from automations.texts.tone_tokens import Token
from automations.texts.word_lists import listed

FACES: Final = {"sad": -2.4, "glad": 2.0}

OTHERS: Final = listed("you you're youre your he she they their them people users someone anyone somebody anybody if")
FELT: Final = listed(
    """
    hate hates hated worry worries worried afraid scared angry angrier mad annoyed annoys confused confusing concerned
    upset frustrated disappointed sad unhappy ashamed bothered bothers irritated suffering struggling regret dread
    pain lying lied lost cringe desperate surprised shocked terrified cry tired
    """
)
"""Words for what somebody feels or does. After one of OTHERS it is somebody else: "if you hate …"."""

_FAILURE: Final = listed(
    """
    down broken broke crash crashed crashes crashing error errors fail failed failing fails failure outage bug bugs
    lost missing wrong late delayed stopped dead unavailable timeout offline declined deleted gone charged overcharged
    ignored waiting stuck unusable useless locked freezes froze frozen slow nothing unanswered breaks breaking
    """
)
_NOT_WORKING: Final = frozenset({"work", "works", "working", "open", "load", "connect", "login", "log", "access"})
SETTLED: Final = listed("fixed fixing fix solved solving works resolved resolving gone helped sorted")
THANKS: Final = listed("thanks thank thx thankyou cheers appreciate kudos helpful grateful")
_SETTLED: Final = SETTLED | THANKS | {"found", "answer"}
_PRAISE: Final = listed(
    """
    great wonderful brilliant fantastic perfect excellent nice awesome lovely marvellous bravo congratulations
    congrats amazing super fabulous terrific splendid
    """
)
_BEFORE_PRAISE: Final = frozenset({"oh", "well", "just", "how", "ah", "wow", "simply", "so", "really", "yeah", "ok"})
_EMPHASIS: Final = listed(
    "again never still nothing now three twice four five every weeks days months hours seriously why really always "
    "unacceptable nobody"
)
_STRETCH: Final = listed("hour hours day days week weeks month months")
_WAITED: Final = listed(
    "wait waiting waited still already since ago reply response answer answered replied heard hearing hold chasing"
)
_NO: Final = frozenset({"no", "without", "never", "any", "not"})
_NOBODY: Final = frozenset({"nobody", "noone", "none", "never", "nothing", "no", "not"})

_NO_ONE: Final = listed("nobody noone")
_CARING: Final = listed(
    """
    answer answers answered answering reply replies replied replying respond responds responded responding care cares
    cared help helps helped helping listen listens listened listening bother bothers bothered
    """
)
_REACTIONS: Final = _CARING | listed("call calls called contacted back pick picks picked read reads reacted told")
_TO_US: Final = listed(
    "emailing charging sending ignoring asking telling closing billing calling passing promising spamming"
)

Mark = tuple[float, int, int]
"""A weight on VADER's scale and the place of what tells it, from and to."""


def is_shouted(text: str) -> bool:
    """Whether most of it is in capitals: at least four such words, and a dozen letters."""
    letters = [letter for letter in text if letter.isalpha()]
    capitals = sum(letter.isupper() for letter in letters)
    shouted = sum(word.isupper() and len(word) > 1 for word in text.split())
    return len(letters) >= 12 and shouted >= 4 and capitals > 0.7 * len(letters)


def marks(sentences: list[list[Token]], shouted: bool) -> Iterator[Mark]:
    """The signs in these sentences, with their weights."""
    if shouted and sentences:
        yield -1.5, sentences[0][0].start, sentences[0][-1].end
    for number, sentence in enumerate(sentences):
        words = [token for token in sentence if token.word]
        troubled = _is_troubled(words)
        if troubled or not THANKS.union(_PRAISE).intersection(token.word for token in words):
            yield from _impatience(sentence, troubled)
        yield from _repetition(words, troubled)
        yield from _neglect(words)
        following = sentences[number + 1] if number + 1 < len(sentences) else []
        yield from _sarcasm(sentence, words, troubled, [token for token in following if token.word])
        if not shouted:
            yield from ((-1.0, token.start, token.end) for token in words if _is_stressed(token))


def _is_stressed(token: Token) -> bool:
    return token.text.isupper() and len(token.text) > 2 and token.word in _EMPHASIS


def _is_troubled(words: list[Token]) -> bool:
    """Whether the sentence reports that something does not work."""
    said = [token.word for token in words]
    if any(word in _FAILURE and not _NO.intersection(said[max(0, at - 2) : at]) for at, word in enumerate(said)):
        return True
    denied = any(token.word in {"not", "cannot", "won't", "cant"} or token.word.endswith("n't") for token in words)
    return denied and any(token.word in _NOT_WORKING for token in words)


def _impatience(sentence: list[Token], troubled: bool) -> Iterator[Mark]:
    """Marks piled up behind a report: "does not work!!!", "where is it??"."""
    for token in sentence:
        pile = token.text.replace(".", "").replace("\n", "")
        if token.kind == "end" and len(pile) >= 2:
            yield (-1.8 if troubled else -0.7), token.start, token.start + len(token.text.rstrip())


def _repetition(words: list[Token], troubled: bool) -> Iterator[Mark]:
    """Trouble that comes back, and waiting that is counted in days."""
    said = {token.word for token in words}
    for token in words:
        if troubled and token.word == "again":
            yield -1.0, token.start, token.end
        elif token.word in _STRETCH and said & _WAITED and (troubled or said & _NOBODY or "waiting" in said):
            yield -1.4, token.start, token.end


def _neglect(words: list[Token]) -> Iterator[Mark]:
    """Nobody who answers, and what "you" keep doing: "no one got back to me", "you never listen"."""
    for place, token in enumerate(words):
        after = [word.word for word in words[place + 1 : place + 6]]
        expected = (
            _REACTIONS if token.word in _NO_ONE or [token.word, *after[:1]] == ["no", "one"] else frozenset[str]()
        )
        if token.word == "you" and {"never", "refuse", "failed"}.intersection(after[:3]):
            expected = _CARING
        elif token.word == "you" and after[:1] == ["keep"]:
            expected = _TO_US
        reached = next((at for at, word in enumerate(after, place + 1) if word in expected), None)
        if reached is not None:
            yield -2.4, token.start, words[reached].end


def _sarcasm(sentence: list[Token], words: list[Token], troubled: bool, following: list[Token]) -> Iterator[Mark]:
    """Praise for what failed: "Great, it crashed again", "I love how nothing works"; and "/s", which says so."""
    yield from ((-2.4, token.start, token.end) for token in sentence if token.kind == "irony")
    said = {token.word for token in words}
    if said & _SETTLED or not words:
        return
    if [token.word for token in words[:3]] == ["so", "much", "for"]:
        yield -3.0, words[0].start, words[2].end
    opening = words[1:] if words[0].word in _BEFORE_PRAISE else words
    if not opening:
        return
    first = opening[0]
    alone = sentence.index(first) + 1 < len(sentence) and sentence[sentence.index(first) + 1].kind in {"pause", "end"}
    mocking = (first.word in _PRAISE and alone) or (opening is not words and first.word in _PRAISE)
    next_words = {token.word for token in following}
    then = len(words) <= 3 and _is_troubled(following) and not next_words & _SETTLED
    if mocking and (troubled or then):
        yield -3.0, first.start, first.end
    for token, after in pairwise(words):
        if token.word in {"love", "adore"} and after.word in {"how", "when", "that"} and troubled:
            yield -3.4, token.start, after.end
