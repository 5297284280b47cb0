"""How people change an escalation: decide on what is there, change it only if that still holds, tell who was second."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Actor
from automations.errors import Refused
from automations.escalation import hours
from automations.escalation.context import EscalationContext
from automations.escalation.journal import escalation_ref, found, move, say, show, subject_ref, write_down
from automations.words import identity, when, who
from storage import audit
from storage.models import Escalation

ENDED: Final[Mapping[str, str]] = {
    "handled": "resolved",
    "not_needed": "closed as not needed",
    "too_late": "closed as come too late",
    "taken_back": "took back",
}
"""What whoever ended it did, as it reads on from their name."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an act. `changed` False: it was so already. `text` is for the one who asked."""

    changed: bool
    text: str
    row: Escalation


@dataclass(frozen=True, slots=True)
class Change:
    """One change that was decided on: columns, what the thread hears after the actor's name, what the actor is told.

    `mention` is the e-mail of whom the line calls.
    """

    action: str
    values: Mapping[str, Any]
    line: str
    answer: str
    mention: str | None = None


Decision = Callable[[Escalation], Change | str]
"""Says what to change, or in words why nothing needs to change. Raises Refused if the state forbids it."""


def perform(session: Session, escalation_id: int, actor: Actor, ctx: EscalationContext, decide: Decision) -> Outcome:
    """Decide and make it true, with audit, message and a line of the thread, in the caller's transaction.

    Raises: NotFound; Refused if the state forbids the act or the actor is none of the team.
    """
    refuse_strangers(actor, ctx)
    audit.hold(session)
    row = found(session, escalation_id)
    decision = decide(row)
    if isinstance(decision, str):
        return Outcome(changed=False, text=decision, row=row)
    before = {name: getattr(row, name) for name in decision.values if name != "evidence"}
    if not move(session, row, **decision.values):
        raise Refused(
            f"Others are changing {escalation_ref(row.id)} right now. Nothing was changed by you; look again."
        )
    after = {name: value for name, value in decision.values.items() if name != "evidence"}
    write_down(session, row, actor, decision.action, ctx, before=before, after=after)
    mention = decision.mention if decision.mention != identity(actor) else None
    name = f"act/{row.version}"
    say(session, row, f"{who(identity(actor), ctx)} {decision.line}", ctx, name=name, mention=mention)
    show(session, row, ctx)
    return Outcome(changed=True, text=decision.answer, row=row)


def refuse_strangers(actor: Actor, ctx: EscalationContext) -> None:
    """Raise Refused if the person is none of the team, or is blocked."""
    if actor == HANDOFF:
        return
    if ctx.roster.by_email(actor.email) is None:
        raise Refused(
            f"{actor.name} is not in Handoff's list of people, so nothing was changed. "
            "An admin can add the e-mail address under [[people]]."
        )
    if ctx.roster.blocked(actor.email or ""):
        raise Refused(f"{actor.name} has no access to Handoff any more, so nothing was changed.")


def refuse_closed(row: Escalation, ctx: EscalationContext) -> None:
    """Raise Refused, saying who ended it and when, if nobody has to act on it any more."""
    if row.state == "closed":
        raise Refused(f"{closing_words(row, ctx)} Nothing was changed.")


def refuse_case(row: Escalation, what: str) -> None:
    """Raise Refused for an act that belongs on the case itself."""
    if row.subject == "case":
        ref = subject_ref(row)
        raise Refused(f"{escalation_ref(row.id)} is about {ref}: {what} {ref} itself. Nothing was changed.")


def closing_words(row: Escalation, ctx: EscalationContext) -> str:
    """Say who ended an escalation, how, when and with which note."""
    ref, at = escalation_ref(row.id), when(row.closed_at, ctx)
    note = f": {row.close_note.rstrip('.')}" if row.close_note else ""
    if row.ending == "solved":
        return f"{ref} ended at {at}, since {subject_ref(row)} is over{note}."
    return f"{who(row.closed_by, ctx)} {ENDED.get(row.ending, 'ended')} {ref} at {at}{note}."


def awake() -> dict[str, Any]:
    """Columns that end a snooze: whoever acts on an escalation wakes it."""
    return {"snoozed_until": None, "snoozed_by": None}


def touched(row: Escalation, ctx: EscalationContext) -> dict[str, Any]:
    """Columns of a claimed escalation that somebody does something about now: its reminders begin anew."""
    now = ctx.clock.now()
    at = None if row.subject == "case" else hours.worked(ctx.hours, now, ctx.rules.stale_after)
    return {"touched_at": now, "stale_at": at, "reminders": 0}


def unclaimed() -> dict[str, Any]:
    """Columns of one that nobody has."""
    return {"state": "open", "claimed_by": None, "claimed_at": None, "stale_at": None, "reminders": 0}


def closed(by: str, ending: str, note: str, ctx: EscalationContext) -> dict[str, Any]:
    """Columns of one that has ended. Who had claimed it stays."""
    return {
        "state": "closed",
        "open_key": None,
        "next_at": None,
        "stale_at": None,
        "closed_at": ctx.clock.now(),
        "closed_by": by,
        "ending": ending,
        "close_note": note,
        **awake(),
    }
