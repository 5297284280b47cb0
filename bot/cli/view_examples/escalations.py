"""Escalations in every state, as their messages, lists and forms show them: an invented team on a night shift."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from automations.escalation.card_types import (
    CalledLine,
    ClockLine,
    EscalationCard,
    EscalationRow,
    FiringLine,
    MessageLine,
    RuleFigures,
    ShadowDay,
    SimilarLine,
    SummaryCard,
    ThreadPage,
)
from automations.escalation.reasons import REASON_NAMES, EscalationReason
from automations.words import PersonRef
from bot.cli.view_examples.runs import LOOK
from bot.views.conversation import conversation_modal, reading_modal, thread_message
from bot.views.escalation import escalation_message
from bot.views.escalation_forms import escalate_form, escalation_form
from bot.views.escalation_lists import escalation_list
from bot.views.escalation_notices import shadow_message, summary_message
from bot.wire import MessageRef
from bot.wire_escalation import ESCALATION_FORMS, EscalationAct

AT: Final = datetime(2026, 11, 20, 14, 12, tzinfo=ZoneInfo("Europe/Oslo"))
INES: Final = PersonRef("ines.holt@example.com", "Ines Holt", "U_AGENT1")
RAVI: Final = PersonRef("ravi.nair@example.com", "Ravi Nair", "U_AGENT2")
MARA: Final = PersonRef("mara.lind@example.com", "Mara Lind", "U_LEAD1")


def minutes(count: float) -> datetime:
    """So many minutes after the escalation came."""
    return AT + timedelta(minutes=count)


BREACH: Final = FiringLine(
    reason=EscalationReason.SLA_BREACH,
    rule="enterprise",
    rule_version="5f0c2a91d377",
    said="SLA breached: first reply overdue by 12 min",
    evidence=(
        "first reply overdue by 12 min",
        "target enterprise: first reply within 30 min of working time",
    ),
    due_at=minutes(-12),
    fired_at=AT,
)
KEYWORD: Final = FiringLine(
    reason=EscalationReason.KEYWORD,
    rule="keywords",
    rule_version="91ab77e0c2d4",
    said="Keyword: “cancel”",
    evidence=(
        "“cancel”",
        "“… or we will cancel our contract by Friday”",
    ),
    due_at=minutes(-3),
    fired_at=AT,
)
PERSON: Final = replace(
    KEYWORD, reason=EscalationReason.PERSON, rule="person", said="Escalated by a colleague: the customer calls",
    evidence=("the customer calls",),
)  # fmt: skip
FIRST_REPLY: Final = ClockLine(
    "812", "Payouts fail since the update", "https://desk.example/tickets/812", "first_reply", "enterprise", "running",
    minutes(-12), -720.0, "working hours",
)  # fmt: skip
RESOLUTION: Final = replace(FIRST_REPLY, kind="resolution", due_at=minutes(438), left_s=26_280.0)
STANDING: Final = "pro, suspended (crm as of 09:12, 6 h ago); open conflict on its tier; this ticket goes by enterprise"
UNCLEAR: Final = "acme.example belongs to 2 customers: acct_42, acct_77"
CARD: Final = EscalationCard(
    id=7,
    subject="ticket",
    ref="#812",
    desk="Zendesk",
    title="Payouts fail since the update",
    url="https://desk.example/tickets/812",
    state="open",
    firings=(BREACH, KEYWORD),
    priority="high",
    customer="Acme GmbH",
    tier="enterprise",
    queue="Billing",
    owner=INES,
    clocks=(FIRST_REPLY, RESOLUTION),
    messages=(
        MessageLine(minutes(-42), "customer", "Kim Vogt", "Since the update all payouts end with error 4012.", False),
        MessageLine(minutes(-41), "bot", "Zendesk", "We have received your request.", False),
        MessageLine(
            minutes(-3), "customer", "Kim Vogt",
            "Nobody has answered. Our suppliers call every hour. Please have a person look at this today, "
            "or we will cancel our contract by Friday.", False,
        ),
    ),
    account=(("Plan", "Enterprise, 140 seats"), ("Open tickets", "3"), ("Customer since", "2022")),
    tried=("Sent the article “Payout errors”", "Asked for the file of 19 Nov"),
    similar=(
        SimilarLine("644", "Payout error 4012 after 8.1", "https://desk.example/tickets/644", 0.83, ("4012", "payout")),
        SimilarLine("590", "Payouts rejected by the bank", "https://desk.example/tickets/590", 0.61, ("payouts",)),
    ),
    called=(CalledLine(INES, "owner", AT),),
    call=(INES,),
    waiting_for="group",
    next_at=minutes(15),
    opened_at=AT,
    opened_by=None,
    claimed_by=None,
    claimed_at=None,
    snoozed_until=None,
    snoozed_by=None,
    stale=False,
    closed_by=None,
    closed_at=None,
    ending="",
    close_note="",
    note_by=None,
    note_at=None,
    customer_note="Thank you for your patience. A specialist has taken this over and will write to you.",
    may_note=True,
    permalink="https://example.slack.com/archives/C1/p1",
)  # fmt: skip
CLAIMED: Final = replace(CARD, state="claimed", claimed_by=RAVI, claimed_at=minutes(4), call=(), next_at=None)
CLOSED: Final = replace(
    CLAIMED, state="closed", ending="handled", closed_by=RAVI, closed_at=minutes(50), note_by=RAVI, note_at=minutes(6),
    close_note="The bank had changed its certificate.\nPayouts are sent again.",
)  # fmt: skip
IN_DESK: Final = "assigned in Zendesk to Ravi Nair, verified 14:16"
BARE: Final = replace(
    CARD, subject="case", ref="CASE-42", title="Invoice sync failed after 5 attempts", url="", customer="", tier="",
    queue="", owner=None, clocks=(), messages=(), account=(), tried=(), similar=(), called=(), call=(), next_at=None,
    opened_by=MARA, may_note=False,
    firings=(PERSON,),
)  # fmt: skip
ROW: Final = EscalationRow(
    id=7, ref="#812", title=CARD.title, url=CARD.url, state="open", reason=EscalationReason.SLA_BREACH,
    said=BREACH.said, priority="high", owner=INES, claimed_by=None, opened_at=AT, next_at=minutes(15), stale=False,
    permalink=CARD.permalink,
)  # fmt: skip
HELD: Final = replace(ROW, id=9, ref="#815", state="claimed", claimed_by=INES, next_at=None, stale=True)
FIGURES: Final = (
    RuleFigures("enterprise", EscalationReason.SLA_BREACH, 41, 33, 4, 2, 2, 0, 33 / 39, 540.0),
    RuleFigures("keywords", EscalationReason.KEYWORD, 1, 0, 1, 0, 0, 3, 0.0, None),
    RuleFigures("person", EscalationReason.PERSON, 3, 0, 0, 0, 3, 0, None, 60.0),
)
SUMMARY: Final = SummaryCard(
    late=tuple(
        (f"#{812 + n}", f"https://desk.example/tickets/{812 + n}", "Payouts fail", "SLA breached: first reply", AT)
        for n in range(25)
    ),
    total=40,
    call=(INES, RAVI),
    away_from=minutes(-300),
    away_until=minutes(-1),
)
SHADOW: Final = ShadowDay(AT.date(), 40, SUMMARY.late)
FEW: Final = replace(SUMMARY, total=2, late=SUMMARY.late[:2])
ABOUT: Final = MessageRef("C1")
ENDS: Final = (("1 hour", "1h"), ("4 hours", "4h"))
_LONG: Final = (
    "The ledger answered 502 & <!channel> to *every* request, see https://evil.example or `ask` 🙈 שלום. " * 40
)
WORST: Final = replace(
    CARD,
    title=_LONG, customer=_LONG, tier=_LONG, queue=_LONG, standing=_LONG, unclear=_LONG,
    firings=tuple(
        replace(BREACH, reason=reason, said=_LONG, rule=_LONG, evidence=(_LONG,) * 5) for reason in REASON_NAMES
    ),
    messages=tuple(MessageLine(minutes(-n), "customer", _LONG, _LONG, True) for n in (30, 20, 10)),
    account=((_LONG, _LONG),) * 9, tried=(_LONG,) * 9, similar=(replace(CARD.similar[0], title=_LONG),) * 9,
    called=(CalledLine(INES, "owner", AT),) * 9, clocks=(FIRST_REPLY, RESOLUTION, replace(FIRST_REPLY, state="paused",
    kind="next_reply", due_at=None, left_s=None)), customer_note=_LONG[:2000],
)  # fmt: skip


def shown(card: EscalationCard, *, first_post: bool = False) -> Mapping[str, Any]:
    """The message of an escalation."""
    return escalation_message(card, LOOK, first_post=first_post)


ESCALATION_EXAMPLES: Final[Mapping[str, Callable[[], Mapping[str, Any]]]] = {
    "esc_first_post": lambda: shown(CARD, first_post=True),
    "esc_open": lambda: shown(CARD),
    "esc_open_desk_cannot_reply": lambda: shown(replace(CARD, may_note=False)),
    "esc_open_bare": lambda: shown(BARE, first_post=True),
    "esc_customer_kept": lambda: shown(replace(CARD, standing=STANDING)),
    "esc_customer_unclear": lambda: shown(replace(CARD, customer="", tier="", unclear=UNCLEAR), first_post=True),
    "esc_claimed": lambda: shown(CLAIMED),
    "esc_claimed_note_sent": lambda: shown(replace(CLAIMED, note_by=RAVI, note_at=minutes(6))),
    "esc_claimed_note_on_its_way": lambda: shown(replace(CLAIMED, note_by=RAVI, in_desk=IN_DESK)),
    "esc_claimed_note_failed": lambda: shown(replace(CLAIMED, note_by=RAVI, note_error="Zendesk answered 503")),
    "esc_snoozed": lambda: shown(replace(CARD, snoozed_until=minutes(240), snoozed_by=INES, next_at=minutes(255))),
    "esc_stale": lambda: shown(replace(CLAIMED, stale=True)),
    "esc_closed": lambda: shown(replace(CLOSED, verdict="right")),
    "esc_not_needed": lambda: shown(replace(CLOSED, ending="not_needed", close_note="", note_by=None)),
    "esc_solved": lambda: shown(replace(CLOSED, ending="solved", close_note="", closed_by=None, note_by=None)),
    "esc_hostile": lambda: shown(WORST, first_post=True),
    "esc_summary": lambda: summary_message(SUMMARY, LOOK, first_post=True),
    "esc_summary_edited": lambda: summary_message(FEW, LOOK, first_post=False),
    "esc_unheard": lambda: shown(replace(CARD, unheard=True, next_at=None)),
    "esc_shadow": lambda: shadow_message(SHADOW, LOOK),
    "esc_list": lambda: escalation_list("Open escalations", [ROW, HELD] * 6, page=1, more="escalations", look=LOOK),
    "esc_list_none": lambda: escalation_list("Open escalations", [], page=1, more="escalations", look=LOOK),
    "esc_conversation": lambda: conversation_modal(7, "#812", CARD.url, CARD.messages, LOOK, page=1, pages=1),
    "esc_conversation_long": lambda: conversation_modal(7, "#812", CARD.url, WORST.messages[:1], LOOK, page=2, pages=3),
    "esc_thread_page": lambda: thread_message(ThreadPage("#812", CARD.messages, 1, 2), LOOK),
    "esc_conversation_reading": lambda: reading_modal("#812"),
    "esc_form_ticket": lambda: escalate_form(ABOUT),
    "esc_form_ticket_begun": lambda: escalate_form(ABOUT, ticket="812", reason="The customer calls"),
    **{
        f"esc_form_{act.removeprefix('escalation.')}": partial(escalation_form, CARD, act, ends=ENDS)
        for act in ESCALATION_FORMS
        if act is not EscalationAct.ESCALATE_TICKET
    },
}  # fmt: skip
"""Messages have blocks, forms and other modals a type."""
