"""Reconciliations in every state, as their messages and forms show them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from automations.access.card_types import FindingLine, FindingsCard
from automations.runs.card_types import Approval
from bot.cli.view_examples.runs import AT, DIGEST, HANDOFF, INGRID, LOOK, SAM, TOMAS, minutes
from bot.views.access_forms import keep_form, pass_to_form
from bot.views.finding_lines import finding_details
from bot.views.findings import findings_message

_CUT = ("Suspend in Zendesk", "Sign out of Zendesk everywhere", "Revoke the token nightly export")


def finding(number: int, kind: str, name: str, words: str, *steps: str, **more: Any) -> FindingLine:
    """A finding, open and fixable if it has steps."""
    made = FindingLine(
        id=number,
        kind=kind,
        subject=f"{name.split()[0].lower()}@team.example" if name else "svc-export@team.example",
        name=name,
        words=words,
        digest=DIGEST,
        state="open",
        fixable=bool(steps),
        privileged=False,
        first_seen=AT - timedelta(days=3),
        steps=steps,
    )
    return replace(made, **more)


LEFT: Final = finding(31, "left_active", "Ben Okafor",
                      "Has left, says the identity source, and is active in Zendesk (role agent).", *_CUT)  # fmt: skip
LINES: Final = (
    LEFT,
    finding(32, "left_active", "Ana Silva",
            "Has left, says the identity source, and is active in Zendesk (role admin).", *_CUT[:2], privileged=True),
    finding(33, "missing", "Nadia Rahman", "Should have the role agent, and is not in Zendesk.",
            "Invite to Zendesk as agent", "Join the group Billing"),
    finding(34, "orphaned", "", "Is in Zendesk (role agent), and nobody in the identity source is this one.", *_CUT),
    finding(35, "role_high", "June Adler", "Has the role team lead in Zendesk; the rules say agent.",
            "Role in Zendesk: team lead to agent", owner=TOMAS),
    finding(36, "groups", "Ravi Nair", "In Zendesk this one is not in Billing and is in Refunds beside the role's "
            "groups.", "Join the group Billing", "Leave the group Refunds"),
    finding(37, "ambiguous", "Kim Vogt", "Two people upstream have this address: Kim Vogt (00u1) and Kim Vogt (00u7)."),
    finding(38, "inactive", "Lee Park", "Last signed in to Zendesk on 3 Aug 2026 (UTC).", *_CUT[:2]),
)  # fmt: skip
OPEN: Final = FindingsCard(
    run_id=12,
    state="done",
    requested_by=HANDOFF,
    requested_at=AT,
    source="Okta",
    desk="Zendesk",
    population=212,
    agents=40,
    counts=(
        ("missing", 1), ("orphaned", 1), ("left_active", 5), ("role_high", 1), ("groups", 2), ("inactive", 1),
        ("ambiguous", 1),
    ),
    kept=3,
    lines=LINES,
    page=1,
    pages=2,
    total=12,
    digest=DIGEST,
    bulk=("left_active", "groups"),
    left_out=(("left_active", 1),),
)  # fmt: skip
STOPPED: Final = replace(
    OPEN, state="proposed", brake="12 of 40 people at once", counts=(("left_active", 12),), bulk=(), kept=0,
    lines=tuple(replace(LEFT, id=number, name=f"Person {number}", privileged=False) for number in range(50, 58)),
    approvals=(Approval(INGRID, minutes(4)),), needed=2, expires_at=minutes(480), requested_by=INGRID,
)  # fmt: skip
DECIDED: Final = (
    replace(LEFT, state="confirmed", decided_by=INGRID, decided_at=minutes(3), fixed_by=13),
    replace(LINES[3], state="kept", decided_by=TOMAS, decided_at=minutes(5), until=AT + timedelta(days=90),
            reason="The export script runs as this one until the new one is ready."),
    replace(LINES[4], state="fixed", decided_by=INGRID, decided_at=minutes(3), fixed_by=14),
    replace(LINES[5], state="gone"),
)  # fmt: skip
MANY_STEPS: Final = replace(
    LINES[5], id=61, words="In Zendesk this one is not in 40 groups.",
    steps=tuple(f"Join the group Region {n:02} escalations" for n in range(40)),
)  # fmt: skip
NONE: Final = replace(OPEN, counts=(), kept=0, lines=(), pages=1, total=0, bulk=(), left_out=())

FINDING_EXAMPLES: Mapping[str, Callable[[], Mapping[str, Any]]] = {
    "findings": lambda: findings_message(OPEN, LOOK),
    "findings_last_page": lambda: findings_message(replace(OPEN, page=2, lines=LINES[:4]), LOOK),
    "findings_decided": lambda: findings_message(replace(OPEN, lines=DECIDED), LOOK),
    "findings_too_long_to_confirm": lambda: findings_message(replace(OPEN, lines=(MANY_STEPS, LEFT)), LOOK),
    "findings_none": lambda: findings_message(NONE, LOOK),
    "findings_none_but_kept": lambda: findings_message(replace(NONE, kept=3), LOOK),
    "findings_stopped": lambda: findings_message(STOPPED, LOOK),
    "findings_released": lambda: findings_message(replace(STOPPED, state="done", bulk=("left_active",)), LOOK),
    "findings_expired": lambda: findings_message(replace(STOPPED, state="expired"), LOOK),
    "findings_asked": lambda: findings_message(replace(NONE, state="asked"), LOOK),
    "findings_failed": lambda: findings_message(
        replace(NONE, state="refused", words="Okta answered with 0 people, and it was 212 last time, so the list is "
                "incomplete. Nobody was taken for having left, and nothing was changed."), LOOK),
    "finding_details": lambda: finding_details(MANY_STEPS, 12, LOOK),
    "finding_details_by_person": lambda: finding_details(replace(LINES[6], owner=SAM), 12, LOOK),
    "finding_details_kept": lambda: finding_details(DECIDED[1], 12, LOOK),
    "form_keep": lambda: keep_form(LEFT, 12),
    "form_pass_to": lambda: pass_to_form(LINES[4], 12),
}  # fmt: skip
"""Every view of a reconciliation by its golden file's name."""
