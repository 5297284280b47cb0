"""`/support …` and what a mention of the bot gets: private answers. What changes something is in rooms of its own."""

from functools import partial
from typing import Protocol

from sqlalchemy.orm import Session

from automations.customer_context.standing import how_customers_stand
from automations.domain import Role
from automations.escalation.card import my_escalations
from automations.failure_tickets.card import my_cases, open_cases, status
from automations.failure_tickets.covers import duty_lines
from automations.failure_tickets.journal import identity
from automations.runs.approve import may_see
from automations.runs.card import recent
from automations.runs.card_types import RunCard
from automations.runs.rows import found
from automations.weekly_report.card import newest_posted
from bot.grammar import SupportCommand, SupportVerb, UsageError, parse_support
from bot.listeners.duty import away_command, back_command, on_duty_command, pause_command, resume_command
from bot.listeners.escalating import escalate_command, escalations_command, how_escalations_stand
from bot.listeners.exchange import Answer, Deps, Turn
from bot.listeners.frame import Route
from bot.listeners.interaction import Interaction
from bot.listeners.shortcuts import open_new
from bot.listeners.triage_command import triage_command
from bot.views.escalation_lists import with_escalations
from bot.views.lists import case_list, window
from bot.views.status import help_message, status_message

MOST_RUNS = 20
"""Open runs that are looked at for the status."""


class Show(Protocol):
    """What answers one word of the grammar."""

    def __call__(self, session: Session, turn: Turn, /, *, command: SupportCommand) -> Answer:
        """Answer privately."""


def route(interaction: Interaction, deps: Deps) -> Route:
    """Read the command. What cannot be read is answered with the help text, which repeats it: so it is redacted."""
    try:
        command = parse_support(deps.ctx.redactor.text(interaction.value))
    except UsageError as exc:
        return Route(f"command {SupportVerb.HELP}", partial(show_help, problem=str(exc)))
    return Route(f"command {command.verb}", partial(COMMANDS[command.verb], command=command))


def show_help(_session: Session, turn: Turn, *, command: SupportCommand | None = None, problem: str = "") -> Answer:
    """Show what can be typed, clicked and reacted."""
    outcome = f"not understood: {problem}" if problem else f"showed {command.verb if command else SupportVerb.HELP}"
    access = turn.deps.access is not None and turn.actor.may(Role.LEAD)
    customers = turn.deps.customers is not None
    shown = help_message(turn.deps.look, problem=problem, access=access, customers=customers)
    return Answer(outcome, message=shown)


def show_status(session: Session, turn: Turn, *, command: SupportCommand) -> Answer:
    """Show how things stand."""
    deps, ctx = turn.deps, turn.deps.ctx
    runs = _open_runs(session, turn)
    duty, report = duty_lines(session, ctx), newest_posted(session, deps.report)
    escalated = how_escalations_stand(session, turn)
    customers = how_customers_stand(session) if deps.customers is not None else None
    now, stands = ctx.clock.now(), status(session, ctx)
    wrong = deps.wrong(session, stands, now)
    message = status_message(stands, duty, now, deps.look, runs, report, escalated, customers, wrong)
    return Answer(f"showed {command.verb}", message=message)


def show_mine(session: Session, turn: Turn, *, command: SupportCommand) -> Answer:
    """List the person's escalations and open cases."""
    rows = my_cases(session, identity(turn.actor), turn.deps.ctx, **window(command.page))
    message = case_list("Your open cases", rows, page=command.page, more=command.verb, look=turn.deps.look)
    if command.page == 1:
        mine = my_escalations(session, identity(turn.actor), turn.deps.escalation)
        message = with_escalations(message, mine, turn.deps.look)
    return Answer(f"showed {command.verb}, page {command.page}", message=message)


def show_cases(session: Session, turn: Turn, *, command: SupportCommand) -> Answer:
    """List all open cases."""
    rows = open_cases(session, turn.deps.ctx, **window(command.page))
    message = case_list("Open cases", rows, page=command.page, more=command.verb, look=turn.deps.look)
    return Answer(f"showed {command.verb}, page {command.page}", message=message)


def _open_runs(session: Session, turn: Turn) -> list[RunCard]:
    """The runs of every automation that wait for somebody, as far as this person may see them."""
    if not turn.actor.may(Role.LEAD):
        return []
    cards = recent(session, turn.deps.run_contexts, MOST_RUNS, open_only=True)
    return [card for card in cards if may_see(session, found(session, card.id), turn.actor, turn.deps.ctx)]


COMMANDS: dict[SupportVerb, Show] = {
    SupportVerb.HELP: show_help,
    SupportVerb.STATUS: show_status,
    SupportVerb.MINE: show_mine,
    SupportVerb.CASES: show_cases,
    SupportVerb.NEW: open_new,
    SupportVerb.ESCALATE: escalate_command,
    SupportVerb.ESCALATIONS: escalations_command,
    SupportVerb.TRIAGE: triage_command,
    SupportVerb.ON_DUTY: on_duty_command,
    SupportVerb.AWAY: away_command,
    SupportVerb.BACK: back_command,
    SupportVerb.PAUSE: pause_command,
    SupportVerb.RESUME: resume_command,
}
"""What each word of the grammar does."""
