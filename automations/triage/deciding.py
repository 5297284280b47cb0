"""Deciding about a ticket that changed: once for the same inputs, and only while no person has taken it in hand."""

from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Mode
from automations.triage import outcome
from automations.triage.bar import why_not_auto
from automations.triage.context import TriageContext
from automations.triage.decisions import (
    UNDER_WAY,
    WAITING,
    after,
    day_of,
    mode,
    move,
    of_ticket,
    write_down,
)
from automations.triage.inputs import Inputs
from automations.triage.judging import Judgement, Model, judge
from automations.triage.observing import customer_of, observe, tier_changed
from automations.triage.place import Place, changes, wanted
from automations.triage.standing import awaits_triage, not_seen_yet, out_of_reach
from automations.triage.telling import follow
from storage import audit
from storage.boundaries import reach
from storage.models import MirrorTicket, TicketText, TriageDecision
from storage.upsert import insert_into

APPLY: Final = "triage.apply"
"""Job: make a decision true in the desk, or take it back. Argument: `decision_id`."""


def decide(session: Session, ticket_id: str, ctx: TriageContext, model: Model | None) -> TriageDecision | None:
    """Look at a ticket that changed. A decision if it is a new one; None if there is nothing to decide.

    An open proposal ends here if a person was quicker than it, and what became of an earlier decision is noted.
    """
    if (now_in := mode(session, ctx)) is Mode.OFF:
        return None
    mine = MirrorTicket.system == ctx.desk_system, MirrorTicket.ticket_id == ticket_id
    ticket = session.scalars(select(MirrorTicket).where(*mine)).one_or_none()
    decided = of_ticket(session, ctx.desk_system, ticket_id)
    if ticket is None or not_seen_yet(ticket, decided) or any(row.state in UNDER_WAY for row in decided):
        return None
    outcome.note(session, ticket, decided, ctx)
    if why := out_of_reach(session, ticket, decided):
        supersede(session, decided, why, ctx, states=("proposed",))
        return None
    words = session.get(TicketText, (ctx.desk_system, ticket_id), populate_existing=True)
    if words is None or not awaits_triage(ticket, words, ctx.clock.now()):
        return None
    retiered = _known(words, decided)
    if retiered and not tier_changed(session, ticket, decided):
        return None
    inputs = observe(session, ticket, words, ctx.clock.now())
    made = _put(session, ticket, inputs, decided, now_in, ctx, model)
    if made is not None:
        why = "the customer's tier changed" if retiered else "the customer wrote again"
        supersede(session, decided, f"{why}, see TRIAGE-{made.id}", ctx)
    return made


def supersede(
    session: Session,
    decided: list[TriageDecision],
    why: str,
    ctx: TriageContext,
    *,
    states: tuple[str, ...] = WAITING,
) -> None:
    """End what waits for a person among these decisions, for this reason."""
    open_ones = [row for row in decided if row.state in states and row.undo_by is None]
    if not open_ones:
        return
    audit.hold(session)
    for row in open_ones:
        was = row.state
        ended = move(session, row.id, states, "superseded", error=why, changed_at=ctx.clock.now())
        if ended is not None:
            before, after = {"state": was}, {"state": "superseded", "why": why}
            write_down(session, ended, HANDOFF, "superseded", "superseded", ctx, before=before, after=after)
            follow(session, ended, ctx)


def ask_to_apply(session: Session, row: TriageDecision, ctx: TriageContext) -> None:
    """Ask for the job; each time that a person or rule asks for it is a job of its own."""
    ctx.jobs.enqueue(session, APPLY, f"triage/{row.id}/{row.version}", {"decision_id": row.id})


def _known(words: TicketText, decided: list[TriageDecision]) -> bool:
    """Whether everything that the customer wrote was decided on already."""
    return any(words.customer_messages <= int(row.inputs["customer_messages"]) for row in decided)


def _put(
    session: Session,
    ticket: MirrorTicket,
    inputs: Inputs,
    decided: list[TriageDecision],
    now_in: Mode,
    ctx: TriageContext,
    model: Model | None,
) -> TriageDecision | None:
    """Judge and keep it, with everything that follows. None if the same was decided already."""
    told = judge(inputs, ctx.rules, model)
    used = model.id if model is not None and ctx.rules.classifier else None
    here = Place(ticket.group_name, ticket.priority)
    # A queue that an agent answered from keeps its ticket. What nothing decides goes to the default queue when it is
    # new, and is never taken from whoever has it.
    answered = ticket.first_reply_at is not None
    kept_there = answered or (not told.decided_by and (bool(decided) or outcome.looked_after(session, ticket)))
    queue = here.group if kept_there else told.queue
    held_back = why_not_auto(session, ctx) if now_in is Mode.AUTO else ""
    to = wanted(queue, told.priority.value, ctx.rules.set_priority, here)
    state = _state(Mode.ASK if held_back else now_in, here, to)
    now = ctx.clock.now()
    kept = {**inputs.kept(), "set_priority": ctx.rules.set_priority, "held_back": held_back, "rules": _findings(told)}
    kept |= customer_of(session, ticket, now, ctx.zone)
    audit.hold(session)
    row = insert_into(session, TriageDecision).values(
        system=ticket.system,
        ticket_id=ticket.ticket_id,
        input_hash=inputs.hash(ctx.rules.version, used),
        decided_at=now,
        mode=now_in.value,
        rules_version=ctx.rules.version,
        model_id=used,
        intent=told.intent,
        decided_by=told.decided_by,
        rule=told.rule,
        confidence=told.confidence,
        why_not=told.why_not,
        level=told.level,
        queue=queue,
        priority=told.priority.value,
        score=told.score,
        score_why=[list(one) for one in told.score_why],
        inputs=ctx.redactor.tree(kept),
        state=state,
        version=1,
        before_queue=here.group,
        before_priority=here.priority,
        changed_by=HANDOFF.id if state == "applying" else None,
        changed_at=now if state == "applying" else None,
        verified_at=now if state == "nothing" else None,
        error="",
        outcome="",
        outcome_queue="",
        day=day_of(now, ctx).isoformat(),
    )
    same = ["system", "ticket_id", "input_hash"]
    made = session.scalars(row.on_conflict_do_nothing(index_elements=same).returning(TriageDecision)).one_or_none()
    if made is not None:
        write_down(session, made, HANDOFF, "decided", state, ctx, after=_summary(made))
        if state == "applying":
            ask_to_apply(session, made, ctx)
        follow(session, made, ctx)
        reach("triage.decided")
    return made


def _state(now_in: Mode, here: Place, to: Place) -> str:
    """What a new decision begins as. A ticket that stands where it belongs waits for nobody, in any mode."""
    if now_in is Mode.SHADOW:
        return "shadow"
    if not changes(here, to):
        return "nothing"
    return "applying" if now_in is Mode.AUTO else "proposed"


def _findings(told: Judgement) -> list[list[Any]]:
    return [[one.name, one.matched, one.words] for one in told.findings]


def _summary(row: TriageDecision) -> dict[str, Any]:
    """What the audit log keeps of a decision."""
    to = after(row)
    by = {"decided_by": row.decided_by or "nobody", "rule": row.rule, "model": row.model_id, "why_not": row.why_not}
    where = {"queue": to.group, "priority": to.priority, "score": row.score, "intent": row.intent}
    return {**where, **by, "mode": row.mode, "rules": row.rules_version, "input_hash": row.input_hash}
