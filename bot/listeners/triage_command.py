"""`/support triage`: where today's message is. `/support triage evaluate 90d`: leads have it measured on history."""

from sqlalchemy.orm import Session

from automations.domain import Role
from automations.errors import Refused
from automations.triage import asking, decisions, telling
from bot.grammar import SupportCommand, UsageError
from bot.grammar_triage import parse_triage
from bot.listeners.exchange import Answer, Turn
from bot.views.lists import sentence
from bot.views.triage import where_message
from storage import notifications


def triage_command(session: Session, turn: Turn, *, command: SupportCommand) -> Answer:
    """Say in private where triage stands, or that the evaluation is being made. Raises: Refused."""
    try:
        days = parse_triage(command.rest)
    except UsageError as exc:
        return Answer(f"not understood: {exc}", message=sentence(str(exc)))
    return _where(session, turn) if days is None else _evaluate(session, turn, days)


def _where(session: Session, turn: Turn) -> Answer:
    ctx = turn.deps.triage
    shown = notifications.get(session, telling.day_key(decisions.day_of(ctx.clock.now(), ctx)))
    mode, waiting = decisions.mode(session, ctx), telling.count_waiting(session)
    said = where_message(mode, waiting, shown.permalink if shown is not None else None)
    return Answer("showed where triage is", message=said)


def _evaluate(session: Session, turn: Turn, days: int) -> Answer:
    """Only a lead: what comes of it decides whether mode auto may act."""
    if not turn.actor.may(Role.LEAD):
        raise Refused("Only a lead can have triage measured. Ask one of yours. Nothing was measured.")
    asking.ask(session, days, turn.actor, turn.deps.triage)
    where = "to the channel of triage" if turn.deps.triage.channel else "to you alone, for triage has no channel yet"
    span = "day" if days == 1 else f"{days} days"
    said = f"Triage is being measured on the desk's own tickets of the last {span}. What was found comes {where}."
    return Answer(said, message=sentence(said))
