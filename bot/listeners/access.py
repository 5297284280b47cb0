"""`/support-provision`, `/support-offboard`, `/support-reconcile` and their forms: what is asked for becomes a run.

Nothing is changed by asking, so a command answers at once, in private, and the card follows. A bare command opens its
form; words that cannot be read are answered with what is known.
"""

from collections.abc import Callable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.access.context import AccessContext
from automations.access.listing import findings_card
from automations.runs.ask import ask
from automations.runs.card import run_ref
from bot.grammar import UsageError
from bot.grammar_access import (
    AccessCommand,
    ReconcileVerb,
    asks_for_help,
    parse_offboard,
    parse_provision,
    parse_reconcile,
)
from bot.listeners.asking import Role, ask_to_offboard, ask_to_provision, desk_in
from bot.listeners.contexts import access_of
from bot.listeners.exchange import Answer, Deps, Turn
from bot.listeners.frame import Route
from bot.listeners.interaction import Interaction
from bot.listeners.subjects import leaver, newcomer, successor
from bot.views.access_forms import Begun, RoleChoice, offboard_form, provision_form
from bot.views.access_usage import usage_message
from bot.views.findings import findings_message
from bot.views.lists import notice, sentence
from bot.wire import FIELD_REASON, MessageRef
from bot.wire_runs import (
    FIELD_EMAIL,
    FIELD_GROUPS,
    FIELD_NAME,
    FIELD_NOW,
    FIELD_PERSON,
    FIELD_ROLE,
    FIELD_SUCCESSOR,
    AccessForm,
)
from storage.models import Run

Words = Callable[[Session, Turn, str], Answer]
"""Answers the words after a command. Raises UsageError for what it cannot read."""


def route_provision(interaction: Interaction, deps: Deps) -> Route:
    """`/support-provision …`."""
    return _route(AccessCommand.PROVISION, provision, interaction, deps)


def route_offboard(interaction: Interaction, deps: Deps) -> Route:
    """`/support-offboard …`."""
    return _route(AccessCommand.OFFBOARD, offboard, interaction, deps)


def route_reconcile(interaction: Interaction, deps: Deps) -> Route:
    """`/support-reconcile …`."""
    return _route(AccessCommand.RECONCILE, reconcile, interaction, deps)


def route_form(interaction: Interaction, _deps: Deps) -> Route:
    """A form of a bare command that was sent."""
    form = AccessForm(interaction.name)
    return Route(f"form {form}", send_provision if form is AccessForm.PROVISION else send_offboard, target="access")


def provision(session: Session, turn: Turn, text: str) -> Answer:
    """Ask for somebody to be given a role, or open the form."""
    ctx = access_of(turn)
    roles = ctx.rules.roles
    asked = parse_provision(text, [role.name for role in roles])
    if asked is not None:
        given = Role(asked.role, asked.groups, asked.name)
        return _heard(ask_to_provision(session, turn, newcomer(asked.person, turn), given), turn)
    if not roles:
        raise UsageError("There is no role yet. An admin adds them under [[access.roles]] in the settings.")
    choices = [RoleChoice(role.name, role.privileged) for role in roles]
    groups = sorted({group for role in roles for group in role.groups})
    form = provision_form(choices, groups, Begun(), MessageRef(turn.interaction.channel))
    return Answer(f"opened the form of {AccessForm.PROVISION}", modal=form)


def offboard(session: Session, turn: Turn, text: str) -> Answer:
    """Ask for somebody's access to be taken away, or open the form."""
    access_of(turn)
    asked = parse_offboard(text)
    if asked is None:
        form = offboard_form(Begun(), MessageRef(turn.interaction.channel))
        return Answer(f"opened the form of {AccessForm.OFFBOARD}", modal=form)
    who = leaver(asked.person, turn)
    follows = successor(asked.successor, turn, who)
    return _heard(ask_to_offboard(session, turn, who, follows, asked.because, now=asked.now), turn)


def reconcile(session: Session, turn: Turn, text: str) -> Answer:
    """Compare the desk with who works here, or show the newest comparison again."""
    ctx = access_of(turn)
    if parse_reconcile(text) is ReconcileVerb.STATUS:
        return _newest(session, turn, ctx)
    run = ask(session, "reconcile", "", {}, turn.actor, ctx)
    return _heard(f"{run_ref(run.id)}: comparing everybody in {desk_in(ctx)} with who works here.", turn)


def send_provision(session: Session, turn: Turn) -> Answer:
    """Ask for what the form was filled in for."""
    fields = turn.interaction.fields
    picked, address = fields.get(FIELD_PERSON, ""), fields.get(FIELD_EMAIL, "").strip()
    if bool(picked) == bool(address):
        why = "Please give one person: somebody in Slack, or a mail address."
        return Answer(f"refused: {why}", errors={FIELD_EMAIL: why})
    given = Role(
        fields.get(FIELD_ROLE, ""), _several(fields.get(FIELD_GROUPS, "")),
        fields.get(FIELD_NAME, ""), fields.get(FIELD_REASON, ""),
    )  # fmt: skip
    return _sent(ask_to_provision(session, turn, newcomer(picked or address, turn), given), turn)


def send_offboard(session: Session, turn: Turn) -> Answer:
    """Ask for what the form was filled in for."""
    fields = turn.interaction.fields
    who = leaver(fields.get(FIELD_PERSON, ""), turn)
    follows, reason = successor(fields.get(FIELD_SUCCESSOR, ""), turn, who), fields.get(FIELD_REASON, "")
    at_once = bool(fields.get(FIELD_NOW, "").strip())
    if at_once and not reason.strip():
        why = "Please say why it cannot wait."
        return Answer(f"refused: {why}", errors={FIELD_REASON: why})
    return _sent(ask_to_offboard(session, turn, who, follows, reason, now=at_once), turn)


def _route(command: AccessCommand, answer: Words, interaction: Interaction, deps: Deps) -> Route:
    """Read the words after a command. They are redacted first, since an answer may repeat them."""
    text = deps.ctx.redactor.text(interaction.value)

    def run(session: Session, turn: Turn) -> Answer:
        if asks_for_help(text):
            return Answer(f"showed how {command} is used", message=usage_message(command, turn.deps.look))
        try:
            return answer(session, turn, text)
        except UsageError as exc:
            return Answer(f"not understood: {exc}", message=usage_message(command, turn.deps.look, problem=str(exc)))

    return Route(f"command {command}", run, target=f"access/{command}")


def _newest(session: Session, turn: Turn, ctx: AccessContext) -> Answer:
    newest = session.scalar(select(func.max(Run.id)).where(Run.kind == "reconcile"))
    if newest is None:
        words = f"Nothing was compared yet. /{turn.deps.look.prefix}-{AccessCommand.RECONCILE} does it now."
        return Answer(words, message=sentence(words))
    shown = findings_message(findings_card(session, newest, 1, ctx), turn.deps.look)
    return Answer(f"showed {run_ref(newest)}", message=shown)


def _heard(said: str, turn: Turn) -> Answer:
    return Answer(said, message=sentence(_where(said, turn)))


def _sent(said: str, turn: Turn) -> Answer:
    return Answer(said, instead=notice(sentence(_where(said, turn))))


def _where(said: str, turn: Turn) -> str:
    return f"{said} The card comes to #{turn.deps.access_place}."


def _several(text: str) -> tuple[str, ...]:
    """The groups of a form: those of a menu end with a new line each, typed ones are between commas."""
    named = text.splitlines() if "\n" in text else text.split(",")
    return tuple(dict.fromkeys(one.strip() for one in named if one.strip()))
