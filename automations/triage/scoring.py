"""The priority score: points that a person can add up, and the priority that they come to. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final

from automations.domain import Priority
from automations.texts.phrases import Keywords
from automations.triage.inputs import Inputs
from automations.triage.rules import Score, fits

OFTEN: Final = 2
"""Contacts within 24 hours above which a customer has repeated themselves."""


def points(inputs: Inputs, score: Score) -> tuple[tuple[str, int], ...]:
    """What counts towards the priority: (words for it, points), nothing that gives none. Of each kind the highest."""
    found = (_tier(inputs, score), _tone(inputs, score), _contacts(inputs, score), *_words(inputs, score))
    return tuple(one for one in found if one[1] > 0)


def with_tier(inputs: Inputs, tier: str, score: Score) -> int:
    """How many points more the same ticket would have if its customer were of this tier; negative for fewer."""
    return _tier(replace(inputs, tier=tier), score)[1] - _tier(inputs, score)[1]


def total(counted: Iterable[tuple[str, int]]) -> int:
    """The score."""
    return sum(given for _, given in counted)


def priority_of(score: int, scale: Score) -> Priority:
    """The priority that so many points come to. More points never come to a lower one."""
    for start, priority in (
        (scale.urgent_from, Priority.URGENT),
        (scale.high_from, Priority.HIGH),
        (scale.normal_from, Priority.NORMAL),
    ):
        if score >= start:
            return priority
    return Priority.LOW


def _tier(inputs: Inputs, score: Score) -> tuple[str, int]:
    given = [worth for tier, worth in score.tiers.items() if inputs.tier and fits((tier.lower(),), inputs.tier)]
    return f"tier {inputs.tier}", max(given, default=0)


def _tone(inputs: Inputs, score: Score) -> tuple[str, int]:
    return "negative tone", score.negative if inputs.negative else 0


def _contacts(inputs: Inputs, score: Score) -> tuple[str, int]:
    return f"{inputs.contacts} contacts in 24 hours", score.contacts if inputs.contacts > OFTEN else 0


def _words(inputs: Inputs, score: Score) -> Iterator[tuple[str, int]]:
    if not inputs.unreadable:
        yield _highest(inputs.text, score.keywords)
        yield _highest(inputs.text, score.impact)


def _highest(text: str, worth: Mapping[str, int]) -> tuple[str, int]:
    """The mention that gives the most points; of several the first in the text."""
    found = _compiled(tuple(worth)).find(text)
    best = max(found, key=lambda one: worth[one.pattern], default=None)
    return (f"“{' '.join(best.words.split())}”", worth[best.pattern]) if best is not None else ("", 0)


@lru_cache(maxsize=16)
def _compiled(keywords: tuple[str, ...]) -> Keywords:
    return Keywords(keywords)
