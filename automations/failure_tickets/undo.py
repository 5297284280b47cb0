"""Undo: whoever just acted on a case takes that back, for a short time and as long as nobody has acted since.

It is an act like any other: one conditional UPDATE that puts the columns back, with history, audit, message and ticket.
What somebody else has changed meanwhile is never put back; then it is refused in words.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Actor, CaseStatus, case_ref
from automations.errors import NotFound, Refused
from automations.failure_tickets import escalate as escalation
from automations.failure_tickets import feedback, journal, offers
from automations.failure_tickets.closing import only_open_one
from automations.failure_tickets.context import Context
from automations.failure_tickets.moves import DECIDED_ON, Act, Outcome, perform
from automations.words import when, who
from storage import audit
from storage.boundaries import reach
from storage.models import Case, UndoOffer

DONE: Final = {
    "claimed": "claimed this case",
    "escalated": "escalated this case",
    "resolved": "resolved this case",
    "not_needed": "marked this case as not needed",
}


class Over(Refused):
    """What cannot be taken back any more, nor ever will be: it is too late, or somebody has acted since."""


def case_of(session: Session, offer_id: int) -> int | None:
    """The number of the case that an offer is about, None if there is no such offer."""
    return session.scalar(select(UndoOffer.case_id).where(UndoOffer.id == offer_id))


def take_back(session: Session, offer_id: int, actor: Actor, ctx: Context) -> Outcome:
    """Put a case back to what it was before the act of this offer. Taken back already: nothing needs to change.

    Raises: NotFound; Over if it is too late or anybody has acted since; Refused if the act was somebody else's, or if a
    newer case of the same failure is open.
    """
    audit.hold(session)
    offer = session.get(UndoOffer, offer_id, populate_existing=True)
    if offer is None:
        raise NotFound("There is nothing here that could be taken back.")
    me, now, ref = journal.identity(actor), ctx.clock.now(), case_ref(offer.case_id)
    if offer.actor != me:
        raise Refused(f"Only {who(offer.actor, ctx)} can take that back. {ref} was left as it is.")
    if offer.state == offers.TAKEN:
        case = session.get_one(Case, offer.case_id, populate_existing=True)
        return Outcome(changed=False, text=f"You took that back already. {_stands(case, ctx)}", case=case)

    def decide(case: Case) -> Act | str:
        if (offer.state != offers.OPEN and now < offer.until) or not _untouched(case, offer):
            raise Over(f"{_since(case, ctx)} {ref} was left as it is.")
        if offer.state != offers.OPEN or now >= offer.until:
            over = f"It is too late to take that back: the time for it was over at {when(offer.until, ctx)}."
            raise Over(f"{over} {ref} was left as it is.")
        return _backwards(case, offer, me, ctx)

    with only_open_one(session, offer.case_id):
        offers.settle(session, offer.id, offers.TAKEN, now)
        outcome = perform(session, offer.case_id, actor, ctx, decide)
        if offer.verb == "not_needed":
            feedback.withdraw(session, offer.case_id, at=now)
        if offer.verb == "escalated":
            escalation.take_back(session, outcome.case, actor, ctx)
    reach("undo.taken")
    return Outcome(changed=True, text=f"Taken back. {_stands(outcome.case, ctx)}", case=outcome.case)


def due(session: Session, ctx: Context) -> list[tuple[str, dict[str, Any]]]:
    """List what can no longer be taken back: a key with the deadline, and the case."""
    now = ctx.clock.now()
    offered = select(UndoOffer.case_id, UndoOffer.until).where(UndoOffer.state == offers.OPEN, UndoOffer.until <= now)
    held = select(Case.id, Case.hold_until).where(Case.hold_until <= now)
    over = {(number, until) for number, until in (*session.execute(offered), *session.execute(held))}
    return [(f"{number}/{until.isoformat()}", {"case_id": number}) for number, until in sorted(over)]


def lapse(session: Session, args: Mapping[str, Any], ctx: Context) -> bool:
    """Let the offers of a case whose time is over lapse, and a held closing reach the desk. True if there was any."""
    case_id, now = int(args["case_id"]), ctx.clock.now()
    audit.hold(session)
    case = session.get_one(Case, case_id, populate_existing=True)
    over = UndoOffer.case_id == case_id, UndoOffer.state == offers.OPEN, UndoOffer.until <= now
    late = list(session.scalars(select(UndoOffer).where(*over).order_by(UndoOffer.id)))
    held = case.hold_until is not None and case.hold_until <= now
    if not late and not held:
        return False
    audit.append(
        session,
        at=now,
        actor=HANDOFF.id,
        action="case.undo_lapsed",
        target=case_ref(case_id),
        outcome="done",
        correlation_id=case.correlation_id,
        after={"offers": [[offer.id, offer.verb] for offer in late], "desk_follows": held},
    )
    for offer in late:
        offers.settle(session, offer.id, offers.LAPSED, now)
    if held:
        case.hold_until = None
        journal.refresh(session, case, ctx)
        journal.request_sync(session, case, ctx)
        reach("hold.lapsed")
    return True


def _untouched(case: Case, offer: UndoOffer) -> bool:
    return all(offers.plain(getattr(case, field)) == offer.after.get(field) for field in DECIDED_ON)


def _since(case: Case, ctx: Context) -> str:
    return f"{who(case.last_actor, ctx)} {case.last_act} at {when(case.last_at, ctx)}, so it cannot be taken back."


def _backwards(case: Case, offer: UndoOffer, me: str, ctx: Context) -> Act:
    """The act that undoes. Columns that follow the clock are put back only if it has not moved them meanwhile."""
    values = {
        field: offers.typed_back(field, value)
        for field, value in offer.before.items()
        if offers.plain(getattr(case, field)) == offer.after[field]
    }
    told = None
    if offer.verb == "reassigned":
        to = offer.after["owner"]
        done, told = f"reassigned this case to {who(to, ctx)}", None if to == me else to
    else:
        done = DONE[offer.verb]
    before = _state(values.get("status", case.status), values.get("owner", case.owner), ctx)
    return Act("undone", values, f"took back: {done}; {before}", f"took back: {done}", "", mention=told)


def _state(status: str, owner: str, ctx: Context) -> str:
    words = {CaseStatus.OPEN: "it is open, with", CaseStatus.CLAIMED: "it is claimed by"}
    return f"{words[CaseStatus(status)]} {who(owner, ctx)}"


def _stands(case: Case, ctx: Context) -> str:
    """Say in a sentence how a case stands now."""
    if CaseStatus(case.status).closed:
        return f"{case_ref(case.id)} is closed."
    return f"{case_ref(case.id)} {_state(case.status, case.owner, ctx).removeprefix('it ')}."
