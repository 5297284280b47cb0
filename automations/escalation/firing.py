"""Firing: each firing is kept once, and joins the one open escalation of its ticket or case, or opens it.

A more pressing reason leads the message. Only a breached promise and a person raise the step: the next of the chain is
called at once. Everything else that joins changes the message and calls nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Mode
from automations.escalation import case_posts, chain, hours, shadow
from automations.escalation.context import EscalationContext
from automations.escalation.found import Found
from automations.escalation.journal import move, open_key, open_of, show, write_down
from automations.escalation.moves import awake, unclaimed
from automations.escalation.reasons import PRESSING, EscalationReason
from automations.escalation.similar_tickets import ask_for_similar
from automations.escalation.subjects import Subject, subject_of
from storage import audit
from storage.boundaries import reach
from storage.models import Escalation, EscalationFiring
from storage.upsert import insert_into

_PER_LOOK: Final = 500


@dataclass(frozen=True, slots=True)
class Fired:
    """What became of a firing. `escalation_id` is None in shadow. `calls`: whom the first post is going to mention."""

    how: Literal["opened", "joined", "shadow"]
    firing_id: int
    escalation_id: int | None
    calls: str | None = None


def fire(
    session: Session, found: Found, ctx: EscalationContext, chosen: Mode, *, gathered: str | None = None
) -> Fired | None:
    """Keep a firing with all that follows. None if it fired before, or its ticket or case is over by now.

    `gathered` names the summary in whose thread a new escalation stands, without a mention of its own.
    """
    audit.hold(session)
    about = subject_of(session, found.subject, found.system, found.subject_id, ctx)
    if about is None or about.over:
        return None
    firing_id = _keep(session, found, chosen, ctx)
    if firing_id is None:
        return None
    if chosen is not Mode.AUTO:
        shadow.tell(session, firing_id, found, about.columns["title"], ctx)
        return Fired("shadow", firing_id, None)
    row = open_of(session, found.subject, found.system, found.subject_id)
    if row is not None:
        _belongs(session, firing_id, row.id)
        _join(session, row, found, about, ctx)
        reach("escalation.joined")
        return Fired("joined", firing_id, row.id)
    row = _open(session, found, about, gathered, ctx)
    _belongs(session, firing_id, row.id)
    calls = _first_call(session, row, ctx)
    show(session, row, ctx)
    reach("escalation.fired")
    return Fired("opened", firing_id, row.id, calls)


def unfired(session: Session, found: Sequence[Found]) -> tuple[Found, ...]:
    """Those that have not fired yet, each once: a look that spares transactions, which decide it."""
    by_key = {one.key: one for one in found}
    keys, fired = list(by_key), set[str]()
    for begin in range(0, len(keys), _PER_LOOK):
        some = EscalationFiring.fired_key.in_(keys[begin : begin + _PER_LOOK])
        fired |= set(session.scalars(select(EscalationFiring.fired_key).where(some)))
    return tuple(one for key, one in by_key.items() if key not in fired)


def _keep(session: Session, found: Found, chosen: Mode, ctx: EscalationContext) -> int | None:
    """The firing's row. None if it is there already."""
    insert = insert_into(session, EscalationFiring).values(
        escalation_id=None,
        fired_key=found.key,
        subject=found.subject,
        system=found.system,
        ticket_id=found.subject_id,
        reason=found.reason.value,
        rule=found.rule[:255],
        rule_version=found.version,
        mode=chosen.value,
        due_at=found.due_at,
        fired_at=ctx.clock.now(),
        inputs=ctx.redactor.tree(dict(found.inputs)),
        evidence=[ctx.redactor.text(line) for line in found.evidence],
        verdict="",
        verdict_by="",
        verdict_at=None,
    )
    once = insert.on_conflict_do_nothing(index_elements=["fired_key"]).returning(EscalationFiring.id)
    return session.scalar(once)


def _belongs(session: Session, firing_id: int, escalation_id: int) -> None:
    session.execute(
        update(EscalationFiring).where(EscalationFiring.id == firing_id).values(escalation_id=escalation_id),
        execution_options={"synchronize_session": False},
    )


