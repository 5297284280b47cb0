"""From a notification row about customers to its message. `bot.render` finds the kinds here."""

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy.orm import Session

from automations.customer_context import lists
from automations.customer_context.context import CARD, LEDGER, CustomerContext
from automations.customer_context.notices import LINE, wrote_in
from bot.views import Message
from bot.views.customers import sync_message
from bot.views.customers_ledger import ledger_message
from bot.views.customers_notice import wrote_in_message
from bot.views.texts import Look
from storage.models import Notification

OfCustomers = Callable[[Session, Notification, CustomerContext, Look], Message]


def _sync(session: Session, notification: Notification, ctx: CustomerContext, look: Look) -> Message:
    return sync_message(lists.sync_card(session, int(notification.data["run_id"]), ctx), look)


def _ledger(session: Session, _notification: Notification, ctx: CustomerContext, look: Look) -> Message:
    return ledger_message(lists.ledger_card(session, ctx), look)


def _wrote_in(session: Session, notification: Notification, ctx: CustomerContext, look: Look) -> Message:
    return wrote_in_message(wrote_in(session, notification.data, ctx), look)


CUSTOMER_KINDS: Final[Mapping[str, OfCustomers]] = {CARD: _sync, LEDGER: _ledger, LINE: _wrote_in}
"""The kinds that customer context writes, with their views."""
