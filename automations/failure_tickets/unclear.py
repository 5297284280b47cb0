"""An unclear create on a desk that finds no ticket by our key: a person looks, and says what they found.

Nothing is made again by itself: the desk may have made it. The ticket stays `unknown`, the case's card and the failure
queue say what to look for, and two acts end it: `found` names the ticket, which is then read and taken as the case's
if it names the case; `absent` has it made once more. Whoever is first decides.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from itertools import islice
from typing import Any, Final

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from automations.domain import Actor, Ticket, case_ref
from automations.errors import AdapterError, NotFound, Refused, Rejected
from automations.failure_tickets import journal
from automations.failure_tickets.context import Context
from automations.failure_tickets.draft import subject_begins
from automations.failure_tickets.moves import Outcome, refuse_strangers
from automations.failure_tickets.ticket_row import move
from automations.failure_tickets.wanted import Wanted
from automations.ports import HelpDesk, LookedThrough
from automations.words import in_brief, typed, when, who
from storage import audit, stuck
from storage.engine import Database
from storage.models import Case, CaseTicket
from storage.retention.asked import pruned

_NUMBER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_SUBJECT_SHOWN: Final = 60
_HINTS: Final = 3
MOST_NOTE: Final = 500
UNDER_WAY: Final = timedelta(minutes=1)
"""How long what was sent may still be under way, so that not to find it means nothing."""


def ask(database: Database, desk: HelpDesk, wanted: Wanted, ctx: Context) -> Rejected:
    """Keep that a person is asked, and give the error that brings this to them."""
    words = look_for(desk, wanted, ctx)
    with database.begin() as session:
        since = func.coalesce(CaseTicket.unclear_at, ctx.clock.now())
        move(session, wanted, {"state": "unknown", "unclear_at": since}, only_from=("creating", "unknown"))
    return Rejected(words, system=desk.system, code="unclear")


def ask_anew(database: Database, wanted: Wanted) -> None:
    """What somebody named is not the case's ticket: the question stands again."""
    with database.begin() as session:
        move(session, wanted, {"named": None, "named_by": None}, only_from=("creating", "unknown"))


def named(desk: HelpDesk, wanted: Wanted, ctx: Context) -> Ticket:
    """Read the ticket that somebody named. Raises: Rejected if it is none, or does not name the case; Unavailable."""
    assert wanted.named is not None, "somebody named it"
    shown = desk.by_number(wanted.named) if isinstance(desk, LookedThrough) else desk.get(wanted.named)
    if not shown.subject.startswith(subject_begins(wanted.case_id)):
        subject = in_brief(ctx.redactor.text(" ".join(shown.subject.split())), _SUBJECT_SHOWN)
        words = f"ticket #{wanted.named}, “{subject}”, does not begin with {subject_begins(wanted.case_id)}"
        raise Rejected(words, system=desk.system, code="not_this_one")
    return shown


def look_for(desk: HelpDesk, wanted: Wanted, ctx: Context) -> str:
    """Say what to look for, where, and since when; with what the desk's own search shows, as a hint."""
    subject = in_brief(wanted.draft.subject, _SUBJECT_SHOWN)
    sent = wanted.asked_at or wanted.draft.since
    since = f", made since {when(sent, ctx)}" if sent else ""
    asked = (
        f"{desk.title} did not say whether it made the ticket. Look there for “{subject}”{since}{_hint(desk, wanted)}"
    )
    return f"{asked}, then say whether it is there. Until then no other one is made."


def found(session: Session, case_id: int, actor: Actor, number: str, ctx: Context) -> Outcome:
    """Say which ticket an unclear create made. It counts once it was read and names the case.

    Raises: NotFound; Refused if nobody is asked, somebody was first, or that can be no number.
    """
    refuse_strangers(session, actor, ctx)
    wanted = number.strip().removeprefix("#")
    if _NUMBER.fullmatch(wanted) is None:
        raise Refused("Please give the number that the desk shows for the ticket, such as 4711.")
    said = f"found the ticket in the desk: #{wanted}"
    values = {"named": wanted, "named_by": journal.identity(actor), "missing": None}
    return _settle(session, case_id, actor, ctx, "ticket_found", said, values, f"#{wanted} is read now", "")


