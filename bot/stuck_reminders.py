"""Reminding people of stuck work that waits for them: one private message for each owner, not one for each item.

It is spoken of once something has waited for `remind_after`, then every `remind_every`, in working hours. The newest
message follows what becomes of the work, so that whoever opens it sees what is left and who settled the rest. Of a run
that is about themselves nobody is told, though the work may be theirs: leads see it in the list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Actor
from automations.failure_tickets.context import Context
from automations.posting import put_and_deliver
from automations.runs.approve import is_about
from bot.run_jobs import RUN_JOBS
from storage import audit, stuck_lists
from storage.models import Run, StuckItem, StuckReminder
from storage.upsert import insert_into

POST: Final = "stuck.reminder"
LINE: Final = "stuck.line"
"""Kinds of message: the reminder, and one sentence in private about stuck work."""
FOLLOWED_FOR: Final = timedelta(days=7)
"""How long a reminder follows what becomes of the work; Slack lets nobody edit for ever."""
SHOWN: Final = 10
SETTLED_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Reminder:
    """What a reminder shows: the oldest open items of `total`, and those that were settled since it was sent."""

    owner: str
    items: Sequence[StuckItem]
    total: int
    settled: Sequence[StuckItem]


def due(session: Session, ctx: Context) -> list[tuple[str, dict[str, str | int]]]:
    """List whom to remind now: a job's key with the moment since when, and its argument. Nobody outside the hours."""
    after, now = ctx.timing.stuck_remind_after, ctx.clock.now()
    if after is None or (ctx.hours is not None and not ctx.hours.covers(now)):
        return []
    theirs = _may_be_told(session, ctx, StuckItem.state == "open")
    waiting = select(StuckItem.owner, func.min(StuckItem.first_at)).where(StuckItem.state == "open", theirs)
    oldest = session.execute(waiting.group_by(StuckItem.owner).order_by(StuckItem.owner)).all()
    reminded = {row.owner: row.reminded_at for row in session.scalars(select(StuckReminder))}
    found: list[tuple[str, dict[str, str | int]]] = []
    for owner, since in oldest:
        last = reminded.get(owner)
        next_at = since + after if last is None else max(last + ctx.timing.stuck_remind_every, since + after)
        if next_at <= now and _slack_of(owner, ctx):
            found.append((f"{owner}/{next_at.isoformat()}", {"owner": owner}))
    return found


def remind(session: Session, args: Mapping[str, str | int], ctx: Context) -> bool:
    """Remind one owner, if they still are to be reminded. True if this call did it."""
    owner, now = str(args["owner"]), ctx.clock.now()
    audit.hold(session)
    if all(due_args["owner"] != owner for _, due_args in due(session, ctx)):
        return False
    open_ones = StuckItem.state == "open", StuckItem.owner == owner
    told = *open_ones, _may_be_told(session, ctx, *open_ones)
    upto = session.scalar(select(func.max(StuckItem.id)).where(*told))
    row = {"owner": owner, "key": f"stuck/{owner}/{now.isoformat()}", "reminded_at": now, "upto": upto or 0}
    kept = insert_into(session, StuckReminder).values(row)
    newest = {name: kept.excluded[name] for name in ("key", "reminded_at", "upto")}
    session.execute(kept.on_conflict_do_update(index_elements=["owner"], set_=newest))
    waiting = session.scalar(select(func.count()).where(*told))
    audit.append(
        session, at=now, actor=HANDOFF.id, action="stuck.reminded", target=owner, outcome="done",
        correlation_id=str(row["key"]), after={"items": waiting},
    )  # fmt: skip
    _put(session, owner, str(row["key"]), now, ctx)
    return True


def follow(session: Session, owner: str, ctx: Context) -> None:
    """Let the newest reminder of this owner show what has become of the work."""
    row = session.get(StuckReminder, owner, populate_existing=True)
    if row is not None and ctx.clock.now() - row.reminded_at < FOLLOWED_FOR:
        _put(session, owner, row.key, row.reminded_at, ctx)


def shown(session: Session, data: Mapping[str, str], ctx: Context) -> Reminder:
    """What a reminder shows now, from its notification's data."""
    owner, since = data["owner"], datetime.fromisoformat(data["at"])
    mine = and_(StuckItem.owner == owner, _may_be_told(session, ctx, StuckItem.owner == owner))
    settled = (
        select(StuckItem)
        .where(StuckItem.state != "open", mine, StuckItem.settled_at >= since)
        .order_by(StuckItem.settled_at.desc())
        .limit(SETTLED_SHOWN)
    )
    items = stuck_lists.page(session, limit=SHOWN, seen=mine)
    return Reminder(owner, items, stuck_lists.count(session, seen=mine), session.scalars(settled).all())


def tell(session: Session, email: str, text: str, ctx: Context, *, name: str) -> bool:
    """Tell one person something about stuck work in private. `name` makes the message one. False if nobody can be."""
    slack = _slack_of(email, ctx)
    if slack is None:
        return False
    data = {"text": ctx.redactor.text(text)}
    key = f"stuck/told/{slack}/{name}"
    put_and_deliver(session, ctx, key=key, kind=LINE, channel=slack, data=data, at=ctx.clock.now())
    return True


def _put(session: Session, owner: str, key: str, at: datetime, ctx: Context) -> None:
    if (slack := _slack_of(owner, ctx)) is not None:
        data = {"owner": owner, "at": at.isoformat()}
        put_and_deliver(session, ctx, key=key, kind=POST, channel=slack, data=data, at=ctx.clock.now())


def _may_be_told(session: Session, ctx: Context, *which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Which items' owners may hear of them, as a condition; `which` narrows down where it is looked."""
    of_runs = session.scalars(select(StuckItem).where(StuckItem.job.in_(sorted(RUN_JOBS)), *which))
    return StuckItem.id.not_in([item.id for item in of_runs if _is_about_its_owner(session, item, ctx)])


def _is_about_its_owner(session: Session, item: StuckItem, ctx: Context) -> bool:
    run, person = session.get(Run, int(item.args["run_id"])), ctx.roster.by_email(item.owner)
    owner = Actor(person.slack or item.owner if person else item.owner, item.owner, item.owner)
    return run is not None and is_about(session, run, owner, ctx)


def _slack_of(email: str, ctx: Context) -> str | None:
    """Where this person can be told something; nowhere for who is not of the team, or has no access any more."""
    person = ctx.roster.by_email(email)
    return None if person is None or person.blocked else person.slack
