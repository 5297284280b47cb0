"""`/support-undo …`: taking back a run, or what failure tickets or triage did since some time. For leads.

Nothing is changed by asking: the way back is planned, its card says what is left and what is for good, and it is
confirmed like any other plan. It works in every mode.
"""

from functools import partial

from sqlalchemy.orm import Session

from automations.failure_tickets import shadow, withdrawing
from automations.failure_tickets.withdrawing import Opened, ask_to_withdraw
from automations.runs import undo
from automations.runs.context import RunContext
from automations.runs.rows import found, run_ref
from automations.runs.window import Window, read_window
from automations.triage import context as triage_context
from automations.triage.restoring import Applied, ask_to_restore
from bot.grammar import UsageError
from bot.grammar_undo import USAGE, UndoCommand, UndoOf, parse_undo
from bot.listeners.contexts import context_of
from bot.listeners.exchange import Answer, Deps, Turn
from bot.listeners.frame import Route
from bot.listeners.interaction import Interaction
from bot.views.lists import sentence

ROW = "command undo"


def route(interaction: Interaction, deps: Deps) -> Route:
    """Read the words after the command. They are redacted first, since an answer may repeat them."""
    try:
        command = parse_undo(deps.ctx.redactor.text(interaction.value))
    except UsageError as exc:
        return Route(ROW, partial(_usage, problem=str(exc)), target="undo")
    if command is None:
        return Route(ROW, partial(_usage, problem=""), target="undo")
    target = run_ref(command.run_id) if command.of is UndoOf.RUN else str(command.of)
    return Route(ROW, partial(_take_back, command=command), target=target)


def _take_back(session: Session, turn: Turn, *, command: UndoCommand) -> Answer:
    """Ask for the way back. Raises: Refused; NotFound."""
    match command.of:
        case UndoOf.RUN:
            run = found(session, command.run_id)
            said = undo.undo(session, run.id, turn.actor, context_of(turn, run))
        case UndoOf.FAILURE_TICKETS:
            ctx = turn.deps.run_contexts[shadow.NAME]
            opened = Opened(_window(command, ctx), command.source, command.rule, command.because)
            said = withdrawing.card_words(ask_to_withdraw(session, opened, turn.actor, ctx))
        case UndoOf.TRIAGE:
            ctx = turn.deps.run_contexts[triage_context.NAME]
            run = ask_to_restore(session, Applied(_window(command, ctx), command.rule, command.intent), turn.actor, ctx)
            said = f"{run_ref(run.id)}: looking where these tickets stand now. Nothing changes by it."
    return Answer(said, message=sentence(said))


def _window(command: UndoCommand, ctx: RunContext) -> Window:
    return read_window(command.since, command.until, now=ctx.clock.now(), zone=ctx.zone)


def _usage(_session: Session, turn: Turn, *, problem: str) -> Answer:
    said = problem or f"/{turn.deps.look.prefix}-undo takes back what an automation did: {USAGE}."
    return Answer(f"not understood: {problem}" if problem else "showed help", message=sentence(said))
