"""Telling both when a rule has moved a case: who has it now is called in its thread, who is away hears in private.

The private message is one for one absence and grows; the call is one for all cases that come within minutes. Outside
working hours both wait for the next ones, unless the case is urgent.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, CaseStatus
from automations.failure_tickets import calls, journal
from automations.failure_tickets.card_types import MovedLine
from automations.failure_tickets.context import Context
from automations.failure_tickets.placing import place
from automations.posting import put_and_deliver
from automations.words import person, who
from storage import audit, notifications
from storage.models import Case, CaseEntry

MOVED: Final = "moved"
CALLED: Final = "owner_called"
POST: Final = "owner.away"
"""The kind of the private message to somebody who is away."""


def due(session: Session, ctx: Context, *, limit: int = 100) -> Sequence[tuple[str, dict[str, str | int]]]:
    """List cases that were moved while nobody could be told and now can: the job's key and arguments of each."""
    now = ctx.clock.now()
    waiting = select(Case).where(Case.moved_from.is_not(None)).order_by(Case.id).limit(limit)
    found = [case for case in session.scalars(waiting) if calls.may_call(ctx, case.priority, now)]
    return [(f"told/{case.id}/{case.moved_from}/{now.date()}", {"case_id": case.id}) for case in found]


def tell_later(session: Session, args: Mapping[str, str | int], ctx: Context) -> bool:
    """Tell both that the case `case_id` was moved, if it still waits for that. True if this call did it.

    Its owner is not called if somebody has touched the case since.
    """
    now = ctx.clock.now()
    audit.hold(session)
    case = session.get(Case, int(args["case_id"]), populate_existing=True)
    if case is None or case.moved_from is None or not calls.may_call(ctx, case.priority, now):
        return False
    before, case.moved_from = case.moved_from, None
    session.flush()
    if case.status == CaseStatus.OPEN and case.last_actor == HANDOFF.id:
        call = None if called_lately(session, case.owner, ctx, but=case.id) else case.owner
        text = f"tells {who(case.owner, ctx)}: this case came from {who(before, ctx)} ({case.owner_why})"
        journal.note(
            session, case, verb=CALLED, actor=HANDOFF, text=text, to_desk=False, mention=call, ctx=ctx, sync=False
        )
    tell(session, case, before, ctx)
    return True


def called_lately(session: Session, owner: str, ctx: Context, *, but: int = 0) -> bool:
    """Say whether another case than `but` was given to somebody in the same way, and called them, a short while ago."""
    lately = exists().where(
        CaseEntry.case_id == Case.id,
        CaseEntry.verb.in_((MOVED, CALLED)),
        CaseEntry.at > ctx.clock.now() - ctx.timing.burst_within,
    )
    others = select(Case.id).where(Case.open_key.is_not(None), Case.owner == owner, Case.id != but)
    return session.scalar(others.where(Case.moved_from.is_(None), lately).limit(1)) is not None


def tell(session: Session, case: Case, before: str, ctx: Context) -> None:
    """Tell who had a case that somebody else has it, if Slack can: in the one message for this absence."""
    gone = ctx.roster.by_email(before)
    if gone is None or gone.slack is None or gone.blocked:
        return
    now = ctx.clock.now()
    absence = ctx.roster.away(before, now)
    key = f"away/{before}/{since(before, ctx) if absence else now.date()}"
    earlier = notifications.get(session, key)
    moved = [*(earlier.data["moved"] if earlier else []), [case.id, case.owner]]
    data = {"owner": before, "moved": moved}
    put_and_deliver(session, ctx, key=key, kind=POST, channel=gone.slack, data=data, at=now)


def since(owner: str, ctx: Context) -> str:
    """Since when somebody is away, as part of a key."""
    absence = ctx.roster.away(owner, ctx.clock.now())
    return absence.start.isoformat() if absence else "left"


def moved_lines(session: Session, data: Mapping[str, Any], ctx: Context) -> tuple[MovedLine, ...]:
    """What the private message lists, from its notification's data; the newest last."""
    lines = []
    for case_id, to in data["moved"]:
        case = session.get_one(Case, case_id, populate_existing=True)
        posted = notifications.get(session, place(session, case).key)
        lines.append(MovedLine(case_id, case.summary, person(to, ctx), posted.permalink if posted else None))
    return tuple(lines)
