"""What a group wants its parent ticket to be, and what has to be done next for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.domain import Priority, Ticket, TicketChange, TicketDraft, TicketStatus
from automations.errors import NotFound
from automations.failure_tickets.context import Context
from automations.failure_tickets.placing import group_ref
from automations.failure_tickets.wanted import DONE, UNSOLVED, desk_agent
from storage.models import Case, CaseGroup

Step = Literal["look_up", "create", "bring"]


@dataclass(frozen=True, slots=True)
class Parent:
    """The parent ticket as it is and as it should be. `owner` is the desk agent who has all open cases, if one has."""

    group_id: int
    correlation_id: str
    key: str
    system: str
    state: str
    ticket_id: str | None
    wanted: int
    verified: int
    missing: str | None
    closed: bool
    held: bool
    owner: str | None
    fields: tuple[tuple[str, str], ...]
    draft: TicketDraft
    asked_at: datetime | None = None


def next_step(parent: Parent) -> Step | None:
    """Choose what to do next; None when the desk was seen to show what is wanted, or may not hear of it yet. Pure."""
    if parent.state in ("creating", "unknown"):
        return "look_up"
    if parent.state == "wanted":
        return "create"
    if parent.held or (parent.state == "verified" and parent.verified >= parent.wanted):
        return None
    return "bring"


def load(session: Session, group_id: int, ctx: Context) -> Parent:
    """Read a group's ticket as it is and as it should be. Raises NotFound if there is no such group."""
    group = session.get(CaseGroup, group_id)
    if group is None:
        raise NotFound(f"There is no {group_ref(group_id)}.")
    members = list(session.scalars(select(Case).where(Case.group_id == group_id).order_by(Case.id)))
    live = [one for one in members if one.open_key is not None]
    owners = {one.owner for one in live}
    now = ctx.clock.now()
    filled = [one.close_fields for one in members if one.close_fields]
    return Parent(
        group_id=group.id,
        correlation_id=group.correlation_id,
        key=group.ticket_key,
        system=group.ticket_system,
        state=group.ticket_state,
        ticket_id=group.ticket_id,
        wanted=group.ticket_wanted,
        verified=group.ticket_verified,
        missing=group.ticket_missing,
        closed=not live,
        held=not live and any(one.hold_until is not None and now < one.hold_until for one in members),
        owner=desk_agent(owners.pop(), ctx) if len(owners) == 1 else None,
        fields=tuple((name, str(value)) for name, value in filled[-1].items()) if filled else (),
        draft=_draft(group, members),
        asked_at=group.ticket_asked_at,
    )


def difference(parent: Parent, shown: Ticket) -> TicketChange:
    """What has to be sent so that the ticket shows what is wanted."""
    allowed, status = (DONE, TicketStatus.SOLVED) if parent.closed else (UNSOLVED, TicketStatus.OPEN)
    same = parent.owner is None or (shown.assignee or "").lower() == parent.owner
    solved = None if shown.status in allowed else status
    return TicketChange(
        status=solved,
        assignee=None if same or parent.closed else parent.owner,
        fields=tuple(one for one in parent.fields if solved in DONE and one not in shown.fields),
    )


def _draft(group: CaseGroup, members: list[Case]) -> TicketDraft:
    """The words of the parent ticket. The customers stand in the tickets under it."""
    ref, first = group_ref(group.id), members[0]
    what = f"{group.source}: {group.reason.replace('_', ' ')}"
    body = f"{ref}: cases of one source and reason that opened together.\n\n{what}\nThe first one says: {first.summary}"
    return TicketDraft(
        subject=f"[{ref}] {what}"[:150],
        body=f"{body}\n\nEach case has a ticket of its own under this one.\nKey: {group.ticket_key}",
        priority=max((Priority(one.priority) for one in members), key=list(Priority).index),
        group=group.queue,
        assignee=None,
        tags=("handoff", "handoff-group"),
        since=group.opened_at,
    )
