"""Reading a case's ticket, and following what others have done to it there before anything is sent to it again.

Every reading goes through here, that of the feed and those of `tickets.advance`, and the caller is alone at the case's
ticket. What is followed, the place up to which the desk's events have been heard, and the values that count as ours
from now on are one transaction, so nothing is followed twice and nothing that was sent is taken for somebody's doing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from automations.desks import Capability
from automations.domain import (
    Ticket,
    TicketEvent,
    case_ref,
)
from automations.errors import Rejected, Unavailable
from automations.failure_tickets import journal
from automations.failure_tickets.compare import accepts, values_of, values_wanted
from automations.failure_tickets.context import Context
from automations.failure_tickets.mirror_acts import close, follow_field, follow_line
from automations.failure_tickets.mirror_plan import Author, Plan, deleted_by, make_plan, merged_by, settled
from automations.failure_tickets.mirror_words import actor_of
from automations.failure_tickets.wanted import Wanted
from automations.ports import HelpDesk
from storage import audit
from storage.boundaries import reach
from storage.engine import Database
from storage.models import Case, CaseTicket

SHOWN_FOR = timedelta(hours=1)
"""How long a message shows the same age of a reading, so that looking costs Slack no edit for each look."""

HOPS = 10
"""How many merges are followed from one ticket to the next."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What a reading came to: the ticket, None if it is gone. `moved`: the case is another one now than before."""

    shown: Ticket | None
    moved: bool


def follow(database: Database, desk: HelpDesk, wanted: Wanted, ctx: Context) -> Followed:
    """Read the ticket and let the case follow what others did. Must be called alone at the case's ticket.

    `ctx` is the team as it is now (`present`).
    Raises: AdapterError, with nothing followed.
    """
    assert wanted.ticket_id is not None, "there is a ticket to read"
    shown = _read(desk, wanted.ticket_id)
    if Capability.CHANGES not in desk.capabilities:
        _mark_read(database, wanted, ctx)
    told = Capability.HISTORY in desk.capabilities
    events = _events(desk, wanted) if Capability.EVENTS in desk.capabilities else ()
    if shown is None:
        moved = not wanted.gone and _follow_deletion(database, wanted, deleted_by(events), events, ctx)
        return Followed(None, moved)
    if shown.merged_into is not None and Capability.MERGES in desk.capabilities:
        return Followed(None, not wanted.gone and _follow_merge(database, desk, wanted, shown, events, ctx))
    want, have = values_wanted(wanted), values_of(shown)
    plan = make_plan(want, have, wanted.ours, events, told=told, accepts=partial(accepts, wanted))
    ours = settled(have)
    back = wanted.gone
    if plan.empty and not back and wanted.ours == ours and plan.heard in (None, wanted.heard):
        return Followed(shown, moved=False)
    with database.begin() as session:
        if not plan.empty or back:
            audit.hold(session)
        if back:
            _say(session, wanted, Author(), "desk_restored", f"finds ticket #{shown.id} back in the desk", ctx)
        accepted = _still_accepted(wanted.accepted, have) | _make_true(session, wanted, plan, shown.id, ctx)
        columns = {"accepted": accepted or None, "deleted_at": None} | ({"missing": None} if back else {})
        _keep(session, wanted, plan.heard, {"ours": ours, **columns})
        if not plan.empty:
            reach("mirror.followed")
    return Followed(shown, moved=back or not plan.empty)


def _read(desk: HelpDesk, ticket: str) -> Ticket | None:
    """The ticket; None if there is none by that id any more."""
    try:
        return desk.get(ticket)
    except Rejected as exc:
        if exc.code != "no_ticket":
            raise
        return None


def _mark_read(database: Database, wanted: Wanted, ctx: Context) -> None:
    """Keep when the desk was read. The message shows it, and follows now and then."""
    now, before = ctx.clock.now(), wanted.read_at
    with database.begin() as session:
        if before is None or _hour(before) != _hour(now):
            journal.refresh(session, session.get_one(Case, wanted.case_id), ctx)
        session.execute(update(CaseTicket).where(CaseTicket.case_id == wanted.case_id).values(read_at=now))


