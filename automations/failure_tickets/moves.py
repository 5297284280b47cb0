"""How a case moves from one state to the next: decide on what is there, change it only if that still holds.

A decision looks at the case and gives an `Act`; the act is one UPDATE whose WHERE repeats the fields the decision
rested on. If somebody was faster, the case is read again and decided anew, so the loser hears about the winner.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Actor, CaseStatus, case_ref
from automations.errors import NotFound, Refused
from automations.failure_tickets import journal, offers
from automations.failure_tickets.context import Context
from automations.failure_tickets.desk_facts import agent_problem
from automations.words import when, who
from storage import audit
from storage.models import Case
from storage.retention.asked import pruned

DECIDED_ON = ("status", "owner", "claimed_by", "closed_at", "escalated_at", "snoozed_until")
"""The fields a decision rests on. Counts may grow meanwhile without spoiling a click."""

TRIES = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an act. `changed` False: it was so already. `text` is for the one who asked.

    `offer` is set if the one who acted may take it back for a short time.
    """

    changed: bool
    text: str
    case: Case
    offer: offers.Offer | None = None


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


def perform(
    session: Session, case_id: int, actor: Actor, ctx: Context, decide: Decision, *, in_desk: bool = False
) -> Outcome:
    """Decide and make it true, with history, audit, message and ticket request in the caller's transaction.

    `in_desk`: the actor did it in the desk already, which let them, so the desk is not told of it.
    Raises: NotFound; Refused if the state forbids the act or the actor is none of the team.
    """
    if not in_desk and actor != HANDOFF:
        refuse_strangers(session, actor, ctx)
    audit.hold(session)
    for _ in range(TRIES):
        case = session.get(Case, case_id, populate_existing=True)
        if case is None:
            raise NotFound(f"There is no {case_ref(case_id)}.{pruned(session, Case, case_id)}")
        decision = decide(case)
        if isinstance(decision, str):
            return Outcome(changed=False, text=decision, case=case)
        act = replace(decision, values=_awake(case, decision.values, ctx))
        before = {field: offers.plain(getattr(case, field)) for field in act.values}
        if _still_so(session, case, act.values):
            offer = _write_down(session, case, actor, ctx, act, before, in_desk=in_desk)
            return Outcome(True, act.answer, case, offer)
    raise Refused(f"Others are changing {case_ref(case_id)} right now. Nothing was changed by you; please look again.")


def refuse_strangers(session: Session, actor: Actor, ctx: Context) -> None:
    """Raise Refused if the person is none of the team, is blocked, or has no active agent in the desk."""
    if ctx.roster.by_email(actor.email) is None:
        raise Refused(
            f"{actor.name} is not in Handoff's list of people, so nothing was changed in the desk. "
            "An admin can add the e-mail address under [[people]]."
        )
    if ctx.roster.blocked(actor.email or ""):
        raise Refused(f"{actor.name} has no access to Handoff any more, so nothing was changed.")
    refuse_without_agent(session, actor, ctx)


def refuse_without_agent(session: Session, actor: Actor, ctx: Context) -> None:
    """Raise Refused if the person has no active agent in the desk. While that is not known, nobody is refused."""
    person = ctx.roster.by_email(actor.email)
    if person is None:
        return
    if problem := agent_problem(session, ctx.desk_system, person.desk or person.email):
        raise Refused(
            f"{person.name} {problem}, so nothing was changed there or here. An admin adds the agent in the desk, or "
            f"joins another one: handoff people link {person.email} --desk ADDRESS."
        )


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
        values["escalate_at"] = escalates_at(case, ctx)
    return values


def escalates_at(case: Case, ctx: Context, *, begin: datetime | None = None) -> datetime | None:
    """When the case escalates if nobody claims it, counted from `begin` or from now; None: never."""
    after = ctx.book.rule(case.rule).escalate_after or ctx.book.escalate_after
    return (begin or ctx.clock.now()) + after if after else None


def _still_so(session: Session, case: Case, values: Mapping[str, Any]) -> bool:
    unchanged = [getattr(Case, field).is_not_distinct_from(getattr(case, field)) for field in DECIDED_ON]
    moved = update(Case).where(Case.id == case.id, *unchanged).values(dict(values)).returning(Case.id)
    return session.scalar(moved, execution_options={"synchronize_session": False}) is not None


def _awake(case: Case, values: Mapping[str, Any], ctx: Context) -> Mapping[str, Any]:
    """Columns of an act, and those that end a snooze, since whoever touches a case has woken it."""
    if case.snoozed_until is None or "snoozed_until" in values:
        return values
    woken: dict[str, Any] = {"snoozed_until": None, "snoozed_by": None}
    if case.status == CaseStatus.OPEN and case.escalated_at is None:
        woken["escalate_at"] = escalates_at(case, ctx)
    return woken | dict(values)


def _write_down(
    session: Session, case: Case, actor: Actor, ctx: Context, act: Act, before: Mapping[str, Any], *, in_desk: bool
) -> offers.Offer | None:
    after = {field: offers.plain(value) for field, value in act.values.items()}
    journal.note(
        session,
        case,
        verb=act.verb,
        actor=actor,
        text=act.text,
        to_desk=not in_desk,
        mention=act.mention,
        ctx=ctx,
        before=before,
        after=after,
        act=act.act,
    )
    if not any(field in act.values for field in DECIDED_ON):
        return None
    offers.overtake(session, case.id, ctx.clock.now())
    if in_desk:
        return None
    rests_on = {field: offers.plain(getattr(case, field)) for field in DECIDED_ON}
    return offers.make(session, case, actor, act.verb, before, after | rests_on, ctx)
