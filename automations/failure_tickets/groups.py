"""A group of cases that one outage opened: how it begins, who joins it, whom it calls. Under the audit head.

Each owner is called once for the whole outage: by a message of their own case, by the group's first post, or by a line
of its thread.
"""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from automations.desks import Capability
from automations.domain import (
    HANDOFF,
    case_ref,
)
from automations.failure_tickets import group_life, journal
from automations.failure_tickets.context import Context
from automations.failure_tickets.placing import group_key, group_place, group_ref, has_left, show
from automations.words import who
from storage.boundaries import reach
from storage.models import Case, CaseGroup


def begin(session: Session, group: CaseGroup, case: Case, earlier: Sequence[Case], ctx: Context) -> None:
    """Let a new group have its first members: `case`, which opens now, and those `earlier` ones that are open.

    Whom an earlier case called by its own message is not called again.
    """
    called = dict.fromkeys(one.owner for one in earlier if one.call_owner)
    group.called = [{"email": email, "by": "message"} for email in called]
    members = [*earlier, case]
    for one in members:
        one.group_id = group.id
    session.flush()
    refs = [case_ref(one.id) for one in members]
    after = {"source": group.source, "reason": group.reason, "channel": group.channel, "cases": refs}
    group_life.write_audit(session, group, "opened", HANDOFF, ctx, after=after)
    show(session, group_place(group.id, group.channel), ctx, ctx.clock.now())
    for one in earlier:
        _name_it_in_the_desk(session, group, one, ctx)
        journal.refresh(session, one, ctx)
    group_life.request_sync(session, group, ctx)
    reach("group.opened")


def join(session: Session, group: CaseGroup, case: Case, ctx: Context) -> None:
    """Let a case that opens now be one of a group that is there."""
    case.group_id = group.id
    group.last_joined_at = ctx.clock.now()
    group.version += 1
    session.flush()


def settle(session: Session, group: CaseGroup, case: Case, ctx: Context) -> None:
    """Do what follows once a new member's first line is written: its owner is called, its ticket names the group."""
    _call(session, group, case, ctx)
    _name_it_in_the_desk(session, group, case, ctx)


def _call(session: Session, group: CaseGroup, case: Case, ctx: Context) -> None:
    """Call a new member's owner, once for the whole outage: in the group's first post, or in a line of its thread."""
    if not case.call_owner or any(one["email"] == case.owner for one in group.called):
        return
    left = has_left(session, group_key(group.id))
    group.called = [*group.called, {"email": case.owner, "by": "thread" if left else "group"}]
    session.flush()
    if left:
        text = f"gave cases of this group to {who(case.owner, ctx)}, first {case_ref(case.id)}"
        group_life.say(session, group.id, group.channel, HANDOFF, text, ctx, mention=case.owner)


def _name_it_in_the_desk(session: Session, group: CaseGroup, case: Case, ctx: Context) -> None:
    """Where the desk has no parent tickets, let an internal note name the group instead."""
    if Capability.PARENTS in ctx.desk_can:
        return
    text = f"put this case into {group_ref(group.id)}: cases of {group.source} with the same reason, opened together"
    journal.write_entry(session, case, verb="grouped", actor=HANDOFF, text=text, to_desk=True, at=ctx.clock.now())
    journal.request_sync(session, case, ctx)