def _hour(at: datetime) -> int:
    return int(at.timestamp() // SHOWN_FOR.total_seconds())


def _events(desk: HelpDesk, wanted: Wanted) -> tuple[TicketEvent, ...]:
    """What the desk tells of the ticket since it was heard last; nothing if it tells no more of one that is gone."""
    assert wanted.ticket_id is not None
    try:
        return tuple(desk.events(wanted.ticket_id, after=wanted.heard))
    except Rejected as exc:
        if exc.code != "no_ticket":
            raise
        return ()


def _make_true(session: Session, wanted: Wanted, plan: Plan, ticket: str, ctx: Context) -> dict[str, Any]:
    """Let the case follow the plan. Returns what had to be accepted, by field."""
    accepted = {}
    for move in plan.fields:
        if (entry := follow_field(session, wanted.case_id, move, ctx)) is not None:
            accepted[move.field] = entry
    for line in plan.lines:
        follow_line(session, wanted.case_id, line, ticket, ctx)
    return accepted


def _still_accepted(accepted: Mapping[str, Any], have: Mapping[str, str | None]) -> dict[str, Any]:
    """What was accepted and is still shown so."""
    return {name: entry for name, entry in accepted.items() if name not in have or entry["shown"] == have[name]}


def _follow_deletion(
    database: Database, wanted: Wanted, by: Author, events: Sequence[TicketEvent], ctx: Context
) -> bool:
    with database.begin() as session:
        audit.hold(session)
        name = actor_of(by, ctx).name if by.name else "somebody"
        owner = session.get_one(Case, wanted.case_id).owner
        text = f"deleted ticket #{wanted.ticket_id} in the desk, so nothing is written there any more"
        _say(session, wanted, by, "desk_deleted", text, ctx, mention=owner)
        columns = {"deleted_at": ctx.clock.now(), "missing": f"deleted in the desk by {name}"}
        _keep(session, wanted, _last(events), columns)
    return True


def _follow_merge(
    database: Database, desk: HelpDesk, wanted: Wanted, shown: Ticket, events: Sequence[TicketEvent], ctx: Context
) -> bool:
    """The ticket went into another one: take that for the case's, or close the case if it is another case's already."""
    by, target = merged_by(events), shown
    for _ in range(HOPS):
        if target.merged_into is None:
            break
        into = _read(desk, target.merged_into)
        if into is None:
            return _follow_deletion(database, wanted, by, events, ctx)
        target = into
    heard = _last(tuple(desk.events(target.id, after=None)) if events else ())
    try:
        with database.begin() as session:
            audit.hold(session)
            other = _case_of(session, desk.system, target.id)
            if other is None:
                _take_over(session, wanted, target, by, heard, ctx)
            else:
                _give_up(session, wanted, target, other, by, _last(events), ctx)
    except IntegrityError as exc:  # another case took it between our look and our write
        raise Unavailable(f"ticket #{target.id} was given to another case just now", system=desk.system) from exc
    return True


def _take_over(session: Session, wanted: Wanted, target: Ticket, by: Author, heard: str | None, ctx: Context) -> None:
    """The other ticket is the case's own from now on, and whatever it shows was settled by who merged them."""
    have = values_of(target)
    plan = make_plan(values_wanted(wanted), have, {name: [] for name in have}, (), told=True)
    text = f"merged ticket #{wanted.ticket_id} into #{target.id} in the desk, which is this case's ticket now"
    _say(session, wanted, by, "desk_merged", text, ctx)
    plan = replace(plan, fields=tuple(replace(move, by=by) for move in plan.fields))
    accepted = _make_true(session, wanted, plan, target.id, ctx)
    accepted["key"] = {"shown": target.key, "instead_of": wanted.key}
    ticket = {"ticket_id": target.id, "url": target.url, "heard": heard, "state": "created", "seen": {"sent": 0}}
    _keep(session, wanted, None, ticket | {"ours": settled(have), "accepted": accepted})


def _give_up(
    session: Session, wanted: Wanted, target: Ticket, other: int, by: Author, heard: str | None, ctx: Context
) -> None:
    """The other ticket is another case's: this case is a part of that one, and closed."""
    into = f"merged into {case_ref(other)}'s ticket #{target.id}"
    text = f"merged ticket #{wanted.ticket_id} in the desk into #{target.id}, the ticket of {case_ref(other)}"
    if wanted.closed:
        _say(session, wanted, by, "desk_merged", text, ctx)
    else:
        close(session, wanted.case_id, by, ctx, verb="desk_merged", text=text, note=into)
    joined = f"merged the ticket of {case_ref(wanted.case_id)} into this case's ticket in the desk"
    _say(session, wanted, by, "desk_joined", joined, ctx, case_id=other)
    _keep(session, wanted, heard, {"deleted_at": ctx.clock.now(), "missing": into})


def _say(
    session: Session,
    wanted: Wanted,
    by: Author,
    verb: str,
    text: str,
    ctx: Context,
    *,
    mention: str | None = None,
    case_id: int | None = None,
) -> None:
    case = session.get_one(Case, case_id or wanted.case_id, populate_existing=True)
    actor = actor_of(by, ctx)
    journal.note(session, case, verb=verb, actor=actor, text=text, to_desk=False, mention=mention, ctx=ctx, act=text)


def _keep(session: Session, wanted: Wanted, heard: str | None, columns: Mapping[str, Any]) -> None:
    values = {**columns, **({"heard": heard} if heard is not None else {})}
    session.execute(update(CaseTicket).where(CaseTicket.case_id == wanted.case_id).values(values))


def _last(events: Sequence[TicketEvent]) -> str | None:
    return events[-1].id if events else None


def _case_of(session: Session, system: str, ticket: str) -> int | None:
    return session.scalar(select(CaseTicket.case_id).where(CaseTicket.system == system, CaseTicket.ticket_id == ticket))
