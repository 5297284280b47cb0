"""Whether an escalation was right: what people say of it, and what its outcome says where nobody did.

A word of a person holds for all its firings and may come after its end. It wins over the outcome's.
"""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from automations.domain import Actor
from automations.escalation.context import EscalationContext
from automations.escalation.journal import escalation_ref, found, show, write_down
from automations.escalation.moves import Change, Outcome, closed, perform, refuse_closed, refuse_strangers
from automations.words import identity, typed, when, who
from storage import audit
from storage.models import Escalation, EscalationFiring

OUTCOME = "outcome"
"""Who says it where nobody did."""
_WORDS = {"not_needed": "not needed", "too_late": "come too late"}


def not_needed(session: Session, escalation_id: int, actor: Actor, reason: str, ctx: EscalationContext) -> Outcome:
    """End it as not needed, or say so of one that has ended; `reason` may be empty.

    Raises: NotFound; Refused if a person has said what it was already.
    """
    return _judge(session, escalation_id, actor, "not_needed", reason, ctx)


def too_late(session: Session, escalation_id: int, actor: Actor, reason: str, ctx: EscalationContext) -> Outcome:
    """End it as come too late, or say so of one that has ended; `reason` may be empty.

    Raises: NotFound; Refused if a person has said what it was already.
    """
    return _judge(session, escalation_id, actor, "too_late", reason, ctx)


def is_right(session: Session, row: Escalation, ctx: EscalationContext) -> None:
    """Somebody acted on it: its firings were right, where nobody has said otherwise."""
    _say(session, row, "right", OUTCOME, ctx)


def verdict_of(session: Session, escalation_id: int) -> str:
    """What was said of its firings; that of the first if they differ."""
    wanted = select(EscalationFiring.verdict).where(EscalationFiring.escalation_id == escalation_id)
    return session.scalar(wanted.order_by(EscalationFiring.id).limit(1)) or ""


def _judge(
    session: Session, escalation_id: int, actor: Actor, verdict: str, reason: str, ctx: EscalationContext
) -> Outcome:
    refuse_strangers(actor, ctx)
    audit.hold(session)
    row, me, said = found(session, escalation_id), identity(actor), typed(reason, ctx)
    if row.state == "closed":
        return _judge_ended(session, row, actor, verdict, said, ctx)
    ref, words = escalation_ref(row.id), _WORDS[verdict]

    def decide(_row: Escalation) -> Change | str:
        line = f"says this was {words}{f': {said}' if said else '.'}"
        return Change(
            f"escalation.{verdict}", closed(me, verdict, said, ctx), line, f"{ref} is ended as {words}. Thank you."
        )

    outcome = perform(session, escalation_id, actor, ctx, decide)
    _say(session, outcome.row, verdict, me, ctx)
    return outcome


def _judge_ended(
    session: Session, row: Escalation, actor: Actor, verdict: str, said: str, ctx: EscalationContext
) -> Outcome:
    """One that has ended keeps its ending; only what nobody has judged yet is judged."""
    judged = select(EscalationFiring.verdict_by, EscalationFiring.verdict_at).where(
        EscalationFiring.escalation_id == row.id, EscalationFiring.verdict_by.not_in(("", OUTCOME))
    )
    first = session.execute(judged.limit(1)).one_or_none()
    if first is not None and first.verdict_by == identity(actor) and verdict_of(session, row.id) == verdict:
        return Outcome(False, f"You said so at {when(first.verdict_at, ctx)}. Nothing was changed.", row)
    if first is not None:
        text = f"{who(first.verdict_by, ctx)} judged {escalation_ref(row.id)} at {when(first.verdict_at, ctx)}."
        return Outcome(False, f"{text} Nothing was changed.", row)
    if row.ending not in ("handled", "solved"):
        refuse_closed(row, ctx)
    before = {"verdict": verdict_of(session, row.id)}
    _say(session, row, verdict, identity(actor), ctx)
    after = {"verdict": verdict, "note": said}
    write_down(session, row, actor, "escalation.judged", ctx, outcome=verdict, before=before, after=after)
    show(session, row, ctx)
    return Outcome(True, f"Noted: {escalation_ref(row.id)} was {_WORDS[verdict]}. Thank you.", row)


def _say(session: Session, row: Escalation, verdict: str, by: str, ctx: EscalationContext) -> None:
    open_to_it = ("",) if by == OUTCOME else ("", OUTCOME)
    session.execute(
        update(EscalationFiring)
        .where(EscalationFiring.escalation_id == row.id, EscalationFiring.verdict_by.in_(open_to_it))
        .values(verdict=verdict, verdict_by=by, verdict_at=ctx.clock.now()),
        execution_options={"synchronize_session": False},
    )
