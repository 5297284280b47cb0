"""What people do to a case: claim, release, reassign, escalate, resolve, set aside, reopen.

Of two people clicking at once one wins and the other is told who and when. The act, its line of history, its audit
row, the living message and the ticket request are one transaction, the caller's. Roles are checked by the caller; what
the present state forbids is refused here.
"""

from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Actor, CaseStatus, Role, case_ref
from automations.errors import Refused
from automations.failure_tickets import escalate as escalation
from automations.failure_tickets import feedback, journal, occurrences
from automations.failure_tickets.context import Context
from automations.failure_tickets.event import FailureEvent
from automations.failure_tickets.moves import Act, Decision, Outcome, closing_words, perform, refuse_closed, unclaimed
from automations.failure_tickets.plan import absence_words, choose_owner
from automations.failure_tickets.words import when, who
from storage import audit
from storage.models import Case

__all__ = [
    "Outcome",
    "claim",
    "close_by_event",
    "escalate",
    "not_needed",
    "reassign",
    "refused",
    "release",
    "reopen",
    "resolve",
]


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
        return Act("released", unclaimed(case, ctx), "released this case", "released it", answer)

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
    if not (words := _redacted(reason, ctx)):
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


def resolve(session: Session, case_id: int, actor: Actor, note: str, ctx: Context) -> Outcome:
    """Close a case as solved, with a note that says how. Raises Refused without one."""
    if not (words := _redacted(note, ctx)):
        raise Refused("Please say in a sentence how it was resolved.")
    return perform(session, case_id, actor, ctx, _closing(CaseStatus.RESOLVED, actor, words, ctx))


def not_needed(session: Session, case_id: int, actor: Actor, note: str, ctx: Context) -> Outcome:
    """Close a case that should not have been one, and keep that as feedback for its rule. The note may be empty."""
    words = _redacted(note, ctx)
    outcome = perform(session, case_id, actor, ctx, _closing(CaseStatus.NOT_NEEDED, actor, words, ctx))
    if outcome.changed:
        feedback.keep(session, outcome.case, by=journal.identity(actor), note=words, at=ctx.clock.now())
    return outcome


def close_by_event(session: Session, case: Case, event: FailureEvent, ctx: Context) -> Outcome:
    """Close a case because its source says that the failure is over. A closed one stays as it was closed."""
    decide = _closing(CaseStatus.RESOLVED, HANDOFF, f"{event.source} reports: {event.summary}", ctx)
    return perform(session, case.id, HANDOFF, ctx, decide)


def reopen(session: Session, case_id: int, actor: Actor, ctx: Context) -> Outcome:
    """Open a closed case again as if it had not been closed.

    It stays with its owner; if they are away or have left the team, its rule chooses anew, and both are said.
    Raises: Refused if a newer case took its place.
    """

    def decide(case: Case) -> Act | str:
        if not CaseStatus(case.status).closed:
            return f"{case_ref(case.id)} is open already."
        emptied = ("closed_at", "closed_by", "close_note", "escalated_at", "escalated_by", "escalation_reason")
        values = {**unclaimed(case, ctx), **dict.fromkeys(emptied), "open_key": case.case_key}
        owner, text = case.owner, "reopened this case"
        if (anew := _chosen_anew(session, case, ctx)) is not None:
            owner, why = anew
            values |= {"owner": owner, "owner_why": why}
            text = f"{text}; it is with {who(owner, ctx)} ({why})"
        answer = f"{case_ref(case.id)} is open again, with {who(owner, ctx)}."
        return Act("reopened", values, text, "reopened it", answer, mention=owner)

    try:
        with session.begin_nested():
            outcome = perform(session, case_id, actor, ctx, decide)
            if outcome.changed:
                feedback.withdraw(session, case_id, at=ctx.clock.now())
            return outcome
    except IntegrityError as exc:  # the constraint "one open case per key" said no
        key = select(Case.case_key).where(Case.id == case_id).scalar_subquery()
        newer = session.scalars(select(Case.id).where(Case.open_key == key)).one_or_none()
        if newer is None:
            raise
        words = f"The same failure came back as {case_ref(newer)}, so {case_ref(case_id)} stays closed."
        raise Refused(f"{words} Please go on there.") from exc


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


def _closing(status: CaseStatus, actor: Actor, note: str, ctx: Context) -> Decision:
    """Decide on a closing. Closed already by the same actor, or asked for by rule: nothing needs to change."""
    me = journal.identity(actor)

    def decide(case: Case) -> Act | str:
        if CaseStatus(case.status).closed:
            if actor == HANDOFF or (case.closed_by == me and case.status == status):
                return closing_words(case, ctx)
            refuse_closed(case, ctx)
        emptied = ("open_key", "claimed_by", "claimed_at")
        closed = {"closed_at": ctx.clock.now(), "closed_by": me, "close_note": note}
        values = {"status": status.value, **dict.fromkeys(emptied), **closed}
        verb, text, act = "resolved", "resolved this case", "resolved it"
        if status is CaseStatus.NOT_NEEDED:
            verb, text, act = "not_needed", "marked this case as not needed", "marked it as not needed"
        text = f"{text}: {note}" if note else text
        return Act(verb, values, text, act, f"{case_ref(case.id)} is closed.")

    return decide


def _chosen_anew(session: Session, case: Case, ctx: Context) -> tuple[str, str] | None:
    """Choose an owner by the case's rule and say why, if the one it has cannot take it; None if they can."""
    book, roster, now = ctx.book, ctx.roster, ctx.clock.now()
    if roster.available(case.owner, now):
        return None
    gone = absence_words(case.owner, roster, now, ZoneInfo(book.zone))
    load = occurrences.open_cases_per_owner(session)
    owner, why = choose_owner(book.rule(case.rule).owner_ref, book, roster, load, now)
    return owner, why if gone in why else f"{gone}; {why}"


def _claimed_words(case: Case, ctx: Context) -> str:
    return f"{who(case.claimed_by, ctx)} claimed {case_ref(case.id)} at {when(case.claimed_at, ctx)}"


def _redacted(text: str, ctx: Context) -> str:
    """What somebody typed, to be kept; nothing if there is nothing to read in it, such as hidden signs alone."""
    if not any(char.isprintable() and not char.isspace() for char in text):
        return ""
    return ctx.redactor.text(text.strip())
