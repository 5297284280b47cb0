"""The living list of conflicts: one message, brought up to date, that first appears with the first conflict."""

from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.customer_context.conflict_state import UNSETTLED
from automations.customer_context.context import LEDGER, CustomerContext
from automations.posting import put_and_deliver
from storage import notifications
from storage.models import CustomerConflict

KEY: Final = "customers/ledger"
"""The notification's key."""


def follow(session: Session, ctx: CustomerContext) -> None:
    """Let the list show how it stands now; once it was posted it also says so when none is left.

    It is not posted before there is a first conflict.
    """
    session.flush()
    unsettled = CustomerConflict.state.in_(UNSETTLED)
    number = session.scalar(select(func.count()).select_from(CustomerConflict).where(unsettled)) or 0
    if not number and notifications.get(session, KEY) is None:
        return
    at = ctx.clock.now()
    put_and_deliver(session, ctx, key=KEY, kind=LEDGER, channel=ctx.channel, data={"conflicts": number}, at=at)
