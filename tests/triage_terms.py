"""The contexts of triage and escalation for a test's own context."""

from datetime import timedelta

from automations.domain import Mode
from automations.escalation.context import EscalationContext
from automations.escalation.rules import EscalationRules
from automations.failure_tickets.context import Context
from automations.sla.policy import SlaPolicy, SlaTarget
from automations.triage.context import TriageContext
from automations.triage.rules import Intent, TriageRule, TriageRules

TRIAGE_CHANNEL = "C_TRIAGE"

RULES = TriageRules(
    intents=(
        Intent(name="billing", queue="Billing", level=2),
        Intent(name="technical", queue="Support", level=2),
        Intent(name="account", queue="Support", level=1),
    ),
    rules=(
        TriageRule(name="invoices", keywords=("invoice*", "refund*"), intent="billing"),
        TriageRule(name="passwords", keywords=("password*", "log in", "2fa"), intent="account"),
    ),
)
POLICY = SlaPolicy(
    targets=(
        SlaTarget(
            name="enterprise",
            tier=("enterprise",),
            first_reply=timedelta(minutes=30),
            next_reply=timedelta(hours=1),
            resolution=timedelta(hours=8),
        ),
        SlaTarget(name="all", first_reply=timedelta(hours=4), resolution=timedelta(hours=40)),
    )
)


def triage_of(ctx: Context, mode: Mode = Mode.ASK, rules: TriageRules = RULES) -> TriageContext:
    """Triage of this team."""
    return TriageContext(
        roster=ctx.roster,
        zone=ctx.zone,
        jobs=ctx.jobs,
        clock=ctx.clock,
        redactor=ctx.redactor,
        mode=mode,
        channel=TRIAGE_CHANNEL,
        owner=ctx.book.default_owner,
        hours=ctx.hours,
        rules=rules,
        keep_texts=timedelta(days=180),
        desk_system=ctx.desk_system,
        desk_title=ctx.desk_system,
    )


def escalation_of(
    ctx: Context, mode: Mode = Mode.AUTO, rules: EscalationRules | None = None, policy: SlaPolicy = POLICY
) -> EscalationContext:
    """Escalation of this team: its lead and default owner, nobody above."""
    return EscalationContext(
        roster=ctx.roster,
        zone=ctx.zone,
        jobs=ctx.jobs,
        clock=ctx.clock,
        redactor=ctx.redactor,
        mode=mode,
        channel=ctx.book.escalation_channel,
        owner=ctx.book.default_owner,
        lead=ctx.book.lead,
        manager="",
        duty=None,
        hours=ctx.hours,
        rules=rules or EscalationRules(),
        policy=policy,
        customer_note="A specialist has taken this over and will write to you.",
        desk_system=ctx.desk_system,
        desk_title=ctx.desk_system,
        can_reply=True,
        case_url=ctx.case_url,
    )