def _open(session: Session, found: Found, about: Subject, gathered: str | None, ctx: EscalationContext) -> Escalation:
    now = ctx.clock.now()
    row = Escalation(
        subject=found.subject,
        system=found.system,
        subject_id=found.subject_id,
        open_key=open_key(found.subject, found.system, found.subject_id),
        state="open",
        version=1,
        reason=found.reason.value,
        **about.columns,
        step=-1,
        round=0,
        next_at=now,
        called=[],
        opened_at=now,
        opened_by=found.by or HANDOFF.id,
        touched_at=now,
        reminders=0,
        ending="",
        close_note="",
        evidence=dict(about.evidence),
        parent=gathered,
        correlation_id=uuid4().hex,
    )
    session.add(row)
    session.flush()
    write_down(session, row, found.by or HANDOFF, "escalation.opened", ctx, after=_told(found))
    if row.subject == "ticket":
        ask_for_similar(session, row, ctx)
    return row


def _first_call(session: Session, row: Escalation, ctx: EscalationContext) -> str | None:
    """Begin the chain. Whom the message itself calls, or the summary, by e-mail; None for nobody.

    A case's post has called the lead already; so the chain gives them the wait of their step before it begins.
    """
    now = ctx.clock.now()
    if row.subject == "case":
        move(session, row, **_after_the_post(session, row, ctx))
        return None
    if not hours.may_call(ctx, row.priority, now):
        move(session, row, next_at=hours.next_call(ctx, row.priority, now))
        return None
    call = chain.choose(session, row, ctx)
    if call is None or call.email is None:
        return None  # the sweep finds it due and says so
    by = "summary" if row.parent else "message"
    move(session, row, **chain.called(row, call, ctx, by=by))
    return call.email


def _after_the_post(session: Session, row: Escalation, ctx: EscalationContext) -> dict[str, Any]:
    now, steps = ctx.clock.now(), ctx.rules.steps
    email = case_posts.called_by(case_posts.post_of(session, int(row.subject_id)))
    wait = next((step.wait for step in steps if step.call == "lead"), steps[0].wait)
    entry = {"email": email, "at": now.isoformat(), "step": "lead", "by": "post"}
    return {"called": [entry] if email else [], "next_at": hours.after(ctx, row.priority, now, wait)}


def _join(session: Session, row: Escalation, found: Found, about: Subject, ctx: EscalationContext) -> None:
    leads = PRESSING.index(found.reason) < PRESSING.index(EscalationReason(row.reason))
    values: dict[str, Any] = {"evidence": {**row.evidence, **about.evidence}}
    if leads:
        values["reason"] = found.reason.value
    if _raises(row, found):
        values["next_at"] = hours.next_call(ctx, row.priority, ctx.clock.now())
    if found.reason is EscalationReason.CASE_STALE and row.state == "claimed":
        values |= _forgotten(row, ctx)
    before = {"reason": row.reason, "state": row.state, "claimed_by": row.claimed_by}
    if move(session, row, **values):
        after = {**_told(found), "leads": leads, "raised": "next_at" in values}
        write_down(session, row, found.by or HANDOFF, "escalation.joined", ctx, before=before, after=after)
        show(session, row, ctx)


def _forgotten(row: Escalation, ctx: EscalationContext) -> dict[str, Any]:
    """Columns of a case's that was acknowledged and whose case is stale: nobody has it, and the chain begins anew.

    Who had it was spoken to by the case, twice; so it is not they who are called first.
    """
    entry = {"email": row.claimed_by, "at": ctx.clock.now().isoformat(), "step": "owner", "by": "post"}
    return {**unclaimed(), **awake(), **chain.begin_again(row, ctx), "called": [*row.called, entry]}


def _raises(row: Escalation, found: Found) -> bool:
    """Whether the next of the chain is called at once: a person says so, or what was warned of has come true."""
    if row.state != "open" or row.next_at is None:
        return False
    more = PRESSING.index(found.reason) < PRESSING.index(EscalationReason(row.reason))
    return found.reason is EscalationReason.PERSON or (found.reason is EscalationReason.SLA_BREACH and more)


def _told(found: Found) -> Mapping[str, Any]:
    """What the log keeps of a firing beside its own row."""
    return {
        "reason": found.reason.value,
        "rule": found.rule,
        "version": found.version,
        "due_at": found.due_at,
        "fired_key": found.key,
    }
