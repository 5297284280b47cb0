"""Counting how triage did on tickets whose right queue is known: shares, confusion, curve, baselines. Pure."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from automations.domain import Priority
from automations.triage.card_types import QueueFigures
from automations.triage.history import Example
from automations.triage.judging import Judgement

NOT_DECIDED: Final = "not decided"
LEVELS: Final = tuple(step / 20 for step in range(20))
"""Confidences at which the curve is told."""
TOO_LOW_COUNTS: Final = 2
"""A priority that is too low costs so many times what one too high costs: somebody waits for it."""
WORDS_OF_A_QUEUE: Final = 8
_STEPS: Final = tuple(one.value for one in Priority)


@dataclass(frozen=True, slots=True)
class Judged:
    """A ticket with its judgement."""

    example: Example
    told: Judgement

    @property
    def decided(self) -> bool:
        """Whether a rule or the classifier decided."""
        return bool(self.told.decided_by)

    @property
    def right(self) -> bool:
        """Whether it would lie in the right queue by a decision; what belongs nowhere is right only if undecided."""
        return self.decided and not self.example.outside and self.told.queue == self.example.queue

    @property
    def well(self) -> bool:
        """Right, or rightly left to people."""
        return self.right or (self.example.outside and not self.decided)


def share(part: int, whole: int) -> float | None:
    """A share, None of nothing."""
    return part / whole if whole else None


def by_queue(judged: Sequence[Judged]) -> tuple[QueueFigures, ...]:
    """Each queue's figures, in the order of their names."""
    belong = Counter(one.example.queue for one in judged if not one.example.outside)
    sent = Counter(one.told.queue for one in judged if one.decided)
    right = Counter(one.told.queue for one in judged if one.right)
    return tuple(
        QueueFigures(
            name,
            belong[name],
            sent[name],
            right[name],
            share(right[name], sent[name]),
            share(right[name], belong[name]),
        )
        for name in sorted(belong.keys() | sent.keys())
    )


def confusion(judged: Sequence[Judged]) -> tuple[tuple[str, str, int], ...]:
    """(where they belong, where they were sent, how many), the largest first; what is right stands among them."""
    pairs = Counter((_belongs(one.example), one.told.queue if one.decided else NOT_DECIDED) for one in judged)
    return tuple((belongs, sent, n) for (belongs, sent), n in sorted(pairs.items(), key=lambda one: (-one[1], one[0])))


def curve(judged: Sequence[Judged]) -> tuple[tuple[float, float, float], ...]:
    """(confidence, coverage, accuracy of the decided), had the classifier decided from each confidence on.

    What a rule decided counts at every confidence. A level at which nothing is decided is left out.
    """
    points = []
    for level in LEVELS:
        taken = [one for one in judged if one.told.decided_by == "rule" or _confident(one, level)]
        if taken:
            right = sum(_would_be_right(one) for one in taken)
            points.append((level, len(taken) / len(judged), right / len(taken)))
    return tuple(points)


def moved(judged: Sequence[Judged]) -> tuple[int, int]:
    """Tickets that people moved to another queue than the first, and of those how many triage had right at once."""
    later = [one for one in judged if one.example.first_queue and one.example.first_queue != one.example.queue]
    return len(later), sum(one.right for one in later)


def priority_cost(judged: Sequence[Judged]) -> tuple[float, float] | None:
    """Mean cost of a wrong priority: of triage, and of leaving each at normal. None if nobody told priorities.

    The cost is the number of steps between the two; one that is too low counts double.
    """
    known = [(one.told.priority.value, one.example.priority) for one in judged if one.example.priority in _STEPS]
    if not known:
        return None
    ours = sum(_cost(given, right) for given, right in known)
    left = sum(_cost(Priority.NORMAL.value, right) for _, right in known)
    return ours / len(known), left / len(known)


def baselines(train: Sequence[Example], test: Sequence[Example]) -> tuple[tuple[str, float], ...]:
    """What costs no thought: always the most frequent queue, and each queue's own words. Accuracy on all of `test`."""
    ground = [one for one in train or test if not one.outside and one.queue]
    if not ground or not test:
        return ()
    most = Counter(one.queue for one in ground).most_common(1)[0][0]
    by_words = _keywords(ground, most)

    def accuracy(guess: Callable[[Example], str]) -> float:
        return sum(not one.outside and guess(one) == one.queue for one in test) / len(test)

    return ("majority", accuracy(lambda _: most)), ("keywords", accuracy(by_words))


def _keywords(ground: Sequence[Example], most: str) -> Callable[[Example], str]:
    """Send a ticket where most of the words that stand out in a queue's tickets are its own."""
    texts: dict[str, Counter[str]] = {}
    for one in ground:
        texts.setdefault(one.queue, Counter()).update(_words(one))
    sizes = Counter(one.queue for one in ground)
    everywhere: Counter[str] = Counter()
    for counted in texts.values():
        everywhere.update(counted)

    def telling(queue: str) -> frozenset[str]:
        def excess(word: str) -> float:
            elsewhere = (everywhere[word] - texts[queue][word]) / max(len(ground) - sizes[queue], 1)
            return texts[queue][word] / sizes[queue] - elsewhere

        return frozenset(sorted(texts[queue], key=lambda word: (-excess(word), word))[:WORDS_OF_A_QUEUE])

    named = {queue: telling(queue) for queue in sorted(texts)}

    def guess(example: Example) -> str:
        said = _words(example)
        best = max(named, key=lambda queue: (len(named[queue] & said), queue == most, queue))
        return best if named[best] & said else most

    return guess


def _words(example: Example) -> frozenset[str]:
    return frozenset(word for word in example.inputs.text.lower().split() if word.isalpha())


def _belongs(example: Example) -> str:
    return "none of these" if example.outside else example.queue


def _confident(one: Judged, level: float) -> bool:
    return one.told.guessed_queue != "" and (one.told.confidence or 0.0) >= level


def _would_be_right(one: Judged) -> bool:
    sent = one.told.queue if one.told.decided_by == "rule" else one.told.guessed_queue
    return not one.example.outside and sent == one.example.queue


def _cost(given: str, right: str) -> int:
    apart = _STEPS.index(given) - _STEPS.index(right)
    return apart if apart >= 0 else -apart * TOO_LOW_COUNTS
