"""From a notification row to the message it stands for, as things are at this moment: read late, shown once.

The only place that knows which kind of notification is which view.
"""

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy.orm import Session

from automations.access.context import AccessContext
from automations.access.listing import findings_card
from automations.customer_context.context import CustomerContext
from automations.domain import case_ref
from automations.errors import NotFound
from automations.escalation.context import EscalationContext
from automations.failure_tickets.card import case_card, entry_line, escalation_card
from automations.failure_tickets.card_types import ShadowCard
from automations.failure_tickets.context import Context
from automations.failure_tickets.group_card import group_card, group_escalated, group_line
from automations.failure_tickets.hand_over import hand_over_card
from automations.failure_tickets.present import present
from automations.failure_tickets.told import moved_lines
from automations.runs.card import run_card
from automations.runs.context import RunContext
from automations.runs.rows import found
from automations.triage.context import TriageContext
from automations.weekly_report.context import ReportContext
from automations.words import person
from bot import late, stuck_reminders, stuck_shown
from bot.escalation_parts import as_of
from bot.live import Terms
from bot.render_customers import CUSTOMER_KINDS
from bot.render_escalation import ESCALATION_KINDS
from bot.render_report import REPORT_KINDS
from bot.render_triage import TRIAGE_KINDS
from bot.rollback_side import restoring_contexts
from bot.views import Message
from bot.views.case import case_message
from bot.views.duty import line_message
from bot.views.findings import findings_message
from bot.views.group import group_escalation_message, group_line_message, group_message
from bot.views.hand_over import hand_over_message
from bot.views.meanwhile import meanwhile_message
from bot.views.moved import moved_message
from bot.views.runs import run_line_message, run_message, told_message
from bot.views.stuck_forms import reminder_message
from bot.views.texts import Look
from bot.views.thread import entry_message, escalation_message, shadow_message
from bot.views.welcome import welcome_message
from storage import notifications
from storage.models import Notification

Render = Callable[[Session, Notification], Message]
Kind = Callable[[Session, Notification, Context, Look], Message]
OfAccess = Callable[[Session, Notification, AccessContext, Look], Message]
OfRun = Callable[[Session, Notification, RunContext, Look], Message]


def render(
    session: Session,
    notification: Notification,
    ctx: Context,
    look: Look | None = None,
    access: AccessContext | None = None,
    report: ReportContext | None = None,
    report_place: str = "reports",
    triage: TriageContext | None = None,
    escalation: EscalationContext | None = None,
    customers: CustomerContext | None = None,
) -> Message:
    """Render one notification. Whoever it calls is called in its first post only, that is while it has no `ts`.

    `report_place` is what people call the channel of reports.
    Raises: LookupError for a kind without a view; NotFound if what it shows does not exist, or its automation is not
    set up.
    """
    look = look or Look(zone=ctx.book.zone)
    if (run_shown := RUN_KINDS.get(notification.kind)) is not None:
        back = restoring_contexts(ctx, triage).values() if triage is not None else ()
        theirs = _context_of(session, notification, access, customers, *back)
        return run_shown(session, notification, replace(theirs, roster=ctx.roster), look)
    if (shown := ACCESS_KINDS.get(notification.kind)) is not None:
        if access is None:
            raise NotFound("Access is not set up any more, so its runs are not shown.")
        return shown(session, notification, replace(access, roster=ctx.roster), look)
    if report is not None and (told := REPORT_KINDS.get(notification.kind)) is not None:
        return told(session, notification, replace(report, roster=ctx.roster), look, report_place)
    if triage is not None and (decided := TRIAGE_KINDS.get(notification.kind)) is not None:
        return decided(session, notification, replace(triage, roster=ctx.roster), look)
    if escalation is not None and (of_escalation := ESCALATION_KINDS.get(notification.kind)) is not None:
        return of_escalation(session, notification, as_of(escalation, ctx), look)
    if (of_customers := CUSTOMER_KINDS.get(notification.kind)) is not None:
        if customers is None:
            raise NotFound("Customer context is not set up any more, so its messages are not shown.")
        return of_customers(session, notification, replace(customers, roster=ctx.roster), look)
    if (view := KINDS.get(notification.kind)) is None:
        raise LookupError(f"there is no view for the notification kind {notification.kind!r}")
    return view(session, notification, ctx, look)


def renderer(terms: Callable[[], Terms]) -> Render:
    """Make the two-argument form that the delivery takes: with the terms and the team as they are at that moment."""

    def now(session: Session, notification: Notification) -> Message:
        held = terms()
        ctx, place = present(session, held.context), f"#{held.settings.report.channel}"
        others = held.access, held.report, place, held.triage, held.escalation, held.customers
        return render(session, notification, ctx, held.look, *others)

    return now


def _context_of(session: Session, notification: Notification, *contexts: RunContext | None) -> RunContext:
    """The context of the automation of the run that a message is about. Raises: NotFound."""
    automation = found(session, notification.data["run_id"]).automation
    for ctx in contexts:
        if ctx is not None and ctx.automation == automation:
            return ctx
    raise NotFound(f"{automation.replace('_', ' ').capitalize()} is not set up any more, so its runs are not shown.")


