"""Whom the next step of a chain calls: steps without anybody, and people who are away, are passed over. Pure.

The same person is never called twice in a row, and nobody is called for what they did themselves.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime

from automations.duty import Rotation, least_loaded, on_duty
from automations.escalation.context import EscalationContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """How far a chain has come. `step` is -1 before the first of a round; `last` is whom it called last.

    `owner` has the ticket or case, by e-mail; `queue` is its group. `but` are those who need not be told of it.
    """

    step: int
    round: int
    last: str
    owner: str
    queue: str
    but: Set[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Call:
    """What comes next. `email` None: nobody of a whole round can be called now, so the next round waits first."""

    email: str | None
    step: int
    round: int


def choose(stand: Stand, ctx: EscalationContext, load: Mapping[str, int], at: datetime) -> Call | None:
    """The next call, None if the chain was gone through as often as it may be. `load`: open escalations by person."""
    if (rest := _first(stand, ctx, load, at, stand.step + 1)) is not None:
        return Call(rest[1], rest[0], stand.round)
    if stand.round >= ctx.rules.repeats:
        return None
    if (again := _first(stand, ctx, load, at, 0)) is not None:
        return Call(again[1], again[0], stand.round + 1)
    return Call(None, -1, stand.round + 1)


def step_name(ctx: EscalationContext, step: int) -> str:
    """The step that comes after this one, as the settings call it; the first after the last."""
    return ctx.rules.steps[(step + 1) % len(ctx.rules.steps)].call


def _first(
    stand: Stand, ctx: EscalationContext, load: Mapping[str, int], at: datetime, begin: int
) -> tuple[int, str] | None:
    for step in range(begin, len(ctx.rules.steps)):
        email = _of(ctx.rules.steps[step].call, stand, ctx, load, at)
        if email and email not in stand.but and email != stand.last and ctx.roster.available(email, at):
            return step, email
    return None


def _of(call: str, stand: Stand, ctx: EscalationContext, load: Mapping[str, int], at: datetime) -> str:
    """The person behind a step, by e-mail address in lower case; empty for nobody."""
    match call:
        case "owner":
            return stand.owner
        case "group":
            duty = ctx.queues.get(stand.queue) or ctx.duty
            if duty is None:
                return ""
            if isinstance(duty, Rotation):
                return on_duty(duty, ctx.roster, at) or ""
            return least_loaded(duty, ctx.roster, load, at) or ""
        case "lead":
            return ctx.lead.lower()
        case _:
            return ctx.manager.lower()
