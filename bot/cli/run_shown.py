"""A run on the terminal: what was asked for, its steps with what was found, who said yes, what to type next."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from automations.plan import RunState, StepState
from automations.runs.card_types import RunCard, StepLine
from automations.runs.rows import run_ref
from bot.cli.output import facts, say, table
from bot.cli.times import in_zone
from storage.models import AuditEntry

STATES: Mapping[str, str] = {
    RunState.ASKED: "being planned",
    RunState.PROPOSED: "waits to be confirmed",
    RunState.APPROVED: "confirmed",
    RunState.RUNNING: "carried out now",
    RunState.PARTIAL: "partial: some of it is done, some is not",
}
"""States that one word does not tell."""

_OF_A_STEP: Mapping[str, str] = {
    StepState.STATED: "stated, not read",
    StepState.UNKNOWN: "not known",
    StepState.SKIPPED: "not needed",
}


def state_words(card: RunCard) -> str:
    """How far it is; a run that only waits for somebody says so."""
    if card.state == RunState.RUNNING and any(step.state == StepState.WAITING for step in card.steps):
        return "waits for somebody"
    return STATES.get(card.state, card.state.replace("_", " "))


def show_run(card: RunCard, zone: str, history: Iterable[AuditEntry] = ()) -> None:
    """Print everything about a run."""
    say(f"{run_ref(card.id)}  {card.title}")
    facts(_facts(card, zone))
    show_warnings(card.warnings)
    if card.steps:
        say("")
        show_steps(card.steps, zone)
    for line in next_commands(card):
        say(line)
    if lines := [(in_zone(one.at, zone), f"{one.actor} {one.action} ({one.outcome})") for one in history]:
        say("\nHistory")
        facts(lines)


def show_warnings(warnings: Iterable[str]) -> None:
    """Print what people have to know before they say yes."""
    for words in warnings:
        say(f"! {words}")


def show_steps(steps: Iterable[StepLine], zone: str) -> None:
    """Print steps as a table: state, what, what was found, and whether it can be taken back."""
    rows = [(one.number, _step_state(one, zone), one.words, _found(one), _undo(one)) for one in steps]
    table(("#", "State", "Step", "Found", "Undo"), rows, fixed=("#",))


def next_commands(card: RunCard) -> Iterator[str]:
    """What somebody can type about it now."""
    ref = run_ref(card.id)
    if card.state == RunState.PROPOSED and card.needed == 1:
        yield f"`handoff runs approve {ref} --as EMAIL` confirms it; `handoff runs cancel` gives it up."
    elif card.state == RunState.PROPOSED:
        yield f"{card.needed} people have to confirm it, in Slack; `handoff runs cancel {ref} --as EMAIL` gives it up."
    for step in card.steps:
        if step.state == StepState.FAILED:
            yield f"`handoff runs retry {ref} {step.number} --as EMAIL` tries step {step.number} again."
        elif step.state == StepState.WAITING and step.by_hand:
            yield f"`handoff runs done {ref} {step.number} --as EMAIL` says that step {step.number} is done by hand."
    if card.can_undo:
        yield f"`handoff runs rollback {ref} --as EMAIL` takes back what can be."


def plain_run(card: RunCard, history: Iterable[AuditEntry] = ()) -> dict[str, Any]:
    """A run as plain JSON values; `ref` is what people call it."""
    lines = [
        {"at": one.at, "actor": one.actor, "action": one.action, "outcome": one.outcome, "seq": one.seq,
         "before": one.before, "after": one.after}
        for one in history
    ]  # fmt: skip
    made: dict[str, Any] = plain({"ref": run_ref(card.id), **asdict(card), "history": lines})
    return made


def plain(value: Any) -> Any:
    """Values of a card as JSON has them: moments in ISO 8601, pairs as objects stay lists."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value


def _facts(card: RunCard, zone: str) -> Iterator[tuple[str, object]]:
    yield "State", state_words(card) + (", shadow mode: nothing is applied" if card.mode == "shadow" else "")
    yield "Note", card.words
    yield "Requested", f"{in_zone(card.requested_at, zone)} by {card.requested_by.name}"
    yield "Reason", card.reason
    yield "Stopped", card.brake
    names = ", ".join(f"{one.by.name} {in_zone(one.at, zone)}" for one in card.approvals)
    yield "Confirmed", f"{len(card.approvals)} of {card.needed}{f': {names}' if names else ''}"
    yield "Two people", card.why_two
    yield "Owner", card.owner.name
    yield "Ends", in_zone(card.expires_at, zone) if card.state == RunState.PROPOSED else None
    yield "Ended", in_zone(card.settled_at, zone)
    yield "Review", _review(card)
    for name, number in (("Undo of", card.undo_of), ("Undone by", card.undone_by), ("Instead of", card.replaces),
                         ("Now", card.replaced_by)):  # fmt: skip
        yield name, run_ref(number) if number else None
    yield from card.facts


def _review(card: RunCard) -> str | None:
    if card.review == "wanted":
        return "a second person has to look at it, in Slack"
    return f"by {card.reviewed_by.name}" if card.reviewed_by else None


def _step_state(step: StepLine, zone: str) -> str:
    if step.already and step.state == StepState.VERIFIED:
        return "true already"
    match StepState(step.state):
        case StepState.VERIFIED if step.found_at is not None:
            return f"verified {in_zone(step.found_at, zone)[-5:]}"
        case StepState.BY_HAND:
            return f"stated by {step.stated_by.name}" if step.stated_by else "stated"
        case StepState.PLANNED if step.by_hand:
            return f"by hand, {step.owner.name}" if step.owner else "by hand"
        case StepState.WAITING:
            return f"waits for {step.owner.name}" if step.by_hand and step.owner else "waiting"
        case state:
            return _OF_A_STEP.get(state, state.replace("_", " "))


def _found(step: StepLine) -> str:
    if step.error:
        return step.error
    if step.by_hand and step.state in (StepState.PLANNED, StepState.WAITING):
        return step.by_hand
    if step.state == StepState.PLANNED and step.after:
        return f"{step.before or '–'} → {step.after}"
    return step.found


def _undo(step: StepLine) -> str:
    if step.already or step.before == step.after:
        return ""
    return step.undo or ("by hand" if step.by_hand else "cannot be undone")
