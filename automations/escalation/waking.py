"""The end of a snooze: the escalation comes back once, to whoever let it sleep. If it is open the chain goes on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.domain import HANDOFF
from automations.escalation import chain, hours
from automations.escalation.context import EscalationContext
from automations.escalation.journal import found, move, say, show, write_down
from automations.words import when, who
from storage import audit
from storage.models import Escalation


def due(session: Session, now: datetime, *, limit: int = 100) -> Sequence[int]:
    """Those whose snooze is over."""
    over = Escalation.snoozed_until <= now, Escalation.state != "closed"
    return session.scalars(select(Escalation.id).where(*over).order_by(Escalation.id).limit(limit)).all()


def wake(session: Session, escalation_id: int, ctx: EscalationContext) -> bool:
    """Wake it if its snooze is over and somebody may be called now. True if this call did it.

    Who snoozed it is called and has the wait of the present step to take it up; if they are not there the next of the
    chain is called at once.
    """
    audit.hold(session)
    row, now = found(session, escalation_id), ctx.clock.now()
    if row.snoozed_until is None or row.snoozed_until > now or row.state == "closed":
        return False
    if not hours.may_call(ctx, row.priority, now):
        move(session, row, snoozed_until=hours.next_call(ctx, row.priority, now))
        return False
    by, end = row.snoozed_by or "", row.snoozed_until
    there = ctx.roster.available(by, now)
    values: dict[str, Any] = {"snoozed_until": None, "snoozed_by": None}
    if row.state == "open" and row.next_at is not None:
        wait = chain.wait_of(row.step, ctx)
        values["next_at"] = hours.after(ctx, row.priority, now, wait) if there else now
    if not move(session, row, **values):
        return False
    write_down(session, row, HANDOFF, "escalation.woke", ctx, before={"snoozed_until": end, "snoozed_by": by})
    text = f"This is back: {who(by, ctx)} had let it sleep until {when(end, ctx)}."
    say(session, row, text, ctx, name=f"woke/{row.version}", mention=by if there else None)
    show(session, row, ctx)
    return True
