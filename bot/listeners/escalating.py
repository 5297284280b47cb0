"""A person escalates: `/support escalate`, the form behind it, and the message shortcut on a message about a ticket.

A case goes to its lead as ever. A ticket that the mirror knows becomes an escalation and goes through the chain at
once, from wherever it is asked for.
"""

from typing import Final

from sqlalchemy.orm import Session

from automations.domain import Mode
from automations.escalation import acts, watch
from automations.escalation.card import clocks_about_to_run_out, escalation_rows
from automations.escalation.figures import rule_figures
from automations.escalation.journal import card_key, escalation_ref
from automations.escalation.moves import Outcome
from automations.failure_tickets import life
from automations.mirror.named import ticket_in, ticket_named
from bot.grammar import SupportCommand
from bot.grammar_escalation import EscalateCommand, parse_escalate
from bot.listeners.exchange import Answer, Deps, Turn
from bot.listeners.frame import Route
from bot.listeners.interaction import Interaction
from bot.views import Block
from bot.views.create_form import done_view
from bot.views.escalation_forms import escalate_form
from bot.views.escalation_lists import escalation_list, escalation_status
from bot.views.lists import sentence, window
from bot.wire import FIELD_REASON, FIELD_TICKET, MessageRef
from bot.wire_escalation import EscalationAct
from storage import notifications

SHOWN: Final = 5
"""Escalations and clocks that the status names."""
MOST_COUNTED: Final = 500


def escalate_command(session: Session, turn: Turn, *, command: SupportCommand) -> Answer:
    """Escalate what is named, or ask for what is missing in a form. The answer is private."""
    asked = parse_escalate(command.rest)
    if not asked.ref or not asked.because:
        form = escalate_form(MessageRef(turn.interaction.channel), ticket=asked.ref, reason=asked.because)
        return Answer(f"opened the form of {EscalationAct.ESCALATE_TICKET}", modal=form)
    text, _ref, _url = _escalate(session, turn, asked)
    return Answer(text, message=sentence(text))


def escalations_command(session: Session, turn: Turn, *, command: SupportCommand) -> Answer:
    """List what is escalated and not closed."""
    page = window(command.page)
    upto = escalation_rows(session, turn.deps.escalation, limit=page["offset"] + page["limit"])
    rows = upto[page["offset"] :]
    look, more = turn.deps.look, command.verb
    message = escalation_list("Open escalations", rows, page=command.page, more=more, look=look)
    return Answer(f"showed {command.verb}, page {command.page}", message=message)


def how_escalations_stand(session: Session, turn: Turn) -> list[Block]:
    """Say for the status what is open and, while it is on, which SLA clocks run out next and how each rule did."""
    ctx = turn.deps.escalation
    rows = escalation_rows(session, ctx, limit=MOST_COUNTED)
    off = watch.mode(session, ctx) is Mode.OFF
    clocks = () if off else clocks_about_to_run_out(session, ctx, limit=SHOWN)
    figures = () if off else rule_figures(session, ctx)
    return escalation_status(rows[:SHOWN], len(rows), clocks, figures, turn.deps.look)


def route_form(interaction: Interaction, _deps: Deps) -> Route:
    """Find who takes the form. Raises: WireError for one that this version did not make."""
    MessageRef.decode(interaction.value)
    return Route(f"form {EscalationAct.ESCALATE_TICKET}", send_form)


def send_form(session: Session, turn: Turn) -> Answer:
    """Escalate what the form names, and show the way there in the form's place."""
    fields = turn.interaction.fields
    because = fields.get(FIELD_REASON, "").strip()
    asked = EscalateCommand(parse_escalate(fields.get(FIELD_TICKET, "")).ref, because)
    if not because:
        said = "Please say in a few words why somebody is needed."
        return Answer(said, errors={FIELD_REASON: said})
    text, ref, url = _escalate(session, turn, asked)
    return Answer(text, instead=done_view(ref, text, url))


def form_about(session: Session, turn: Turn, about: MessageRef, text: str) -> Answer | None:
    """Open the form for the ticket that a message speaks of; None if it speaks of none, or escalation is not on."""
    ctx = turn.deps.escalation
    if not in_chain(session, turn.deps):
        return None
    ticket = ticket_in(session, ctx.desk_system, text)
    if ticket is None:
        return None
    return Answer(f"opened the form of {EscalationAct.ESCALATE_TICKET}", modal=escalate_form(about, ticket=ticket))


def in_chain(session: Session, deps: Deps) -> bool:
    """Whether somebody would be called: escalation acts by itself only in mode auto."""
    return watch.mode(session, deps.escalation) is Mode.AUTO


def _escalate(session: Session, turn: Turn, asked: EscalateCommand) -> tuple[str, str, str]:
    """Escalate a case or a ticket; words, what to call it, where it is. Raises: NotFound; Refused."""
    deps, ctx = turn.deps, turn.deps.escalation
    if (case_id := asked.case_id) is not None:
        outcome = life.escalate(session, case_id, turn.actor, asked.because, deps.ctx)
        return outcome.text, f"CASE-{case_id}", deps.ctx.case_url(case_id)
    named = ticket_named(session, ctx.desk_system, asked.ticket) or asked.ticket
    done: Outcome = acts.escalate_ticket(session, ctx.desk_system, named, turn.actor, asked.because, ctx)
    shown = notifications.get(session, done.row.parent or card_key(done.row.id))
    return done.text, escalation_ref(done.row.id), (shown.permalink if shown else None) or done.row.url
