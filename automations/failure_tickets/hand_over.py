"""The hand-over: at each one of each rotation the channel reads once what the one who comes on duty takes over.

`hand_over` rows make it once for all replicas. A rotation seen for the first time is written down without a message. Of
hand-overs that nobody noticed, as while the bot was down, the newest alone is told, and said to be late.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, CaseStatus, Priority
from automations.duty import Rotation, last_hand_over, next_hand_over, turn
from automations.failure_tickets import calls
from automations.failure_tickets.card_types import CaseRow
from automations.failure_tickets.context import Context
from automations.failure_tickets.lists import UNCLOSED, case_rows
from automations.failure_tickets.present import present
from automations.failure_tickets.settled import write_down
from automations.failure_tickets.team_types import HandOverCard, StuckLine
from automations.plan import RunState
from automations.posting import put_and_deliver
from automations.words import person
from storage import audit, stuck
from storage.models import Case, HandOver, Run

POST: Final = "duty.hand_over"
LATE: Final = timedelta(hours=2)
"""A hand-over noticed later than this is said to be late."""
FIRST: Final = 5
"""How many of each list are shown."""
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class _Then:
    """A clock that stands at one moment."""

    at: datetime

    def now(self) -> datetime:
        return self.at


def due(session: Session, ctx: Context) -> list[tuple[str, dict[str, str | int]]]:
    """List the newest hand-over of each rotation that was not noticed yet: a job's key with it, and its arguments."""
    now = ctx.clock.now()
    found: list[tuple[str, dict[str, str | int]]] = []
    noticed = dict(session.execute(select(HandOver.rotation, func.max(HandOver.at)).group_by(HandOver.rotation)).all())
    for rotation in ctx.book.rotations:
        at, before = last_hand_over(rotation, now), noticed.get(rotation.name)
        if at is not None and (before is None or before < at):
            found.append((f"{rotation.name}/{at.isoformat()}", {"rotation": rotation.name, "at": at.isoformat()}))
    return found


def tell(session: Session, args: Mapping[str, str | int], ctx: Context) -> bool:
    """Notice a hand-over and ask for its message, unless it was noticed before. True if this call asked for one."""
    at, rotation = datetime.fromisoformat(str(args["at"])), ctx.book.rotation(str(args["rotation"]))
    audit.hold(session)
    if rotation is None:
        return False
    since = session.scalar(select(func.max(HandOver.at)).where(HandOver.rotation == rotation.name))
    if since is not None and since >= at:
        return False
    session.add(HandOver(rotation=rotation.name, at=at))
    session.flush()
    if since is None:
        return False
    now = ctx.clock.now()
    before, after = _on_duty(session, rotation, at - _TICK, ctx), turn(rotation, ctx.roster, now).email
    calling = after if after != before and calls.may_call(ctx, Priority.NORMAL, now) else None
    data = {
        "rotation": rotation.name,
        "at": at.isoformat(),
        "since": since.isoformat(),
        "before": before,
        "after": after,
        "late": now - at > LATE,
        "mention": calling,
    }
    write_down(
        session, ctx, actor=HANDOFF, action="duty.handed_over", target=rotation.name,
        before={"on_duty": before}, after={"on_duty": after, "at": data["at"], "late": data["late"]},
    )  # fmt: skip
    key = f"hand-over/{rotation.name}/{at.isoformat()}"
    put_and_deliver(session, ctx, key=key, kind=POST, channel=ctx.book.default_channel, data=data, at=now)
    return True


def hand_over_card(session: Session, data: Mapping[str, Any], ctx: Context) -> HandOverCard:
    """Read what the message of a hand-over shows, as things are now."""
    since = datetime.fromisoformat(data["since"])
    rotation = ctx.book.rotation(data["rotation"])
    new, older = (Case.opened_at >= since,), (UNCLOSED, Case.opened_at < since)
    return HandOverCard(
        rotation=data["rotation"],
        at=datetime.fromisoformat(data["at"]),
        since=since,
        late=data["late"],
        before=person(data["before"], ctx) if data["before"] else None,
        after=person(data["after"], ctx) if data["after"] else None,
        until=next_hand_over(rotation, ctx.clock.now()) if rotation else None,
        unclaimed=_count(session, Case.status == CaseStatus.OPEN.value),
        claimed=_count(session, Case.status == CaseStatus.CLAIMED.value),
        stale=_count(session, UNCLOSED, Case.stale_at.is_not(None)),
        new=_count(session, *new),
        new_closed=_count(session, *new, ~UNCLOSED),
        newest=_first(session, ctx, *new),
        older=_count(session, *older),
        oldest=_first(session, ctx, *older),
        stuck=stuck.count_open(session),
        stuck_first=tuple(
            StuckLine(item.target, item.reason, item.attempts) for item in stuck.open_items(session, limit=FIRST)
        ),
        waiting=session.scalar(select(func.count()).where(Run.state == RunState.PROPOSED.value)) or 0,
    )


def _on_duty(session: Session, rotation: Rotation, at: datetime, ctx: Context) -> str | None:
    """Who was on duty at a moment that has passed, with the covers and absences of that time."""
    then = present(session, replace(ctx, clock=_Then(at)))
    return turn(then.book.rotation(rotation.name) or rotation, then.roster, at).email


def _count(session: Session, *where: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(Case).where(*where)) or 0


def _first(session: Session, ctx: Context, *where: ColumnElement[bool]) -> tuple[CaseRow, ...]:
    return tuple(case_rows(session, ctx, *where, limit=FIRST))
