"""What can be done to a case in each state: which buttons its message has, and what waits in the overflow menu."""

from automations.domain import CaseStatus
from automations.failure_tickets.card_types import CaseCard
from bot.views import Block
from bot.views.blocks import actions, button, overflow
from bot.wire import ACT_NAMES, CASE_MORE, CaseAct, CaseButton

BUTTONS: dict[CaseStatus, tuple[CaseAct, ...]] = {
    CaseStatus.OPEN: (CaseAct.CLAIM, CaseAct.REASSIGN, CaseAct.ESCALATE),
    CaseStatus.CLAIMED: (CaseAct.RESOLVE, CaseAct.REASSIGN, CaseAct.ESCALATE),
    CaseStatus.RESOLVED: (CaseAct.REOPEN,),
    CaseStatus.NOT_NEEDED: (CaseAct.REOPEN,),
}
"""At most three buttons by state; the first is what the reader most likely wants."""

MORE: dict[CaseStatus, tuple[CaseAct, ...]] = {
    CaseStatus.OPEN: (CaseAct.RESOLVE, CaseAct.SNOOZE, CaseAct.NOT_NEEDED),
    CaseStatus.CLAIMED: (CaseAct.RELEASE, CaseAct.SNOOZE, CaseAct.NOT_NEEDED),
    CaseStatus.RESOLVED: (),
    CaseStatus.NOT_NEEDED: (),
}
"""The rest, behind the overflow menu."""

UNCLEAR = (CaseAct.TICKET_FOUND, CaseAct.TICKET_ABSENT)
"""What ends the question whether the desk made the ticket, in every state of the case that waits for it."""

_PRIMARY = frozenset({CaseAct.CLAIM, CaseAct.RESOLVE})


def acts(card: CaseCard) -> Block:
    """Lay out what can be done in this state: up to three buttons, the rest in the overflow menu.

    A case whose ticket somebody has to look for is asked about there too, also when it is closed. A case is escalated
    once, so afterwards that button is gone.
    """
    shown = [act for act in BUTTONS[card.status] if act is not CaseAct.ESCALATE or card.escalated_at is None]
    made = [
        button(ACT_NAMES[act], act, CaseButton(card.id, act).encode(), style="primary" if act in _PRIMARY else None)
        for act in shown
    ]
    if rest := (*MORE[card.status], *(UNCLEAR if card.ticket.asked else ())):
        made.append(overflow(CASE_MORE, [(ACT_NAMES[act], CaseButton(card.id, act).encode()) for act in rest]))
    return actions(*made)
