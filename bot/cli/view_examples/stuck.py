"""The views of stuck work at their fullest."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from automations.words import PersonRef
from bot.late import SHOWN
from bot.views import Message, Modal
from bot.views.meanwhile import MeanwhileCard, MeanwhileLine, meanwhile_message
from bot.views.stuck import PAGE, CauseRow, StuckRow, Tried, stuck_list
from bot.views.stuck_forms import (
    EditShown,
    ReminderCard,
    SettledLine,
    cause_screen,
    discard_all_form,
    discard_form,
    edit_form,
    reminder_message,
    tried_screen,
)
from bot.views.texts import Look
from bot.wire_stuck import CauseButton, StuckAct
from storage.stuck_lists import MOST_GROUPS

_AT = datetime(2026, 11, 21, 2, 14, tzinfo=UTC)
_LOOK = Look(zone="Europe/Oslo")
_ANNA = PersonRef("anna@team.example", "Anna Berg")
_LONG = "The ledger answered 502 & <timeout> to every request. " * 20
_TRIED = tuple(Tried(_AT - timedelta(hours=n), 20, _LONG) for n in (5, 3, 0))

STUCK = StuckRow(
    12, "CASE-42", "ticket.sync", _ANNA, _LONG, 20, _AT, True, since=_AT - timedelta(hours=5), tried=_TRIED,
    editable=True,
)  # fmt: skip
_CAUSE = CauseRow("0123456789abcdef", 99, 1_000, "ticket.sync", _LONG, (_ANNA,) * 20, _AT, True)
_ASKED = CauseButton(_CAUSE.cause, _CAUSE.upto, StuckAct.DISCARD_ALL)
_SETTLED = SettledLine("CASE-42", "ticket.sync", "discarded", "Anna Berg", _AT, _LONG)
_EDIT = EditShown("Channel", "C1", "Where this message goes from now on.", (("#failures", "C1"), ("#other", "C2")))

STUCK_EXAMPLES: Mapping[str, Callable[[], Message | Modal]] = {
    "stuck work": lambda: stuck_list([STUCK] * PAGE, 40, _LOOK, causes=[_CAUSE] * MOST_GROUPS, singles=30),
    "stuck work, unclear": lambda: stuck_list([replace(STUCK, unclear=42)] * PAGE, 40, _LOOK),
    "form, discard": lambda: discard_form(STUCK),
    "form, discard all": lambda: discard_all_form(_ASKED, _LONG, 90, 10),
    "form, edit and retry": lambda: edit_form(STUCK, EditShown("Group in the desk", "Support", "As the desk has it.")),
    "form, edit and retry, a choice": lambda: edit_form(STUCK, _EDIT),
    "what was tried": lambda: tried_screen(replace(STUCK, tried=_TRIED * 10), _LOOK),
    "stuck for one cause": lambda: cause_screen([replace(STUCK, tried=_TRIED[:1])] * 7, 1_000, _LOOK),
    "opened and closed meanwhile": lambda: meanwhile_message(
        MeanwhileCard((MeanwhileLine(42, _LONG, "Anna Berg", _LONG),) * SHOWN, 400), _LOOK
    ),
    "stuck work, reminder": lambda: reminder_message(ReminderCard((STUCK,) * 10, 400, (_SETTLED,) * 5), _LOOK),
}
