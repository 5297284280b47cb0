"""Asking for the full list of a sync as a file in its thread."""

from typing import Final

from sqlalchemy.orm import Session

from automations.customer_context.context import CustomerContext
from storage import notifications, uploads
from storage.models import Run

CSV: Final = "customers.csv"
"""The kind of file: how it is made is the bot's."""


def attach(session: Session, run: Run, ctx: CustomerContext) -> None:
    """Let the file come to the thread of the sync's message, once; nothing where there is no message.

    Call it when the message was asked for, in the same transaction.
    """
    key = f"run/{run.id}"
    session.flush()
    if notifications.get(session, key) is None:
        return
    args = {"run_id": run.id}
    uploads.put(session, key=f"{key}/full-list", notification=key, kind=CSV, args=args, at=ctx.clock.now())
