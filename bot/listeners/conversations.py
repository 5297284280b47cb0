"""A ticket's whole conversation: to one person in a modal, where nothing of it is kept, or for all in the thread.

A listener calls nobody, so the modal opens at once and says that the desk is being read; what was read takes its place.
"""

from dataclasses import dataclass
from functools import partial

from sqlalchemy.orm import Session

from automations.errors import AdapterError, Refused
from automations.escalation import in_thread
from automations.escalation.context import EscalationContext
from automations.escalation.conversation import conversation
from automations.escalation.journal import found, subject_ref
from automations.escalation.moves import refuse_case
from automations.ports import HelpDesk
from bot.listeners.exchange import Answer, Turn
from bot.views import Modal
from bot.views.conversation import conversation_modal, reading_modal
from bot.views.lists import notice, sentence
from bot.views.texts import Look


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which page of which ticket's conversation, 0 for the newest."""

    escalation_id: int
    ticket_id: str
    ref: str
    url: str
    page: int


def show_to_one(session: Session, turn: Turn, escalation_id: int, page: int) -> Answer:
    """Show a page of the conversation to who asks, 0 for the newest. Raises: NotFound; Refused for a case's."""
    deps = turn.deps
    row = found(session, escalation_id)
    refuse_case(row, "open")
    if deps.desk is None:
        raise Refused("The desk cannot be asked right now. Open the ticket itself.")
    asked = _Asked(row.id, row.subject_id, subject_ref(row), row.url, page)
    fill = partial(_read, deps.desk, asked, deps.escalation, deps.look)
    return Answer(f"showed the conversation of {asked.ref}", modal=reading_modal(asked.ref), fill=fill)


def show_in_thread(session: Session, turn: Turn, escalation_id: int) -> Answer:
    """Have it posted for all; what is said about that takes the form's place."""
    outcome = in_thread.ask(session, escalation_id, turn.actor, turn.deps.escalation)
    return Answer(outcome.text, instead=notice(sentence(outcome.text)))


def _read(desk: HelpDesk, asked: _Asked, ctx: EscalationContext, look: Look) -> Modal:
    """Read the desk, after the acknowledgement; what went wrong is said in the modal."""
    try:
        read = conversation(desk, asked.ticket_id, ctx, page=asked.page or None)
    except (AdapterError, Refused) as exc:
        return reading_modal(asked.ref, ctx.redactor.text(str(exc)))
    return conversation_modal(
        asked.escalation_id, asked.ref, asked.url, read.lines, look, page=read.page, pages=read.pages
    )
