"""Asking for the full list of a sync as a file in its thread."""

from typing import Final

from sqlalchemy.orm import Session

from automations.customer_context.context import CustomerContext
from automations.runs.journal import follow, surfaces
from storage import notifications, uploads
from storage.models import Run

CSV: Final = "customers.csv"
"""The kind of file: how it is made is the bot's."""


def attach(session: Session, run: Run, ctx: CustomerContext) -> None:
    """Let the file come to the thread of the sync's message, once. Call it in the transaction that shows the sync."""
    ((key, _channel),) = surfaces(run)
    if notifications.get(session, key) is None:
        follow(session, run, ctx)
    args = {"run_id": run.id}
    uploads.put(session, key=f"{key}/full-list", notification=key, kind=CSV, args=args, at=ctx.clock.now())
