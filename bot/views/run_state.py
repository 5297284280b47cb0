"""How a run stands, in a sign and a few words; and who may still say yes to it. Green only if every step was read back.

Words that people read here: "the plan has changed", "stopped: 12 of 40 people at once".
"""

from automations.plan import RunState, StepState
from automations.runs.card import kind_words, run_ref
from automations.runs.card_types import Approval, RunCard
from automations.words import PersonRef
from bot.views.blocks import Part, label, new_line, words
from bot.views.run_steps import count, stated
from bot.views.texts import Look, moment, one_line

SHADOW = "Shows what it would do; nothing is applied"

_SAID: dict[RunState, tuple[str, str]] = {
    RunState.ASKED: ("Being planned", "nothing has changed yet"),
    RunState.PROPOSED: ("Waits for confirmation", "nothing has changed yet"),
    RunState.APPROVED: ("Confirmed", "it is looked at once more before the first step"),
    RunState.REFUSED: ("Refused", "nothing was changed"),
    RunState.EXPIRED: ("Expired", "nobody confirmed it in time; nothing was changed"),
    RunState.CANCELLED: ("Cancelled", "nothing was changed"),
}
"""The word for a state, and what is said behind it where the run has no words of its own."""


def is_shadow(card: RunCard) -> bool:
    """True for a plan that nobody can have carried out. What was applied before the mode was set is no shadow."""
    return card.mode == "shadow" and card.state in (RunState.PROPOSED, RunState.CANCELLED)


def run_title(card: RunCard) -> str:
    """What the run is: `Offboard Ben Okafor`. One that was never planned has only its kind as a title."""
    title, called = card.title.strip(), kind_words(card.kind)
    whom = f" {card.subject.name}" if card.subject and title.lower() in ("", called.lower()) else ""
    return one_line(f"{title or called}{whom}", 120)


def is_green(card: RunCard) -> bool:
    """True exactly if the run is done and each of its steps was read back, or was not needed in the end."""
    read = count(card, StepState.VERIFIED)
    return card.state == RunState.DONE and read > 0 and read + count(card, StepState.SKIPPED) == len(card.steps)


def run_sign(card: RunCard) -> str:
    """The sign before the title. Green: read back. Blue: done, in part by somebody's word. Red: failed or stopped."""
    state = RunState(card.state)
    if is_shadow(card):
        return "⚪"
    if state is RunState.DONE:
        return "🟢" if is_green(card) else "🔵"
    if state in (RunState.PARTIAL, RunState.FAILED, RunState.REFUSED) or count(card, StepState.FAILED):
        return "🔴"
    if state is RunState.PROPOSED and card.brake:
        return "🔴"
    return {RunState.ROLLED_BACK: "↩️"}.get(state, "⚪" if state.ended else "🟠")


def run_words(card: RunCard) -> str:
    """How the run stands, in a line, without its sign."""
    own = one_line(card.words, 400)
    if is_shadow(card):
        return SHADOW
    match state := RunState(card.state):
        case RunState.PROPOSED if card.brake:
            return f"Stopped: {one_line(card.brake, 200)}"
        case RunState.RUNNING:
            return _running(card)
        case RunState.DONE:
            return f"Done: {own or _settled(card)}"
        case RunState.PARTIAL:
            return f"Partial: {_failed(card)}, {_settled(card)}"
        case RunState.FAILED:
            return f"Failed: {own or _failed(card)}"
        case RunState.REPLACED:
            return f"The plan has changed{f': {run_ref(card.replaced_by)}' if card.replaced_by else ''}"
        case RunState.ROLLED_BACK:
            return f"Taken back{f' by {run_ref(card.undone_by)}' if card.undone_by else ''}"
        case _:
            word, otherwise = _SAID[state]
            return f"{word}: {own or otherwise}"


def who_confirms(card: RunCard, look: Look) -> list[Part]:
    """Say who may still confirm, how many have, why it takes two, and until when it can be done (a line of its own)."""
    ends = [words("; ends "), moment(card.expires_at, look)] if card.expires_at else []
    why = [new_line(), label("Why two"), words(card.why_two, limit=300)] if card.why_two and card.needed > 1 else []
    return [label("Confirms"), words(confirming(card.approvals, card.needed), limit=300), *ends, *why]


def confirming(approvals: tuple[Approval, ...], needed: int) -> str:
    """`A lead other than Ingrid Holm; 1 of 2 has`. Whoever has confirmed already is not asked again."""
    if needed == 1 and not approvals:
        return "a lead"
    if not approvals:
        return f"{needed} leads; none has yet"
    who = names([one.by for one in approvals])
    return f"a lead other than {who}; {len(approvals)} of {needed} has"


def names(people: list[PersonRef]) -> str:
    """`Ingrid Holm`, `Ingrid Holm and Lea Lind`."""
    each = [one_line(person.name, 60) for person in people]
    return " and ".join(filter(None, (", ".join(each[:-1]), each[-1]))) if each else "nobody"


def _running(card: RunCard) -> str:
    done = f"{count(card, StepState.VERIFIED)} of {len(card.steps)} verified"
    failed = count(card, StepState.FAILED)
    waiting = count(card, StepState.WAITING)
    moving = count(card, StepState.PLANNED, StepState.IN_PROGRESS, StepState.UNKNOWN)
    said = stated(card)
    parts = [
        *([f"{failed} failed"] if failed else []),
        done,
        *([said] if said else []),
        *([f"{waiting} waiting"] if waiting else []),
    ]
    return f"{'Waiting' if waiting and not moving else 'In progress'}: {', '.join(parts)}"


def _settled(card: RunCard) -> str:
    verified, skipped = count(card, StepState.VERIFIED), count(card, StepState.SKIPPED)
    back, said, waiting = count(card, StepState.ROLLED_BACK), stated(card), count(card, StepState.WAITING)
    left = count(card, StepState.PLANNED, StepState.IN_PROGRESS)
    return ", ".join(
        part
        for part, there in (
            (f"{verified} verified", True),
            (said, said),
            (f"{waiting} waiting", waiting),
            (f"{left} not begun", left),
            (f"{back} taken back", back),
            (f"{skipped} not needed", skipped),
        )
        if there
    )


def _failed(card: RunCard) -> str:
    failed, unknown = count(card, StepState.FAILED), count(card, StepState.UNKNOWN)
    parts = [f"{failed} of {len(card.steps)} failed"] * (failed > 0 or not unknown)
    return ", ".join([*parts, *([f"{unknown} not known"] if unknown else [])])
