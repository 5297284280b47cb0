"""Posts in the escalation channel follow their case, so that nobody is shown as waiting who is not any more."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.failure_tickets import group_escalation
from automations.failure_tickets.context import Context
from automations.failure_tickets.placing import card_key
from automations.posting import put_and_deliver
from storage import notifications
from storage.models import Case, CaseEntry


def follow(session: Session, case: Case, ctx: Context) -> None:
    """Let every escalation post of this case, and of its group, show the present state. Whom they call stays."""
    for key in _posts(session, case):
        if (row := notifications.get(session, key)) is not None:
            put_and_deliver(
                session, ctx, key=key, kind=row.kind, channel=row.channel, data=dict(row.data), at=ctx.clock.now()
            )


def _posts(session: Session, case: Case) -> list[str]:
    """The keys that the posts have if there are any."""
    escalated = CaseEntry.case_id == case.id, CaseEntry.verb == "escalated"
    times = session.scalar(select(func.count()).where(*escalated)) or 0
    keys = [f"{card_key(case.id)}/escalation/{number}" for number in range(1, times + 1)]
    return keys if case.group_id is None else [*keys, group_escalation.key_of(case.group_id)]
