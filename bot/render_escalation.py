"""From a notification row about an escalation to its message. `bot.render` finds the kinds here."""

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy.orm import Session

from automations.escalation.card import escalation_card, summary_card
from automations.escalation.context import EscalationContext
from automations.escalation.in_thread import PAGE, thread_page
from automations.escalation.journal import CARD
from automations.escalation.shadow import POST as SHADOW
from automations.escalation.shadow import shadow_day
from automations.escalation.summary import POST as SUMMARY
from automations.escalation.watch import LINE
from automations.words import person
from bot.views import Message
from bot.views.conversation import thread_message
from bot.views.duty import line_message
from bot.views.escalation import escalation_message
from bot.views.escalation_notices import shadow_message, summary_message
from bot.views.texts import Look
from storage.models import Notification

OfEscalations = Callable[[Session, Notification, EscalationContext, Look], Message]


def _card(session: Session, notification: Notification, ctx: EscalationContext, look: Look) -> Message:
    card = escalation_card(session, int(notification.data["escalation_id"]), ctx)
    return escalation_message(card, look, first_post=notification.ts is None)


def _line(_session: Session, notification: Notification, ctx: EscalationContext, _look: Look) -> Message:
    called = notification.data.get("mention") if notification.ts is None else None
    return line_message(notification.data["text"], person(called, ctx) if called else None)


def _summary(session: Session, notification: Notification, ctx: EscalationContext, look: Look) -> Message:
    return summary_message(summary_card(session, notification.data, ctx), look, first_post=notification.ts is None)


def _shadow(session: Session, notification: Notification, ctx: EscalationContext, look: Look) -> Message:
    return shadow_message(shadow_day(session, notification.data, ctx), look)


def _page(_session: Session, notification: Notification, _ctx: EscalationContext, look: Look) -> Message:
    return thread_message(thread_page(notification.data), look)


ESCALATION_KINDS: Final[Mapping[str, OfEscalations]] = {
    CARD: _card,
    LINE: _line,
    SUMMARY: _summary,
    SHADOW: _shadow,
    PAGE: _page,
}
"""The kinds that escalations write, with their views."""
