"""Reactions on a case message as commands. Which emoji does what is a setting; all others are passed over.

Claiming happens at the reaction, taking it back releases. Resolving and escalating need words, and a reaction carries
none, so its author gets a private button that opens the form.
"""

from functools import partial

from sqlalchemy.orm import Session

from automations.domain import case_ref
from automations.failure_tickets import life
from automations.failure_tickets.card import case_card
from automations.failure_tickets.journal import identity
from bot.listeners.exchange import Answer, Deps, Turn
from bot.listeners.frame import Route
from bot.listeners.interaction import Interaction
from bot.listeners.tickets import open_form, told
from bot.views.lists import offer
from bot.views.texts import Look
from bot.wire import CaseAct, CaseButton
from storage import notifications

WORDS = ("claim", "release", "resolve", "escalate")
"""What a reaction can do, as the permission matrix names it."""


def route_added(interaction: Interaction, deps: Deps) -> Route | None:
    """Find what a new reaction means, None if it means nothing to us."""
    act = meanings(deps.look).get(interaction.emoji)
    case_id = _case_of(interaction, deps) if act else None
    if act is None or case_id is None:
        return None
    run = claim if act is CaseAct.CLAIM else partial(offer_form, act=act)
    once = f"explained/{interaction.channel}/{interaction.item_ts}/{interaction.user}"
    return Route(f"reaction {_word(act)}", partial(run, case_id=case_id), target=case_ref(case_id), once=once)


def route_removed(interaction: Interaction, deps: Deps) -> Route | None:
    """Find what taking a reaction back means: only the claiming one means something."""
    if meanings(deps.look).get(interaction.emoji) is not CaseAct.CLAIM:
        return None
    if (case_id := _case_of(interaction, deps)) is None:
        return None
    return Route("reaction release", partial(release, case_id=case_id), target=case_ref(case_id), quiet=True)


def claim(session: Session, turn: Turn, *, case_id: int) -> Answer:
    """Claim, and offer to take that back. Of what was so already nothing is said."""
    outcome = life.claim(session, case_id, turn.actor, turn.deps.ctx)
    return told(outcome, turn) if outcome.changed else Answer(outcome.text)


def release(session: Session, turn: Turn, *, case_id: int) -> Answer:
    """Release, if the claim still is this person's own."""
    claimed_by = case_card(session, case_id, turn.deps.ctx).claimed_by
    if claimed_by is None or claimed_by.email != identity(turn.actor):
        return Answer("ignored: the claim is not this person's")
    return Answer(life.release(session, case_id, turn.actor, turn.deps.ctx).text)


def offer_form(session: Session, turn: Turn, *, case_id: int, act: CaseAct) -> Answer:
    """Offer the button that opens the form. Raises Refused if the form would be refused now."""
    open_form(session, turn, CaseButton(case_id, act))
    return Answer(f"offered {act} for {case_ref(case_id)}", message=offer(act, case_id))


def meanings(look: Look) -> dict[str, CaseAct]:
    """Which emoji does what."""
    return {look.claim: CaseAct.CLAIM, look.resolve: CaseAct.RESOLVE, look.escalate: CaseAct.ESCALATE}


def _case_of(interaction: Interaction, deps: Deps) -> int | None:
    if not interaction.channel or not interaction.item_ts:
        return None
    with deps.database.read() as session:
        found = notifications.find_by_message(session, interaction.channel, interaction.item_ts)
        case_id = found.data.get("case_id") if found is not None else None
    return case_id if isinstance(case_id, int) else None


def _word(act: CaseAct) -> str:
    return act.removeprefix("case.")
