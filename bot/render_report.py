"""From a notification row about a report to its message. `bot.render` finds the kinds here."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from automations.weekly_report.asking import found
from automations.weekly_report.card import report_card
from automations.weekly_report.context import ReportContext
from automations.weekly_report.posting import CARD, FAILED, PREFLIGHT, card_key
from bot.views import Message
from bot.views.report import report_message
from bot.views.report_notices import preflight_message, report_failed_message
from bot.views.report_unposted import for_owner_alone, report_unposted_message
from bot.views.texts import Look
from storage import notifications
from storage.models import Notification

OfReports = Callable[[Session, Notification, ReportContext, Look, str], Message]
"""Makes the message; the last is what people call the channel of reports."""


def _card(session: Session, notification: Notification, ctx: ReportContext, look: Look, place: str) -> Message:
    number = int(notification.data["report_id"])
    data, card = notification.data, report_card(session, number, ctx)
    card = replace(card, picture=data.get("picture"), refused=card.refused or bool(data.get("picture_refused")))
    shown = report_message(card, look)
    return for_owner_alone(shown, place) if found(session, number).kind == "shadow" else shown


def _failed(session: Session, notification: Notification, ctx: ReportContext, _look: Look, place: str) -> Message:
    data = notification.data
    number = int(data["report_id"])
    card = report_card(session, number, ctx, with_before=False)
    if data["what"] == "make":
        return report_failed_message(card)
    shown = notifications.get(session, card_key(number))
    here = place if data["place"] == ctx.channel else "the channel that it was asked for in"
    return report_unposted_message(card, data["why"], here, waits=shown is not None and shown.state == "stuck")


def _preflight(_session: Session, notification: Notification, _ctx: ReportContext, look: Look, place: str) -> Message:
    problems = [" ".join(parts) for parts in notification.data["problems"]]
    return preflight_message(problems, datetime.fromisoformat(notification.data["due"]), place, look)


REPORT_KINDS: Final[Mapping[str, OfReports]] = {CARD: _card, FAILED: _failed, PREFLIGHT: _preflight}
"""The kinds that reports write, with their views."""
