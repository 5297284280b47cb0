"""From a notification row to the message it stands for, as things are at this moment: read late, shown once.

The only place that knows which kind of notification is which view.
"""

from collections.abc import Callable
from functools import partial

from sqlalchemy.orm import Session

from automations.failure_tickets.card import case_card, entry_line, escalation_card
from automations.failure_tickets.card_types import ShadowCard
from automations.failure_tickets.context import Context
from bot.views import Message
from bot.views.case import case_message
from bot.views.texts import Look
from bot.views.thread import entry_message, escalation_message, shadow_message
from storage.models import Notification

Render = Callable[[Session, Notification], Message]
Kind = Callable[[Session, Notification, Context, Look], Message]


def render(session: Session, notification: Notification, ctx: Context, look: Look | None = None) -> Message:
    """Render one notification. Whoever it calls is called in its first post only, that is while it has no `ts`.

    Raises: LookupError for a kind without a view; NotFound if what it shows does not exist.
    """
    if (view := KINDS.get(notification.kind)) is None:
        raise LookupError(f"there is no view for the notification kind {notification.kind!r}")
    return view(session, notification, ctx, look or Look(zone=ctx.book.zone))


def renderer(ctx: Context, look: Look) -> Render:
    """Make the two-argument form that the delivery takes."""
    return partial(render, ctx=ctx, look=look)


def _card(session: Session, notification: Notification, ctx: Context, look: Look) -> Message:
    card = case_card(session, notification.data["case_id"], ctx)
    return case_message(card, look, first_post=notification.ts is None)


def _entry(session: Session, notification: Notification, ctx: Context, look: Look) -> Message:
    shown = notification.data
    mention = shown.get("mention") if notification.ts is None else None
    return entry_message(entry_line(session, shown["case_id"], shown["seq"], ctx, mention=mention), look)


def _escalation(session: Session, notification: Notification, ctx: Context, look: Look) -> Message:
    card = escalation_card(session, notification.data, ctx)
    return escalation_message(card, look, first_post=notification.ts is None)


def _shadow(_session: Session, notification: Notification, ctx: Context, _look: Look) -> Message:
    shown = notification.data
    fields = ("summary", "source", "owner_why", "queue", "rule", "priority_why", "count")
    return shadow_message(ShadowCard(owner=ctx.roster.name(shown["owner"]), **{name: shown[name] for name in fields}))


KINDS: dict[str, Kind] = {
    "case.card": _card,
    "case.entry": _entry,
    "case.escalation": _escalation,
    "case.shadow": _shadow,
}
"""Every kind of notification that automations write, with its view."""
