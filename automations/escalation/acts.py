"""What people do to an escalation: claim, release, reassign, snooze, resolve. A double click is one act.

Whoever comes second is told who decided and when. Nobody is mentioned for what they did themselves.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy.orm import Session

from automations.domain import Actor, Role
from automations.errors import Refused
from automations.escalation import chain, hours
from automations.escalation.by_hand import escalate_ticket
from automations.escalation.context import EscalationContext
from automations.escalation.desk_claim import ask_to_assign, wanted
from automations.escalation.journal import escalation_ref
from automations.escalation.moves import (
    Change,
    Outcome,
    awake,
    closed,
    perform,
    refuse_case,
    refuse_closed,
    touched,
    unclaimed,
)
from automations.escalation.verdicts import is_right, not_needed, too_late
from automations.words import identity, typed, when, who
from storage.models import Escalation

__all__ = ["claim", "escalate_ticket", "not_needed", "reassign", "release", "resolve", "snooze", "too_late"]

LONGEST: Final = timedelta(days=7)
"""How long an escalation may be snoozed."""


def claim(session: Session, escalation_id: int, actor: Actor, ctx: EscalationContext) -> Outcome:
    """Acknowledge it: the chain stops. A ticket without an assignee is assigned to the claimer in the desk, by a job.

    Raises: NotFound; Refused if it has ended, or is about a case.
    """
    me, now = identity(actor), ctx.clock.now()

    def decide(row: Escalation) -> Change | str:
        refuse_closed(row, ctx)
        refuse_case(row, "claim")
        ref = escalation_ref(row.id)
        if row.claimed_by is not None:
            had = "You have" if row.claimed_by == me else f"{who(row.claimed_by, ctx)} has"
            return f"{had} claimed {ref} at {when(row.claimed_at, ctx)}. Nothing was changed."
        values: dict[str, Any] = {"state": "claimed", "claimed_by": me, "claimed_at": now, "next_at": None}
        values |= {**touched(row, ctx), **awake(), "evidence": wanted(row, me, ctx)}
        return Change("escalation.claimed", values, "has claimed this.", f"{ref} is yours. The chain stops.")

    outcome = perform(session, escalation_id, actor, ctx, decide)
    if outcome.changed:
        ask_to_assign(session, outcome.row, ctx)
    return outcome


def release(session: Session, escalation_id: int, actor: Actor, ctx: EscalationContext) -> Outcome:
    """Give it back: the chain begins again with whoever comes first beside the one who gives it back.

    Raises: NotFound; Refused if it has ended, is about a case, or is claimed by somebody else and the actor is no lead.
    """
    me = identity(actor)

    def decide(row: Escalation) -> Change | str:
        refuse_closed(row, ctx)
        refuse_case(row, "release")
        ref = escalation_ref(row.id)
        if row.claimed_by is None:
            return f"Nobody has claimed {ref}. Nothing was changed."
        if row.claimed_by != me and not actor.may(Role.LEAD):
            raise Refused(f"{who(row.claimed_by, ctx)} has claimed {ref}; only they or a lead release it.")
        values = {**unclaimed(), **awake(), **chain.begin_again(row, ctx), "touched_at": ctx.clock.now()}
        return Change("escalation.released", values, "has released this.", f"{ref} is open again; the chain goes on.")

    outcome = perform(session, escalation_id, actor, ctx, decide)
    if outcome.changed:
        chain.call_next(session, escalation_id, ctx, but={me})
    return outcome


def reassign(session: Session, escalation_id: int, email: str, actor: Actor, ctx: EscalationContext) -> Outcome:
    """Bring it before a person, who is called and has the wait of a step to acknowledge; then the chain goes on.

    Raises: NotFound; Refused if it has ended, is about a case, or the person is unknown, away or blocked.
    """
    known, now = ctx.roster.by_email(email), ctx.clock.now()
    if known is None or known.blocked:
        raise Refused(f"{who(email, ctx)} is none of the team, or has no access any more. Nothing was changed.")
    whom = known.email.lower()
    if whom == identity(actor):
        return claim(session, escalation_id, actor, ctx)
    if (gone := ctx.roster.away(whom, now)) is not None:
        until = when(gone.end, ctx)
        raise Refused(f"{known.name} is away until {until}. Nothing was changed; choose somebody who is there.")

    def decide(row: Escalation) -> Change | str:
        refuse_closed(row, ctx)
        refuse_case(row, "reassign")
        ref, lately = escalation_ref(row.id), row.called[-1] if row.called else None
        if row.state == "open" and lately and lately["email"] == whom and lately.get("by") == "reassign":
            return f"{ref} was brought before {known.name} already. Nothing was changed."
        values = {**unclaimed(), **awake(), "owner": whom, "touched_at": now, **_called(row, whom, ctx)}
        heard = hours.may_call(ctx, row.priority, now)
        later = "" if heard else f" They are called at {when(hours.next_call(ctx, row.priority, now), ctx)}."
        answer = f"{ref} is with {known.name} now.{later}"
        line = f"has brought this before {known.name}."
        return Change("escalation.reassigned", values, line, answer, whom if heard else None)

    return perform(session, escalation_id, actor, ctx, decide)


def snooze(session: Session, escalation_id: int, until: datetime, actor: Actor, ctx: EscalationContext) -> Outcome:
    """Let it keep quiet until then: the chain sleeps, and comes back once. Whoever acts on it wakes it.

    Raises: NotFound; Refused if it has ended, or the end is past or more than a week away.
    """
    now, me = ctx.clock.now(), identity(actor)
    if until <= now:
        raise Refused(f"{when(until, ctx)} is past already. Please choose a time to come.")
    if until - now > LONGEST:
        raise Refused(f"{when(until, ctx)} is more than {LONGEST.days} days away. It can be snoozed that long.")

    def decide(row: Escalation) -> Change | str:
        refuse_closed(row, ctx)
        ref, end = escalation_ref(row.id), when(until, ctx)
        if (row.snoozed_until, row.snoozed_by) == (until, me):
            return f"{ref} is snoozed until {end} already. Nothing was changed."
        values: dict[str, Any] = {"snoozed_until": until, "snoozed_by": me, "touched_at": now}
        if row.state == "claimed":
            values |= touched(row, ctx) | {"stale_at": hours.worked(ctx.hours, until, ctx.rules.stale_after)}
        answer = f"{ref} is snoozed until {end}. Whoever acts on it wakes it."
        return Change("escalation.snoozed", values, f"has snoozed this until {end}.", answer)

    return perform(session, escalation_id, actor, ctx, decide)


def resolve(session: Session, escalation_id: int, actor: Actor, note: str, ctx: EscalationContext) -> Outcome:
    """End it as handled; `note` may be empty. What had fired for it was right, unless a person says otherwise.

    Raises: NotFound; Refused if it has ended, or is about a case.
    """
    me, said = identity(actor), typed(note, ctx)

    def decide(row: Escalation) -> Change | str:
        refuse_closed(row, ctx)
        refuse_case(row, "resolve")
        line = f"has resolved this{f': {said}' if said else '.'}"
        return Change(
            "escalation.resolved", closed(me, "handled", said, ctx), line, f"{escalation_ref(row.id)} is resolved."
        )

    outcome = perform(session, escalation_id, actor, ctx, decide)
    if outcome.changed:
        is_right(session, outcome.row, ctx)
    return outcome


def _called(row: Escalation, whom: str, ctx: EscalationContext) -> dict[str, Any]:
    """Columns of a chain that has called this person as the owner, or will when the hours begin."""
    now, steps = ctx.clock.now(), ctx.rules.steps
    if not hours.may_call(ctx, row.priority, now):
        return chain.begin_again(row, ctx)
    step = next((number for number, one in enumerate(steps) if one.call == "owner"), -1)
    entry = {"email": whom, "at": now.isoformat(), "step": "owner", "by": "reassign"}
    wait = chain.wait_of(step, ctx)
    moved = {"step": step, "round": 0, "next_at": hours.after(ctx, row.priority, now, wait)}
    return {"called": [*row.called, entry], **moved}
