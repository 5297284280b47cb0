"""The private answer to an act that its author may take back for a short time."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.views import Message
from bot.views.blocks import actions, button, message, saying
from bot.views.texts import Look, esc
from bot.wire import ACT_NAMES, CaseAct, UndoButton


def undo_offer(text: str, until: datetime, offer_id: int, look: Look) -> Message:
    """Say what was done, and offer to take it back. `text` is a sentence; the time is the team's, to the second."""
    return undo_offer_of(text, until, CaseAct.UNDO, UndoButton(offer_id).encode(), look)


def undo_offer_of(text: str, until: datetime, action_id: str, value: str, look: Look) -> Message:
    """Make the same offer with a button of another kind, as for an act on many cases."""
    said = f"{text} Undo until {until.astimezone(ZoneInfo(look.zone)):%H:%M:%S}."
    return message(esc(said, 600), saying(said), actions(button(ACT_NAMES[CaseAct.UNDO], action_id, value)))
