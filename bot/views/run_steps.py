"""One step of a run in words, with a sign for its state. Green means read back, and nothing else is green."""

from collections.abc import Sequence
from datetime import datetime

from automations.plan import StepState
from automations.runs.card_types import RunCard, StepLine
from bot.views.blocks import Part, words
from bot.views.texts import Look, moment, moment_near, one_line

SIGNS: dict[StepState, str] = {
    StepState.PLANNED: "⚪",
    StepState.IN_PROGRESS: "🟠",
    StepState.WAITING: "🟠",
    StepState.VERIFIED: "🟢",
    StepState.STATED: "🔵",
    StepState.BY_HAND: "🔵",
    StepState.FAILED: "🔴",
    StepState.UNKNOWN: "🟠",
    StepState.ROLLED_BACK: "↩️",
    StepState.SKIPPED: "➖",
}
"""Green: read back. Blue: somebody's word for it. Amber: not known yet. Red: failed. White: not begun."""

INVITATION = "invitation"
"""What the kind of a step has in it that waits for an invitation to be accepted."""

_STANDS: dict[StepState, str] = {
    StepState.PLANNED: "not begun",
    StepState.IN_PROGRESS: "not verified yet",
    StepState.WAITING: "waiting: not there yet",
    StepState.VERIFIED: "verified",
    StepState.STATED: "answered as done; nothing can read it back",
    StepState.FAILED: "failed",
    StepState.UNKNOWN: "not known whether it happened; looked up before anything else",
    StepState.ROLLED_BACK: "taken back",
    StepState.SKIPPED: "not needed any more",
}
_FIRST = (
    StepState.FAILED,
    StepState.UNKNOWN,
    StepState.WAITING,
    StepState.IN_PROGRESS,
    StepState.PLANNED,
    StepState.BY_HAND,
    StepState.STATED,
)
"""What is read first where not all steps are shown."""


def state_of(step: StepLine) -> StepState:
    """The state of a step as its enumeration."""
    return StepState(step.state)


def is_invitation(step: StepLine) -> bool:
    """True for the step that waits for somebody to accept an invitation."""
    return INVITATION in step.kind and not step.by_hand and state_of(step) in (StepState.WAITING, StepState.FAILED)


def step_parts(step: StepLine, look: Look, *, day: datetime, limit: int) -> list[Part]:
    """Put a step in one line; `limit` is for each text of it that comes from outside, `day` as for `state_parts`."""
    name = words(f"{SIGNS[state_of(step)]} {one_line(step.words, limit)}", limit=limit + 3)
    return [name, words(" · "), *state_parts(step, look, day=day, limit=limit)]


def state_parts(step: StepLine, look: Look, *, day: datetime, limit: int) -> list[Part]:
    """Say how a step stands, and since when: by the clock alone on the `day` that is named elsewhere."""
    text, ends = state_words(step), step.due_at if state_of(step) is StepState.WAITING else None
    at = _since(step)
    return [
        words(text, limit=limit + 60),
        *([words(" "), moment_near(at, day, look)] if at else []),
        *([words(" · ends "), moment(ends, look)] if ends else []),
    ]


def state_words(step: StepLine) -> str:
    """Say how a step stands and why, without times."""
    why = step.error or (step.by_hand if state_of(step) is StepState.WAITING else "")
    return f"{stands(step)}: {why}" if why else stands(step)


def stands(step: StepLine) -> str:
    """Say how a step stands, without why and when."""
    name = one_line(step.owner.name, 80) if step.owner else "somebody"
    match state_of(step):
        case StepState.PLANNED if step.by_hand:
            return f"by hand, by {name}"
        case StepState.WAITING if step.by_hand:
            return f"{name} does this by hand"
        case StepState.WAITING if is_invitation(step):
            return "waiting: not accepted yet"
        case StepState.VERIFIED if step.stated_by:
            return f"done by {one_line(step.stated_by.name, 80)}, verified"
        case StepState.VERIFIED if step.already:
            return "true already, verified"
        case StepState.BY_HAND:
            return f"stated by {one_line(step.stated_by.name, 80) if step.stated_by else name}"
        case state:
            return _STANDS[state]


def by_state(steps: Sequence[StepLine]) -> list[StepLine]:
    """Steps in the order in which they matter: failed, not known, waiting, current, to come, then the settled ones."""
    return sorted(steps, key=lambda step: _FIRST.index(state) if (state := state_of(step)) in _FIRST else len(_FIRST))


def count(card: RunCard, *states: StepState) -> int:
    """How many steps are in one of these states."""
    return sum(1 for step in card.steps if step.state in states)


def stated(card: RunCard) -> str:
    """`2 stated by Ingrid Holm, 1 not read back`: what is settled by somebody's word alone; empty if nothing is."""
    names: dict[str, int] = {}
    for step in card.steps:
        if state_of(step) is StepState.BY_HAND:
            person = step.stated_by or step.owner
            name = one_line(person.name, 60) if person else "somebody"
            names[name] = names.get(name, 0) + 1
    said = [f"{number} stated by {name}" for name, number in names.items()]
    unread = count(card, StepState.STATED)
    return ", ".join([*said, *([f"{unread} not read back"] if unread else [])])


def _since(step: StepLine) -> datetime | None:
    """When it was read if that is what it rests on, else when somebody said so or it was taken back."""
    if state_of(step) is StepState.VERIFIED:
        return step.found_at
    return step.changed_at if state_of(step) in _BY_WORD else None


_BY_WORD = frozenset({StepState.STATED, StepState.BY_HAND, StepState.ROLLED_BACK})
