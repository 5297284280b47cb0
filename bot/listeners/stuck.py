"""Stuck work in Slack: `/support-stuck` lists it, its buttons have it tried again or give it up."""

from itertools import islice

from sqlalchemy.orm import Session

from automations.domain import Actor
from automations.failure_tickets import unclear
from automations.failure_tickets.journal import SYNC
from automations.runs.approve import may_see
from automations.words import person
from bot import stuck_acts
from bot.listeners.exchange import Answer, Deps, Turn
from bot.listeners.frame import Route
from bot.listeners.interaction import Interaction
from bot.views.lists import sentence
from bot.views.stuck import PAGE, StuckRow, discard_form, stuck_list
from bot.wire import FIELD_REASON, StuckAct, StuckButton, WireError
from storage import stuck
from storage.models import StuckItem

COMMAND = "command stuck"


def route_list(_interaction: Interaction, _deps: Deps) -> Route:
    """`/support-stuck`, whatever follows it."""
    return Route(COMMAND, show)


def route_action(interaction: Interaction, _deps: Deps) -> Route:
    """Route a button by what it carries. Raises: WireError."""
    asked = _read(interaction)
    return Route(f"action {asked.act}", press, target=f"stuck/{asked.item_id}")


def route_form(interaction: Interaction, _deps: Deps) -> Route:
    """Route the form. Raises: WireError."""
    asked = _read(interaction)
    return Route(f"form {asked.act}", send_form, target=f"stuck/{asked.item_id}")


def show(session: Session, turn: Turn) -> Answer:
    """List what is stuck."""
    found = stuck_rows(session, turn.actor, turn.deps, limit=None)
    return Answer("showed stuck", message=stuck_list(found[:PAGE], len(found), turn.deps.look))


def press(session: Session, turn: Turn) -> Answer:
    """Try again at once, or ask why it is given up."""
    asked, ctx = StuckButton.decode(turn.interaction.value), turn.deps.ctx
    if asked.act is StuckAct.RETRY:
        item = stuck_acts.retry(session, asked.item_id, turn.actor, ctx)
        words = f"{item.target}: it is tried again now."
        return Answer(words, message=sentence(words))
    item = stuck_acts.opened(session, asked.item_id, turn.actor, ctx)
    return Answer(f"opened the form of {asked.act}", modal=discard_form(_row(session, item, turn.actor, turn.deps)))


def send_form(session: Session, turn: Turn) -> Answer:
    """Give it up for the reason given."""
    asked = StuckButton.decode(turn.interaction.value)
    reason = turn.interaction.fields.get(FIELD_REASON, "")
    item = stuck_acts.discard(session, asked.item_id, turn.actor, reason, turn.deps.ctx)
    return Answer(f"{item.target}: given up.")


def stuck_rows(session: Session, actor: Actor, deps: Deps, *, limit: int | None) -> list[StuckRow]:
    """What is stuck, oldest first, as this person may see it: of runs nothing that is not for them to decide."""
    shown = (item for item in stuck.open_items(session) if _may_see(session, item, actor, deps))
    return [_row(session, item, actor, deps) for item in islice(shown, limit)]


def _may_see(session: Session, item: StuckItem, actor: Actor, deps: Deps) -> bool:
    run = stuck_acts.run_of(session, item)
    return run is None or may_see(session, run, actor, deps.ctx)


def _row(session: Session, item: StuckItem, actor: Actor, deps: Deps) -> StuckRow:
    case_id = item.args.get("case_id") if item.job == SYNC else None
    return StuckRow(
        id=item.id,
        target=item.target,
        job=item.job,
        owner=person(item.owner, deps.ctx),
        reason=item.reason,
        attempts=item.attempts,
        last_at=item.last_at,
        may=stuck_acts.is_theirs(item, actor),
        unclear=case_id if case_id is not None and unclear.asked(session, case_id) else None,
    )


def _read(interaction: Interaction) -> StuckButton:
    asked = StuckButton.decode(interaction.value)
    if interaction.name != asked.act:
        raise WireError("This button says one thing and carries another. Nothing was changed.")
    return asked
