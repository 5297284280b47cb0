"""How a case ends and comes back: resolve, set aside, close by its source's word, reopen.

As with every act, state, history, audit row, living message and ticket request are the caller's one transaction.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Actor, CaseStatus, case_ref
from automations.errors import Refused
from automations.failure_tickets import feedback, journal, occurrences
from automations.failure_tickets.asked import asked_fields, desk_values
from automations.failure_tickets.context import Context
from automations.failure_tickets.event import FailureEvent
from automations.failure_tickets.moves import Act, Decision, Outcome, closing_words, perform, refuse_closed, unclaimed
from automations.failure_tickets.plan import absence_words, choose_owner
from automations.words import typed, who
from storage.models import Case


def resolve(
    session: Session, case_id: int, actor: Actor, note: str, ctx: Context, fields: Mapping[str, str] | None = None
) -> Outcome:
    """Close a case as solved, with a note that says how, and the values the desk asks for by the id of their field.

    The desk hears of it when it cannot be taken back any more.
    Raises: Refused without a note, or if a field of the desk has no value or none it knows.
    """
    if not (words := typed(note, ctx)):
        raise Refused("Please say in a sentence how it was resolved.")
    kept = desk_values(asked_fields(session, case_id, ctx), fields or {}, ctx)
    return perform(session, case_id, actor, ctx, _closing(CaseStatus.RESOLVED, actor, words, ctx, kept))


def not_needed(
    session: Session, case_id: int, actor: Actor, note: str, ctx: Context, fields: Mapping[str, str] | None = None
) -> Outcome:
    """Close a case that should not have been one, and keep that as feedback for its rule. The note may be empty.

    Its ticket is solved by that, so the desk asks for the same as when a case is resolved.
    Raises: Refused if a field of the desk has no value or none it knows.
    """
    words = typed(note, ctx)
    kept = desk_values(asked_fields(session, case_id, ctx), fields or {}, ctx)
    outcome = perform(session, case_id, actor, ctx, _closing(CaseStatus.NOT_NEEDED, actor, words, ctx, kept))
    if outcome.changed:
        feedback.keep(session, outcome.case, by=journal.identity(actor), note=words, at=ctx.clock.now())
    return outcome


def close_by_event(session: Session, case: Case, event: FailureEvent, ctx: Context) -> Outcome:
    """Close a case because its source says that the failure is over. A closed one stays as it was closed."""
    return close_by_rule(session, case.id, f"{event.source} reports: {event.summary}", ctx)


def waits_for_a_person(session: Session, case_id: int, ctx: Context) -> str:
    """Say why no rule can close a case: the desk asks for what only a person knows. Empty if one can."""
    labels = ", ".join(f"“{field.label}”" for field in asked_fields(session, case_id, ctx))
    return f"The desk asks for {labels} before a ticket is solved, so somebody has to resolve it" if labels else ""


def close_by_rule(session: Session, case_id: int, note: str, ctx: Context) -> Outcome:
    """Close a case as over, with a note that says why. A closed one stays as it was closed."""
    return perform(session, case_id, HANDOFF, ctx, _closing(CaseStatus.RESOLVED, HANDOFF, note, ctx))


def reopen(session: Session, case_id: int, actor: Actor, ctx: Context, *, in_desk: bool = False) -> Outcome:
    """Open a closed case again as if it had not been closed. `in_desk`: because its ticket was reopened there.

    It stays with its owner; if they are away or have left the team, its rule chooses anew, and both are said.
    Raises: Refused if a newer case took its place.
    """

    def decide(case: Case) -> Act | str:
        if not CaseStatus(case.status).closed:
            return f"{case_ref(case.id)} is open already."
        emptied = ("closed_at", "closed_by", "close_note", "escalated_at", "escalated_by", "escalation_reason")
        values = {**unclaimed(case, ctx), **dict.fromkeys((*emptied, "hold_until", "close_fields", "withdrawn_run"))}
        values["open_key"] = case.case_key
        owner, text = case.owner, "reopened the ticket in the desk" if in_desk else "reopened this case"
        if (anew := chosen_anew(session, case, ctx)) is not None:
            owner, why = anew
            values |= {"owner": owner, "owner_why": why}
            text = f"{text}; it is with {who(owner, ctx)} ({why})"
        answer = f"{case_ref(case.id)} is open again, with {who(owner, ctx)}."
        return Act("reopened", values, text, "reopened it", answer, mention=owner)

    with only_open_one(session, case_id):
        outcome = perform(session, case_id, actor, ctx, decide, in_desk=in_desk)
        if outcome.changed:
            feedback.withdraw(session, case_id, at=ctx.clock.now())
        return outcome


@contextmanager
def only_open_one(session: Session, case_id: int) -> Iterator[None]:
    """A savepoint in which a closed case is opened. Raises Refused if a newer case of its key took its place."""
    try:
        with session.begin_nested():
            yield
    except IntegrityError as exc:  # the constraint "one open case per key" said no
        key = select(Case.case_key).where(Case.id == case_id).scalar_subquery()
        newer = session.scalars(select(Case.id).where(Case.open_key == key)).one_or_none()
        if newer is None:
            raise
        words = f"The same failure came back as {case_ref(newer)}, so {case_ref(case_id)} stays closed."
        raise Refused(f"{words} Please go on there.") from exc


def _closing(
    status: CaseStatus, actor: Actor, note: str, ctx: Context, fields: Mapping[str, str] | None = None
) -> Decision:
    """Decide on a closing. Closed already by the same actor, or asked for by rule: nothing needs to change."""
    me = journal.identity(actor)

    def decide(case: Case) -> Act | str:
        if CaseStatus(case.status).closed:
            if actor == HANDOFF or (case.closed_by == me and case.status == status):
                return closing_words(case, ctx)
            refuse_closed(case, ctx)
        emptied = ("open_key", "claimed_by", "claimed_at", "withdrawn_run")
        closed = {"closed_at": ctx.clock.now(), "closed_by": me, "close_note": note, "close_fields": fields}
        values = {"status": status.value, **dict.fromkeys(emptied), **closed, **_held(actor, ctx)}
        verb, text, act = "resolved", "resolved this case", "resolved it"
        if status is CaseStatus.NOT_NEEDED:
            verb, text, act = "not_needed", "marked this case as not needed", "marked it as not needed"
        text = f"{text}: {note}" if note else text
        return Act(verb, values, text, act, f"{case_ref(case.id)} is closed.")

    return decide


def _held(actor: Actor, ctx: Context) -> dict[str, datetime]:
    """Columns that keep a person's closing from the desk for as long as it may be taken back."""
    if actor == HANDOFF or not ctx.timing.undo_for:
        return {}
    return {"hold_until": ctx.clock.now() + ctx.timing.undo_for}


def chosen_anew(session: Session, case: Case, ctx: Context) -> tuple[str, str] | None:
    """Choose an owner by the case's rule and say why, if the one it has cannot take it; None if they can."""
    book, roster, now = ctx.book, ctx.roster, ctx.clock.now()
    if roster.available(case.owner, now):
        return None
    gone = absence_words(case.owner, roster, now, ZoneInfo(book.zone))
    load = occurrences.open_cases_per_owner(session)
    owner, why = choose_owner(book.rule(case.rule).owner_ref, book, roster, load, now)
    return owner, why if gone in why else f"{gone}; {why}"
