"""What was promised to customers: how long each kind of answer may take, by tier and priority. Pure.

Targets are tried in the order of the settings; the first that matches a ticket decides all three of its clocks.
"""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from automations.domain import Priority
from automations.durations import Duration


class ClockKind(StrEnum):
    """The clocks of a ticket: until the first public reply, until the next one, until it is solved."""

    FIRST_REPLY = "first_reply"
    NEXT_REPLY = "next_reply"
    RESOLUTION = "resolution"


Counted = Literal["working", "calendar"]


def _listed(value: object) -> object:
    """One word may stand without brackets."""
    return (value,) if isinstance(value, str) else value


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Pattern = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=64)]
Patterns = Annotated[tuple[Pattern, ...], BeforeValidator(_listed)]
Priorities = Annotated[tuple[Priority, ...], BeforeValidator(_listed)]


class SlaTarget(BaseModel):
    """What tickets of some tiers and priorities were promised. What is not named matches everything.

    A ticket without a tier or a priority is matched as an empty text, which only `*` covers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Name = Field(description="Shown with the clock; unique")
    tier: Patterns = Field((), description="Patterns of the customer's tier")
    priority: Priorities = Field((), description="low, normal, high, urgent")
    group: Patterns = Field((), description="Patterns of the ticket's group (queue)")
    first_reply: Duration | None = Field(None, description="Until the first public reply; no such clock if unset")
    next_reply: Duration | None = Field(None, description="Until the next reply to a customer's message")
    resolution: Duration | None = Field(None, description="Until it is solved")
    count: Counted = Field("working", description="working (the team's hours) or calendar (always)")

    @model_validator(mode="after")
    def _promises_something(self) -> Self:
        if self.first_reply is None and self.next_reply is None and self.resolution is None:
            raise ValueError("name at least one of first_reply, next_reply and resolution")
        return self

    def length(self, kind: ClockKind) -> timedelta | None:
        """How long this clock may run, None if there is none."""
        return {
            ClockKind.FIRST_REPLY: self.first_reply,
            ClockKind.NEXT_REPLY: self.next_reply,
            ClockKind.RESOLUTION: self.resolution,
        }[kind]

    def matches(self, tier: str, priority: str, group: str) -> bool:
        """Say whether a ticket with these is meant; empty words stand for none."""
        return _fits(self.tier, tier) and _fits(self.group, group) and (not self.priority or priority in self.priority)

    def covers(self, other: "SlaTarget") -> bool:
        """Say whether every ticket that the other one means is meant by this one too. False where that is not sure."""
        priorities = not self.priority or (bool(other.priority) and set(other.priority) <= set(self.priority))
        return priorities and _covers(self.tier, other.tier) and _covers(self.group, other.group)


class SlaPolicy(BaseModel):
    """All targets, and the share of the time after which a clock warns."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    targets: tuple[SlaTarget, ...] = ()
    warn_at: float = Field(0.75, gt=0, lt=1)

    def target(self, tier: str, priority: str, group: str) -> SlaTarget | None:
        """The first target that a ticket matches."""
        return next((one for one in self.targets if one.matches(tier, priority, group)), None)

    def shadowed(self) -> tuple[tuple[str, str], ...]:
        """Targets that no ticket can come to, each with an earlier one that matches everything it would."""
        found = []
        for number, later in enumerate(self.targets):
            over = next((one for one in self.targets[:number] if one.covers(later)), None)
            if over is not None:
                found.append((later.name, over.name))
        return tuple(found)

    @property
    def version(self) -> str:
        """Twelve hex digits that change with every change of what was promised."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:12]


def _fits(patterns: Sequence[str], text: str) -> bool:
    return not patterns or any(fnmatchcase(text.strip().lower(), pattern) for pattern in patterns)


def _covers(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether ours fit whatever theirs fit: each of theirs is one of ours, or a plain word that one of ours fits."""
    if not ours or "*" in ours:
        return True
    return bool(theirs) and all(one in ours or (_is_word(one) and _fits(ours, one)) for one in theirs)


def _is_word(pattern: str) -> bool:
    return not set(pattern) & set("*?[")
