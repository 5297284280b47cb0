"""Findings of a reconciliation in Slack: Confirm, Keep, Pass to, Confirm all of one kind, and their pages.

A button carries the finding as a person looked at it; if it differs by now, the act refuses. Pages are private: the
message in the channel shows the first one, whoever turns.
"""

from sqlalchemy.orm import Session

from automations.access import findings
from automations.access.card_types import FindingKind
from automations.access.listing import finding_line, findings_card
from automations.errors import Refused
from automations.moments import read_moment
from automations.runs.card import run_ref
from bot.listeners.contexts import access_of
from bot.listeners.exchange import Answer, Deps, Run, Turn
from bot.listeners.frame import Route
from bot.listeners.interaction import Interaction
from bot.views.access_forms import keep_form, pass_to_form
from bot.views.finding_lines import finding_details
from bot.views.findings import findings_message
from bot.views.lists import notice, sentence
from bot.wire import FIELD_REASON, FIELD_UNTIL, WireError
from bot.wire_runs import FindingAct, FindingButton


def route_action(interaction: Interaction, _deps: Deps) -> Route:
    """Find what a button asks for. Raises: WireError for a value that is not one of ours, or not of this button."""
    asked = _read(interaction)
    return Route(f"action {asked.act}", ACTS[asked.act], target=_target(asked))


def route_form(interaction: Interaction, _deps: Deps) -> Route:
    """Find who takes a form that was sent. Raises: WireError."""
    asked = _read(interaction)
    return Route(f"form {asked.act}", FORMS[asked.act], target=_target(asked))


def confirm(session: Session, turn: Turn) -> Answer:
    """Have one finding mended."""
    asked, ctx = FindingButton.decode(turn.interaction.value), access_of(turn)
    return _told(findings.confirm(session, asked.finding_id, asked.digest, turn.actor, ctx))


def confirm_all(session: Session, turn: Turn) -> Answer:
    """Have all findings of one kind mended."""
    asked, ctx = FindingButton.decode(turn.interaction.value), access_of(turn)
    if asked.kind not in set(FindingKind):
        raise WireError("This button asks for something that Handoff does not do. Nothing was changed.")
    return _told(findings.confirm_all(session, asked.run_id, asked.kind, asked.digest, turn.actor, ctx))


def ask_how_long(session: Session, turn: Turn) -> Answer:
    """Open the form of Keep."""
    asked, ctx = FindingButton.decode(turn.interaction.value), access_of(turn)
    form = keep_form(finding_line(session, asked.finding_id, ctx), asked.run_id)
    return Answer(f"opened the form of {asked.act} for {_target(asked)}", modal=form)


def keep(session: Session, turn: Turn) -> Answer:
    """Leave a finding as it is until a time, for a reason."""
    asked, ctx = FindingButton.decode(turn.interaction.value), access_of(turn)
    fields = turn.interaction.fields
    text = fields.get(FIELD_UNTIL, "").strip()
    if not text:
        why = "Please say until when, such as 30 Nov or 90d."
        return Answer(f"refused: {why}", errors={FIELD_UNTIL: why})
    until = read_moment(text, now=ctx.clock.now(), zone=ctx.zone)
    reason = fields.get(FIELD_REASON, "")
    said = findings.keep(session, asked.finding_id, asked.digest, turn.actor, reason, until, ctx)
    return Answer(said, instead=notice(sentence(said)))


def ask_to_whom(session: Session, turn: Turn) -> Answer:
    """Open the form of Pass to."""
    asked, ctx = FindingButton.decode(turn.interaction.value), access_of(turn)
    line = finding_line(session, asked.finding_id, ctx)
    return Answer(f"opened the form of {asked.act} for {_target(asked)}", modal=pass_to_form(line, asked.run_id))


def pass_to(session: Session, turn: Turn) -> Answer:
    """Give a finding to a colleague to settle."""
    asked, ctx = FindingButton.decode(turn.interaction.value), access_of(turn)
    if turn.chosen is None:
        raise Refused("Please choose who looks after it from now on. Nothing was changed.")
    picked = turn.chosen.actor
    if turn.chosen.why_not or not picked.email:
        why = turn.chosen.why_not or "Slack does not tell Handoff the e-mail address."
        raise Refused(f"{picked.name} cannot look after it. {why} Nothing was changed.")
    said = findings.pass_to(session, asked.finding_id, asked.digest, turn.actor, picked.email, ctx)
    return Answer(said, instead=notice(sentence(said)))


def show(session: Session, turn: Turn) -> Answer:
    """Open one finding whole."""
    asked, ctx = FindingButton.decode(turn.interaction.value), access_of(turn)
    line = finding_line(session, asked.finding_id, ctx)
    return Answer(f"showed {_target(asked)}", modal=finding_details(line, asked.run_id, turn.deps.look))


def turn_page(session: Session, turn: Turn) -> Answer:
    """Show another page, to this person alone."""
    asked, ctx = FindingButton.decode(turn.interaction.value), access_of(turn)
    card = findings_card(session, asked.run_id, asked.finding_id, ctx)
    shown = findings_message(card, turn.deps.look)
    outcome = f"showed page {card.page} of {run_ref(asked.run_id)}"
    return Answer(outcome, message=shown, replace=turn.interaction.private)


ACTS: dict[FindingAct, Run] = {
    FindingAct.CONFIRM: confirm,
    FindingAct.CONFIRM_ALL: confirm_all,
    FindingAct.KEEP: ask_how_long,
    FindingAct.PASS_TO: ask_to_whom,
    FindingAct.DETAILS: show,
    FindingAct.PAGE: turn_page,
    FindingAct.PAGE_BACK: turn_page,
}
"""What each button does."""

FORMS: dict[FindingAct, Run] = {FindingAct.KEEP: keep, FindingAct.PASS_TO: pass_to}
"""What sending each form does."""

_OF_A_RUN = frozenset({FindingAct.CONFIRM_ALL, FindingAct.PAGE, FindingAct.PAGE_BACK})


def _read(interaction: Interaction) -> FindingButton:
    asked = FindingButton.decode(interaction.value)
    if interaction.name != asked.act:
        raise WireError("This button says one thing and carries another. Nothing was changed.")
    return asked


def _target(asked: FindingButton) -> str:
    return run_ref(asked.run_id) if asked.act in _OF_A_RUN else f"FINDING-{asked.finding_id}"


def _told(said: str) -> Answer:
    return Answer(said, message=sentence(said))
