"""`/support-customers …`: asking for a sync, going back, and looking. Everybody may look; the rest is for leads.

Nothing is changed by asking for a sync, so it answers at once, in private, and the card follows in the channel.
"""

from collections.abc import Callable
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.customer_context import lists, rollback
from automations.customer_context.context import SYNC
from automations.customer_context.search import search
from automations.customer_context.syncing import WHOLE
from automations.runs.ask import ask
from automations.runs.card import run_ref
from bot.grammar import UsageError
from bot.grammar_customers import LAST, CustomersCommand, CustomersVerb, parse_customers
from bot.listeners.contexts import customers_of
from bot.listeners.exchange import Answer, Deps, Turn
from bot.listeners.frame import Route
from bot.listeners.interaction import Interaction
from bot.views.customers import sync_message
from bot.views.customers_ledger import ledger_message
from bot.views.customers_lists import customers_message, rejected_message, sheet_message, usage_message
from bot.views.lists import sentence
from storage.models import Run

Words = Callable[[Session, Turn, CustomersCommand], Answer]
"""Answers one word of the grammar."""

ROW = "command customers"
"""The row of the permission matrix for looking; each word of `ROWS` has one of its own."""
ROWS = {verb: f"{ROW} {verb}" for verb in (CustomersVerb.SYNC, CustomersVerb.ROLLBACK)}


def route(interaction: Interaction, deps: Deps) -> Route:
    """Read the words after the command. They are redacted first, since an answer may repeat them."""
    try:
        command = parse_customers(deps.ctx.redactor.text(interaction.value))
    except UsageError as exc:
        return Route(ROW, partial(_usage, problem=str(exc)), target="customers")
    answer = COMMANDS[command.verb]

    def run(session: Session, turn: Turn) -> Answer:
        return answer(session, turn, command)

    return Route(ROWS.get(command.verb, ROW), run, target="customers")


def sync(session: Session, turn: Turn, command: CustomersCommand) -> Answer:
    """Ask for a sync; every source is listed whole if the command says so."""
    ctx = customers_of(turn)
    run = ask(session, SYNC, "", {WHOLE: True} if command.whole else {}, turn.actor, ctx)
    whole = " whole" if command.whole else ""
    said = f"{run_ref(run.id)}: reading the sources{whole} and {ctx.desk_title}. Nothing changes by it."
    return Answer(said, message=sentence(f"{said} The card comes to #{turn.deps.customers_place}."))


def newest(session: Session, turn: Turn, command: CustomersCommand) -> Answer:
    """Show the newest sync again."""
    ctx = customers_of(turn)
    number = session.scalar(select(func.max(Run.id)).where(Run.kind == SYNC))
    if number is None:
        said = f"Nothing was compared yet. /{turn.deps.look.prefix}-customers does it now."
        return Answer(said, message=sentence(said))
    card = lists.sync_card(session, number, ctx, page=command.page)
    return Answer(f"showed {run_ref(number)}, page {card.page}", message=sync_message(card, turn.deps.look))


def found(session: Session, turn: Turn, command: CustomersCommand) -> Answer:
    """List customers by name."""
    customers_of(turn)
    rows, total = search(session, command.about, command.page)
    shown = customers_message(rows, total, command.about, command.page, turn.deps.look)
    return Answer(f"showed customers, page {command.page}", message=shown)


def show(session: Session, turn: Turn, command: CustomersCommand) -> Answer:
    """Show one customer. Raises: NotFound."""
    ctx = customers_of(turn)
    sheet = lists.sheet(session, command.about, ctx)
    return Answer("showed a customer", message=sheet_message(sheet, ctx.desk_title, turn.deps.look))


def conflicts(session: Session, turn: Turn, command: CustomersCommand) -> Answer:
    """Show what source and desk disagree on."""
    card = lists.ledger_card(session, customers_of(turn), page=command.page)
    return Answer(f"showed conflicts, page {card.page}", message=ledger_message(card, turn.deps.look))


def rejected_rows(session: Session, turn: Turn, command: CustomersCommand) -> Answer:
    """Show the rows that could not be taken."""
    lines = lists.rejected(session, customers_of(turn))
    shown = rejected_message(lines, command.page, turn.deps.look)
    return Answer(f"showed rejected rows, page {command.page}", message=shown)


def go_back(session: Session, turn: Turn, command: CustomersCommand) -> Answer:
    """Take the last run, or what was done to one customer, back. Raises: Refused; NotFound."""
    ctx = customers_of(turn)
    if command.about == LAST:
        said = rollback.last(session, turn.actor, ctx)
    else:
        said = rollback.customer(session, command.about, turn.actor, ctx)
    return Answer(said, message=sentence(said))


def _usage(_session: Session, turn: Turn, *, problem: str) -> Answer:
    return Answer(f"not understood: {problem}", message=usage_message(turn.deps.look, problem=problem))


def _help(_session: Session, turn: Turn, command: CustomersCommand) -> Answer:
    return Answer(f"showed {command.verb}", message=usage_message(turn.deps.look))


COMMANDS: dict[CustomersVerb, Words] = {
    CustomersVerb.SYNC: sync,
    CustomersVerb.STATUS: newest,
    CustomersVerb.LIST: found,
    CustomersVerb.SHOW: show,
    CustomersVerb.CONFLICTS: conflicts,
    CustomersVerb.REJECTED: rejected_rows,
    CustomersVerb.ROLLBACK: go_back,
    CustomersVerb.HELP: _help,
}
"""What each word does."""
