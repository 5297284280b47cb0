"""What people do to an open case: claim, release, reassign, escalate. `closing` ends cases and opens them again.

Of two people clicking at once one wins and the other is told who and when. The act, its line of history, its audit
row, the living message and the ticket request are one transaction, the caller's. Roles are checked by the caller; what
the present state forbids is refused here.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.domain import Actor, CaseStatus, Role, case_ref
from automations.errors import Refused
from automations.failure_tickets import escalate as escalation
from automations.failure_tickets import journal
from automations.failure_tickets.context import Context
from automations.failure_tickets.moves import Act, Outcome, perform, refuse_closed, unclaimed
from automations.words import typed, when, who
from storage import audit
from storage.models import Case


def claim(session: Session, case_id: int, actor: Actor, ctx: Context) -> Outcome:
    """Take a case that nobody has claimed. Whoever claims it owns it."""
    me = journal.identity(actor)

    def decide(case: Case) -> Act | str:
        refuse_closed(case, ctx)
        if case.claimed_by == me:
            return f"You have claimed {case_ref(case.id)} already."
        if case.claimed_by is not None:
            raise Refused(f"{_claimed_words(case, ctx)}.")
        values = {"status": CaseStatus.CLAIMED.value, "claimed_by": me, "claimed_at": ctx.clock.now(), "owner": me}
        if case.owner != me:
            values["owner_why"] = "claimed it"
        return Act("claimed", values, "claimed this case", "claimed it", f"{case_ref(case.id)} is yours.")

    return perform(session, case_id, actor, ctx, decide)


def release(session: Session, case_id: int, actor: Actor, ctx: Context) -> Outcome:
    """Give a claimed case back. The owner stays; the time until escalation starts anew.

    Raises: Refused if somebody else claimed it, unless the actor is a lead.
    """

    def decide(case: Case) -> Act | str:
        refuse_closed(case, ctx)
        if case.claimed_by is None:
            return f"{case_ref(case.id)} is not claimed by anybody."
        if case.claimed_by != journal.identity(actor) and not actor.may(Role.LEAD):
            raise Refused(f"{_claimed_words(case, ctx)}; only they or a lead can release it.")
        answer = f"{case_ref(case.id)} is open again, with {who(case.owner, ctx)}."
        values = unclaimed(case, ctx) | ({"owner_why": "had claimed it"} if case.owner_why == "claimed it" else {})
        return Act("released", values, "released this case", "released it", answer)

    return perform(session, case_id, actor, ctx, decide)


def reassign(session: Session, case_id: int, actor: Actor, to: str, ctx: Context) -> Outcome:
    """Give a case to the colleague with the e-mail address `to`, who is told once.

    The new owner has yet to claim it; who takes a case for themselves has claimed it by that.
    Raises: Refused if the colleague is unknown or away.
    """
    person = ctx.roster.by_email(to.strip())
    if person is None:
        known = ", ".join(sorted(one.name for one in ctx.roster.people))
        raise Refused(f"{to.strip()[:80] or 'Nobody'} is not one of the team. Known: {known}.")
    email = person.email.lower()
    if person.blocked:
        raise Refused(f"{person.name} has no access to Handoff any more. Please choose somebody else.")
    if (absence := ctx.roster.away(email, ctx.clock.now())) is not None:
        raise Refused(f"{person.name} is away until {when(absence.end, ctx)}. Please choose somebody else.")
    for_me = email == journal.identity(actor)

    def decide(case: Case) -> Act | str:
        refuse_closed(case, ctx)
        if case.owner == email and (case.claimed_by == email or not for_me):
            return f"{case_ref(case.id)} is with {person.name} already."
        values = {**unclaimed(case, ctx), "owner": email, "owner_why": f"reassigned by {actor.name}"}
        if for_me:
            values |= {"status": CaseStatus.CLAIMED.value, "claimed_by": email, "claimed_at": ctx.clock.now()}
            text = f"took this case over from {who(case.owner, ctx)}"
            return Act("reassigned", values, text, "took it over", f"{case_ref(case.id)} is yours.")
        text = f"reassigned this case from {who(case.owner, ctx)} to {person.name}"
        answer = f"{case_ref(case.id)} is with {person.name} now."
        return Act("reassigned", values, text, f"reassigned it to {person.name}", answer, mention=email)

    return perform(session, case_id, actor, ctx, decide)


def escalate(session: Session, case_id: int, actor: Actor, reason: str, ctx: Context) -> Outcome:
    """Bring a case before the lead, with a reason, once until it is reopened. Raises Refused without a reason."""
    if not (words := typed(reason, ctx)):
        raise Refused("Please say in a sentence why this needs a lead.")

    def decide(case: Case) -> Act | str:
        refuse_closed(case, ctx)
        if case.escalated_at is not None:
            said = f"{who(case.escalated_by, ctx)} escalated {case_ref(case.id)} at {when(case.escalated_at, ctx)}"
            raise Refused(f"{said}: {case.escalation_reason}")
        return escalation.act(case, actor, words, ctx)

    outcome = perform(session, case_id, actor, ctx, decide)
    escalation.post(session, outcome.case, actor, ctx)
    return outcome


def refused(session: Session, case_id: int, actor: Actor, verb: str, why: str, ctx: Context) -> None:
    """Write a refused act down, in a transaction of its own since the act's was rolled back."""
    correlation_id = session.scalar(select(Case.correlation_id).where(Case.id == case_id)) or case_ref(case_id)
    audit.append(
        session,
        at=ctx.clock.now(),
        actor=journal.identity(actor),
        action=f"case.{verb}",
        target=case_ref(case_id),
        outcome="refused",
        correlation_id=correlation_id,
        after={"why": why},
    )


def _claimed_words(case: Case, ctx: Context) -> str:
    return f"{who(case.claimed_by, ctx)} claimed {case_ref(case.id)} at {when(case.claimed_at, ctx)}"
