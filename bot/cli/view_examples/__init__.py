"""One example of every kind of message and form, for Slack's own validator: invented people, texts of awkward sizes."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from automations.domain import CaseStatus, CustomerRef, Priority, TicketField
from automations.failure_tickets.card_types import (
    AttemptLine,
    CaseCard,
    CaseRow,
    EntryLine,
    EscalationCard,
    ShadowCard,
    TicketLine,
)
from automations.failure_tickets.team_types import DutyLine, StatusSummary
from automations.words import PersonRef
from bot.cli.view_examples.customers import CUSTOMER_EXAMPLES
from bot.cli.view_examples.escalations import ESCALATION_EXAMPLES
from bot.cli.view_examples.findings import FINDING_EXAMPLES
from bot.cli.view_examples.reports import REPORT_EXAMPLES
from bot.cli.view_examples.rollbacks import ROLLBACK_EXAMPLES
from bot.cli.view_examples.runs import RUN_EXAMPLES
from bot.cli.view_examples.stuck import STUCK, STUCK_EXAMPLES
from bot.cli.view_examples.triage import TRIAGE_EXAMPLES
from bot.grammar_access import AccessCommand
from bot.views.access_usage import usage_message
from bot.views.case import case_message
from bot.views.forms import case_form
from bot.views.home import HOME_CASES, HOME_STUCK, HomeCard, home_closed, home_view
from bot.views.lists import case_list, offer, sentence
from bot.views.status import help_message, status_message
from bot.views.texts import Look
from bot.views.thread import entry_message, escalation_message, shadow_message
from bot.views.undo import undo_offer
from bot.wire import CaseAct

_AT = datetime(2026, 11, 21, 2, 14, tzinfo=UTC)
_LOOK = Look(zone="Europe/Oslo")
_ANNA = PersonRef("anna@team.example", "Anna Berg")
_LONG = "The ledger answered 502 & <timeout> to every request. " * 60
_OPEN = CaseCard(
    id=42,
    status=CaseStatus.OPEN,
    version=3,
    source="billing-worker",
    reason="retries_exhausted",
    summary=_LONG[:1000],
    details=_LONG,
    job_id="job_981",
    job_name="invoice-sync",
    customer=CustomerRef("acct_42", "Acme GmbH", "enterprise"),
    attempts=tuple(AttemptLine(_AT + timedelta(minutes=n), "HTTP 502 from the ledger") for n in range(12)),
    checks=("ledger status page: degraded",) * 8,
    diagnostics_url="https://logs.example/j/981",
    count=1_000,
    first_seen=_AT,
    last_seen=_AT + timedelta(hours=2),
    rule="billing",
    queue="Billing",
    priority=Priority.URGENT,
    priority_why=(("blocked", 3), ("paid workflow", 3), ("enterprise", 1)),
    owner=_ANNA,
    owner_why="on duty in nights until Mon 09:00",
    opened_at=_AT,
    claimed_by=None,
    claimed_at=None,
    closed_by=None,
    closed_at=None,
    close_note=None,
    escalate_at=_AT + timedelta(minutes=30),
    escalated_at=None,
    escalated_by=None,
    escalation_reason=None,
    previous_id=7,
    previous_permalink="https://example.slack.com/archives/C1/p1",
    last_actor=_ANNA,
    last_act="reassigned it to Ben Okoro",
    last_at=_AT,
    ticket=TicketLine("builtin", "created", "17", "https://desk.example/17", missing="the ticket has no owner yet"),
)
_ASKED = TicketLine("muninx", "unknown", missing=_LONG, asked=True)
_CLAIMED = replace(_OPEN, status=CaseStatus.CLAIMED, claimed_by=_ANNA, claimed_at=_AT)
_CLOSED = replace(_OPEN, status=CaseStatus.RESOLVED, closed_by=_ANNA, closed_at=_AT, close_note=_LONG[:1500])
_FIELDS = (TicketField("cause", _LONG, ("Ledger", "Network")), TicketField("minutes", "Minutes spent"))
_ROW = CaseRow(
    id=42,
    status=CaseStatus.OPEN,
    priority=Priority.URGENT,
    summary=_LONG[:1000],
    owner=_ANNA,
    count=4,
    opened_at=_AT,
    last_seen=_AT,
    escalated=True,
    ticket_current=False,
    permalink="https://example.slack.com/archives/C1/p1",
)
_STATUS = StatusSummary(12, 3, 1, 2, 1, 4, _ROW, ((Priority.URGENT, 2), (Priority.LOW, 13)))
_DUTY = (DutyLine("nights", _ANNA, _AT), DutyLine("days", None, None))
_SHADOW = ShadowCard(_LONG[:1000], "billing-worker", "Anna Berg", "on duty", "Billing", "billing", "blocked 3 = 3", 12)


def _without_files(example: Callable[[], Mapping[str, Any]]) -> Callable[[], Mapping[str, Any]]:
    """The same view without the pictures that Slack does not have, which it would refuse."""

    def made() -> Mapping[str, Any]:
        view = example()
        return {**view, "blocks": [block for block in view["blocks"] if "slack_file" not in block]}

    return made


EXAMPLES: Mapping[str, Callable[[], Mapping[str, Any]]] = {
    "case, open": lambda: case_message(_OPEN, _LOOK, first_post=True),
    "case, claimed": lambda: case_message(_CLAIMED, _LOOK, first_post=False),
    "case, closed": lambda: case_message(_CLOSED, _LOOK, first_post=False),
    "line of the thread": lambda: entry_message(EntryLine(42, 3, _AT, _ANNA, "noted", _LONG), _LOOK),
    "escalation": lambda: escalation_message(EscalationCard(_OPEN, _ANNA, _LONG, _AT, _ANNA), _LOOK, first_post=True),
    "shadow": lambda: shadow_message(_SHADOW),
    "form, reassign": lambda: case_form(_OPEN, CaseAct.REASSIGN),
    "form, escalate": lambda: case_form(_OPEN, CaseAct.ESCALATE),
    "form, resolve": lambda: case_form(_OPEN, CaseAct.RESOLVE),
    "form, resolve, with fields of the desk": lambda: case_form(_OPEN, CaseAct.RESOLVE, fields=_FIELDS),
    "form, snooze": lambda: case_form(_OPEN, CaseAct.SNOOZE, ends=[("1 hour", "1h"), ("Next morning", "morning")]),
    "form, not needed": lambda: case_form(_OPEN, CaseAct.NOT_NEEDED),
    "case, whose ticket is looked for": lambda: case_message(replace(_OPEN, ticket=_ASKED), _LOOK, first_post=False),
    "form, ticket is there": lambda: case_form(replace(_OPEN, ticket=_ASKED), CaseAct.TICKET_FOUND),
    "form, make the ticket": lambda: case_form(replace(_OPEN, ticket=_ASKED), CaseAct.TICKET_ABSENT),
    "list of cases": lambda: case_list("Open cases", [_ROW] * 30, page=1, more="cases", look=_LOOK),
    "status": lambda: status_message(_STATUS, _DUTY, _AT, _LOOK),
    "help": lambda: help_message(_LOOK, problem="I do not know “fix”.", access=True),
    "how offboard is used": lambda: usage_message(AccessCommand.OFFBOARD, _LOOK, problem="Who leaves?"),
    "offer": lambda: offer(CaseAct.RESOLVE, 42),
    "undo": lambda: undo_offer(_LONG, _AT, 17, _LOOK),
    "sentence": lambda: sentence(_LONG),
    "home": lambda: home_view(
        HomeCard((_ROW,) * HOME_CASES, 30, (STUCK,) * HOME_STUCK, _STATUS, tuple(_DUTY)), "", _AT, _LOOK
    ),
    **STUCK_EXAMPLES,
    **RUN_EXAMPLES,
    **ROLLBACK_EXAMPLES,
    **FINDING_EXAMPLES,
    **CUSTOMER_EXAMPLES,
    **TRIAGE_EXAMPLES,
    **ESCALATION_EXAMPLES,
    **{name: _without_files(example) for name, example in REPORT_EXAMPLES.items()},
    "home, closed": lambda: home_closed("Guests may do nothing in Handoff."),
}
"""Every view by a name for people. Messages have blocks, forms and home tabs a type."""
