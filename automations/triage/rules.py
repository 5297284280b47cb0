"""Triage's readable rules, the priority score, and the bar that history has to reach before it may act. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, field_validator, model_validator

from automations.texts.phrases import Keywords

MOST_RULES = 8


def _listed(value: object) -> object:
    """One word may stand without brackets."""
    return (value,) if isinstance(value, str) else value


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=100)]
Wordlist = Annotated[tuple[Word, ...], BeforeValidator(_listed)]
Level = Annotated[int, Field(ge=1, le=3)]
Points = Annotated[int, Field(ge=0, le=100)]


class TriageRule(BaseModel):
    """One rule. Everything named must match; within a list one is enough. The first rule that matches decides."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Name = Field(description="Shown with what it decided; unique")
    keywords: Wordlist = Field((), description='Words or phrases in subject or text; "refund*" also matches refunds')
    tier: Wordlist = Field((), description="Patterns of the customer's tier")
    channel: Wordlist = Field((), description="Patterns of the way it came: email, chat, phone, web")
    tags: Wordlist = Field((), description="Patterns of a tag it bears")
    contacts_over: Annotated[int, Field(ge=1)] | None = Field(
        None, description="The customer made more contacts than this in 24 hours"
    )
    negative: bool | None = Field(None, description="true: the tone is negative; false: it is not")
    intent: Name = Field(description="What the ticket is about, one of triage.intents")

    @field_validator("keywords")
    @classmethod
    def _keywords_are_some(cls, keywords: tuple[str, ...]) -> tuple[str, ...]:
        Keywords(keywords)
        return keywords

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        named = self.keywords or self.tier or self.channel or self.tags or self.contacts_over is not None
        if not named and self.negative is None:
            raise ValueError("a rule has to name at least one thing that it looks at")
        return self


class Intent(BaseModel):
    """One kind of request on the team's own list: its queue in the desk, and how far it could be automated."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Name = Field(description="As rules and labels of the history call it")
    queue: Name = Field(description="Group in the desk")
    level: Level = Field(3, description="1 fully automatable, 2 assisted, 3 by people")


class Score(BaseModel):
    """Points for the priority; their sum is shown with every decision."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    tiers: Mapping[str, Points] = Field({"enterprise": 2, "business": 1}, description="Points per customer tier")
    keywords: Mapping[str, Points] = Field(
        {"down": 3, "outage": 3, "urgent": 2, "cancel": 2, "legal": 2, "asap": 1},
        description="Points per word in subject or text; the highest counts",
    )
    negative: Points = Field(1, description="Points for a negative tone")
    contacts: Points = Field(2, description="Points for more than two contacts in 24 hours")
    impact: Mapping[str, Points] = Field(
        {"everyone": 2, "all users": 2, "production": 2},
        description="Points per phrase about how many are hit; the highest counts",
    )
    normal_from: Annotated[int, Field(ge=0)] = Field(1, description="Points from which a ticket is normal")
    high_from: Annotated[int, Field(ge=0)] = Field(3, description="Points from which it is high")
    urgent_from: Annotated[int, Field(ge=0)] = Field(6, description="Points from which it is urgent")

    @field_validator("keywords", "impact")
    @classmethod
    def _keywords_are_some(cls, worth: Mapping[str, int]) -> Mapping[str, int]:
        Keywords(tuple(worth))
        return worth

    @model_validator(mode="after")
    def _scales_rise(self) -> Self:
        if not self.normal_from <= self.high_from <= self.urgent_from:
            raise ValueError("the thresholds must rise: normal_from, high_from, urgent_from")
        return self


class Bar(BaseModel):
    """What the last evaluation on history has to show before the mode auto is allowed."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    precision: Annotated[float, Field(ge=0, le=1)] = Field(0.9, description="Share of decided tickets decided rightly")
    coverage: Annotated[float, Field(ge=0, le=1)] = Field(0.5, description="Share of tickets decided at all")
    examples: Annotated[int, Field(ge=1)] = Field(200, description="Tickets it was measured on, at least")
    worst_queue: Annotated[float, Field(ge=0, le=1)] = Field(0.7, description="Precision of the worst queue, at least")


class TriageRules(BaseModel):
    """Everything that decides about a ticket but the classifier."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    intents: tuple[Intent, ...] = ()
    rules: Annotated[tuple[TriageRule, ...], Field(max_length=MOST_RULES)] = ()
    default_queue: Name = "Support"
    classifier: bool = True
    at_least: Annotated[float, Field(gt=0, le=1)] | None = None
    score: Score = Score()
    bar: Bar = Bar()
    set_priority: Literal["raise", "always", "never"] = "raise"
    swallow_share: Annotated[float, Field(gt=0, le=1)] = 0.5

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        names = [one.name for one in self.intents]
        for what, given in (("intents", names), ("rules", [one.name for one in self.rules])):
            if twice := sorted({name for name in given if given.count(name) > 1}):
                raise ValueError(f"{what}: the name {twice[0]!r} is used twice")
        for rule in self.rules:
            if rule.intent not in names:
                known = ", ".join(names) or "none yet"
                raise ValueError(f"rule {rule.name}: the intent {rule.intent!r} is not on the list. Known: {known}")
        return self

    def intent(self, name: str) -> Intent | None:
        """Find the intent of this name."""
        return next((one for one in self.intents if one.name == name), None)

    @property
    def version(self) -> str:
        """Twelve hex digits that change with every change of what decides."""
        decides = self.model_dump_json(exclude={"bar", "swallow_share"})
        return hashlib.sha256(decides.encode()).hexdigest()[:12]


def fits(patterns: Sequence[str], text: str) -> bool:
    """Say whether a pattern with `*` and `?` fits the text, in lower case; no pattern fits everything."""
    return not patterns or any(fnmatchcase(text.strip().lower(), pattern) for pattern in patterns)
