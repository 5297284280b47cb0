"""What a ticket is about: the first rule that matches decides, else the classifier, else nobody. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from automations.domain import Priority
from automations.texts.phrases import Keywords
from automations.triage.inputs import Inputs
from automations.triage.rules import Intent, TriageRule, TriageRules, fits
from automations.triage.scoring import points, priority_of, total

Guess = Callable[[str], tuple[str, float]]
"""A classifier: from a text to the label that fits best (empty for none) and its confidence, 0 to 1."""

BY_PEOPLE: Final = 3
"""The level of a ticket of which nobody knows what it is about."""
_MOST_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Model:
    """The classifier in use. `id` is that of its row; below `threshold` it decides nothing."""

    id: int | None
    threshold: float
    guess: Guess


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule found, in words, and whether it matched."""

    name: str
    matched: bool
    words: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a ticket is about, where it belongs and how urgent it is, with every reason.

    `decided_by`: rule, model, or empty; then `queue` is the default queue and `why_not` says why nothing decided.
    `findings` are all rules in order. `priority` is what the score comes to, `score_why` its parts.
    `confidence` is the classifier's, if it was asked, whether it decided or not, and `guessed_queue` that of its guess.
    """

    intent: str
    decided_by: Literal["rule", "model", ""]
    rule: str
    confidence: float | None
    why_not: str
    level: int
    queue: str
    priority: Priority
    score: int
    score_why: tuple[tuple[str, int], ...]
    findings: tuple[Finding, ...]
    guessed_queue: str = ""


def judge(inputs: Inputs, rules: TriageRules, model: Model | None = None) -> Judgement:
    """Decide about one ticket. The same inputs, rules and classifier always come to the same."""
    findings = tuple(look(rule, inputs) for rule in rules.rules)
    first = next((rule for rule, found in zip(rules.rules, findings, strict=True) if found.matched), None)
    intent = rules.intent(first.intent) if first else None
    guessed = _Guessed() if first else _guessed(inputs, rules, model)
    if guessed.sure:
        intent = guessed.intent
    counted = points(inputs, rules.score)
    return Judgement(
        intent=intent.name if intent else "",
        decided_by="rule" if first else "model" if intent else "",
        rule=first.name if first else "",
        confidence=guessed.confidence,
        why_not=guessed.why_not,
        level=intent.level if intent else BY_PEOPLE,
        queue=intent.queue if intent else rules.default_queue,
        priority=priority_of(total(counted), rules.score),
        score=total(counted),
        score_why=counted,
        findings=findings,
        guessed_queue=guessed.intent.queue if guessed.intent else "",
    )


def look(rule: TriageRule, inputs: Inputs) -> Finding:
    """Hold one rule against a ticket. What did not match is named; of a rule that matched, all that did."""
    seen = tuple(_conditions(rule, inputs))
    missing = [words for met, words in seen if not met]
    return Finding(rule.name, not missing, "; ".join(missing or [words for _, words in seen]))


def _conditions(rule: TriageRule, inputs: Inputs) -> Iterator[tuple[bool, str]]:
    """Everything that a rule names: whether it is so, and in words what was found."""
    if rule.keywords:
        yield _keywords(rule.keywords, inputs)
    if rule.tier:
        yield bool(inputs.tier) and fits(rule.tier, inputs.tier), f"tier {inputs.tier or 'not known'}"
    if rule.channel:
        came = bool(inputs.channel) and fits(rule.channel, inputs.channel)
        yield came, f"came by {inputs.channel or 'an unknown way'}"
    if rule.tags:
        borne = [tag for tag in inputs.tags if fits(rule.tags, tag)]
        yield bool(borne), f"tag {', '.join(borne[:_MOST_NAMED])}" if borne else "none of its tags"
    if rule.contacts_over is not None:
        many = "1 contact" if inputs.contacts == 1 else f"{inputs.contacts} contacts"
        yield inputs.contacts > rule.contacts_over, f"{many} in 24 hours"
    if rule.negative is not None:
        tone = "negative tone" if inputs.negative else "no negative tone"
        readable = not inputs.unreadable
        yield readable and inputs.negative is rule.negative, tone if readable else f"no tone: {inputs.unreadable}"


def _keywords(keywords: tuple[str, ...], inputs: Inputs) -> tuple[bool, str]:
    if inputs.unreadable:
        return False, f"no keywords: {inputs.unreadable}"
    found = dict.fromkeys(" ".join(one.words.split()) for one in _compiled(keywords).find(inputs.text))
    if not found:
        return False, "none of its keywords"
    return True, ", ".join(f"“{words}”" for words in list(found)[:_MOST_NAMED])


@lru_cache(maxsize=64)
def _compiled(keywords: tuple[str, ...]) -> Keywords:
    return Keywords(keywords)


@dataclass(frozen=True, slots=True)
class _Guessed:
    """What the classifier said, if it was asked. Unless it is `sure`, nothing is decided, and `why_not` says why."""

    intent: Intent | None = None
    confidence: float | None = None
    why_not: str = ""
    sure: bool = False


def _guessed(inputs: Inputs, rules: TriageRules, model: Model | None) -> _Guessed:
    if inputs.unreadable:
        return _Guessed(why_not=inputs.unreadable)
    if not rules.classifier or model is None:
        none = "there is no classifier" if rules.classifier else "the classifier is switched off"
        return _Guessed(why_not=f"no rule matched, and {none}")
    label, confidence = model.guess(inputs.text)
    needed = model.threshold if rules.at_least is None else rules.at_least
    if not label:
        return _Guessed(confidence=confidence, why_not="no rule matched, and the classifier knows nothing like it")
    intent = rules.intent(label)
    if intent is None:
        why_not = f"no rule matched; the classifier says {label}, which is none of the intents"
        return _Guessed(confidence=confidence, why_not=why_not)
    if confidence < needed:
        words = f"no rule matched; the classifier says {label} with {confidence:.2f}, and {needed:.2f} is needed"
        return _Guessed(intent, confidence, words)
    return _Guessed(intent, confidence, sure=True)
