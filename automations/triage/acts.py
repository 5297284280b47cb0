"""What people do to a decision: apply it, change it, leave the ticket as it is, have it undone, have it tried again.

Each is one conditional change, so a double click is one act, and whoever comes second is told who decided. What has to
be done in the desk is done by a job afterwards.
"""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Actor, Mode, Priority
from automations.errors import Refused
from automations.triage.context import TriageContext
from automations.triage.deciding import APPLY, ask_to_apply
from automations.triage.decisions import after, back_to, decision_ref, found, mode, move, write_down
from automations.triage.place import in_words
from automations.triage.telling import follow
from automations.words import identity, when, who
from storage import audit, stuck
from storage.models import TriageDecision

_ENDED: Final = {
    "shadow": "was only shown, since triage is in mode shadow",
    "proposed": "waits for somebody to apply it",
    "applying": "is being carried out",
    "applied": "was applied",
    "nothing": "had nothing to change, the ticket was so already",
    "declined": "was left as it is",
    "superseded": "holds no more",
    "unclear": "is not clear yet, Handoff looks again",
    "failed": "failed",
    "undone": "was undone",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person gives a ticket in the place of what triage decided. An empty `intent` is none of the list."""

    intent: str
    queue: str
    priority: str


def apply_by(session: Session, decision_id: int, actor: Actor, ctx: TriageContext) -> str:
    """Have a proposal carried out. Returns what happens now, in words. Raises: NotFound; Refused."""
    audit.hold(session)
    _refuse_strangers(actor, ctx)
    _refuse_unless_acting(session, ctx)
    by = {"changed_by": identity(actor), "changed_at": ctx.clock.now()}
    row = move(session, decision_id, ("proposed",), "applying", error="", **by)
    if row is None:
        raise Refused(as_it_is(found(session, decision_id), ctx))
    write_down(session, row, actor, "confirmed", "applying", ctx, before={"state": "proposed"}, after=_place(row))
    ask_to_apply(session, row, ctx)
    follow(session, row, ctx)
    return f"{decision_ref(row.id)}: ticket #{row.ticket_id} goes to {in_words(after(row))}."


def change(session: Session, decision_id: int, choice: Choice, actor: Actor, ctx: TriageContext) -> str:
    """Carry out something else than was proposed. Raises: NotFound; Refused, also for a queue that nobody knows."""
    audit.hold(session)
    _refuse_strangers(actor, ctx)
    _refuse_unless_acting(session, ctx)
    row = found(session, decision_id)
    _refuse_unknown(row, choice, ctx)
    was = {"intent": row.intent, "queue": row.queue, "priority": row.priority}
    now = {"intent": choice.intent, "queue": choice.queue, "priority": choice.priority}
    at = ctx.clock.now()
    kept = {**row.inputs, "set_priority": "always", "changed_from": row.inputs.get("changed_from", was)}
    values: dict[str, Any] = {**now, "inputs": kept, "changed_by": identity(actor), "changed_at": at, "error": ""}
    if choice.queue != row.queue:
        values |= {"outcome": "moved", "outcome_queue": choice.queue, "outcome_at": at}
    moved = move(session, decision_id, ("proposed",), "applying", **values)
    if moved is None:
        raise Refused(as_it_is(found(session, decision_id), ctx))
    write_down(session, moved, actor, "changed", "applying", ctx, before={"state": "proposed", **was}, after=now)
    ask_to_apply(session, moved, ctx)
    follow(session, moved, ctx)
    return f"{decision_ref(moved.id)}: ticket #{moved.ticket_id} goes to {in_words(after(moved))}, as you chose."


def leave(session: Session, decision_id: int, actor: Actor, ctx: TriageContext) -> str:
    """Leave the ticket as it is. Raises: NotFound; Refused."""
    audit.hold(session)
    _refuse_strangers(actor, ctx)
    by = {"changed_by": identity(actor), "changed_at": ctx.clock.now()}
    was = found(session, decision_id)
    before, to = was.state, "applied" if was.undo_by else "declined"  # what an Undo that failed leaves is applied still
    row = move(session, decision_id, ("proposed", "failed"), to, undo_by=None, error="", **by)
    if row is None:
        raise Refused(as_it_is(found(session, decision_id), ctx))
    write_down(session, row, actor, "left", to, ctx, before={"state": before}, after={"state": to})
    _settle_stuck(session, row, actor, ctx)
    follow(session, row, ctx)
    return f"{decision_ref(row.id)}: ticket #{row.ticket_id} is left as it is."


def undo(session: Session, decision_id: int, actor: Actor, ctx: TriageContext) -> str:
    """Have the ticket put back where it was, if it still is as triage left it. Raises: NotFound; Refused.

    Works in every mode: what was done can be taken back after triage was switched off.
    """
    audit.hold(session)
    _refuse_strangers(actor, ctx)
    row = found(session, decision_id)
    if row.state == "applied" and back_to(row) == after(row):
        words = "the ticket had no priority before, and desks do not take one away"
        raise Refused(f"{decision_ref(row.id)} cannot be undone: {words}. Nothing was changed.")
    by = {"undo_by": identity(actor), "error": ""}
    moved = move(session, decision_id, ("applied",), "applying", **by)
    if moved is None:
        raise Refused(as_it_is(found(session, decision_id), ctx))
    to = back_to(moved)._asdict()
    write_down(session, moved, actor, "undo_asked", "applying", ctx, before={"state": "applied"}, after=to)
    ask_to_apply(session, moved, ctx)
    follow(session, moved, ctx)
    return f"{decision_ref(moved.id)}: ticket #{moved.ticket_id} goes back to {in_words(back_to(moved))}."


def retry(session: Session, decision_id: int, actor: Actor, ctx: TriageContext) -> str:
    """Have what failed tried again; what waits for it in the failure queue is settled. Raises: NotFound; Refused."""
    audit.hold(session)
    _refuse_strangers(actor, ctx)
    failed = found(session, decision_id)
    why = failed.error
    if failed.undo_by is None:
        _refuse_unless_acting(session, ctx)
    row = move(session, decision_id, ("failed",), "applying", error="")
    if row is None:
        raise Refused(as_it_is(found(session, decision_id), ctx))
    was = {"state": "failed", "why": why}
    write_down(session, row, actor, "retried", "applying", ctx, before=was, after={"state": "applying"})
    _settle_stuck(session, row, actor, ctx)
    ask_to_apply(session, row, ctx)
    follow(session, row, ctx)
    return f"{decision_ref(row.id)} is tried again."


def as_it_is(row: TriageDecision, ctx: TriageContext) -> str:
    """What became of a decision, and by whom, for somebody who comes too late."""
    by = f" by {who(row.changed_by, ctx)}" if row.changed_by and row.changed_by != HANDOFF.id else ""
    at = f" at {when(row.changed_at, ctx)}" if row.changed_at else ""
    why = f" ({row.error})" if row.error else ""
    return f"{decision_ref(row.id)} {_ENDED[row.state]}{by}{at}{why}. Nothing was changed by you."


def queues(row: TriageDecision, ctx: TriageContext) -> tuple[str, ...]:
    """The queues that a person can choose: those of the intents, the default one, and where the ticket stands."""
    known = [*(one.queue for one in ctx.rules.intents), ctx.rules.default_queue, row.queue, row.before_queue]
    return tuple(dict.fromkeys(filter(None, known)))


def _refuse_strangers(actor: Actor, ctx: TriageContext) -> None:
    if ctx.roster.blocked(actor.email or ""):
        raise Refused(f"{actor.name} has no access to Handoff any more. Nothing was changed.")


def _refuse_unless_acting(session: Session, ctx: TriageContext) -> None:
    if (now_in := mode(session, ctx)) not in (Mode.ASK, Mode.AUTO):
        raise Refused(f"Triage is in mode {now_in}, in which nothing is applied. Nothing was changed.")


def _refuse_unknown(row: TriageDecision, choice: Choice, ctx: TriageContext) -> None:
    """Never the nearest match: what is not on the list is refused with the list."""
    for what, given, known in (
        ("intent", choice.intent, ("", *(one.name for one in ctx.rules.intents))),
        ("queue", choice.queue, queues(row, ctx)),
        ("priority", choice.priority, tuple(one.value for one in Priority)),
    ):
        if given not in known:
            listed = ", ".join(filter(None, known))
            raise Refused(f"There is no {what} {given!r} here. Known: {listed}. Nothing was changed.")


def _place(row: TriageDecision) -> dict[str, str]:
    to = after(row)
    return {"queue": to.group, "priority": to.priority}


def _settle_stuck(session: Session, row: TriageDecision, actor: Actor, ctx: TriageContext) -> None:
    """Take its work out of the failure queue: somebody has taken it in hand from its message."""
    now, args = ctx.clock.now(), {"decision_id": row.id}
    for item in stuck.retried_work(session, job=APPLY, args=args, by=identity(actor), at=now):
        audit.append(
            session,
            at=now,
            actor=identity(actor),
            action="stuck.retry",
            target=item.target,
            outcome="retried",
            correlation_id=f"stuck-{item.id}",
            before={"state": "open", "job": item.job, "key": item.key, "reason": item.reason},
            after={"state": item.state},
        )
