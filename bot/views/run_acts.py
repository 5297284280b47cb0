"""What can be done to a run in each state: at most three buttons on its message, all of them among its details."""

from automations.plan import RunState, StepState
from automations.runs.card_types import RunCard, StepLine
from bot.views import Block
from bot.views.blocks import actions, button, question
from bot.views.run_state import is_shadow, run_title
from bot.views.run_steps import by_state, is_invitation, state_of
from bot.views.texts import one_line
from bot.wire_runs import RUN_ACT_NAMES, RunAct, RunButton

MOST = 3
"""Buttons on a message beside Details, those beside single steps included."""

_CARRIED = (RunState.RUNNING, RunState.PARTIAL, RunState.FAILED)
_STYLES = {RunAct.CONFIRM: "primary", RunAct.REVIEW: "primary", RunAct.SUSPEND_NOW: "danger"}
_ASKING = frozenset({RunAct.SUSPEND_NOW})
"""Acts that open a form; three dots say so."""


def release_acts(run_id: int, digest: str, brake: str, what: str, decided: str) -> Block:
    """Confirm and Cancel of a run that only looked and was stopped for its size; `what` it found is `decided` after."""
    dialog = question(
        f"Release {what}?",
        f"Stopped: {one_line(brake, 100)}. This changes nothing yet: {decided} after it.",
        RUN_ACT_NAMES[RunAct.CONFIRM],
    )
    made = [
        button(RUN_ACT_NAMES[act], act, RunButton(run_id, act, digest).encode(), style=style, confirm=confirm)
        for act, style, confirm in ((RunAct.CONFIRM, "primary", dialog), (RunAct.CANCEL, None, None))
    ]
    return actions(*made)


def step_act(card: RunCard, step: StepLine) -> RunAct | None:
    """What a person can do about one step; None where nothing is to do, or the bot is looking it up itself."""
    if is_shadow(card) or card.undone_by is not None or RunState(card.state) not in _CARRIED:
        return None
    if is_invitation(step):
        return RunAct.INVITE_AGAIN
    if state_of(step) is StepState.FAILED:
        return RunAct.RETRY
    return RunAct.DONE_BY_HAND if state_of(step) is StepState.WAITING and step.by_hand else None


def steps_to_act_on(card: RunCard) -> list[StepLine]:
    """The steps with a button of their own, those that failed first."""
    return [step for step in by_state(card.steps) if step_act(card, step) is not None]


def run_acts(card: RunCard) -> list[RunAct]:
    """What can be done to the run as a whole, the likeliest first; Details is apart."""
    if is_shadow(card):
        return []
    if card.state == RunState.PROPOSED:
        return [RunAct.CONFIRM, RunAct.CANCEL, *([RunAct.SUSPEND_NOW] if card.can_suspend_now else [])]
    return [
        *([RunAct.REVIEW] if card.review == "wanted" else []),
        *([RunAct.ON_DUTY] if card.kind == "provision" and card.state == RunState.DONE else []),
        *([RunAct.SUSPEND_NOW] if card.can_suspend_now else []),
        *([RunAct.UNDO] if card.can_undo else []),
    ]


def step_button(card: RunCard, step: StepLine) -> Block | None:
    """The button of one step, or None."""
    if (act := step_act(card, step)) is None:
        return None
    return button(RUN_ACT_NAMES[act], act, RunButton(card.id, act, card.digest, step.number).encode())


def act_row(card: RunCard, *, room: int, details: bool) -> Block | None:
    """Lay out at most `room` acts on the run, and Details if asked for; None if nothing is left to press."""
    made = [_button(card, act) for act in run_acts(card)[: max(room, 0)]]
    if details and not is_shadow(card):
        made.append(_button(card, RunAct.DETAILS))
    return actions(*made) if made else None


def for_good(card: RunCard) -> list[str]:
    """What cannot be taken back, in sentences: what the plan warns of, else the steps that have no way back."""
    if card.warnings:
        return list(card.warnings)
    final = [step for step in card.steps if not (step.undo or step.by_hand or step.already)]
    return [f"Cannot be taken back: {'; '.join(one_line(step.words, 120) for step in final)}"] if final else []


def _button(card: RunCard, act: RunAct) -> Block:
    name = f"{RUN_ACT_NAMES[act]} …" if act in _ASKING else RUN_ACT_NAMES[act]
    confirm = _really(card) if act is RunAct.CONFIRM else None
    value = RunButton(card.id, act, card.digest).encode()
    return button(name, act, value, style=_STYLES.get(act), confirm=confirm)


def _really(card: RunCard) -> Block:
    """Name what happens and what cannot be undone, before it does."""
    steps = [step for step in card.steps if not step.already]
    by_hand = sum(1 for step in steps if step.by_hand)
    own = len(steps) - by_hand
    what = [f"{own} {'step' if own == 1 else 'steps'}"] * (own > 0)
    what += [f"{by_hand} by hand"] * (by_hand > 0)
    more = card.needed - len(card.approvals)
    starts = "Begins at once" if more <= 1 else f"Begins when {more - 1} more confirmed"
    text = f"{starts}: {', '.join(what)}." if what else f"{starts}."
    warned = "\n".join(one_line(sentence, 300) for sentence in for_good(card))
    if len(text) + len(warned) >= 300:
        warned = "What cannot be taken back stands in the message; read it first."
    return question(f"{one_line(run_title(card), 95)}?", f"{text}\n{warned}", RUN_ACT_NAMES[RunAct.CONFIRM])
