"""Everything about a run, a page at a time: nothing is cut off, and each step has its button."""

from collections.abc import Iterator

from automations.plan import RunState, StepState
from automations.runs.card_types import RunCard, StepLine
from bot.views import Block, Modal
from bot.views.blocks import (
    Part,
    actions,
    button,
    context,
    header,
    label,
    new_line,
    rich,
    screen,
    section,
    words,
)
from bot.views.paged import CHUNK, chunks, gathered, pages, paragraphs
from bot.views.run_acts import act_row, for_good, step_button
from bot.views.run_state import run_ref, run_sign, run_title, run_words, who_confirms
from bot.views.run_steps import SIGNS, stands, state_of
from bot.views.texts import Look, moment
from bot.wire_runs import RUN_ACT_NAMES, RunAct, RunButton

ALL_ACTS = 8


def run_details(card: RunCard, look: Look, page: int) -> Modal:
    """Show one page; `page` counts from 1. One that is not there (0, or of a longer plan) is the nearest that is."""
    dealt = pages([*_about(card, look), *(block for step in card.steps for block in _step(card, step, look))])
    shown = min(max(page, 1), len(dealt))
    return screen(
        run_ref(card.id)[:24],
        context(f"{len(card.steps)} {'step' if len(card.steps) == 1 else 'steps'} · page {shown} of {len(dealt)}"),
        *dealt[shown - 1],
        *_turning(card, shown, len(dealt)),
        private_metadata=RunButton(card.id, RunAct.DETAILS, step=shown).encode(),
    )


def _about(card: RunCard, look: Look) -> Iterator[Block]:
    """Show what is known of the run beside its steps."""
    state: list[Part] = [words(run_words(card), bold=True, limit=CHUNK)]
    if card.state == RunState.PROPOSED:
        state += [new_line(), *who_confirms(card, look)]
    asked: list[Part] = [label("Asked for by"), words(card.requested_by.name), words(" · ")]
    asked += [moment(card.requested_at, look), new_line(), label("Owner"), words(card.owner.name)]
    for approval in card.approvals:
        asked += [new_line(), label("Confirmed by"), words(approval.by.name), words(" · "), moment(approval.at, look)]
    if card.settled_at is not None:
        asked += [new_line(), label("Ended"), moment(card.settled_at, look)]
    yield header(f"{run_sign(card)} {run_title(card)}")
    yield rich(section(*state))
    yield rich(section(*asked))
    told = [("Title", card.title), ("Reason", card.reason), ("How it ended", card.words), ("Stopped", card.brake)]
    told += [("Why two", card.why_two), *card.facts, *(("⚠️", sentence) for sentence in for_good(card))]
    yield from gathered([part for name, text in told for part in paragraphs(name, text)])
    if (acts := act_row(card, room=ALL_ACTS, details=False)) is not None:
        yield acts


def _step(card: RunCard, step: StepLine, look: Look) -> Iterator[Block]:
    """Show a step with all that is known of it, and its button below."""
    first, *rest = chunks(step.words) or [" "]
    when = [words(" "), moment(step.found_at, look)] if step.found_at else []
    ends = [words(", ends "), moment(step.due_at, look)] if step.due_at and step.state == StepState.WAITING else []
    owner = [words(f" · owner {step.owner.name}", limit=120)] if step.owner else []
    name = words(f"{SIGNS[state_of(step)]} {step.number}. {first}", bold=True, limit=CHUNK + 20)
    head = section(name, new_line(), words(stands(step), limit=300), *when, *ends, *owner)
    told = [("Why", step.error), ("By hand", step.by_hand), ("Found", step.found)]
    if not step.by_hand:
        told += [("Now", step.before), ("Then", step.after), ("Taken back by", step.undo or "nothing: it is for good")]
    told += [("Only after", ", ".join(f"step {number}" for number in step.needs))]
    yield from gathered([
        head,
        *(section(words(text, limit=CHUNK)) for text in rest),
        *(part for what, text in told for part in paragraphs(what, text)),
    ])  # fmt: skip
    if (made := step_button(card, step)) is not None:
        yield actions(made)


def _turning(card: RunCard, page: int, last: int) -> list[Block]:
    turns = [(RunAct.DETAILS_BACK, RUN_ACT_NAMES[RunAct.DETAILS_BACK], page - 1)] * (page > 1)
    turns += [(RunAct.DETAILS, "Next page", page + 1)] * (page < last)
    made = [button(name, act, RunButton(card.id, act, step=number).encode()) for act, name, number in turns]
    return [actions(*made)] if made else []
