"""Making a case follow what somebody did to its ticket in the desk, under that person's name and for the desk unsaid.

What the case cannot follow (an agent whom Handoff does not know, a case whose place is taken) the desk is let have
otherwise: each act returns the entry for `CaseTicket.accepted` then, and says so in the thread.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from automations.domain import Actor, CaseStatus
from automations.errors import Refused
from automations.failure_tickets import closing, journal
from automations.failure_tickets.context import Context
from automations.failure_tickets.mirror_plan import Author, FieldMove, Line
from automations.failure_tickets.mirror_words import actor_of, did_not_hold, quoted
from automations.failure_tickets.moves import Act, Decision, perform, unclaimed
from automations.failure_tickets.wanted import DONE, colleague, desk_agent
from automations.words import when, who
from storage.models import Case

Accepted = dict[str, str | None]
"""What the desk shows and what the case would want: {"shown": …, "instead_of": …}."""


def follow_field(session: Session, case_id: int, move: FieldMove, ctx: Context) -> Accepted | None:
    """Let a case have what somebody set in the desk. Returns what has to be accepted if it cannot."""
    return _FIELDS[move.field](session, case_id, move, ctx)


def follow_line(session: Session, case_id: int, line: Line, ticket: str, ctx: Context) -> None:
    """Tell the thread what was said or set in the desk. What a customer wrote stays there; their owner is called."""
    case = session.get_one(Case, case_id, populate_existing=True)
    verb, text, act = {
        "status": ("desk_status", f"set the ticket to {line.text.replace('_', ' ')} in the desk", "let it wait"),
        "note": ("desk_note", f"wrote in the desk: {quoted(line.text, ctx)}", "wrote a note in the desk"),
        "reply": ("desk_reply", f"replied to the customer in ticket #{ticket}", "replied to the customer"),
        "customer": ("customer_reply", f"replied in ticket #{ticket}", "replied in the ticket"),
    }[line.kind]
    mention = case.owner if line.kind == "customer" else None
    _note(session, case, line.by, verb, text, ctx, act=act, mention=mention)


def close(session: Session, case_id: int, by: Author, ctx: Context, *, verb: str, text: str, note: str) -> None:
    """Close a case as resolved by what somebody did in the desk. A closed one stays as it was closed."""
    actor = actor_of(by, ctx)

    def decide(case: Case) -> Act | str:
        if CaseStatus(case.status).closed:
            return "closed already"
        emptied = ("open_key", "claimed_by", "claimed_at", "hold_until", "close_fields")
        closed = {"closed_at": ctx.clock.now(), "closed_by": journal.identity(actor), "close_note": note}
        values = {"status": CaseStatus.RESOLVED.value, **dict.fromkeys(emptied), **closed}
        return Act(verb, values, text, text, "")

    perform(session, case_id, actor, ctx, decide, in_desk=True)


def _assignee(session: Session, case_id: int, move: FieldMove, ctx: Context) -> Accepted | None:
    case = session.get_one(Case, case_id, populate_existing=True)
    if move.value is None:
        return _unassigned(session, case, move, ctx)
    person = colleague(move.value, ctx)
    did, stays = "assigned the ticket in the desk to", f"the case stays with {who(case.owner, ctx)}"
    if person is None:
        return _let(session, case, move, f"{did} {move.value}, whom Handoff does not know: {stays}", ctx)
    if person.blocked:
        return _let(session, case, move, f"{did} {person.name}, who has no access any more: {stays}", ctx)
    if (absence := ctx.roster.away(person.email, ctx.clock.now())) is not None:
        until = f"who is away until {when(absence.end, ctx)}"
        return _let(session, case, move, f"{did} {person.name}, {until}: {stays}", ctx)
    _act(session, case_id, move, ctx, _assigned(session, person.email.lower(), person.name, move, ctx))
    return None


def _assigned(session: Session, email: str, name: str, move: FieldMove, ctx: Context) -> Decision:
    actor = actor_of(move.by, ctx)
    themselves = journal.identity(actor) == email

    def decide(case: Case) -> Act | str:
        if case.owner == email and (case.claimed_by == email or not themselves or CaseStatus(case.status).closed):
            return "with them already"
        values: dict[str, Any] = {"owner": email, "owner_why": f"assigned in the desk by {actor.name}"}
        if not CaseStatus(case.status).closed:
            values = unclaimed(case, ctx) | values
            if themselves:
                claimed = {"status": CaseStatus.CLAIMED.value, "claimed_by": email, "claimed_at": ctx.clock.now()}
                values |= claimed | {"owner_why": "took it in the desk"}
        text = "took the ticket in the desk" if themselves else f"assigned the ticket to {name} in the desk"
        text += did_not_hold(session, case, "owner", ctx, move.conflict)
        act = "took it in the desk" if themselves else f"assigned it to {name} in the desk"
        return Act("desk_assigned", values, text, act, "", mention=email)

    return decide


def _unassigned(session: Session, case: Case, move: FieldMove, ctx: Context) -> Accepted:
    """Nobody has the ticket: the case waits to be claimed again, and keeps its owner."""
    shown: Accepted = {"shown": None, "instead_of": desk_agent(case.owner, ctx)}
    text = f"took the ticket from {who(case.owner, ctx)} in the desk, so nobody has it there"

    def decide(case: Case) -> Act | str:
        return Act("desk_unassigned", unclaimed(case, ctx), text, "took it from its owner in the desk", "", case.owner)

    if case.status == CaseStatus.CLAIMED:
        _act(session, case.id, move, ctx, decide)
    else:
        _note(session, case, move.by, "desk_unassigned", text, ctx, act="took it from its owner in the desk")
    return shown


def _status(session: Session, case_id: int, move: FieldMove, ctx: Context) -> Accepted | None:
    if move.value in DONE:
        said = {"text": "solved the ticket in the desk", "note": "solved in the desk"}
        close(session, case_id, move.by, ctx, verb="desk_solved", **said)
        return None
    try:
        closing.reopen(session, case_id, actor_of(move.by, ctx), ctx, in_desk=True)
    except Refused as exc:
        case = session.get_one(Case, case_id, populate_existing=True)
        _note(session, case, move.by, "desk_status", f"reopened the ticket in the desk. {exc}", ctx)
        return {"shown": move.value, "instead_of": "solved"}
    return None


def _priority(session: Session, case_id: int, move: FieldMove, ctx: Context) -> Accepted | None:
    case = session.get_one(Case, case_id, populate_existing=True)
    if move.value is None:
        return _let(session, case, move, "took the priority off the ticket in the desk", ctx)
    name = actor_of(move.by, ctx).name
    values = {"priority": move.value, "priority_why": [[f"set in the desk by {name}", 0]]}
    _plainly(session, case_id, "desk_priority", "set the priority to", move, values, ctx)
    return None


def _group(session: Session, case_id: int, move: FieldMove, ctx: Context) -> Accepted | None:
    case = session.get_one(Case, case_id, populate_existing=True)
    if move.value is None:
        return _let(session, case, move, "took the ticket out of its group in the desk", ctx)
    _plainly(session, case_id, "desk_group", "moved the ticket to the group", move, {"queue": move.value}, ctx)
    return None


def _parent(session: Session, case_id: int, move: FieldMove, ctx: Context) -> Accepted | None:
    case = session.get_one(Case, case_id, populate_existing=True)
    what = f"moved the ticket under #{move.value}" if move.value else "took the ticket from under its parent"
    return _let(session, case, move, f"{what} in the desk", ctx)


def _plainly(
    session: Session, case_id: int, verb: str, did: str, move: FieldMove, values: dict[str, Any], ctx: Context
) -> None:
    """Let one column, the first of `values`, have what the desk shows."""
    column = next(iter(values))

    def decide(case: Case) -> Act | str:
        if getattr(case, column) == move.value:
            return "so already"
        text = f"{did} {move.value} in the desk"
        return Act(verb, values, text + did_not_hold(session, case, column, ctx, move.conflict), text, "")

    _act(session, case_id, move, ctx, decide)


def _let(session: Session, case: Case, move: FieldMove, text: str, ctx: Context) -> Accepted:
    """Say what the case does not follow, and accept it."""
    want = {"assignee": desk_agent(case.owner, ctx), "priority": case.priority, "group": case.queue}
    _note(session, case, move.by, f"desk_{move.field}", text, ctx)
    return {"shown": move.value, "instead_of": want.get(move.field, move.wanted)}


def _act(session: Session, case_id: int, move: FieldMove, ctx: Context, decide: Decision) -> None:
    perform(session, case_id, actor_of(move.by, ctx), ctx, decide, in_desk=True)


def _note(
    session: Session,
    case: Case,
    by: Author,
    verb: str,
    text: str,
    ctx: Context,
    *,
    act: str | None = None,
    mention: str | None = None,
) -> None:
    """Add a line that changes nothing of the case."""
    actor: Actor = actor_of(by, ctx)
    journal.note(
        session,
        case,
        verb=verb,
        actor=actor,
        text=text,
        to_desk=False,
        mention=mention,
        ctx=ctx,
        act=act,
        touch=not by.customer,
    )


_FIELDS: dict[str, Callable[[Session, int, FieldMove, Context], Accepted | None]] = {
    "assignee": _assignee,
    "status": _status,
    "priority": _priority,
    "group": _group,
    "parent": _parent,
}
