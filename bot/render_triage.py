"""From a notification row about triage to its message. `bot.render` finds the kinds here."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from automations.triage.asking import EVALUATION
from automations.triage.card import day_card, decision_card
from automations.triage.context import TriageContext
from automations.triage.evaluations import evaluation
from automations.triage.telling import DAY, DECISION, WAITS
from automations.words import person
from bot.views import Message
from bot.views.texts import Look
from bot.views.triage import day_message, decision_message, waits_message
from bot.views.triage_evaluation import evaluation_message
from storage.models import Notification

OfTriage = Callable[[Session, Notification, TriageContext, Look], Message]


def _day(session: Session, notification: Notification, ctx: TriageContext, _look: Look) -> Message:
    return day_message(day_card(session, date.fromisoformat(notification.data["day"]), ctx))


def _decision(session: Session, notification: Notification, ctx: TriageContext, look: Look) -> Message:
    return decision_message(decision_card(session, int(notification.data["decision_id"]), ctx), look)


def _waits(session: Session, notification: Notification, ctx: TriageContext, _look: Look) -> Message:
    data = notification.data
    card = decision_card(session, int(data["decision_id"]), ctx)
    owner = person(str(data["mention"]), ctx)
    return waits_message(card, int(data["waiting"]), data["first"], owner, call=notification.ts is None)


def _evaluation(session: Session, notification: Notification, _ctx: TriageContext, look: Look) -> Message:
    data = notification.data
    return evaluation_message(evaluation(session, int(data["evaluation_id"])), look, str(data["no_classifier"]))


TRIAGE_KINDS: Final[Mapping[str, OfTriage]] = {
    DAY: _day,
    DECISION: _decision,
    WAITS: _waits,
    EVALUATION: _evaluation,
}
"""The kinds that triage writes, with their views."""
