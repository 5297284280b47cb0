"""What can be done to an escalation in each state: at most three buttons, the rest behind the overflow menu."""

from typing import Final

from automations.escalation.card_types import EscalationCard, EscalationRow
from bot.views import Block
from bot.views.blocks import actions, button, overflow
from bot.wire_escalation import ESCALATION_MORE, ESCALATION_NAMES, EscalationAct, EscalationButton

BUTTONS: Final[dict[str, tuple[EscalationAct, ...]]] = {
    "open": (EscalationAct.CLAIM, EscalationAct.REASSIGN, EscalationAct.SNOOZE),
    "claimed": (EscalationAct.RESOLVE, EscalationAct.REASSIGN, EscalationAct.SNOOZE),
}
"""At most three buttons by state; the first is what the reader most likely wants."""

AFTERWARDS: Final = (EscalationAct.NOT_NEEDED, EscalationAct.TOO_LATE)
"""What can still be said of one that has ended by being handled or solved."""

MORE: Final[dict[str, tuple[EscalationAct, ...]]] = {
    "open": (
        EscalationAct.SHOW_ALL,
        EscalationAct.RESOLVE,
        EscalationAct.NOT_NEEDED,
        EscalationAct.TOO_LATE,
        EscalationAct.SHOW_IN_THREAD,
    ),
    "claimed": (
        EscalationAct.SHOW_ALL,
        EscalationAct.RELEASE,
        EscalationAct.NOT_NEEDED,
        EscalationAct.TOO_LATE,
        EscalationAct.SHOW_IN_THREAD,
    ),
}
"""The rest; Slack's menu holds five."""

OF_A_TICKET: Final = frozenset({EscalationAct.SHOW_ALL, EscalationAct.SHOW_IN_THREAD})
"""Acts that need a ticket to read."""


def acts(card: EscalationCard) -> list[Block]:
    """Lay out what can be done in this state, the likeliest first; of a closed one only what people think of it."""
    if (buttons := BUTTONS.get(card.state)) is None:
        said = card.ending not in ("handled", "solved") or card.verdict in ("not_needed", "too_late")
        return [] if said else [actions(*(_button(card.id, act) for act in AFTERWARDS))]
    more = [act for act in MORE[card.state] if card.url or act not in OF_A_TICKET]
    return [actions(*(_button(card.id, act) for act in buttons), _more(card.id, more))]


def row_acts(row: EscalationRow) -> list[Block]:
    """The same for a line of a list: the likeliest as a button, the others behind the menu. A case has its own."""
    if row.subject == "case":
        return []
    first, *rest = BUTTONS[row.state]
    kept = [*rest, EscalationAct.SHOW_ALL, *MORE[row.state][1:3]]
    return [actions(_button(row.id, first), _more(row.id, kept))]


def _button(escalation_id: int, act: EscalationAct) -> Block:
    style = "primary" if act in (EscalationAct.CLAIM, EscalationAct.RESOLVE) else None
    value = EscalationButton(escalation_id, act).encode()
    return button(ESCALATION_NAMES[act], act, value, style=style)


def _value(escalation_id: int, act: EscalationAct) -> str:
    """Whoever wants to see all sees the newest page first, which is page 0."""
    return EscalationButton(escalation_id, act, 0 if act is EscalationAct.SHOW_ALL else 1).encode()


def _more(escalation_id: int, kept: list[EscalationAct]) -> Block:
    options = [(ESCALATION_NAMES[act], _value(escalation_id, act)) for act in kept]
    return overflow(ESCALATION_MORE, options)