def absent(session: Session, case_id: int, actor: Actor, note: str, ctx: Context) -> Outcome:
    """Say that an unclear create made no ticket, so that one is made now.

    Raises: NotFound; Refused if nobody is asked, somebody was first, or it is too early to say so.
    """
    refuse_strangers(session, actor, ctx)
    row = session.get(CaseTicket, case_id, populate_existing=True)
    sent = row.asked_at if row is not None and is_asked(row) else None
    if sent is not None and ctx.clock.now() < (sure := sent + UNDER_WAY):
        words = f"What was sent to the desk may still be under way: please look again after {when(sure, ctx)}."
        raise Refused(f"{words} Nothing was changed.")
    said = "looked for the ticket in the desk and did not find it, so it is made now"
    values = {"state": "wanted", "unclear_at": None, "missing": None}
    return _settle(session, case_id, actor, ctx, "ticket_absent", said, values, "the ticket is made now", note)


def asked(session: Session, case_id: int) -> bool:
    """True while a person has to say whether the ticket is there."""
    row = session.get(CaseTicket, case_id, populate_existing=True)
    return row is not None and is_asked(row)


def is_asked(row: CaseTicket) -> bool:
    """True for a ticket of which a person has to say whether it is there."""
    return row.state == "unknown" and row.unclear_at is not None and row.named is None


def why_not(session: Session, case_id: int, ctx: Context) -> str:
    """Say why nobody is asked about a case's ticket. Raises: NotFound."""
    row = session.get(CaseTicket, case_id, populate_existing=True)
    if row is None:
        raise NotFound(f"There is no {case_ref(case_id)}.{pruned(session, Case, case_id)}")
    ref = case_ref(case_id)
    if row.named is not None:
        return f"{who(row.named_by, ctx)} found the ticket of {ref} already: #{row.named}. Nothing was changed."
    return f"Nobody has to look for the ticket of {ref} (it is {row.state}). Nothing was changed."


def _settle(
    session: Session,
    case_id: int,
    actor: Actor,
    ctx: Context,
    verb: str,
    text: str,
    values: Mapping[str, Any],
    answer: str,
    note: str,
) -> Outcome:
    """Write down what somebody found, have the ticket brought on, and take what waited for it out of the queue.

    The history comes first, since rows are locked in that order; whoever turns out to be second has it undone.
    """
    audit.hold(session)
    case = session.get(Case, case_id, populate_existing=True)
    if case is None or not asked(session, case_id):
        raise Refused(why_not(session, case_id, ctx))
    words = typed(note, ctx)[:MOST_NOTE]
    text += f": {words}" if words else ""
    after = {name: value for name, value in values.items() if name == "named"} | ({"note": words} if words else {})
    journal.note(
        session, case, verb=verb, actor=actor, text=text, to_desk=False, mention=None, ctx=ctx,
        before={"ticket": "unknown"}, after={"ticket": verb} | after, act="looked for its ticket",
    )  # fmt: skip
    still = CaseTicket.state == "unknown", CaseTicket.unclear_at.is_not(None), CaseTicket.named.is_(None)
    settled = update(CaseTicket).where(CaseTicket.case_id == case_id, *still).values(dict(values))
    options = {"synchronize_session": False}
    if session.scalar(settled.returning(CaseTicket.case_id), execution_options=options) is None:
        raise Refused(why_not(session, case_id, ctx))
    _out_of_the_queue(session, case_id, actor, text, ctx)
    return Outcome(True, f"{case_ref(case_id)}: {answer}.", case)


def _out_of_the_queue(session: Session, case_id: int, actor: Actor, text: str, ctx: Context) -> None:
    now, by = ctx.clock.now(), journal.identity(actor)
    work: dict[str, Any] = {"job": journal.SYNC, "args": {"case_id": case_id}}
    for item in stuck.done_since(session, since=now, by=by, note=f"{actor.name} {text}", at=now, **work):
        audit.append(
            session,
            at=now,
            actor=by,
            action="stuck.settle",
            target=item.target,
            outcome="done",
            correlation_id=f"stuck-{item.id}",
            before={"state": "open", "job": item.job, "key": item.key, "reason": item.reason},
            after={"state": item.state, "note": text},
        )


def _hint(desk: HelpDesk, wanted: Wanted) -> str:
    """What the desk's search shows; nothing if it shows nothing or cannot be asked, since its index may lag."""
    if not isinstance(desk, LookedThrough) or wanted.draft.since is None:
        return ""
    try:
        seen = [one.id for one in islice(desk.candidates(subject_begins(wanted.case_id), wanted.draft.since), _HINTS)]
    except AdapterError:
        return ""
    return f" (its search shows {', '.join(f'#{one}' for one in seen)})" if seen else ""
