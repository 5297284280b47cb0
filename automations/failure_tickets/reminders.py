"""How long a claimed case may lie untouched before it is spoken of: the columns `remind_at`, `reminders`, `stale_at`.

Any act of a person begins the wait anew; what the failure or the clock does is none. What would not be heard, because
nobody may be called then, waits until somebody may. `stale` does what is due.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Actor, CaseStatus
from automations.failure_tickets import calls
from automations.failure_tickets.context import Context
from storage.models import Case

NOTHING: Final[Mapping[str, Any]] = {"remind_at": None, "reminders": 0, "stale_at": None}
"""Columns of a case that nobody has to be reminded of."""


def restart(case: Case, ctx: Context) -> dict[str, Any]:
    """Columns of a case that somebody has touched now: the wait begins anew, after its snooze if it has one."""
    after = wait(case, ctx)
    if case.status != CaseStatus.CLAIMED or after is None:
        return dict(NOTHING)
    now = ctx.clock.now()
    begin = max(now, case.snoozed_until) if case.snoozed_until else now
    return {**NOTHING, "remind_at": heard(case, begin + after, ctx)}


def heard(case: Case, at: datetime, ctx: Context) -> datetime:
    """The first moment from `at` on at which a reminder of this case may call somebody."""
    return calls.next_call(ctx, case.priority, at)


def wait(case: Case, ctx: Context) -> timedelta | None:
    """How long a claimed case may lie untouched: its rule's time, else the team's. None: for ever."""
    return ctx.book.rule(case.rule).remind_after or ctx.timing.remind_after


def follow(session: Session, case: Case, actor: Actor, ctx: Context, *, acted: bool) -> None:
    """Let the wait follow what just happened to a case. `case` is fresh and locked; `acted`: it was somebody's act."""
    if acted and actor != HANDOFF:
        values = restart(case, ctx)
    elif case.status != CaseStatus.CLAIMED:
        values = dict(NOTHING)
    else:
        return
    if any(getattr(case, column) != value for column, value in values.items()):
        change = update(Case).where(Case.id == case.id).values(values)
        session.execute(change, execution_options={"synchronize_session": False})
        session.refresh(case)
