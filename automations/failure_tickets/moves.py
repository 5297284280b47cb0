"""How a case moves from one state to the next: decide on what is there, change it only if that still holds.

A decision looks at the case and gives an `Act`; the act is one UPDATE whose WHERE repeats the fields the decision
rested on. If somebody was faster, the case is read again and decided anew, so the loser hears about the winner.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Actor, CaseStatus, case_ref
from automations.errors import NotFound, Refused
from automations.failure_tickets import journal
from automations.failure_tickets.context import Context
from automations.failure_tickets.words import when, who
from storage import audit
from storage.models import Case

DECIDED_ON = ("status", "owner", "claimed_by", "closed_at", "escalated_at")
"""The fields a decision rests on. Counts may grow meanwhile without spoiling a click."""

TRIES = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an act. `changed` False: it was so already. `text` is for the one who asked."""

    changed: bool
    text: str
    case: Case


@dataclass(frozen=True, slots=True)
class Act:
    """One change that was decided on.

    `values` are columns of the case; `text` goes to history, thread and desk and reads on from the actor's name;
    `act` is its short form on the card; `answer` is for the one who asked; `mention` is the e-mail of whom it concerns.
    """

    verb: str
    values: Mapping[str, Any]
    text: str
    act: str
    answer: str
    mention: str | None = None


Decision = Callable[[Case], Act | str]
"""Says what to change, or in words why nothing needs to change. Raises Refused if the state forbids it."""


def perform(session: Session, case_id: int, actor: Actor, ctx: Context, decide: Decision) -> Outcome:
    """Decide and make it true, with history, audit, message and ticket request in the caller's transaction.

    Raises: NotFound; Refused if the state forbids the act or the actor is none of the team.
    """
    if actor != HANDOFF and ctx.roster.by_email(actor.email) is None:
        raise Refused(
            f"{actor.name} is not in Handoff's list of people, so nothing was changed in the desk. "
            "An admin can add the e-mail address under [[people]]."
        )
    audit.hold(session)
    for _ in range(TRIES):
        case = session.get(Case, case_id, populate_existing=True)
        if case is None:
            raise NotFound(f"There is no {case_ref(case_id)}.")
        decision = decide(case)
        if isinstance(decision, str):
            return Outcome(changed=False, text=decision, case=case)
        before = {field: getattr(case, field) for field in decision.values}
        if _still_so(session, case, decision.values):
            _write_down(session, case, actor, ctx, decision, before)
            return Outcome(changed=True, text=decision.answer, case=case)
    raise Refused(f"Others are changing {case_ref(case_id)} right now. Nothing was changed by you; please look again.")


def refuse_closed(case: Case, ctx: Context) -> None:
    """Raise Refused, naming who closed the case and when, if nobody has to do anything about it any more."""
    if CaseStatus(case.status).closed:
        raise Refused(f"{closing_words(case, ctx)} It can be reopened.")


def closing_words(case: Case, ctx: Context) -> str:
    """Say who closed a case, how, when and with which note."""
    how = "resolved" if case.status == CaseStatus.RESOLVED else "closed as not needed"
    note = f": {case.close_note}" if case.close_note else ""
    return f"{who(case.closed_by, ctx)} {how} {case_ref(case.id)} at {when(case.closed_at, ctx)}{note.rstrip('.')}."


def unclaimed(case: Case, ctx: Context) -> dict[str, Any]:
    """Columns of an open case nobody has claimed. Coming from another state, the time until escalation starts anew."""
    values: dict[str, Any] = {"status": CaseStatus.OPEN.value, "claimed_by": None, "claimed_at": None}
    if case.status != CaseStatus.OPEN:
        after = ctx.book.rule(case.rule).escalate_after or ctx.book.escalate_after
        values["escalate_at"] = ctx.clock.now() + after if after else None
    return values


def _still_so(session: Session, case: Case, values: Mapping[str, Any]) -> bool:
    unchanged = [getattr(Case, field).is_not_distinct_from(getattr(case, field)) for field in DECIDED_ON]
    moved = update(Case).where(Case.id == case.id, *unchanged).values(dict(values)).returning(Case.id)
    return session.scalar(moved, execution_options={"synchronize_session": False}) is not None


def _write_down(session: Session, case: Case, actor: Actor, ctx: Context, act: Act, before: Mapping[str, Any]) -> None:
    journal.note(
        session,
        case,
        verb=act.verb,
        actor=actor,
        text=act.text,
        to_desk=True,
        mention=act.mention,
        ctx=ctx,
        before={field: _plain(value) for field, value in before.items()},
        after={field: _plain(value) for field, value in act.values.items()},
        act=act.act,
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
