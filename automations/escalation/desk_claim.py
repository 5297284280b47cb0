"""A claim in the desk: a ticket without an assignee becomes the claimer's, and one internal note says who has it.

Done by a job, read back before it counts. What cannot be done stands on the card and in the failure queue.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, IdempotencyKey, TicketChange
from automations.errors import Rejected, Unavailable
from automations.escalation.context import EscalationContext
from automations.escalation.journal import escalation_ref, found, move, show, write_down
from automations.escalation.subjects import colleague
from automations.ports import HelpDesk
from automations.words import when, who
from storage import audit
from storage.engine import Database
from storage.models import DeskFact, Escalation

JOB: Final = "escalation.assign"
"""Job: {"escalation_id"}."""
AGENTS: Final = "agents"
"""The fact in which failure tickets keep what they read of the desk's agents: {"agents": {address: state}}."""
_SETTLED: Final = frozenset({"verified", "failed", "over"})


def wanted(row: Escalation, by: str, ctx: EscalationContext) -> dict[str, Any]:
    """The evidence of an escalation that is claimed now: what the desk is to hear of it."""
    if row.subject != "ticket":
        return dict(row.evidence)
    return {**row.evidence, "claim": {"by": by, "at": ctx.clock.now().isoformat(), "state": "wanted", "words": ""}}


def ask_to_assign(session: Session, row: Escalation, ctx: EscalationContext) -> None:
    """Ask for the job of a claim, once for each."""
    ctx.jobs.enqueue(session, JOB, f"escalation/{row.id}/assign/{row.version}", {"escalation_id": row.id})


def ask_again(session: Session, row: Escalation, ctx: EscalationContext) -> bool:
    """Ask anew for the job of a claim that is not in the desk yet. False if there is none."""
    if row.state != "claimed" or (row.evidence.get("claim") or {}).get("state") != "wanted":
        return False
    ask_to_assign(session, row, ctx)
    return True


def assign(database: Database, desk: HelpDesk, escalation_id: int, ctx: EscalationContext) -> None:
    """Make the claim true in the desk and read it back. Already true is success, and so is a claim that was given back.

    Raises: NotFound; Unavailable, OutcomeUnknown (try again), Rejected (a person has to act; the card says why).
    """
    with database.read() as session:
        row = found(session, escalation_id)
        claim = dict(row.evidence.get("claim") or {})
        known = _agents(session, ctx)
    if not claim or claim["state"] in ("verified", "over"):
        return  # what failed is tried again: somebody took it out of the failure queue
    if row.state != "claimed" or row.claimed_by != claim["by"]:
        _end(database, row, claim, "over", "", ctx)
        return
    try:
        words = _carry_out(desk, row, str(claim["by"]), known, ctx)
    except Rejected as exc:
        _end(database, row, claim, "failed", str(exc), ctx)
        raise
    _end(database, row, claim, "verified", words, ctx)


def gave_up(session: Session, escalation_id: int, why: str, ctx: EscalationContext) -> None:
    """Say on the card that the job was given up; the failure queue has it."""
    audit.hold(session)
    row = found(session, escalation_id)
    claim = dict(row.evidence.get("claim") or {})
    if claim and claim["state"] not in _SETTLED:
        _write(session, row, claim, "failed", why, ctx)


def claim_words(row: Escalation, ctx: EscalationContext) -> str:
    """What the card says of the claim in the desk, empty for nothing."""
    claim: Mapping[str, Any] = row.evidence.get("claim") or {}
    match claim.get("state"):
        case "wanted":
            return f"{ctx.desk_title} not verified yet"
        case "verified" | "failed":
            return str(claim["words"])
        case _:
            return ""


def _carry_out(
    desk: HelpDesk, row: Escalation, by: str, known: Mapping[str, str] | None, ctx: EscalationContext
) -> str:
    """Assign if nobody has it and the desk knows the claimer, then note it. What was seen, in words."""
    person = ctx.roster.by_email(by)
    agent = (person.desk or person.email).lower() if person else by
    active = known is None or known.get(agent) == "active"
    ticket = desk.get(row.subject_id)
    if ticket.assignee is None and active:
        key = IdempotencyKey(f"escalation/{row.id}/assign/{by}")
        desk.update(row.subject_id, TicketChange(assignee=agent), key=key)
        ticket = desk.get(row.subject_id)
        if ticket.assignee is None:
            raise Unavailable(f"ticket #{row.subject_id} does not show its assignee yet", system=desk.system)
    name = who(by, ctx)
    text = f"{name} has taken this up after an escalation ({escalation_ref(row.id)})."
    key = IdempotencyKey(f"escalation/{row.id}/claimed/{by}")
    desk.note(row.subject_id, text, author=agent if active else None, key=key)
    at = when(ctx.clock.now(), ctx)
    if ticket.assignee is None:
        return f"not assigned: {name} has no active agent in {ctx.desk_title}; noted there {at}"
    has = colleague(ctx.roster, ticket.assignee)
    stays = "" if has == by else ", who had it already"
    return f"assigned to {who(has, ctx)}{stays}, verified in {ctx.desk_title} {at}"


def _end(
    database: Database, row: Escalation, claim: Mapping[str, Any], state: str, words: str, ctx: EscalationContext
) -> None:
    """Write down what the claim came to, unless it is another claim by now."""
    with database.begin() as session:
        audit.hold(session)
        here = found(session, row.id)
        if (here.evidence.get("claim") or {}) == claim:
            _write(session, here, claim, state, words, ctx)


def _write(
    session: Session, row: Escalation, claim: Mapping[str, Any], state: str, words: str, ctx: EscalationContext
) -> None:
    said = ctx.redactor.text(words)
    evidence = {**row.evidence, "claim": {**claim, "state": state, "words": said}}
    if move(session, row, evidence=evidence):
        after = {"ticket": row.subject_id, "by": claim["by"], "words": said}
        write_down(session, row, HANDOFF, "escalation.assigned", ctx, outcome=state, after=after)
        show(session, row, ctx)


def _agents(session: Session, ctx: EscalationContext) -> Mapping[str, str] | None:
    """States of the desk's agents by address, None while nobody has read them."""
    mine = DeskFact.system == ctx.desk_system, DeskFact.name == AGENTS
    value = session.scalar(select(DeskFact.value).where(*mine))
    agents: Mapping[str, str] | None = value.get("agents") if value else None
    return agents or None
