"""The Home tab: a person's open cases, who is on duty, how things stand. Made anew each time it is opened."""

from sqlalchemy.orm import Session

from automations.failure_tickets.card import my_cases, status
from automations.failure_tickets.covers import duty_lines
from automations.failure_tickets.journal import identity
from bot.grammar import SupportVerb
from bot.listeners.exchange import Answer, Deps, Turn
from bot.listeners.frame import Route
from bot.listeners.interaction import Interaction
from bot.permissions import MATRIX
from bot.views.home import HOME_CASES, home_closed, home_view

ROW = "event app_home_opened"


def route(interaction: Interaction, _deps: Deps) -> Route | None:
    """Take the Home tab only; the Messages tab of the same event has nothing to show."""
    return Route(ROW, opened, refuse=closed) if interaction.value in ("", "home") else None


def opened(session: Session, turn: Turn) -> Answer:
    """Show the tab. It holds what `/support status` holds, so it needs the same role, and says so to others."""
    deps = turn.deps
    needed = MATRIX[f"command {SupportVerb.STATUS}"]
    if needed is not None and not turn.actor.may(needed):
        return closed(f"Handoff shows cases to people with the role {needed}. An admin gives roles in the settings.")
    rows = my_cases(session, identity(turn.actor), deps.ctx, limit=HOME_CASES + 1)
    view = home_view(rows, status(session, deps.ctx), duty_lines(session, deps.ctx), deps.ctx.clock.now(), deps.look)
    return Answer("showed home", home=view)


def closed(why: str) -> Answer:
    """Show somebody without the role why there is nothing."""
    return Answer(f"showed home, closed: {why}", home=home_closed(why))
