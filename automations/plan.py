"""Plans: what shall become true, step by step, and whether people may still say yes to it. Pure.

A plan is made from what was observed and is a value: equal observations give an equal plan, and its digest is what
people approve. Nothing here knows a clock, a database or the world outside.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final


class StepState(StrEnum):
    """The life of a step. Only `verified` is green, and only a reading makes it so.

    `waiting`: for a person to do it by hand, or for somebody outside (an invitation to be accepted). `stated`: the
    outside says it did it and nothing can read that back. `by_hand`: a person says they did it. `unknown`: a call left
    and no answer came; it is looked up before anything else. `skipped`: not needed any more.
    """

    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    VERIFIED = "verified"
    STATED = "stated"
    BY_HAND = "by_hand"
    FAILED = "failed"
    UNKNOWN = "unknown"
    ROLLED_BACK = "rolled_back"
    SKIPPED = "skipped"


SETTLED: Final = frozenset(
    {StepState.VERIFIED, StepState.STATED, StepState.BY_HAND, StepState.ROLLED_BACK, StepState.SKIPPED}
)
"""States in which nothing has to be done about a step."""


class RunState(StrEnum):
    """The life of a run: asked for, observed and proposed, approved by people, carried out.

    `refused`: it cannot be planned, and says why. `replaced`: what was observed has changed, so a fresh plan took its
    place. `running` also while steps wait for people. `partial`: some steps are true and at least one failed.
    """

    ASKED = "asked"
    REFUSED = "refused"
    PROPOSED = "proposed"
    APPROVED = "approved"
    RUNNING = "running"
    DONE = "done"
    PARTIAL = "partial"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    REPLACED = "replaced"
    ROLLED_BACK = "rolled_back"

    @property
    def ended(self) -> bool:
        """True where nothing more happens by itself or by a confirmation. A partial or failed run may be retried."""
        return self in _ENDED


_ENDED = frozenset(
    {RunState.REFUSED, RunState.DONE, RunState.EXPIRED, RunState.CANCELLED, RunState.REPLACED, RunState.ROLLED_BACK}
)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to make true.

    `kind` names the action that looks and makes (`desk.suspend`); `target` is whom or what it is about, an e-mail
    address for people; `args` what the action needs beside that, by name. `before` is what was observed and `after`
    what shall be true, in the action's own words for a value.
    `words` say it on the card (`Suspend in Zendesk`). `undo` says how it is taken back, empty where it cannot be.
    `needs` are positions of steps that must be settled first. `by_hand` says what a person does, empty where the bot
    does it; `owner` is the e-mail address of who that person is. `urgent`: part of *Suspend now*. `waits`: nobody makes
    it true by a call; it is looked at until it is, for at most as long as the settings say.
    """

    kind: str
    target: str
    before: str
    after: str
    words: str
    args: tuple[tuple[str, str], ...] = ()
    undo: str = ""
    needs: tuple[int, ...] = ()
    by_hand: str = ""
    owner: str = ""
    urgent: bool = False
    waits: bool = False

    @property
    def arg(self) -> dict[str, str]:
        """`args` by name."""
        return dict(self.args)

    @property
    def already(self) -> bool:
        """True if it was true when it was observed."""
        return bool(self.after) and self.before == self.after


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is going to do, as people see it before they say yes.

    `title` is what it is in a line (`Offboard Ben Okafor`); `facts` are what was observed, as (name, value) for the
    card, and not part of what is approved; `warnings` are sentences, above all on what cannot be undone. `approvals` is
    how many people have to say yes, and `why_two` says why where it is more than one. `brake` says in words why it was
    stopped, empty if it was not (`12 of 40 people at once`).
    """

    kind: str
    subject: str
    title: str
    steps: tuple[Step, ...]
    facts: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    approvals: int = 1
    why_two: str = ""
    brake: str = ""

    @property
    def digest(self) -> str:
        """What is approved: 16 hex digits over kind, subject, approvals and every step but its wording."""
        steps = [[s.kind, s.target, s.before, s.after, s.args, s.needs, bool(s.by_hand), s.waits] for s in self.steps]
        return digest_of(self.kind, self.subject, self.approvals, steps)

    @property
    def changes(self) -> tuple[Step, ...]:
        """The steps that are not true already."""
        return tuple(step for step in self.steps if not step.already)


def digest_of(*parts: object) -> str:
    """16 hex digits of SHA-256 over the parts as canonical JSON. Equal parts give equal digests on every machine."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def in_order(groups: Sequence[Sequence[Step]]) -> tuple[Step, ...]:
    """Steps of several groups in one order, with `needs` counted within a group made to count within the whole."""
    steps: list[Step] = []
    for group in groups:
        base = len(steps)
        steps.extend(replace(step, needs=tuple(base + need for need in step.needs)) for step in group)
    return tuple(steps)


@dataclass(frozen=True, slots=True)
class Brake:
    """How many people one act may touch before it stops and two people have to look.

    More than `least` or `share` percent of the population, whichever is more, and in any case more than `most`.
    Sources: Okta stops an import at a share of unassignments, Google's directory sync at a count or a share.
    """

    least: int = 3
    share: float = 20.0
    most: int = 10

    def limit(self, population: int) -> int:
        """The most people that may be touched without stopping."""
        return min(max(self.least, int(population * self.share / 100)), self.most)

    def stops(self, touched: int, population: int) -> str:
        """`12 of 40 people at once` if that is too many, empty if it is not."""
        return f"{touched} of {population} people at once" if touched > self.limit(population) else ""
