"""The conflict ledger in Slack: Take source, Keep desk, Ignore, for one or a whole field; rejected rows; and pages.

A button carries the conflict as a person looked at it; if a value has changed since, the act refuses. Pages are
private: the message in the channel shows the first one, whoever turns.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from automations.customer_context import ledger, lists, rejected
from automations.customer_context.context import CustomerContext
from automations.errors import Refused
from automations.moments import read_moment
from bot.listeners.contexts import customers_of
from bot.listeners.exchange import Answer, Deps, Run, Turn
from bot.listeners.frame import Route
from bot.listeners.interaction import Interaction
from bot.views import Message
from bot.views.customers import sync_message
from bot.views.customers_forms import field_form, ignore_form, keep_desk_form
from bot.views.customers_ledger import ledger_message
from bot.views.customers_lists import rejected_message
from bot.views.lists import notice, sentence
from bot.wire import FIELD_REASON, FIELD_UNTIL, WireError
from bot.wire_customers import ConflictAct, ConflictButton, FieldButton, ListAct, ListButton, Pages, field_key


def route_action(interaction: Interaction, _deps: Deps) -> Route:
    """Find what a button or a menu asks for. Raises: WireError for a value that is not one of ours, or not of this."""
    if interaction.name == ConflictAct.FIELD:
        FieldButton.decode(interaction.value)
        return Route(f"action {ConflictAct.FIELD}", ask_about_field, target="customers")
    asked = _read(interaction)
    return Route(f"action {asked.act}", ACTS[asked.act], target=_target(asked))


def route_form(interaction: Interaction, _deps: Deps) -> Route:
    """Find who takes a form that was sent. Raises: WireError."""
    if interaction.name == ConflictAct.FIELD:
        FieldButton.decode(interaction.value)
        return Route(f"form {ConflictAct.FIELD}", settle_field, target="customers")
    asked = _read(interaction)
    if (run := FORMS.get(asked.act)) is None:
        raise WireError("This form asks for something that Handoff does not do. Nothing was changed.")
    return Route(f"form {asked.act}", run, target=_target(asked))


def route_list(interaction: Interaction, _deps: Deps) -> Route:
    """Find what a button of a list asks for. Raises: WireError."""
    asked = ListButton.decode(interaction.value)
    if interaction.name != asked.act or (asked.act is ListAct.DISMISS and asked.what is not Pages.REJECTED):
        raise WireError("This button says one thing and carries another. Nothing was changed.")
    dismissed = asked.act is ListAct.DISMISS
    run, target = (dismiss, f"REJECTED-{asked.number}") if dismissed else (turn_page, "customers")
    return Route(f"action {asked.act}", run, target=target)


def take_source(session: Session, turn: Turn) -> Answer:
    """Have the source's value written to the desk."""
    asked, ctx = ConflictButton.decode(turn.interaction.value), customers_of(turn)
    return _told(ledger.take_source(session, asked.conflict_id, asked.version, turn.actor, ctx))


def ignore(session: Session, turn: Turn) -> Answer:
    """Leave both values as they are, until one of them changes."""
    asked, ctx = ConflictButton.decode(turn.interaction.value), customers_of(turn)
    reason = turn.interaction.fields.get(FIELD_REASON, "")
    return _sent(ledger.ignore(session, asked.conflict_id, asked.version, turn.actor, ctx, reason=reason))


def ask_why(session: Session, turn: Turn) -> Answer:
    """Open the form of Keep desk or Ignore. Raises: Refused if it is settled, or differs from what was seen."""
    asked, ctx = ConflictButton.decode(turn.interaction.value), customers_of(turn)
    line = lists.conflict_line(session, asked.conflict_id, ctx)
    if line.state != "open" or line.version != asked.version:
        raise Refused(
            "This conflict has changed since the message was made, so nothing was changed. Please look again."
        )
    form = keep_desk_form(line) if asked.act is ConflictAct.KEEP_DESK else ignore_form(line)
    return Answer(f"opened the form of {asked.act} for {_target(asked)}", modal=form)


def keep_desk(session: Session, turn: Turn) -> Answer:
    """Leave the desk's value as it is until a time, for a reason."""
    asked, ctx = ConflictButton.decode(turn.interaction.value), customers_of(turn)
    if (why := _no_end(turn)) is not None:
        return why
    reason, until = turn.interaction.fields.get(FIELD_REASON, ""), _end(turn, ctx)
    return _sent(ledger.keep_desk(session, asked.conflict_id, asked.version, turn.actor, reason, until, ctx))


