"""The internal note on a ticket whose customer has an open case: written once, and counted only when it was read back.

It says which case, since when, whose it is and how it stands, and promises nothing to anybody.
"""

import re
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from automations.customer_context.context import CustomerContext
from automations.customer_context.notices import ask_to_note, follow, notice_key, wanted, write_down
from automations.desks import Capability
from automations.domain import IdempotencyKey, case_ref
from automations.errors import NotFound, Rejected, Unavailable
from automations.people import moment_in_words
from automations.ports import HelpDesk
from automations.words import in_brief, who
from storage import audit, notifications
from storage.engine import Database
from storage.models import Case, CustomerNotice

_SKEW: Final = timedelta(minutes=5)
"""How far the desk's clock may be behind ours."""
_SUMMARY: Final = 200


def carry_out(
    database: Database, desk: HelpDesk, case_id: int, system: str, ticket_id: str, ctx: CustomerContext
) -> None:
    """Write the note, which a desk takes once by its key, and read it back. A ticket that is gone needs none.

    Raises: NotFound; Unavailable, OutcomeUnknown (try again), Rejected (a person
    has to act).
    """
    with database.read() as session:
        row, on = found(session, case_id, system, ticket_id), wanted(session, ctx)
        text = note_words(session, row, ctx)
    if row.state == "noted":
        return  # what failed is tried again: somebody took it out of the failure queue
    if not on:
        _end(database, row, "failed", "notes about open cases were switched off before it was written", ctx)
        return
    try:
        _note(desk, row, text)
    except Rejected as exc:
        _end(database, row, "failed", str(exc), ctx)
        if exc.code == "no_ticket":
            return
        raise
    _end(database, row, "noted", "", ctx)


def gave_up(session: Session, case_id: int, system: str, ticket_id: str, why: str, ctx: CustomerContext) -> None:
    """Note that the job was given up; the failure queue has it."""
    audit.hold(session)
    row = found(session, case_id, system, ticket_id)
    if row.state == "planned":
        _write(session, row, "failed", why, ctx)


def ask_for_what_was_lost(session: Session, ctx: CustomerContext) -> int:
    """Ask anew for the jobs of notes that are not written yet; known ones are not done twice. Says how many."""
    rows = session.scalars(select(CustomerNotice).where(CustomerNotice.state == "planned")).all()
    for row in rows:
        ask_to_note(session, row.case_id, row.system, row.ticket_id, ctx)
    return len(rows)


def found(session: Session, case_id: int, system: str, ticket_id: str) -> CustomerNotice:
    """The notice as it is now. Raises: NotFound."""
    row = session.get(CustomerNotice, (case_id, system, ticket_id), populate_existing=True)
    if row is None:
        raise NotFound(f"Nobody was to be told of {case_ref(case_id)} on ticket #{ticket_id}. Nothing was written.")
    return row


def note_words(session: Session, row: CustomerNotice, ctx: CustomerContext) -> str:
    """What the note says, as the case is now."""
    case = session.get_one(Case, row.case_id, populate_existing=True)
    since = moment_in_words(case.opened_at, ZoneInfo(ctx.zone))
    lines = [
        begins(row.case_id),
        in_brief(" ".join(case.summary.split()), _SUMMARY),
        f"Open since {since}. {_state(case, ctx)}. Owner: {who(case.owner, ctx)}.",
    ]
    post = notifications.get(session, f"case/{case.id}") or (
        notifications.get(session, f"group/{case.group_id}") if case.group_id is not None else None
    )
    if post is not None and post.permalink:
        lines.append(post.permalink)
    return "\n".join(lines)


def begins(case_id: int) -> str:
    """What the note begins with, whatever has become of the case by then: it is known by that."""
    return f"Handoff: {case_ref(case_id)} is about this customer."


def _state(case: Case, ctx: CustomerContext) -> str:
    if case.closed_at is not None:
        how = case.status.replace("_", " ").capitalize()
        return f"{how} since {moment_in_words(case.closed_at, ZoneInfo(ctx.zone))}"
    if case.claimed_by is not None:
        return f"Claimed by {who(case.claimed_by, ctx)}"
    return "Nobody has claimed it yet"


def _note(desk: HelpDesk, row: CustomerNotice, text: str) -> None:
    if row.system != desk.system:
        raise Rejected(f"the ticket is in {row.system}, but the desk in use is {desk.system}", system=desk.system)
    key = IdempotencyKey(notice_key(row.case_id, row.system, row.ticket_id))
    desk.note(row.ticket_id, text, author=None, key=key)
    if not _shown(desk, row):
        raise Unavailable(f"ticket #{row.ticket_id} does not show the note yet", system=desk.system)


def _shown(desk: HelpDesk, row: CustomerNotice) -> bool:
    """Whether the desk shows the note. One that lists no messages is believed that it took it."""
    if Capability.EVENTS not in desk.capabilities:
        return True
    since, said = row.seen_at - _SKEW, _letters(begins(row.case_id))
    events = desk.events(row.ticket_id, after=None)
    return any(one.kind == "internal" and one.at >= since and said in _letters(one.body) for one in events)


def _letters(text: str) -> str:
    """Letters and digits alone: desks give markup and white space back otherwise than they got them."""
    return re.sub(r"[\W_]+", "", text).casefold()


def _end(database: Database, row: CustomerNotice, state: str, error: str, ctx: CustomerContext) -> None:
    with database.begin() as session:
        audit.hold(session)
        _write(session, row, state, error, ctx)


def _write(session: Session, row: CustomerNotice, state: str, error: str, ctx: CustomerContext) -> None:
    """Write down how it stands. What was read back stays so."""
    said = ctx.redactor.text(error)
    mine = (
        CustomerNotice.case_id == row.case_id,
        CustomerNotice.system == row.system,
        CustomerNotice.ticket_id == row.ticket_id,
        CustomerNotice.state != "noted",
    )
    ended = update(CustomerNotice).where(*mine).values(state=state, error=said).returning(CustomerNotice.case_id)
    if session.scalar(ended, execution_options={"synchronize_session": False}) is not None:
        case = session.get_one(Case, row.case_id, populate_existing=True)
        write_down(session, case, "customers.noted", state, ctx, {"ticket": row.ticket_id, "error": said})
        follow(session, row, ctx)
