"""Following a run that a command asked for or confirmed, until it rests: waits for people, or has ended."""

import threading
import time
from collections.abc import Callable

from automations.plan import SETTLED, RunState, StepState
from automations.runs.card import run_card
from automations.runs.card_types import RunCard
from automations.runs.context import RunContext
from automations.runs.rows import run_ref
from bot.cli.follow import LOOK_EVERY_S, PARTIAL
from bot.cli.options import Opened
from bot.cli.output import note, progress
from bot.engine import bot_running

NOT_APPLIED = 2
_UNDER_WAY = frozenset({RunState.ASKED, RunState.APPROVED})
_CODES = {
    RunState.DONE: 0,
    RunState.ROLLED_BACK: 0,
    RunState.PARTIAL: PARTIAL,
    RunState.RUNNING: PARTIAL,
    RunState.FAILED: 1,
    RunState.REFUSED: 1,
    RunState.EXPIRED: 1,
}


def look(here: Opened, run_id: int, context: RunContext) -> RunCard:
    """The run as it is now. Raises: NotFound."""
    with here.database.read() as session:
        return run_card(session, run_id, context)


def follow_run(
    here: Opened,
    run_id: int,
    context: RunContext,
    wait_s: float,
    *,
    changed: Callable[[RunCard], bool] = lambda _card: True,
) -> RunCard:
    """Wait until the run rests, at most `wait_s` seconds; the run as it is then. Says so where no bot does it.

    `changed` says whether what was asked for has been taken up, where the run rested before it too.
    """
    card = look(here, run_id, context)
    if (over := rests(card) and changed(card)) or not bot_running(here.database):
        if not over:
            note(f"No bot is running: {run_ref(run_id)} goes on when `handoff serve` runs again.")
        return card
    deadline, pause = time.monotonic() + wait_s, threading.Event()
    with progress(run_ref(run_id), "steps") as bar:
        while not over and time.monotonic() < deadline:
            pause.wait(LOOK_EVERY_S)
            card = look(here, run_id, context)
            over = rests(card) and changed(card)
            bar.at(sum(step.state in SETTLED for step in card.steps), len(card.steps))
    if not over:
        note(f"{run_ref(run_id)} is under way still. `handoff runs show {run_ref(run_id)}` shows how far it is.")
    return card


def rests(card: RunCard) -> bool:
    """Whether nothing more happens without people: it waits for them, or has ended."""
    if card.state == RunState.RUNNING:
        resting = {*SETTLED, StepState.WAITING}
        return any(step.state == StepState.WAITING for step in card.steps) and all(
            step.state in resting or _waits_for_another(step.needs, card) for step in card.steps
        )
    return card.state not in _UNDER_WAY


def exit_code(card: RunCard) -> int:
    """The command's exit code: done, failed, partial (also while steps wait), or not applied."""
    return _CODES.get(RunState(card.state), NOT_APPLIED)


def _waits_for_another(needs: tuple[int, ...], card: RunCard) -> bool:
    """Whether one of these steps is not settled, so that what needs them stays planned."""
    states = {step.number: step.state for step in card.steps}
    return any(states.get(number) not in SETTLED for number in needs)
