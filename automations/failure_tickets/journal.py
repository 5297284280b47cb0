"""Writing down what happens to a case: a line of its history, and its message and ticket asked to follow.

Everything happens in the caller's transaction, so state, history, audit, message and ticket request stand or fall
together. Rows are locked in one order, here and wherever cases move: audit head, case, notification, ticket. So a
transaction that will write an audit row about an existing case calls `storage.audit.hold` before it touches the case.
A message that several cases share comes between the rows of two of them (case 1, group, case 2), so it is written under
the head alone: who counts on one case without the head never waits for it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Actor, case_ref
from automations.failure_tickets import calls, escalated, group_life, reminders
from automations.failure_tickets.context import Context
from automations.failure_tickets.placing import CARD, Place, card_key, has_left, place, show
from automations.posting import put_and_deliver
from automations.words import identity
from storage import audit
from storage.boundaries import reach
from storage.models import Case, CaseEntry, CaseTicket

__all__ = [
    "CARD",
    "ENTRY",
    "SYNC",
    "bump",
    "card_key",
    "identity",
    "note",
    "refresh",
    "request_sync",
    "tell_group",
    "write_audit",
    "write_entry",
]

ENTRY = "case.entry"
SYNC = "ticket.sync"


def note(
    session: Session,
    case: Case,
    *,
    verb: str,
    actor: Actor,
    text: str,
    to_desk: bool,
    mention: str | None,
    ctx: Context,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    act: str | None = None,
    sync: bool = True,
    touch: bool = True,
) -> CaseEntry:
    """Add one line to the history, with all that follows from it: audit row, thread line, living message, ticket sync.

    Args: `text` is redacted and reads on from the actor's name ("claimed this case", "saw this failure 100 times");
    `mention` is the e-mail of whom it calls, if `calls` lets it and the living message is not going to; `before` and
    `after` go to the audit log; `act` is the short form shown on the card ("claimed it"), given if this counts as the
    last thing somebody did. Without `sync` the ticket is left alone: what is said concerns it in nothing. Without
    `touch` the case counts as left alone: what a customer does is nothing done about it.

    A case that is shown in its group's message has its lines in that one's thread, under its name. Of an act on many
    cases at once (`ctx.as_one`) the thread hears once, from who does them all.
    """
    now = ctx.clock.now()
    bump(session, case, last=(identity(actor), act, now) if act else None)
    reminders.follow(session, case, actor, ctx, acted=act is not None and touch)
    entry = write_entry(session, case, verb=verb, actor=actor, text=text, to_desk=to_desk, at=now)
    write_audit(session, case, verb, actor, now, before=before, after=after)
    where = _follow(session, case, ctx)
    if not ctx.as_one:
        called = _called(session, case, where, mention, actor, ctx, anew="owner" in (after or {}))
        put_and_deliver(
            session,
            ctx,
            key=f"{card_key(case.id)}/entry/{entry.seq}",
            kind=ENTRY,
            channel=case.channel,
            data={"case_id": case.id, "seq": entry.seq, "mention": called}
            | ({"in_group": True} if where.group_id else {}),
            at=now,
            parent_key=where.key,
        )
    if sync:
        request_sync(session, case, ctx)
    return entry


def refresh(session: Session, case: Case, ctx: Context) -> None:
    """Let the living message follow the case: the version grows, and a delivery is asked for unless one is pending."""
    bump(session, case, last=None)
    _follow(session, case, ctx)


def tell_group(
    session: Session, group_id: int, cases: Sequence[Case], *, text: str, mention: str | None, ctx: Context
) -> None:
    """Say once in a group's thread what Handoff noted of these cases under `ctx.as_one`.

    `mention` is the e-mail of whom the line calls, if one of the cases may call them now and the group's message,
    not yet in Slack, is not going to.
    """
    now = ctx.clock.now()
    found = (calls.called(ctx, case, mention, HANDOFF, now) for case in cases)
    whom = next((email for email in found if email), None)
    if whom and group_life.first_post_calls(session, group_id, whom):
        whom = None
    group_life.say(session, group_id, cases[0].channel, HANDOFF, text, ctx, mention=whom)


def _follow(session: Session, case: Case, ctx: Context) -> Place:
    """Let the message that shows the case follow, the group's if it has one, and escalations. Returns the case's."""
    group_life.follow(session, case, ctx)
    where = place(session, case)
    if where.group_id is None:
        show(session, where, ctx, ctx.clock.now())
    escalated.follow(session, case, ctx)
    return where


def bump(session: Session, case: Case, *, last: tuple[str, str, datetime] | None) -> None:
    """Grow the version in the database, which also locks the row, and bring `case` up to date with it."""
    changes: dict[str, Any] = {"version": Case.version + 1}
    if last is not None:
        changes |= dict(zip(("last_actor", "last_act", "last_at"), last, strict=True))
    session.flush()
    session.execute(
        update(Case).where(Case.id == case.id).values(changes), execution_options={"synchronize_session": False}
    )
    session.refresh(case)


def write_entry(
    session: Session, case: Case, *, verb: str, actor: Actor, text: str, to_desk: bool, at: datetime
) -> CaseEntry:
    """Add a line to the history alone."""
    last = session.scalar(select(func.max(CaseEntry.seq)).where(CaseEntry.case_id == case.id)) or 0
    entry = CaseEntry(
        case_id=case.id, seq=last + 1, at=at, actor=identity(actor), verb=verb, text=text, to_desk=to_desk
    )
    session.add(entry)
    session.flush()
    return entry


def write_audit(
    session: Session,
    case: Case,
    verb: str,
    actor: Actor,
    at: datetime,
    *,
    before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None,
) -> None:
    """Write the audit row of something done to a case."""
    audit.append(
        session,
        at=at,
        actor=identity(actor),
        action=f"case.{verb}",
        target=case_ref(case.id),
        outcome="done",
        correlation_id=case.correlation_id,
        before=dict(before) if before is not None else None,
        after=dict(after) if after is not None else None,
    )


def _called(
    session: Session, case: Case, where: Place, email: str | None, actor: Actor, ctx: Context, *, anew: bool
) -> str | None:
    """Whom the line calls. Before a case's own message has left, that calls the owner in place of the line.

    `anew`: the case has another owner by this, so whether that message calls them is decided again.
    """
    whom = calls.called(ctx, case, email, actor, ctx.clock.now())
    if email is not None and email.lower() == case.owner:
        case.call_owner_at = calls.later(ctx, case, email, actor, ctx.clock.now())
        session.flush()
    if where.group_id is not None:
        return None if whom and group_life.first_post_calls(session, where.group_id, whom) else whom
    if has_left(session, where.key):
        return whom
    by_message = email is not None and email.lower() == case.owner
    if by_message or anew:
        case.call_owner = calls.called(ctx, case, case.owner, actor, ctx.clock.now()) is not None
        session.flush()
    return None if by_message else whom


def request_sync(session: Session, case: Case, ctx: Context) -> None:
    """Ask for the ticket to be brought to the case's present state."""
    session.execute(
        update(CaseTicket).where(CaseTicket.case_id == case.id).values(wanted_version=case.version),
        execution_options={"synchronize_session": False},
    )
    ctx.jobs.enqueue(session, SYNC, f"ticket/{case.id}/{case.version}", {"case_id": case.id})
    reach("job.enqueued")
