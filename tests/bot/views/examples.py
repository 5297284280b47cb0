"""One example of every view in every state, for the golden files and for whoever wants to see them all."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from automations.customer_context.card_types import WroteIn
from automations.customer_context.standing import Stands
from automations.desks import Capability, cannot
from automations.domain import CaseStatus, CustomerRef, Mode, Priority, TicketField
from automations.failure_tickets.card_types import (
    AttemptLine,
    CaseCard,
    CaseRow,
    EntryLine,
    EscalationCard,
    MovedLine,
    ShadowCard,
    TicketLine,
)
from automations.failure_tickets.team_types import (
    AuditLine,
    AwayLine,
    CoverLine,
    DutyLine,
    HandOverCard,
    PauseLine,
    StatusSummary,
    StuckLine,
)
from automations.words import PersonRef
from bot.cli.view_examples.customers import CUSTOMER_EXAMPLES
from bot.cli.view_examples.escalations import ESCALATION_EXAMPLES
from bot.cli.view_examples.findings import FINDING_EXAMPLES
from bot.cli.view_examples.reports import REPORT_EXAMPLES
from bot.cli.view_examples.rollbacks import ROLLBACK_EXAMPLES
from bot.cli.view_examples.runs import OFFBOARD, PARTIAL, RUN_EXAMPLES, WAITING
from bot.cli.view_examples.triage import TRIAGE_EXAMPLES
from bot.grammar_access import AccessCommand
from bot.views.access_usage import usage_message
from bot.views.case import case_message
from bot.views.create_form import Prefill, create_form, done_view, note_form
from bot.views.customers_notice import wrote_in_message
from bot.views.duty import away_message, duty_message, line_message, pauses_message
from bot.views.forms import case_form
from bot.views.hand_over import hand_over_message
from bot.views.home import HomeCard, home_closed, home_view
from bot.views.lists import PAGE, case_list, offer, sentence
from bot.views.meanwhile import MeanwhileCard, MeanwhileLine, meanwhile_message
from bot.views.moved import moved_message
from bot.views.status import help_message, status_message
from bot.views.stuck import CauseRow, StuckRow, Tried, stuck_list
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
from bot.views.thread import entry_message, escalation_message, shadow_message
from bot.views.undo import undo_offer
from bot.wire import CaseAct, MessageRef
from bot.wire_stuck import CauseButton, StuckAct
from storage.models import Run
from tests.bot.views.group_examples import EVIL, GROUP_EXAMPLES
from tests.bot.views.report_examples import LIMIT_EXAMPLES

AT = datetime(2026, 11, 21, 2, 14, tzinfo=UTC)
LOOK = Look(zone="Europe/Oslo")
ANNA = PersonRef("anna@team.example", "Anna Berg", "U_AGENT1")
BEN = PersonRef("ben@team.example", "Ben Okoro", "U_AGENT2")
LEA = PersonRef("lea@team.example", "Lea Lind", "U_LEAD1")
HANDOFF = PersonRef("handoff", "Handoff")

WANTED = TicketLine("builtin", "wanted")
CREATED = TicketLine("builtin", "created", "17", "https://desk.example/tickets/17")
VERIFIED = replace(CREATED, state="verified", current=True, verified_at=AT + timedelta(minutes=1))
STALE = replace(VERIFIED, current=False)
MISSING = replace(CREATED, missing="the ticket has no owner yet")
LOOK_FOR = (
    "MuninX did not say whether it made the ticket. Look there for “[CASE-42] Invoice sync failed after 5 attempts”, "
    "made since 03:14 (its search shows #tkt_17), then say whether it is there. Until then no other one is made."
)
ASKED = TicketLine("muninx", "unknown", missing=LOOK_FOR, asked=True)
NAMED = TicketLine("muninx", "unknown", named="17", found_by="Ben Okoro")
DELETED = replace(VERIFIED, current=False, gone=True, missing="deleted in the desk by Ben Okoro")


def minutes(count: int) -> datetime:
    return AT + timedelta(minutes=count)


OPEN = CaseCard(
    id=42,
    status=CaseStatus.OPEN,
    version=1,
    source="billing-worker",
    reason="retries_exhausted",
    summary="Invoice sync failed after 5 attempts",
    details="The ledger answers 502 since 02:09.",
    job_id="job_981",
    job_name="invoice-sync",
    customer=CustomerRef("acct_42", "Acme GmbH", "enterprise"),
    attempts=tuple(AttemptLine(minutes(n - 7), f"HTTP 502 from ledger, try {n}") for n in range(1, 8)),
    checks=("ledger status page: degraded",),
    diagnostics_url="https://logs.example/j/981",
    count=1,
    first_seen=AT,
    last_seen=AT,
    rule="billing",
    queue="Billing",
    priority=Priority.URGENT,
    priority_why=(("blocked", 3), ("paid workflow", 2), ("enterprise", 1)),
    owner=ANNA,
    owner_why="on duty in nights",
    opened_at=AT,
    claimed_by=None,
    claimed_at=None,
    closed_by=None,
    closed_at=None,
    close_note=None,
    escalate_at=minutes(30),
    escalated_at=None,
    escalated_by=None,
    escalation_reason=None,
    previous_id=None,
    previous_permalink=None,
    last_actor=HANDOFF,
    last_act="opened it",
    last_at=AT,
    ticket=WANTED,
)
CLAIMED = replace(
    OPEN, status=CaseStatus.CLAIMED, claimed_by=ANNA, claimed_at=minutes(3), last_actor=ANNA, last_act="claimed it",
    last_at=minutes(3), ticket=STALE,
)  # fmt: skip
KEPT = replace(
    CLAIMED, standing="business, suspended (crm as of 20 Nov 21:14, 6 h ago); open conflict on its tier; "
    "this case goes by enterprise",
)  # fmt: skip
WROTE = WroteIn(
    42, False, "acct_42", "Acme GmbH", "812", "Invoices are missing", "https://desk.example/812", minutes(20),
    "Zendesk", "planned",
)  # fmt: skip
ESCALATED = replace(
    OPEN, escalated_at=minutes(31), escalated_by=HANDOFF, escalation_reason="nobody had claimed it by 03:44",
    last_act="escalated it", last_at=minutes(31), ticket=VERIFIED,
)  # fmt: skip
RESOLVED = replace(
    OPEN, status=CaseStatus.RESOLVED, closed_by=ANNA, closed_at=minutes(50), close_note="Ledger is back.\nReplayed.",
    last_actor=ANNA, last_act="resolved it", last_at=minutes(50), ticket=VERIFIED, count=12, last_seen=minutes(9),
)  # fmt: skip
NOT_NEEDED = replace(
    RESOLVED, status=CaseStatus.NOT_NEEDED, close_note=None, last_act="marked it as not needed", ticket=STALE
)
BARE = replace(
    OPEN, customer=None, job_id=None, job_name=None, attempts=(), checks=(), diagnostics_url=None, priority_why=(),
    priority=Priority.LOW, escalate_at=None, owner=PersonRef("cara@team.example", "Cara Diaz"), ticket=VERIFIED,
)  # fmt: skip

ROW = CaseRow(
    id=42, status=CaseStatus.OPEN, priority=Priority.URGENT, summary=OPEN.summary, owner=ANNA, count=4,
    opened_at=AT, last_seen=minutes(5), escalated=True, ticket_current=False, permalink="https://chat.example/p/1",
)  # fmt: skip
WRONG = (
    "slack: Slack has not answered for 14 minutes; `handoff cases claim --as EMAIL` works meanwhile",
    "engine: the oldest job, slack.deliver, has waited for 12 minutes",
    "desk: Zendesk has not been read for 25 minutes; what is due there is tried again",
    "failure queue: 3 things wait for somebody, the oldest for 5 hours",
)
CALM = replace(ROW, id=7, status=CaseStatus.CLAIMED, priority=Priority.LOW, count=1, escalated=False,
               ticket_current=True, permalink=None)  # fmt: skip
ESCALATION = EscalationCard(case=ESCALATED, lead=LEA, reason="nobody had claimed it", at=minutes(31), by=HANDOFF)
STATUS = StatusSummary(
    open=12, claimed=3, escalated=1, unverified=2, stale=1, stuck=0, waiting_for_slack=0, oldest_unclaimed=ROW,
    by_priority=((Priority.URGENT, 2), (Priority.LOW, 13)),
)  # fmt: skip
DUTY = (
    DutyLine("nights", ANNA, minutes(400)),
    DutyLine("days", None, None),
    DutyLine("winter", None, minutes(9000), begun=False),
)


COVERED = (
    DutyLine(
        "billing", BEN, minutes(400), covers_for=ANNA, then=ANNA,
        covers=(CoverLine(LEA, minutes(3000), minutes(4000), "swap"), CoverLine(BEN, minutes(5000), minutes(5400))),
    ),
)  # fmt: skip
AWAY = (AwayLine(ANNA, AT, minutes(1200), ANNA), AwayLine(BEN, minutes(1500), minutes(3000), LEA, ahead=True))
PAUSE = PauseLine("source", "billing-worker", AT, minutes(120), "the ledger is being moved", LEA)
STANDS = Stands(1_204, 3, 1, 2, 4, 0, Run(id=91, state="proposed", requested_at=AT))
STUCK = StuckRow(
    12, "CASE-42", "ticket.sync", ANNA, "The desk refused the ticket: the field Cause is missing.", 20, AT, True
)
TRIED_AGAIN = replace(
    STUCK, id=14, since=minutes(-90), editable=True, reason="the desk answered 422: the group Billing is not known",
    tried=(Tried(minutes(-90), 20, "the desk answered 503"), Tried(AT, 3, "the desk answered 422: no group Billing")),
)  # fmt: skip
CAUSE = CauseRow(
    "0123456789abcdef",
    40,
    10,
    "ticket.sync",
    "the desk answered 503 (tried 20 times)",
    (ANNA, BEN),
    minutes(-200),
    True,
)
SETTLED = SettledLine("CASE-7", "slack.deliver", "discarded", "Lea Lind", AT, "the channel is gone")
HOME = HomeCard(
    mine=(ROW, CALM, replace(CALM, id=9, stale=True)),
    mine_in_all=24,
    stuck=(STUCK, replace(STUCK, id=13, owner=BEN, may=False)),
    status=replace(STATUS, stuck=5, pauses=(PAUSE,), away=AWAY[:1]),
    duty=DUTY,
)
HAND_OVER = HandOverCard(
    rotation="nights", at=AT, since=minutes(-720), late=False, before=ANNA, after=BEN, until=minutes(720),
    unclaimed=8, claimed=3, stale=1, new=7, new_closed=2, newest=(ROW,) * 5, older=6,
    oldest=(replace(CALM, stale=True), CALM, CALM, CALM, CALM), stuck=1, waiting=2,
    stuck_first=(StuckLine("CASE-7", "the desk answered 422: the group Billing is not known", 20),),
)  # fmt: skip
CALM_HAND_OVER = replace(
    HAND_OVER, late=True, before=ANNA, after=ANNA, unclaimed=0, claimed=0, stale=0, new=0, newest=(), older=0,
    oldest=(), stuck=0, stuck_first=(),
)  # fmt: skip


MESSAGE = "Exports hang since noon <all of them>\nCustomers & partners ask in #help"
ABOUT = MessageRef("C_HELP", "1795227240.000100")


def shown(card: CaseCard, *, first_post: bool = False) -> Any:
    return case_message(card, LOOK, first_post=first_post)


MOVED = MovedLine(42, "Invoice sync failed after 5 attempts", BEN, "https://chat.example/p/42")

SHADOW = ShadowCard(
    summary="Invoice sync failed after 5 attempts",
    source="billing-worker",
    owner="Anna Berg",
    owner_why="on duty in billing-duty until Mon 09:00",
    queue="Billing",
    rule="billing",
    priority_why="blocked 3 + paid workflow 3 = 6 → urgent",
    count=3,
)

CANNOT = cannot("Smalldesk", dict.fromkeys(Capability, "Look for it there & write it <down> yourself."))
DESK_FIELDS = (TicketField("cause", "Root cause", ("Ledger", "Network")), TicketField("minutes", "Minutes spent"))
ENDS = (("1 hour", "1h"), ("4 hours", "4h"), ("Next working morning (23 Nov 08:00)", "morning"))

EXAMPLES: Mapping[str, Callable[[], Any]] = {
    **GROUP_EXAMPLES,
    **RUN_EXAMPLES,
    **ROLLBACK_EXAMPLES,
    **FINDING_EXAMPLES,
    **CUSTOMER_EXAMPLES,
    **TRIAGE_EXAMPLES,
    **ESCALATION_EXAMPLES,
    **REPORT_EXAMPLES,
    **LIMIT_EXAMPLES,
    "case_open_first_post": lambda: shown(OPEN, first_post=True),
    "case_claimed_first_post": lambda: shown(CLAIMED, first_post=True),
    "case_open_edited": lambda: shown(replace(OPEN, count=4, last_seen=minutes(9), ticket=CREATED)),
    "case_open_bare": lambda: shown(BARE, first_post=True),
    "case_open_follows": lambda: shown(replace(OPEN, previous_id=7, previous_permalink="https://chat.example/p/7")),
    "case_escalated": lambda: shown(ESCALATED),
    "case_claimed": lambda: shown(CLAIMED),
    "case_customer_kept": lambda: shown(KEPT),
    "customer_wrote_in": lambda: wrote_in_message(WROTE, LOOK),
    "customer_wrote_in_noted": lambda: wrote_in_message(replace(WROTE, in_group=True, state="noted"), LOOK),
    "customer_wrote_in_not_noted": lambda: wrote_in_message(
        replace(WROTE, name=EVIL, title=EVIL, url="", state="failed", error=EVIL), LOOK
    ),
    "case_customer_not_known": lambda: shown(
        replace(OPEN, standing="enterprise, the event's word: acct_42 is not known as a customer"), first_post=True
    ),
    "case_claimed_escalated": lambda: shown(
        replace(CLAIMED, escalated_at=minutes(31), escalated_by=BEN, escalation_reason="customer calls")
    ),
    "case_resolved_verified": lambda: shown(RESOLVED),
    "case_resolved_not_verified": lambda: shown(replace(RESOLVED, ticket=STALE)),
    "case_not_needed": lambda: shown(NOT_NEEDED),
    "case_resolved_held": lambda: shown(replace(RESOLVED, ticket=STALE, hold_until=minutes(51))),
    "case_resolved_held_without_ticket": lambda: shown(replace(RESOLVED, ticket=WANTED, hold_until=minutes(51))),
    "case_snoozed": lambda: shown(replace(OPEN, snoozed_until=minutes(240), snoozed_by=BEN, escalate_at=minutes(270))),
    "case_claimed_snoozed": lambda: shown(replace(CLAIMED, snoozed_until=minutes(240), snoozed_by=ANNA)),
    "case_stale": lambda: shown(replace(CLAIMED, stale=True, reminders=2, last_at=minutes(8))),
    "case_open_not_called": lambda: shown(replace(OPEN, call_owner=False), first_post=True),
    "moved_one": lambda: moved_message([MOVED], LOOK),
    "moved_many": lambda: moved_message([replace(MOVED, id=number, permalink=None) for number in range(12)], LOOK),
    "ticket_creating": lambda: shown(replace(OPEN, ticket=TicketLine("zendesk", "creating"))),
    "ticket_unknown": lambda: shown(replace(OPEN, ticket=TicketLine("zendesk", "unknown"))),
    "ticket_asked": lambda: shown(replace(OPEN, ticket=ASKED)),
    "ticket_asked_closed": lambda: shown(replace(RESOLVED, ticket=ASKED)),
    "ticket_named": lambda: shown(replace(OPEN, ticket=NAMED)),
    "ticket_found_and_read": lambda: shown(
        replace(CLAIMED, ticket=replace(VERIFIED, system="muninx", found_by="Ben Okoro", read_at=minutes(40)))
    ),
    "ticket_read_not_verified": lambda: shown(replace(OPEN, ticket=replace(STALE, read_at=minutes(40)))),
    "form_ticket_found": lambda: case_form(replace(OPEN, ticket=ASKED), CaseAct.TICKET_FOUND),
    "form_ticket_absent": lambda: case_form(replace(OPEN, ticket=ASKED), CaseAct.TICKET_ABSENT),
    "ticket_refused": lambda: shown(replace(OPEN, ticket=replace(WANTED, missing="the built-in desk has no group"))),
    "ticket_missing": lambda: shown(replace(OPEN, ticket=MISSING)),
    "ticket_deleted": lambda: shown(replace(OPEN, ticket=DELETED)),
    "ticket_deleted_closed": lambda: shown(replace(RESOLVED, ticket=DELETED)),
    "entry_customer": lambda: entry_message(
        EntryLine(
            42,
            5,
            minutes(5),
            PersonRef("Acme GmbH (customer)", "Acme GmbH (customer)"),
            "customer_reply",
            "Acme GmbH (customer) replied in ticket #812",
            BEN,
            link=("ticket #812", "https://desk.example/812"),
        ),
        LOOK,
    ),
    "entry": lambda: entry_message(EntryLine(42, 2, minutes(3), ANNA, "claimed", "Anna Berg claimed this case"), LOOK),
    "entry_mention": lambda: entry_message(
        EntryLine(42, 3, minutes(4), ANNA, "reassigned", "Anna Berg reassigned this case to Ben Okoro", BEN), LOOK
    ),
    "escalation_first_post": lambda: escalation_message(ESCALATION, LOOK, first_post=True),
    "escalation_lead_away": lambda: escalation_message(
        replace(ESCALATION, lead=ANNA, lead_why="Lea Lind is away until 28 Nov; the default owner is asked instead"),
        LOOK,
        first_post=True,
    ),
    "escalation_taken_back": lambda: escalation_message(
        replace(ESCALATION, by=ANNA, taken_back_by=ANNA, taken_back_at=minutes(32)), LOOK, first_post=False
    ),
    "shadow": lambda: shadow_message(SHADOW),
    "escalation_of_claimed": lambda: escalation_message(replace(ESCALATION, case=CLAIMED), LOOK, first_post=False),
    "escalation_claimed": lambda: escalation_message(
        replace(ESCALATION, case=replace(CLAIMED, claimed_at=minutes(33))), LOOK, first_post=False
    ),
    "escalation_not_needed": lambda: escalation_message(replace(ESCALATION, case=NOT_NEEDED), LOOK, first_post=False),
    "escalation_closed": lambda: escalation_message(replace(ESCALATION, case=RESOLVED), LOOK, first_post=False),
    "form_reassign": lambda: case_form(CLAIMED, CaseAct.REASSIGN),
    "form_escalate": lambda: case_form(OPEN, CaseAct.ESCALATE),
    "form_resolve": lambda: case_form(CLAIMED, CaseAct.RESOLVE),
    "form_resolve_desk_fields": lambda: case_form(CLAIMED, CaseAct.RESOLVE, fields=DESK_FIELDS),
    "form_resolve_desk_cannot": lambda: case_form(CLAIMED, CaseAct.RESOLVE, remark=CANNOT[Capability.FIELDS]),
    "form_snooze": lambda: case_form(OPEN, CaseAct.SNOOZE, ends=ENDS),
    "form_not_needed": lambda: case_form(OPEN, CaseAct.NOT_NEEDED),
    "case_flapping": lambda: shown(replace(OPEN, count=9, last_seen=minutes(40), flaps=3, ticket=VERIFIED)),
    "case_resolved_came_back": lambda: shown(replace(RESOLVED, next_id=57, next_permalink="https://chat.example/p/57")),
    "case_silent": lambda: shown(
        replace(
            BARE,
            source="nightly-export",
            reason="silent",
            priority=Priority.NORMAL,
            summary="nightly-export has been silent for 24 h (expected every 24 h; last heard 21 Nov 02:14)",
            priority_why=(("source fell silent", 1),),
        )
    ),
    "entry_came_back": lambda: entry_message(
        EntryLine(
            42,
            5,
            minutes(70),
            HANDOFF,
            "came_back",
            "Handoff saw this failure come back as CASE-57",
            link=("CASE-57", "https://chat.example/p/57"),
        ),
        LOOK,
    ),
    "form_create": lambda: create_form(Prefill(MESSAGE), ABOUT),
    "form_create_by_phone": lambda: create_form(Prefill("Acme cannot log in", asks_origin=True), MessageRef("C_1")),
    "form_create_escalated": lambda: create_form(Prefill(MESSAGE), ABOUT, escalates=True),
    "form_create_desk_cannot": lambda: create_form(Prefill("x"), ABOUT, remark=CANNOT[Capability.PRIORITIES]),
    "form_note_desk_cannot": lambda: note_form([ROW], 42, "x", ABOUT, remark=CANNOT[Capability.AUTHORS]),
    "form_note": lambda: note_form(
        [ROW, CALM], 42, f"Ben Okoro wrote in #failures, 21 Nov 03:20 CET:\n{MESSAGE}", ABOUT
    ),
    "form_note_any_case": lambda: note_form([ROW, CALM], None, "", ABOUT),
    "form_done": lambda: done_view("CASE-57", "CASE-57 is open, and it is yours.", "https://chat.example/p/57"),
    "list_one_page": lambda: case_list("Your open cases", [ROW, CALM], page=1, more="mine", look=LOOK),
    "list_more": lambda: case_list("Open cases", [ROW] * (PAGE + 1), page=2, more="cases", look=LOOK),
    "list_empty": lambda: case_list("Your open cases", [], page=1, more="mine", look=LOOK),
    "status": lambda: status_message(STATUS, DUTY, AT, LOOK),
    "status_runs": lambda: status_message(STATUS, DUTY, AT, LOOK, (OFFBOARD, PARTIAL, *(WAITING,) * 5)),
    "status_customers": lambda: status_message(
        STATUS, DUTY, AT, LOOK, (OFFBOARD, replace(PARTIAL, automation="customers")), customers=STANDS
    ),
    "status_customers_first": lambda: status_message(STATUS, DUTY, AT, LOOK, customers=Stands(0, 0, 0, 0, 0, 0, None)),
    "status_audit": lambda: status_message(
        replace(STATUS, audit=AuditLine(minutes(-3), 12, late=False)), DUTY, AT, LOOK
    ),
    "status_audit_late": lambda: status_message(
        replace(STATUS, audit=AuditLine(minutes(-47), 1_204, late=True)), DUTY, AT, LOOK
    ),
    "status_audit_never": lambda: status_message(replace(STATUS, audit=AuditLine(None, 1, late=True)), DUTY, AT, LOOK),
    "status_wrong": lambda: status_message(STATUS, DUTY, AT, LOOK, wrong=WRONG),
    "status_quiet": lambda: status_message(StatusSummary(0, 0, 0, 0, 0, 0), (), AT, LOOK),
    "help": lambda: help_message(LOOK),
    "help_leads": lambda: help_message(LOOK, access=True),
    "help_customers": lambda: help_message(LOOK, customers=True),
    "access_usage": lambda: usage_message(AccessCommand.PROVISION, LOOK, problem="Whom? Give @person."),
    "help_problem": lambda: help_message(LOOK, problem="I do not know “fix”. I know: help, status, mine, cases."),
    "offer_resolve": lambda: offer(CaseAct.RESOLVE, 42),
    "offer_escalate": lambda: offer(CaseAct.ESCALATE, 42),
    "undo": lambda: undo_offer("CASE-42 is yours.", minutes(1), 17, LOOK),
    "sentence": lambda: sentence("Anna Berg claimed CASE-42 at 03:17."),
    "home": lambda: home_view(HOME, HOME.mine[0].owner.email, AT, LOOK),
    "home_nothing": lambda: home_view(HomeCard((), 0, (), StatusSummary(0, 0, 0, 0, 0, 0), ()), "", AT, LOOK),
    "stuck_list": lambda: stuck_list([STUCK, replace(STUCK, id=13, may=False)], 12, LOOK),
    "stuck_list_causes": lambda: stuck_list(
        [TRIED_AGAIN], 14, LOOK, causes=[CAUSE, replace(CAUSE, items=4, may=False)], singles=1
    ),
    "stuck_list_page": lambda: stuck_list([STUCK], 40, LOOK, page=3, singles=40),
    "meanwhile": lambda: meanwhile_message(
        MeanwhileCard(
            (MeanwhileLine(7, "Export failed", "Lea Lind", "by hand"), MeanwhileLine(8, "Sync failed", "")), 9
        ),
        LOOK,
    ),
    "stuck_tried": lambda: tried_screen(TRIED_AGAIN, LOOK),
    "stuck_each": lambda: cause_screen([STUCK, TRIED_AGAIN], 30, LOOK),
    "stuck_reminder": lambda: reminder_message(ReminderCard((TRIED_AGAIN, STUCK), 12, (SETTLED,)), LOOK),
    "stuck_reminder_over": lambda: reminder_message(ReminderCard((), 0, (SETTLED,)), LOOK),
    "form_edit": lambda: edit_form(TRIED_AGAIN, EditShown("Group in the desk", "Billing", "As the desk spells it.")),
    "form_edit_choice": lambda: edit_form(
        STUCK, EditShown("Channel", "C2", "Where it goes.", (("#failures", "C1"), ("#second", "C2")))
    ),
    "form_discard_all": lambda: discard_all_form(
        CauseButton(CAUSE.cause, 40, StuckAct.DISCARD_ALL), CAUSE.reason, 8, 2
    ),
    "stuck_unclear": lambda: stuck_list([replace(STUCK, reason=LOOK_FOR, unclear=42)], 1, LOOK),
    "stuck_none": lambda: stuck_list([], 0, LOOK),
    "form_discard": lambda: discard_form(STUCK),
    "status_paused": lambda: status_message(
        replace(STATUS, pauses=(PAUSE,), away=AWAY[:1], mode=Mode.SHADOW), COVERED, AT, LOOK
    ),
    "on_duty": lambda: duty_message((*COVERED, *DUTY), AT, LOOK),
    "on_duty_none": lambda: duty_message((), AT, LOOK),
    "away": lambda: away_message(AWAY, LOOK),
    "away_nobody": lambda: away_message((), LOOK),
    "pauses": lambda: pauses_message((PAUSE, replace(PAUSE, kind="automation", target="failure_tickets")), LOOK),
    "pauses_none": lambda: pauses_message((), LOOK),
    "line": lambda: line_message("The pause of billing-worker ended; 17 events were only recorded meanwhile.", None),
    "line_mention": lambda: line_message("Ben Okoro has the duty nights until 22:00. Settled by Lea Lind.", BEN),
    "hand_over": lambda: hand_over_message(HAND_OVER, LOOK, mention=True),
    "hand_over_edited": lambda: hand_over_message(HAND_OVER, LOOK, mention=False),
    "hand_over_late_and_calm": lambda: hand_over_message(CALM_HAND_OVER, LOOK, mention=False),
    "hand_over_to_nobody": lambda: hand_over_message(
        replace(CALM_HAND_OVER, after=None, late=False), LOOK, mention=False
    ),
    "home_closed": lambda: home_closed("Guests of this workspace cannot act in Handoff."),
}
