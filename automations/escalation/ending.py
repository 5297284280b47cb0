"""What people do in the desk or on a case ends or acknowledges an escalation here, too; read from rows.

Solved, merged or deleted ends it. A public reply of an agent, or an assignment, acknowledges one that is open; the note
that a person had us send is no such reply, since it says that somebody will. What was reopened may escalate anew: its
new messages and turns are new firings.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.apart import Apart
from automations.domain import HANDOFF
from automations.escalation import chain
from automations.escalation.context import EscalationContext
from automations.escalation.journal import move, say, show, subject_ref, write_down
from automations.escalation.moves import awake, closed, touched
from automations.escalation.note import under_way
from automations.escalation.subjects import colleague, over, ticket_columns
from automations.escalation.verdicts import is_right
from automations.words import who
from storage import audit
from storage.engine import Database
from storage.models import Escalation, MirrorMessage, MirrorTicket


@dataclass(frozen=True, slots=True)
class _Reply:
    """The newest public message of an agent on a ticket."""

    at: datetime
    author: str


def follow_desk(database: Database, ctx: EscalationContext, apart: Apart) -> int:
    """Let every escalation that has not ended follow its ticket. Says how many ended or were acknowledged."""
    with database.read() as session:
        rows = _with_tickets(session, ctx)
        replies = _replies(session, [ticket.id for _, ticket in rows])
    moved = 0
    for row, ticket in rows:
        reply = replies.get(ticket.id)
        with apart.row(f"escalation {row.id}"):
            if not _differs(row, ticket, reply, ctx):
                continue
            with database.begin() as session:
                moved += _follow(session, row.id, reply, ctx)
    return moved


def close(session: Session, row: Escalation, by: str, why: str, ctx: EscalationContext) -> bool:
    """End it, since nobody need act on its ticket or case any more. True if this call did it."""
    was_claimed, before = row.state == "claimed", {"state": row.state}
    if not move(session, row, **closed(by, "solved", ctx.redactor.text(why), ctx)):
        return False
    write_down(session, row, HANDOFF, "escalation.ended", ctx, outcome="solved", before=before, after={"why": why})
    if was_claimed:
        is_right(session, row, ctx)
    show(session, row, ctx)
    return True


def acknowledge(session: Session, row: Escalation, by: str, how: str, at: datetime, ctx: EscalationContext) -> bool:
    """Somebody has taken it up elsewhere: the chain stops. `how` reads on from their name. True if this call did it."""
    before = {"state": row.state, "next_at": row.next_at}
    values: dict[str, Any] = {"state": "claimed", "claimed_by": by, "claimed_at": at, "next_at": None}
    if not move(session, row, **values, **touched(row, ctx), **awake()):
        return False
    after = {"claimed_by": by, "how": how, "at": at}
    write_down(session, row, HANDOFF, "escalation.acknowledged", ctx, before=before, after=after)
    say(session, row, f"{who(by, ctx)} {how}: that acknowledges it.", ctx, name=f"act/{row.version}")
    show(session, row, ctx)
    return True


def _with_tickets(session: Session, ctx: EscalationContext) -> list[tuple[Escalation, MirrorTicket]]:
    """Every escalation of a ticket that has not ended, with the ticket."""
    same = (MirrorTicket.system == Escalation.system) & (MirrorTicket.ticket_id == Escalation.subject_id)
    wanted = (
        select(Escalation, MirrorTicket)
        .join(MirrorTicket, same)
        .where(Escalation.state.in_(("open", "claimed")), Escalation.subject == "ticket")
        .where(Escalation.system == ctx.desk_system)
        .order_by(Escalation.id)
    )
    return [(row, ticket) for row, ticket in session.execute(wanted)]


def _replies(session: Session, tickets: list[int]) -> dict[int, _Reply]:
    """The newest message of an agent on each of these tickets."""
    agents = MirrorMessage.ticket.in_(tickets), MirrorMessage.side == "agent"
    newest = select(MirrorMessage.ticket, func.max(MirrorMessage.n).label("n")).where(*agents)
    last = newest.group_by(MirrorMessage.ticket).subquery()
    this_one = (MirrorMessage.ticket == last.c.ticket) & (MirrorMessage.n == last.c.n)
    found = session.execute(select(MirrorMessage.ticket, MirrorMessage.at, MirrorMessage.author).join(last, this_one))
    return {row.ticket: _Reply(row.at, row.author) for row in found}


def _differs(row: Escalation, ticket: MirrorTicket, reply: _Reply | None, ctx: EscalationContext) -> bool:
    """Whether there is anything to follow: a look at what was read, so that a quiet ticket costs no transaction."""
    if over(ticket) or ticket.assignee != row.evidence.get("assignee", ""):
        return True
    if reply is not None and reply.at > row.touched_at:
        return True
    return _news(row, ticket, ctx) != {}


def _follow(session: Session, escalation_id: int, reply: _Reply | None, ctx: EscalationContext) -> bool:
    """Decide anew on what is there, under the audit head. True if it ended or was acknowledged."""
    audit.hold(session)
    row = session.get_one(Escalation, escalation_id, populate_existing=True)
    mine = MirrorTicket.system == row.system, MirrorTicket.ticket_id == row.subject_id
    ticket = session.scalars(select(MirrorTicket).where(*mine)).one_or_none()
    if ticket is None or row.state == "closed":
        return False
    if why := over(ticket):
        return close(session, row, HANDOFF.id, f"{subject_ref(row)} is {why} in {ctx.desk_title}", ctx)
    before = str(row.evidence.get("assignee", ""))
    _take_over(session, row, ticket, ctx)
    if row.state == "claimed":
        if reply is not None and reply.at > row.touched_at:
            move(session, row, **touched(row, ctx))
        return False
    if reply is not None and reply.at > row.touched_at and not under_way(row):  # else it may be the note itself
        by = colleague(ctx.roster, reply.author)
        return acknowledge(session, row, by, "has replied in the desk", reply.at, ctx)
    if ticket.assignee and ticket.assignee != before:
        by = colleague(ctx.roster, ticket.assignee)
        if by == (row.evidence.get("claim") or {}).get("by"):
            return False  # our own assignment of a claim that was given back meanwhile
        return acknowledge(session, row, by, "has the ticket in the desk now", ctx.clock.now(), ctx)
    return False


def _news(row: Escalation, ticket: MirrorTicket, ctx: EscalationContext) -> dict[str, Any]:
    """Columns that the ticket has otherwise by now. Whom it was brought before by a person stays its owner."""
    news: Mapping[str, Any] = ticket_columns(ticket, ctx)
    same_assignee = ticket.assignee == row.evidence.get("assignee", "")
    return {
        name: value
        for name, value in news.items()
        if value != getattr(row, name) and not (name == "owner" and same_assignee)
    }


def _take_over(session: Session, row: Escalation, ticket: MirrorTicket, ctx: EscalationContext) -> None:
    """Show what the ticket is now. What became urgent does not wait for the hours any more."""
    values = _news(row, ticket, ctx)
    if ticket.assignee != row.evidence.get("assignee", ""):
        values["evidence"] = {**row.evidence, "assignee": ticket.assignee}
    if not values:
        return
    if move(session, row, **values) and "priority" in values and row.state == "open":
        move(session, row, next_at=chain.waits_anew(row, ctx))
    show(session, row, ctx)
