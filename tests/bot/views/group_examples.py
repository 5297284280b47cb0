"""A group of cases in every state, with hostile names."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from automations.domain import CaseStatus, Priority
from automations.failure_tickets.card_types import CaseRow, TicketLine
from automations.failure_tickets.group_types import GroupCard, GroupEscalation, GroupLine, GroupPage, OwnerLine
from automations.words import PersonRef
from bot.views.group import group_escalation_message, group_line_message, group_message
from bot.views.group_list import group_list, resolve_all_form
from bot.views.texts import Look

AT = datetime(2026, 11, 21, 2, 14, tzinfo=UTC)
LOOK = Look(zone="Europe/Oslo")
ANNA = PersonRef("anna@team.example", "Anna Berg", "U_AGENT1")
BEN = PersonRef("ben@team.example", "Ben Okoro", "U_AGENT2")
LEA = PersonRef("lea@team.example", "Lea Lind", "U_LEAD1")
PARENT = TicketLine("builtin", "created", "17", "https://desk.example/tickets/17")
VERIFIED = replace(PARENT, state="verified", current=True, verified_at=AT + timedelta(minutes=1))
LINK = "https://chat.example/archives/C1/p1"


def row(number: int, **changes: Any) -> CaseRow:
    made = CaseRow(
        id=number,
        status=CaseStatus.OPEN,
        priority=Priority.URGENT,
        summary="Card payments fail: the gateway does not answer",
        owner=ANNA if number % 2 else BEN,
        count=1,
        opened_at=AT,
        last_seen=AT + timedelta(seconds=number),
        escalated=False,
        ticket_current=number % 3 == 0,
        permalink=LINK,
        customer=f"Customer {number} GmbH",
    )
    return replace(made, **changes)


OPEN = GroupCard(
    id=3,
    source="payment-gateway",
    reason="retries_exhausted",
    summary="Card payments fail: the gateway does not answer",
    priority=Priority.URGENT,
    total=40,
    open=40,
    claimed=0,
    resolved=0,
    not_needed=0,
    verified=12,
    tiers=(("enterprise", 3), ("business", 12), ("unknown", 25)),
    owners=(OwnerLine(ANNA, 30), OwnerLine(BEN, 10, called=True)),
    system="builtin",
    ticket=PARENT,
    first=tuple(row(number) for number in range(41, 46)),
    opened_at=AT,
    last_joined_at=AT + timedelta(seconds=50),
    last_line="Handoff opened it",
    last_at=AT + timedelta(seconds=50),
)
HALF = replace(
    OPEN, open=2, claimed=30, resolved=7, not_needed=1, verified=40, ticket=VERIFIED, last_line="Anna Berg claimed it"
)
CLOSED = replace(HALF, open=0, claimed=0, resolved=39, closed_at=AT + timedelta(hours=1))
EVIL = "</s> <!channel> <@U_LEAD1> *bold* `code` https://evil.example & Söns \u202egnp.exe"
HOSTILE = replace(
    OPEN,
    source=EVIL,
    summary=EVIL * 10,
    tiers=((EVIL, 39), ("unknown", 1)),
    owners=tuple(OwnerLine(PersonRef(f"{n}@team.example", EVIL), 1) for n in range(40)),
    first=tuple(row(number, summary=EVIL, customer=EVIL, owner=PersonRef("e@x", EVIL)) for number in range(5)),
    last_line=EVIL,
)
PAGE = GroupPage(3, 2, 4, 40, (*(row(number) for number in range(11, 20)), row(20, status=CaseStatus.RESOLVED)))
ESCALATED = GroupEscalation(OPEN, LEA, "", AT + timedelta(minutes=30), 38, LINK)

GROUP_EXAMPLES: Mapping[str, Callable[[], Mapping[str, Any]]] = {
    "group_first_post": lambda: group_message(OPEN, LOOK, first_post=True),
    "group_half": lambda: group_message(HALF, LOOK, first_post=False),
    "group_closed_verified": lambda: group_message(CLOSED, LOOK, first_post=False),
    "group_closed_not_verified": lambda: group_message(replace(CLOSED, verified=39), LOOK, first_post=False),
    "group_no_parents": lambda: group_message(replace(OPEN, ticket=None), LOOK, first_post=False),
    "group_hostile": lambda: group_message(HOSTILE, LOOK, first_post=False),
    "group_line": lambda: group_line_message(GroupLine(AT, "Ben Okoro claimed 38 cases"), LOOK),
    "group_line_mention": lambda: group_line_message(
        GroupLine(AT, "Handoff gave cases of this group to Lea Lind", LEA), LOOK
    ),
    "group_list": lambda: group_list(PAGE, said="CASE-12 is yours."),
    "group_list_hostile": lambda: group_list(replace(PAGE, page=1, pages=1, rows=HOSTILE.first)),
    "group_form_resolve_all": lambda: resolve_all_form(HALF),
    "group_escalation": lambda: group_escalation_message(ESCALATED, LOOK, first_post=True),
    "group_escalation_edited": lambda: group_escalation_message(
        replace(ESCALATED, card=CLOSED, lead_why="Lea Lind is away until Mon 09:00"), LOOK, first_post=False
    ),
}
