"""A person escalates a ticket, by button, message shortcut or command. It goes through the chain at once."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from automations.domain import Actor, Mode
from automations.errors import NotFound, Refused
from automations.escalation import chain, hours
from automations.escalation.context import EscalationContext
from automations.escalation.firing import fire
from automations.escalation.found import Found, key_of, line
from automations.escalation.journal import escalation_ref, found, open_of, say, subject_ref
from automations.escalation.moves import Outcome, refuse_strangers
from automations.escalation.reasons import EscalationReason
from automations.escalation.subjects import subject_of
from automations.escalation.verdicts import OUTCOME
from automations.escalation.watch import mode
from automations.words import identity, typed, when, who
from storage import audit
from storage.models import EscalationFiring


def escalate_ticket(
    session: Session, system: str, ticket_id: str, actor: Actor, reason: str, ctx: EscalationContext
) -> Outcome:
    """Bring a ticket before the chain. One that is escalated already goes to the next step, once for each person.

    Where nothing had fired, the rules missed it, and that is kept with the firing.
    Raises: NotFound for a ticket that the mirror does not have; Refused if it is solved, nobody says why, or the
    automation is not in mode auto.
    """
    refuse_strangers(actor, ctx)
    if not (why := typed(reason, ctx)):
        raise Refused("Please say in a few words why somebody is needed. Nothing was changed.")
    if mode(session, ctx) is not Mode.AUTO:
        raise Refused(
            f"Escalation is not switched on, so nobody would be called. Nothing was changed for #{ticket_id}."
        )
    audit.hold(session)
    about = subject_of(session, "ticket", system, ticket_id, ctx)
    if about is None:
        raise NotFound(f"Ticket #{ticket_id} is not known here (yet). Nothing was changed; look again in a minute.")
    if about.over:
        raise Refused(f"Ticket #{ticket_id} is {about.over}, so nobody is called for it. Nothing was changed.")
    me, before = identity(actor), open_of(session, "ticket", system, ticket_id)
    if before is not None and (said := _said_before(session, before.id, me)) is not None:
        when_said = when(said.fired_at, ctx)
        text = f"You escalated #{ticket_id} at {when_said} already: {escalation_ref(before.id)}. Nothing was changed."
        return Outcome(changed=False, text=text, row=before)
    now = ctx.clock.now()
    by_person = Found(
        reason=EscalationReason.PERSON,
        rule="person",
        version=ctx.rules.version(EscalationReason.PERSON),
        key=key_of("person", system, ticket_id, me, now.isoformat()),
        subject="ticket",
        system=system,
        subject_id=ticket_id,
        due_at=now,
        inputs={"reason": why, "by": me},
        evidence=(line(why),),
        by=me,
    )
    fired = fire(session, by_person, ctx, Mode.AUTO)
    assert fired is not None, "a key with this moment in it has not fired before, and the ticket was looked at"
    assert fired.escalation_id is not None, "in mode auto a firing has an escalation"
    if before is None:
        _missed(session, fired.firing_id, ctx)
    return _answer(session, fired.escalation_id, me, why, ctx, anew=before is None)


def _answer(session: Session, escalation_id: int, me: str, why: str, ctx: EscalationContext, *, anew: bool) -> Outcome:
    """Let the chain go on where it was open before, or tell who has it in hand; and tell the one who asked."""
    row = found(session, escalation_id)
    ref, name = escalation_ref(row.id), subject_ref(row)
    if anew:
        return Outcome(changed=True, text=f"{name} was brought before the chain: {ref}.", row=row)
    if row.claimed_by is not None:
        whom = row.claimed_by if row.claimed_by != me and hours.may_call(ctx, row.priority, ctx.clock.now()) else None
        say(session, row, f"{who(me, ctx)} escalates this: {why}", ctx, name=f"person/{row.version}", mention=whom)
        has = "you have" if row.claimed_by == me else f"{who(row.claimed_by, ctx)} has"
        return Outcome(changed=True, text=f"{name} was escalated already, and {has} claimed it: {ref}.", row=row)
    chain.call_next(session, escalation_id, ctx, but={me})
    text = f"{name} was escalated already and goes on in its chain: {ref}."
    return Outcome(changed=True, text=text, row=found(session, escalation_id))


def _said_before(session: Session, escalation_id: int, by: str) -> EscalationFiring | None:
    """The firing by which this person has escalated it before."""
    theirs = (EscalationFiring.escalation_id == escalation_id, EscalationFiring.reason == EscalationReason.PERSON.value)
    rows = session.scalars(select(EscalationFiring).where(*theirs).order_by(EscalationFiring.id)).all()
    return next((row for row in rows if row.inputs.get("by") == by), None)


def _missed(session: Session, firing_id: int, ctx: EscalationContext) -> None:
    """Keep that no rule had fired for the ticket when a person had to escalate it."""
    values = {"verdict": "missed", "verdict_by": OUTCOME, "verdict_at": ctx.clock.now()}
    session.execute(
        update(EscalationFiring).where(EscalationFiring.id == firing_id).values(values),
        execution_options={"synchronize_session": False},
    )