def merge(_session: Session, turn: Turn) -> Answer:
    """Nothing is left to do: Slack itself has opened the customer in the desk."""
    asked = ConflictButton.decode(turn.interaction.value)
    return Answer(f"opened the customer of {_target(asked)} in the desk")


def ask_about_field(session: Session, turn: Turn) -> Answer:
    """Say what settling all conflicts of a field does, and ask."""
    asked, ctx = FieldButton.decode(turn.interaction.value), customers_of(turn)
    name, count = _field(session, asked, ctx)
    return Answer(f"opened the form of {asked.act} for {name}", modal=field_form(name, count, asked, ctx.desk_title))


def settle_field(session: Session, turn: Turn) -> Answer:
    """Settle all open conflicts of a field."""
    asked, ctx = FieldButton.decode(turn.interaction.value), customers_of(turn)
    name, _ = _field(session, asked, ctx)
    if asked.act is ConflictAct.TAKE_SOURCE:
        return _sent(ledger.take_source_field(session, name, asked.digest, turn.actor, ctx))
    reason = turn.interaction.fields.get(FIELD_REASON, "")
    if asked.act is ConflictAct.IGNORE:
        return _sent(ledger.ignore_field(session, name, asked.digest, turn.actor, ctx, reason=reason))
    if (why := _no_end(turn)) is not None:
        return why
    until = _end(turn, ctx)
    return _sent(ledger.keep_desk_field(session, name, asked.digest, turn.actor, reason, until, ctx))


def turn_page(session: Session, turn: Turn) -> Answer:
    """Show another page, to this person alone."""
    asked, ctx = ListButton.decode(turn.interaction.value), customers_of(turn)
    shown = _page(session, asked, ctx, turn)
    return Answer(f"showed page {asked.page} of {asked.what}", message=shown, replace=turn.interaction.private)


def dismiss(session: Session, turn: Turn) -> Answer:
    """Let a rejected row be, until it changes; the private list that it stood in is made anew."""
    asked, ctx = ListButton.decode(turn.interaction.value), customers_of(turn)
    said = rejected.dismiss(session, asked.number, turn.actor, ctx)
    if not turn.interaction.private:
        return _told(said)
    return Answer(said, message=rejected_message(lists.rejected(session, ctx), 1, turn.deps.look), replace=True)


ACTS: dict[ConflictAct, Run] = {
    ConflictAct.TAKE_SOURCE: take_source,
    ConflictAct.KEEP_DESK: ask_why,
    ConflictAct.IGNORE: ask_why,
    ConflictAct.MERGE: merge,
}
"""What each button of one conflict does."""

FORMS: dict[ConflictAct, Run] = {ConflictAct.KEEP_DESK: keep_desk, ConflictAct.IGNORE: ignore}
"""What sending the form of one conflict does."""


def _read(interaction: Interaction) -> ConflictButton:
    asked = ConflictButton.decode(interaction.value)
    if interaction.name != asked.act or asked.act not in ACTS:
        raise WireError("This button says one thing and carries another. Nothing was changed.")
    return asked


def _target(asked: ConflictButton) -> str:
    return f"CONFLICT-{asked.conflict_id}"


def _field(session: Session, asked: FieldButton, ctx: CustomerContext) -> tuple[str, int]:
    """The field that stands behind a value, and how many conflicts it has. Raises: Refused if it has none any more."""
    for name, count, _digest in lists.ledger_card(session, ctx).fields:
        if field_key(name) == asked.key:
            return name, count
    raise Refused("No conflict of this field waits any more. Nothing was changed.")


def _page(session: Session, asked: ListButton, ctx: CustomerContext, turn: Turn) -> Message:
    look = turn.deps.look
    if asked.what is Pages.SYNC:
        return sync_message(lists.sync_card(session, asked.number, ctx, page=asked.page), look)
    if asked.what is Pages.CONFLICTS:
        return ledger_message(lists.ledger_card(session, ctx, page=asked.page), look)
    return rejected_message(lists.rejected(session, ctx), asked.page, look)


def _no_end(turn: Turn) -> Answer | None:
    """What keeps the form open where no end was typed."""
    if turn.interaction.fields.get(FIELD_UNTIL, "").strip():
        return None
    why = "Please say until when, such as 30 Nov or 90d."
    return Answer(f"refused: {why}", errors={FIELD_UNTIL: why})


def _end(turn: Turn, ctx: CustomerContext) -> datetime:
    return read_moment(turn.interaction.fields[FIELD_UNTIL].strip(), now=ctx.clock.now(), zone=ctx.zone)


def _told(said: str) -> Answer:
    return Answer(said, message=sentence(said))


def _sent(said: str) -> Answer:
    return Answer(said, instead=notice(sentence(said)))
