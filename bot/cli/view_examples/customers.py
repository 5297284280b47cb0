"""Syncs, groups, conflicts and customers in every state, as their messages, details and forms show them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from automations.customer_context.card_types import (
    ConflictLine,
    CustomerSheet,
    GroupLine,
    LedgerCard,
    RejectedLine,
    SyncCard,
)
from automations.customer_context.context import Effects
from automations.customer_context.search import CustomerRow
from automations.runs.card_types import Approval
from bot.cli.view_examples.runs import AT, DIGEST, HANDOFF, INGRID, LOOK, TOMAS, minutes
from bot.views.customers import sync_message
from bot.views.customers_forms import (
    approve_all_form,
    approve_form,
    field_form,
    hold_form,
    ignore_form,
    keep_desk_form,
    reject_form,
)
from bot.views.customers_group import group_details
from bot.views.customers_ledger import ledger_message
from bot.views.customers_lists import (
    customers_message,
    rejected_message,
    sheet_message,
    usage_message,
)
from bot.wire_customers import ConflictAct, FieldButton, field_key

_TIER = "Which SLA a ticket has, and whether a failure counts as urgent."
_SAMPLES = (
    ("acct_42", "Acme GmbH", "pro", "enterprise"),
    ("acct_77", "Tandem Cycles", "pro", "enterprise"),
    ("acct_90", "", "pro", "enterprise"),
)
_TICKETS = (
    ("812", "https://desk.example/812", "SLA: premium in place of standard, first reply due 21 Nov 04:00"),
    ("815", "https://desk.example/815", "escalates at once: first reply was due 20 Nov 16:00"),
)


def group(number: int, kind: str, field: str, words: str, size: int, **more: Any) -> GroupLine:
    """A group that waits for somebody."""
    return replace(GroupLine(number, kind, field, words, "", size, DIGEST, "open"), **more)


RISING: Final = group(
    31, "changed", "tier", "tier: pro → enterprise", 400, decision=_TIER, samples=_SAMPLES,
    effects=Effects(tickets=40, priorities=0, clocks=12, escalations=3, samples=_TICKETS),
)  # fmt: skip
GROUPS: Final = (
    RISING,
    group(32, "added", "", "not in Zendesk yet", 3, decision="Who may open a ticket, and as whose."),
    group(33, "suspended", "status", "status: active → suspended", 9, decision="Whether a ticket is answered at all."),
    group(34, "changed", "account_manager", "account_manager: each its own", 1,
          decision="Who is asked before a ticket is closed as not ours.",
          samples=(("acct_42", "Acme GmbH", "", "Nadia Rahman"),)),
)  # fmt: skip
OPEN: Final = SyncCard(
    run_id=21,
    state="done",
    mode="ask",
    requested_by=HANDOFF,
    requested_at=AT,
    desk="Zendesk",
    sources=(("crm (PostgreSQL)", 1_000, AT), ("accounts.csv", 988, AT - timedelta(hours=6, minutes=5))),
    counts=(("added", 3), ("changed", 401), ("suspended", 9), ("unchanged", 584), ("conflicted", 2), ("rejected", 1)),
    groups=GROUPS,
    page=1,
    pages=1,
    total=4,
    digest=DIGEST,
    open_conflicts=2,
    open_rejected=1,
    blanks_kept={"tier": 12, "domains": 1},
)
STOPPED: Final = replace(
    OPEN, state="proposed", brake="413 of 997 customers at once", approvals=(Approval(INGRID, minutes(4)),), needed=2,
    expires_at=minutes(2_880), requested_by=INGRID,
)  # fmt: skip
DECIDED: Final = (
    replace(RISING, state="confirmed", open_too=True, decided_by=INGRID, decided_at=minutes(3), applied_by=22,
            verified=120, refused=1),
    replace(GROUPS[1], state="applied", decided_by=INGRID, decided_at=minutes(3), applied_by=22, verified=3),
    replace(GROUPS[2], state="held", decided_by=TOMAS, decided_at=minutes(5), reason="Billing is still asking them."),
    replace(GROUPS[3], state="rejected", decided_by=TOMAS, decided_at=minutes(6), reason="The CRM has the old team."),
    replace(RISING, id=35, state="partial", decided_by=INGRID, decided_at=minutes(3), applied_by=23, verified=398,
            refused=2),
    replace(RISING, id=36, state="superseded"),
    replace(RISING, id=37, state="undone", applied_by=24, decided_by=TOMAS, decided_at=minutes(9)),
)  # fmt: skip
NONE: Final = replace(
    OPEN, counts=(("unchanged", 997),), groups=(), total=0, open_conflicts=0, open_rejected=0, blanks_kept={}
)
LONG: Final = replace(
    RISING, id=61, words=f"region: {'north, ' * 99} → {'south, ' * 99}", decision="Which team answers. " * 14,
    samples=tuple((f"acct_{n}", f"Customer {n} GmbH", "pro", "enterprise") for n in range(300)), size=900,
)  # fmt: skip


def conflict(number: int, field: str, source_value: str, desk_value: str, **more: Any) -> ConflictLine:
    """A conflict that waits for somebody."""
    made = ConflictLine(
        id=number,
        account="acct_42",
        name="Acme GmbH",
        field=field,
        kind="differs",
        source="crm",
        source_value=source_value,
        desk_value=desk_value,
        winner="crm, the source of truth",
        since=AT - timedelta(days=2),
        state="open",
        version=1,
        takeable=True,
        url="https://desk.example/organizations/4711",
    )
    return replace(made, **more)


DIFFERS: Final = conflict(51, "tier", "enterprise", "pro")
CONFLICTS: Final = (
    DIFFERS,
    conflict(52, "tier", "starter", "pro", account="acct_77", name="Tandem Cycles", url=""),
    conflict(53, "domains", "", "acme.example, acme.test", kind="blank", account="acct_78", name="Nord AS"),
    conflict(54, "tier", "pro", "enterprise", kind="two_rows", account="acct_79", name="Two Rows Ltd", winner="",
             takeable=False),
    conflict(55, "", "", "", kind="two_accounts", account="acct_80", name="Shared Ltd", winner="", takeable=False,
             others=("acct_80", "acct_81", "acct_82", "acct_83", "acct_84", "acct_85")),
)  # fmt: skip
SETTLED: Final = (
    replace(DIFFERS, id=41, state="kept", decided_by=INGRID, decided_at=minutes(3), until=AT + timedelta(days=90),
            reason="They were promised pro until spring."),
    replace(DIFFERS, id=42, state="taken", decided_by=TOMAS, decided_at=minutes(4), run_id=25),
    replace(DIFFERS, id=43, state="taking", decided_by=TOMAS, decided_at=minutes(4), run_id=26),
    replace(DIFFERS, id=44, state="ignored", decided_by=TOMAS, decided_at=minutes(5)),
    replace(DIFFERS, id=45, state="gone"),
)  # fmt: skip
LEDGER: Final = LedgerCard(
    "Zendesk", CONFLICTS, 1, 2, 12, (("tier", 9, DIGEST), ("domains", 1, DIGEST), ("", 2, DIGEST)), SETTLED[:2]
)
NOTHING_LEFT: Final = LedgerCard("Zendesk", (), 1, 1, 0, (), SETTLED)
REJECTED: Final = (
    RejectedLine(71, "crm", "acct_17", "tier: “Gold+” is none of pro, enterprise, starter.",
                 {"id": "acct_17", "tier": "Gold+"}, AT - timedelta(days=3), AT, 4, "open"),
    RejectedLine(72, "accounts.csv", "row 17", "There is no account id.",
                 dict.fromkeys(("name", "tier", "status", "domains", "owner", "region", "since"), "x"),
                 AT, AT, 1, "open"),
)  # fmt: skip
SHEET: Final = CustomerSheet(
    account="acct_42",
    name="Acme GmbH",
    status="active",
    tier="enterprise",
    desk_id="4711",
    url="https://desk.example/organizations/4711",
    as_of=AT - timedelta(hours=6),
    gone_since=None,
    fields=(
        ("tier", "enterprise", "crm (PostgreSQL)", "enterprise", _TIER),
        ("status", "active", "crm (PostgreSQL)", "active", "Whether a ticket is answered at all."),
        ("account_manager", "", "accounts.csv", "Nadia Rahman", "Who is asked before a ticket is closed."),
        ("segment", "retail", "the desk", "retail", "Which macro is offered first."),
    ),
    domains=("acme.example", "acme.test"),
    conflicts=(DIFFERS,),
    history=(
        (minutes(-600), "tier", "pro", "enterprise", "RUN-22"),
        (minutes(-60_000), "domains", "", "acme.example", "kept by Ingrid Holm"),
    ),
)
_ROWS = tuple(CustomerRow(f"acct_{n}", f"Customer {n} GmbH", "pro" if n % 3 else "", "active") for n in range(10))
_FIELD = FieldButton(ConflictAct.TAKE_SOURCE, field_key("tier"), DIGEST)

CUSTOMER_EXAMPLES: Mapping[str, Callable[[], Mapping[str, Any]]] = {
    "customers_sync": lambda: sync_message(OPEN, LOOK),
    "customers_sync_page": lambda: sync_message(replace(OPEN, page=2, pages=3, total=20), LOOK),
    "customers_sync_stopped": lambda: sync_message(STOPPED, LOOK),
    "customers_sync_released": lambda: sync_message(replace(STOPPED, state="done"), LOOK),
    "customers_sync_shadow": lambda: sync_message(replace(OPEN, mode="shadow"), LOOK),
    "customers_sync_decided": lambda: sync_message(replace(OPEN, groups=DECIDED, total=7), LOOK),
    "customers_sync_all_done": lambda: sync_message(
        replace(OPEN, groups=(DECIDED[1], DECIDED[3]), total=2, open_conflicts=0, open_rejected=0), LOOK
    ),
    "customers_sync_nothing": lambda: sync_message(NONE, LOOK),
    "customers_sync_only_conflicts": lambda: sync_message(replace(NONE, open_conflicts=2), LOOK),
    "customers_sync_too_long_to_approve": lambda: sync_message(replace(OPEN, groups=(LONG,) * 8, total=8), LOOK),
    "customers_sync_asked": lambda: sync_message(replace(NONE, state="asked", words="Reading crm: 12,000 rows"), LOOK),
    "customers_sync_refused": lambda: sync_message(
        replace(NONE, state="refused", counts=(), words="crm answers with an empty list. Nothing was compared, and "
                "nothing was changed."), LOOK),
    "customers_group_details": lambda: group_details(RISING, 21, LOOK),
    "customers_group_details_page": lambda: group_details(LONG, 21, LOOK, 2),
    "customers_group_details_held": lambda: group_details(DECIDED[2], 21, LOOK),
    "customers_group_details_applied": lambda: group_details(DECIDED[1], 21, LOOK),
    "form_group_approve": lambda: approve_form(RISING, 21),
    "form_group_approve_all": lambda: approve_all_form(GROUPS, 12, 21, DIGEST),
    "form_group_approve_all_new_only": lambda: approve_all_form(GROUPS[1:], 3, 21, DIGEST),
    "form_group_hold": lambda: hold_form(GROUPS[2], 21),
    "form_group_reject": lambda: reject_form(GROUPS[3], 21),
    "customers_ledger": lambda: ledger_message(LEDGER, LOOK),
    "customers_ledger_nothing_left": lambda: ledger_message(NOTHING_LEFT, LOOK),
    "form_conflict_keep_desk": lambda: keep_desk_form(DIFFERS),
    "form_conflict_ignore": lambda: ignore_form(CONFLICTS[4]),
    "form_conflict_field_take": lambda: field_form("tier", 9, _FIELD, "Zendesk"),
    "form_conflict_field_keep": lambda: field_form("tier", 9, replace(_FIELD, act=ConflictAct.KEEP_DESK), "Zendesk"),
    "form_conflict_field_ignore": lambda: field_form("tier", 9, replace(_FIELD, act=ConflictAct.IGNORE), "Zendesk"),
    "customers_rejected": lambda: rejected_message(REJECTED * 6, 1, LOOK),
    "customers_rejected_none": lambda: rejected_message((), 1, LOOK),
    "customers_sheet": lambda: sheet_message(SHEET, "Zendesk", LOOK),
    "customers_sheet_gone": lambda: sheet_message(
        replace(SHEET, status="suspended", gone_since=AT, desk_id=None, conflicts=(), history=()), "Zendesk", LOOK
    ),
    "customers_list": lambda: customers_message(_ROWS, 1_000, "", 1, LOOK),
    "customers_list_searched": lambda: customers_message(_ROWS[:2], 12, "acme", 2, LOOK),
    "customers_list_none": lambda: customers_message((), 0, "acme", 1, LOOK),
    "customers_usage": lambda: usage_message(LOOK, problem="I do not know “fix”."),
}  # fmt: skip
"""Every view of customer context by its golden file's name."""