def _card(session: Session, notification: Notification, ctx: Context, look: Look) -> Message:
    card = case_card(session, notification.data["case_id"], ctx)
    return case_message(card, look, first_post=notification.ts is None)


def _entry(session: Session, notification: Notification, ctx: Context, look: Look) -> Message:
    shown = notification.data
    mention = shown.get("mention") if notification.ts is None else None
    line = entry_line(session, shown["case_id"], shown["seq"], ctx, mention=mention)
    if shown.get("in_group"):
        line = replace(line, text=f"{case_ref(line.case_id)}: {line.text}")
    return entry_message(line, look)


def _escalation(session: Session, notification: Notification, ctx: Context, look: Look) -> Message:
    card = escalation_card(session, notification.data, ctx)
    return escalation_message(card, look, first_post=notification.ts is None)


def _shadow(_session: Session, notification: Notification, ctx: Context, _look: Look) -> Message:
    shown = notification.data
    fields = ("summary", "source", "owner_why", "queue", "rule", "priority_why", "count")
    return shadow_message(ShadowCard(owner=ctx.roster.name(shown["owner"]), **{name: shown[name] for name in fields}))


def _line(_session: Session, notification: Notification, ctx: Context, _look: Look) -> Message:
    called = notification.data.get("mention") if notification.ts is None else None
    return line_message(notification.data["text"], person(called, ctx) if called else None)


def _hand_over(session: Session, notification: Notification, ctx: Context, look: Look) -> Message:
    call = notification.ts is None and bool(notification.data.get("mention"))
    return hand_over_message(hand_over_card(session, notification.data, ctx), look, mention=call)


def _moved(session: Session, notification: Notification, ctx: Context, look: Look) -> Message:
    return moved_message(moved_lines(session, notification.data, ctx), look)


def _meanwhile(session: Session, notification: Notification, ctx: Context, look: Look) -> Message:
    return meanwhile_message(late.meanwhile_card(session, notification.data, ctx), look)


def _stuck_reminder(session: Session, notification: Notification, ctx: Context, look: Look) -> Message:
    return reminder_message(stuck_shown.reminder_card(session, notification.data, ctx), look)


def _group(session: Session, notification: Notification, ctx: Context, look: Look) -> Message:
    card = group_card(session, notification.data["group_id"], ctx)
    return group_message(card, look, first_post=notification.ts is None)


def _group_escalation(session: Session, notification: Notification, ctx: Context, look: Look) -> Message:
    shown = group_escalated(session, notification.data, ctx)
    return group_escalation_message(shown, look, first_post=notification.ts is None)


def _group_line(_session: Session, notification: Notification, ctx: Context, look: Look) -> Message:
    mention = notification.data.get("mention") if notification.ts is None else None
    return group_line_message(group_line(notification.data, ctx, mention=mention), look)


def _run(session: Session, notification: Notification, ctx: RunContext, look: Look) -> Message:
    card = run_card(session, notification.data["run_id"], ctx)
    return run_message(card, look, first_post=notification.ts is None)


def _findings(session: Session, notification: Notification, ctx: AccessContext, look: Look) -> Message:
    return findings_message(findings_card(session, notification.data["run_id"], 1, ctx), look)


def _run_line(_session: Session, notification: Notification, _ctx: RunContext, _look: Look) -> Message:
    return run_line_message(notification.data["text"])


def _told(session: Session, notification: Notification, _ctx: RunContext, _look: Look) -> Message:
    run_id, theirs = notification.data["run_id"], f"run/{notification.data['run_id']}/to/{notification.channel}"
    shown = notifications.get(session, theirs) or notifications.get(session, f"run/{run_id}")
    return told_message(notification.data["text"], run_id, shown.permalink if shown else None)


def _welcome(_session: Session, notification: Notification, _ctx: AccessContext, look: Look) -> Message:
    return welcome_message(notification.data["name"], look)


RUN_KINDS: dict[str, OfRun] = {"run.card": _run, "run.line": _run_line, "access.told": _told}
"""The kinds that runs of every automation write, with their views."""

ACCESS_KINDS: dict[str, OfAccess] = {"access.findings": _findings, "access.welcome": _welcome}
"""The kinds that access writes beside them, with their views."""

KINDS: dict[str, Kind] = {
    "case.card": _card,
    "case.entry": _entry,
    "case.escalation": _escalation,
    "case.shadow": _shadow,
    "group.card": _group,
    "group.escalation": _group_escalation,
    "group.line": _group_line,
    "owner.away": _moved,
    "team.line": _line,
    "duty.hand_over": _hand_over,
    late.POST: _meanwhile,
    stuck_reminders.LINE: _line,
    stuck_reminders.POST: _stuck_reminder,
}
"""Every other kind of notification that automations write, with its view."""
