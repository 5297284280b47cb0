"""The chain: owner, group, lead, manager, each called by one line of the thread, until somebody acknowledges.

Its place is a row's `step`, `round` and `next_at`. It waits in working hours unless the ticket is urgent, is gone
through again at most as often as the settings say, and then says once that nobody has acknowledged.
"""

from collections.abc import Sequence, Set
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from automations.domain import HANDOFF
from automations.escalation import callees, hours
from automations.escalation.callees import Call, Stand
from automations.escalation.context import EscalationContext
from automations.escalation.journal import found, move, say, show, write_down
from automations.words import when, who
from storage import audit
from storage.models import Escalation

LATE: Final = timedelta(minutes=5)
"""From this on something was found late, as after an outage."""


def due(session: Session, now: datetime, *, limit: int = 1_000) -> Sequence[tuple[int, bool]]:
    """Escalations whose next step has come, longest overdue first, each with whether it is late as after an outage."""
    wanted = (
        select(Escalation.id, Escalation.next_at)
        .where(Escalation.state == "open", Escalation.next_at <= now)
        .where(or_(Escalation.snoozed_until.is_(None), Escalation.snoozed_until <= now))
        .order_by(Escalation.next_at, Escalation.id)
        .limit(limit)
    )
    return [(row.id, now - row.next_at > LATE) for row in session.execute(wanted)]


def call_next(
    session: Session,
    escalation_id: int,
    ctx: EscalationContext,
    *,
    spared: Set[str] = frozenset(),
    but: Set[str] = frozenset(),
) -> str | None:
    """Take the next step if its time has come. Returns whom the line mentions, by e-mail.

    Whoever is in `spared` was mentioned a moment ago for another one: they are named without a mention.
    Those in `but` brought it about and are passed over.
    """
    audit.hold(session)
    row, now = found(session, escalation_id), ctx.clock.now()
    if not _is_due(row, now):
        return None
    if not hours.may_call(ctx, row.priority, now):
        move(session, row, next_at=hours.next_call(ctx, row.priority, now))
        return None
    call = choose(session, row, ctx, but=but)
    if call is None:
        _give_up(session, row, ctx)
        return None
    if call.email is None:
        _wait_for_somebody(session, row, call, ctx)
        return None
    return _take(session, row, call, call.email, ctx, mention=call.email not in spared)


def choose(session: Session, row: Escalation, ctx: EscalationContext, *, but: Set[str] = frozenset()) -> Call | None:
    """Whom the chain calls next. Whoever opened it knows of it, as do those in `but`."""
    stand = Stand(
        step=row.step,
        round=row.round,
        last=row.called[-1]["email"] if row.called else "",
        owner=row.owner,
        queue=row.queue,
        but={row.opened_by, *but},
    )
    return callees.choose(stand, ctx, _load(session), ctx.clock.now())


def called(row: Escalation, call: Call, ctx: EscalationContext, *, by: str) -> dict[str, Any]:
    """Columns of a step that is taken now. `by`: message, line, summary or post, whichever mentions the person."""
    now, step = ctx.clock.now(), ctx.rules.steps[call.step]
    entry = {"email": call.email, "at": now.isoformat(), "step": step.call, "by": by}
    return {
        "step": call.step,
        "round": call.round,
        "called": [*row.called, entry],
        "next_at": hours.after(ctx, row.priority, now, step.wait),
    }


def begin_again(row: Escalation, ctx: EscalationContext) -> dict[str, Any]:
    """Columns of a chain that starts from its first step as soon as anybody may be called."""
    return {"step": -1, "round": 0, "next_at": hours.next_call(ctx, row.priority, ctx.clock.now())}


def wait_of(step: int, ctx: EscalationContext) -> timedelta:
    """How long whoever was called by this step has; of the nearest one, where the settings have others now."""
    steps = ctx.rules.steps
    return steps[min(max(step, 0), len(steps) - 1)].wait


def waits_anew(row: Escalation, ctx: EscalationContext) -> datetime | None:
    """When the next step is due by the priority of now: what became urgent does not wait for working hours."""
    if row.next_at is None:
        return None
    now = ctx.clock.now()
    if row.step < 0 or not row.called:
        return hours.next_call(ctx, row.priority, now)
    last = datetime.fromisoformat(row.called[-1]["at"])
    return max(hours.after(ctx, row.priority, last, wait_of(row.step, ctx)), now)


def _take(
    session: Session, row: Escalation, call: Call, email: str, ctx: EscalationContext, *, mention: bool
) -> str | None:
    before = {"step": row.step, "round": row.round}
    since = f"nobody has acknowledged since {when(row.opened_at, ctx)}"
    if not move(session, row, **called(row, call, ctx, by="line")):
        return None
    step = ctx.rules.steps[call.step].call
    after = {"step": call.step, "round": call.round, "called": email, "as": step, "next_at": row.next_at}
    write_down(session, row, HANDOFF, "escalation.called", ctx, before=before, after=after)
    again = f", round {call.round + 1}" if call.round else ""
    text = f"{who(email, ctx)} is called ({step}{again}): {since}."
    name = f"call/{len(row.called)}"
    say(session, row, text, ctx, name=name, mention=email if mention else None)
    show(session, row, ctx)
    return email if mention else None


def _wait_for_somebody(session: Session, row: Escalation, call: Call, ctx: EscalationContext) -> None:
    """Nobody of the chain is there: look again after a wait, as the next round."""
    next_at = hours.after(ctx, row.priority, ctx.clock.now(), ctx.rules.steps[-1].wait)
    if move(session, row, step=call.step, round=call.round, next_at=next_at):
        write_down(session, row, HANDOFF, "escalation.nobody_there", ctx, after={"next_at": next_at})
        text = f"Nobody else of the chain is there now. The next look is at {when(next_at, ctx)}."
        say(session, row, text, ctx, name=f"nobody/{call.round}")
        show(session, row, ctx)


def _give_up(session: Session, row: Escalation, ctx: EscalationContext) -> None:
    """The chain is through: say so once. The message shows it until somebody claims the escalation."""
    if move(session, row, next_at=None):
        after = {"called": len(row.called), "round": row.round}
        write_down(session, row, HANDOFF, "escalation.unheard", ctx, after=after)
        text = f"Nobody has acknowledged since {when(row.opened_at, ctx)}. The chain is through and calls nobody more."
        say(session, row, text, ctx, name=f"unheard/{row.version}")
        show(session, row, ctx)


def _is_due(row: Escalation, now: datetime) -> bool:
    if row.state != "open" or row.next_at is None or row.next_at > now:
        return False
    return row.snoozed_until is None or row.snoozed_until <= now


def _load(session: Session) -> dict[str, int]:
    """How many escalations each person has claimed and not ended."""
    counted = select(Escalation.claimed_by, func.count()).where(Escalation.state == "claimed")
    found = session.execute(counted.group_by(Escalation.claimed_by)).all()
    return {str(email): int(count) for email, count in found}
