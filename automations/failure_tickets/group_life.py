"""The life of a group of cases: its thread, its audit rows, when it ends and comes back. Under the audit head.

Locks go on from there in the order case, group, notification, ticket.
"""

import hashlib
from typing import Any, Final

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session, aliased

from automations.desks import Capability
from automations.domain import (
    HANDOFF,
    Actor,
)
from automations.failure_tickets.context import Context
from automations.failure_tickets.placing import CARD, Place, card_key, group_key, group_place, group_ref, has_left, show
from automations.posting import put_and_deliver
from automations.words import identity
from storage import audit
from storage.models import Case, CaseGroup

LINE: Final = "group.line"
SYNC: Final = "group.sync"


def key_of(source: str, reason: str, channel: str) -> str:
    """What cases of one outage have in common, as one key of at most 255 characters."""
    return "burst:1:" + hashlib.sha256("\0".join((source, reason, channel)).encode()).hexdigest()[:40]


def follow(session: Session, case: Case, ctx: Context) -> None:
    """Let the group of a case, if it has one, follow what was done to the case: its message, its end, its return.

    A group ends with its last open case, and comes back with the first that is reopened, unless a newer group has its
    key by then: then a case without a message of its own gets one.
    """
    if case.group_id is None:
        return
    if case.open_key is None:
        _end(session, case.group_id, ctx)
    elif not _is_open(session, case.group_id) and not _come_back(session, case.group_id, ctx):
        show(session, Place(card_key(case.id), CARD, case.channel, {"case_id": case.id}), ctx, ctx.clock.now())
    show(session, group_place(case.group_id, case.channel), ctx, ctx.clock.now())


def first_post_calls(session: Session, group_id: int, email: str) -> bool:
    """Say whether the group's message, not yet in Slack, is going to call this person."""
    group = session.get_one(CaseGroup, group_id, populate_existing=True)
    listed = {"email": email, "by": "group"} in group.called
    return listed and not has_left(session, group_key(group_id))


def give_up_key(session: Session, group: CaseGroup) -> None:
    """Leave the key to a newer group; the members and the message stay."""
    group.open_key = None
    session.flush()


def say(
    session: Session, group_id: int, channel: str, actor: Actor, text: str, ctx: Context, *, mention: str | None = None
) -> str:
    """Write one line into the group's thread, that reads on from the actor's name. Returns its notification's key."""
    grown = update(CaseGroup).where(CaseGroup.id == group_id).values(version=CaseGroup.version + 1)
    version = session.scalar(grown.returning(CaseGroup.version), execution_options={"synchronize_session": False})
    now, key = ctx.clock.now(), f"{group_key(group_id)}/line/{version}"
    data = {"group_id": group_id, "actor": identity(actor), "text": text, "mention": mention}
    put_and_deliver(
        session,
        ctx,
        key=key,
        kind=LINE,
        channel=channel,
        data=data | {"at": now.isoformat()},
        at=now,
        parent_key=group_key(group_id),
    )
    return key


def request_sync(session: Session, group: CaseGroup, ctx: Context) -> None:
    """Ask for the parent ticket to be brought to the group's present state, if the desk has parents."""
    if Capability.PARENTS in ctx.desk_can:
        key = f"{group_key(group.id)}/ticket/{group.ticket_wanted}"
        ctx.jobs.enqueue(session, SYNC, key, {"group_id": group.id})


def ask_for_all(session: Session, ctx: Context) -> None:
    """Ask for every parent ticket that does not show its group's present state, as at a start."""
    behind = (CaseGroup.ticket_state != "verified") | (CaseGroup.ticket_verified < CaseGroup.ticket_wanted)
    for group in session.scalars(select(CaseGroup).where(behind).order_by(CaseGroup.id)):
        request_sync(session, group, ctx)


def write_audit(
    session: Session, group: CaseGroup, verb: str, actor: Actor, ctx: Context, *, after: dict[str, Any]
) -> None:
    """Write down what became of a group."""
    audit.append(
        session,
        at=ctx.clock.now(),
        actor=identity(actor),
        action=f"group.{verb}",
        target=group_ref(group.id),
        outcome="done",
        correlation_id=group.correlation_id,
        after=after,
    )


def _end(session: Session, group_id: int, ctx: Context) -> None:
    still_open = exists().where(Case.group_id == group_id, Case.open_key.is_not(None))
    values = {"open_key": None, "closed_at": ctx.clock.now(), "ticket_wanted": CaseGroup.ticket_wanted + 1}
    ended = update(CaseGroup).where(CaseGroup.id == group_id, CaseGroup.closed_at.is_(None), ~still_open)
    if (group := _changed(session, ended.values(values).returning(CaseGroup))) is not None:
        write_audit(session, group, "closed", HANDOFF, ctx, after={"cases": count_of(session, group_id)})
        request_sync(session, group, ctx)


def _come_back(session: Session, group_id: int, ctx: Context) -> bool:
    group = session.get_one(CaseGroup, group_id)
    key, other = key_of(group.source, group.reason, group.channel), aliased(CaseGroup)
    taken = select(other.id).where(other.open_key == key).exists()
    values = {"open_key": key, "closed_at": None, "ticket_wanted": CaseGroup.ticket_wanted + 1}
    back = update(CaseGroup).where(CaseGroup.id == group_id, CaseGroup.closed_at.is_not(None), ~taken)
    changed = _changed(session, back.values(values).returning(CaseGroup))
    if changed is None:
        return False
    write_audit(session, changed, "reopened", HANDOFF, ctx, after={"cases": count_of(session, group_id)})
    request_sync(session, changed, ctx)
    return True


def count_of(session: Session, group_id: int) -> int:
    """How many cases belong to a group, open or closed."""
    return session.scalar(select(func.count()).where(Case.group_id == group_id)) or 0


def _is_open(session: Session, group_id: int) -> bool:
    return session.scalar(select(CaseGroup.closed_at).where(CaseGroup.id == group_id)) is None


def _changed(session: Session, change: Any) -> CaseGroup | None:
    options = {"populate_existing": True, "synchronize_session": False}
    found: CaseGroup | None = session.scalars(change, execution_options=options).one_or_none()
    return found
