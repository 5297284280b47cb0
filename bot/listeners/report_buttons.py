"""The buttons of a report: Rerun, Other period, its data sheet, the tickets behind a number, Retry of a failed one.

What they show is private; what a Rerun counts goes to who pressed it, alone. Roles are looked at with each click.
"""

from sqlalchemy.orm import Session

from automations.errors import Refused
from automations.weekly_report import failing
from automations.weekly_report.asking import found
from automations.weekly_report.card import report_card
from automations.weekly_report.card_types import report_ref
from automations.weekly_report.reading_back import tickets_behind
from automations.weekly_report.request import Request
from bot.grammar_report import Place
from bot.listeners.exchange import Answer, Deps, Run, Turn
from bot.listeners.frame import Route
from bot.listeners.interaction import Interaction
from bot.listeners.report import ask_for, form_for
from bot.views import Modal
from bot.views.lists import sentence
from bot.views.report_form import DAYS
from bot.views.report_list import ticket_list_modal
from bot.views.report_sheet import sheet_modal
from bot.wire import WireError
from bot.wire_report import ReportAct, ReportButton


def route(interaction: Interaction, _deps: Deps) -> Route:
    """Find what a button asks for. Raises: WireError for a value that is not one of ours, or not of this button."""
    asked = ReportButton.decode(interaction.value)
    if interaction.name != asked.act:
        raise WireError("This button says one thing and carries another. Nothing was changed.")
    return Route(f"action {asked.act}", ACTS[asked.act], target=report_ref(asked.report_id))


def rerun(session: Session, turn: Turn) -> Answer:
    """Have the same counted again, for who pressed it alone."""
    report = found(session, ReportButton.decode(turn.interaction.value).report_id)
    if report.state != "made":
        raise Refused(_not_yet(report.id))
    said = ask_for(session, turn, Request.of(report.request), Place.ME, kind="rerun", rerun_of=report.id)
    said = f"{said} It counts {report_ref(report.id)} again and names the tickets that changed since."
    return Answer(said, message=sentence(said))


def other_period(session: Session, turn: Turn) -> Answer:
    """Open the form with this report's filters."""
    report = found(session, ReportButton.decode(turn.interaction.value).report_id)
    request = Request.of(report.request)
    form = form_for(turn, request.filters, DAYS, request.period.days)
    return Answer(f"opened the form of reports from {report_ref(report.id)}", modal=form)


def data_sheet(session: Session, turn: Turn) -> Answer:
    """Open a page of a report's data sheet, as it was counted."""
    asked = ReportButton.decode(turn.interaction.value)
    card = report_card(session, asked.report_id, turn.deps.report)
    if card.result is None:
        raise Refused(_not_yet(card.id))
    return _shown(
        turn, sheet_modal(card, turn.deps.look, page=asked.page), f"showed the data sheet of {report_ref(card.id)}"
    )


def tickets(session: Session, turn: Turn) -> Answer:
    """Open a page of the tickets behind a number."""
    asked = ReportButton.decode(turn.interaction.value)
    if asked.number is None:
        raise WireError("This button names no number. Nothing was changed.")
    page = tickets_behind(session, asked.report_id, asked.number, asked.page)
    words = f"showed the tickets behind {asked.number} of {report_ref(asked.report_id)}, page {page.page}"
    return _shown(turn, ticket_list_modal(page, turn.deps.look), words)


def retry(session: Session, turn: Turn) -> Answer:
    """Have a failed report tried again. Its owner may, and leads."""
    report = failing.retry(session, ReportButton.decode(turn.interaction.value).report_id, turn.actor, turn.deps.report)
    words = f"{report_ref(report.id)} is tried again."
    return Answer(words, message=sentence(words))


ACTS: dict[ReportAct, Run] = {
    ReportAct.RERUN: rerun,
    ReportAct.PERIOD: other_period,
    ReportAct.DATA_SHEET: data_sheet,
    ReportAct.TICKETS: tickets,
    ReportAct.RETRY: retry,
}
"""What each button does."""


def _not_yet(report_id: int) -> str:
    return f"{report_ref(report_id)} is not counted yet, so there is nothing to show."


def _shown(turn: Turn, view: Modal, outcome: str) -> Answer:
    """Open it, or put it in the place of the one in which the click was."""
    if turn.interaction.view_type == "modal":
        return Answer(outcome, view=view)
    return Answer(outcome, modal=view)
