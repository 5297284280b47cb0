"""A customer with an open case writes in: whoever answers the ticket is told of the case, and the case of the ticket.

What customers wrote is found in the mirror's rows, behind a place that each look moves on: a crash repeats a look, and
each case hears of each ticket once. The note on the ticket is internal, written by a job and read back; the line in the
case's thread calls nobody. What came before this was switched on is not told of.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from automations.customer_context.card_types import WroteIn
from automations.customer_context.context import CustomerContext
from automations.customers.known import whose_each
from automations.customers.telling import asked_of
from automations.domain import HANDOFF, Mode, case_ref
from automations.mirror.retiering import is_open
from automations.posting import put_and_deliver
from automations.runs.ask import mode
from storage import audit, notifications
from storage.engine import Database
from storage.models import Case, CaseGroup, CaseTicket, CustomerNotice, DeskFact, MirrorMessage, MirrorTicket
from storage.upsert import insert_into

JOB: Final = "customers.note"
"""Job: write the note of one notice. Arguments: `case_id`, `system`, `ticket_id`."""
LINE: Final = "customers.wrote_in"
"""Kind of message: the line in the case's thread."""
PLACE: Final = "customer_notices"
"""The fact that says how far was looked, and since when: {"since", "at", "ticket"}."""
_LONGEST: Final = 255
MOST: Final = 200
"""Tickets looked at in one go; the next look goes on."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Behind this change of the mirror nothing was looked at yet; what came before `since` is not told of."""

    since: datetime
    at: datetime
    ticket: str


@dataclass(frozen=True, slots=True)
class _Wrote:
    """A customer wrote on a ticket, last at this moment."""

    ticket: MirrorTicket
    account: str
    at: datetime


def wanted(session: Session, ctx: CustomerContext) -> bool:
    """Whether anybody is to be told: never in shadow, which writes nothing."""
    return ctx.note_open_cases and mode(session, ctx) is Mode.ASK


def was_wanted(session: Session, ctx: CustomerContext) -> bool:
    """Whether a look has not noted yet that it was switched off."""
    return _place(session, ctx) is not None


def look(database: Database, ctx: CustomerContext, *, most: int = MOST) -> int:
    """Look at tickets that changed since the last look. Says how many notices were made."""
    with database.read() as session:
        on, place = wanted(session, ctx), _place(session, ctx)
        if on and place is not None:
            changed = _changed(session, ctx, place, most)
            wrote = _wrote(session, changed, place.since)
    if not on or place is None:
        if on or place is not None:
            now = ctx.clock.now()
            _keep(database, ctx, _Place(now, now, "") if on else None)
        return 0
    made = 0
    for one in wrote:
        with database.begin() as session:
            made += _tell(session, one, ctx)
    if changed:
        _keep(database, ctx, _Place(place.since, changed[-1].changed_at, changed[-1].ticket_id))
    return made


def _changed(session: Session, ctx: CustomerContext, place: _Place, most: int) -> Sequence[MirrorTicket]:
    at, one = MirrorTicket.changed_at, MirrorTicket.ticket_id
    behind = at >= place.at, or_(at > place.at, one > place.ticket)
    rows = select(MirrorTicket).where(MirrorTicket.system == ctx.desk_system, *behind)
    return session.scalars(rows.order_by(at, one).limit(most)).all()


def _wrote(session: Session, changed: Sequence[MirrorTicket], since: datetime) -> list[_Wrote]:
    """Those of these tickets on which a customer of ours wrote since then, but for tickets that we made for cases."""
    open_ones = [one for one in changed if one.opened_by != "bot"]
    last = _last_words(session, open_ones)
    fresh = {str(one.id): one for one in open_ones if last.get(one.id, since) > since}
    whose = whose_each(session, {n: asked_of(o.customer_id, o.requester, o.opened_by) for n, o in fresh.items()})
    clear = ((fresh[name], one.standing) for name, one in whose.items())
    found = [_Wrote(ticket, standing.account, last[ticket.id]) for ticket, standing in clear if standing is not None]
    return [one for one in found if not _is_ours(session, one.ticket)] if found else []


def _last_words(session: Session, tickets: Sequence[MirrorTicket]) -> dict[int, datetime]:
    """When a customer wrote last on each ticket that is open; with the ticket, if they opened it."""
    numbers = [one.id for one in tickets]
    told = MirrorMessage.ticket.in_(numbers), MirrorMessage.side == "customer"
    said = select(MirrorMessage.ticket, func.max(MirrorMessage.at)).where(*told).group_by(MirrorMessage.ticket)
    last = {int(row[0]): row[1] for row in session.execute(said)}
    still = set(session.scalars(select(MirrorTicket.id).where(MirrorTicket.id.in_(numbers), is_open())))
    for one in tickets:
        if one.opened_by == "customer":
            last[one.id] = max(last.get(one.id, one.created_at), one.created_at)
    return {number: at for number, at in last.items() if number in still}


def _is_ours(session: Session, ticket: MirrorTicket) -> bool:
    """Whether it is the ticket of a case, or of a group of them, also where the desk does not tell our key."""
    of_case = CaseTicket.system == ticket.system, CaseTicket.ticket_id == ticket.ticket_id
    of_group = CaseGroup.ticket_system == ticket.system, CaseGroup.ticket_id == ticket.ticket_id
    found = select(CaseTicket.case_id).where(*of_case), select(CaseGroup.id).where(*of_group)
    return any(session.scalar(one.limit(1)) is not None for one in found)


def _tell(session: Session, wrote: _Wrote, ctx: CustomerContext) -> int:
    """Keep a notice for each open case of the customer that was open when they wrote. Says how many are new."""
    if not (cases := _open_cases(session, wrote)):
        return 0
    audit.hold(session)
    return sum(_keep_notice(session, case, wrote, ctx) for case in cases)


def _open_cases(session: Session, wrote: _Wrote) -> Sequence[Case]:
    mine = Case.customer_id == wrote.account, Case.open_key.is_not(None), Case.opened_at <= wrote.at
    return session.scalars(select(Case).where(*mine).order_by(Case.id)).all()


def _keep_notice(session: Session, case: Case, wrote: _Wrote, ctx: CustomerContext) -> bool:
    ticket, now = wrote.ticket, ctx.clock.now()
    row = {
        "case_id": case.id,
        "system": ticket.system,
        "ticket_id": ticket.ticket_id,
        "account": wrote.account,
        "seen_at": now,
        "state": "planned",
        "error": "",
    }
    once = insert_into(session, CustomerNotice).values(row).on_conflict_do_nothing()
    if session.scalar(once.returning(CustomerNotice.case_id)) is None:
        return False
    after = {"ticket": ticket.ticket_id, "account": wrote.account, "wrote_at": wrote.at.isoformat()}
    write_down(session, case, "customers.wrote_in", "planned", ctx, after)
    ask_to_note(session, case.id, ticket.system, ticket.ticket_id, ctx)
    _say(session, case, wrote, ctx, now)
    return True


def ask_to_note(session: Session, case_id: int, system: str, ticket_id: str, ctx: CustomerContext) -> None:
    """Ask for the job that writes the note, once for each notice."""
    args: dict[str, str | int] = {"case_id": case_id, "system": system, "ticket_id": ticket_id}
    ctx.jobs.enqueue(session, JOB, notice_key(case_id, system, ticket_id), args)


def notice_key(case_id: int, system: str, ticket_id: str) -> str:
    """Name a notice: the idempotency key of its note, its job, and its line."""
    key = f"customers/note/{case_id}/{system}/{ticket_id}"
    return key if len(key) <= _LONGEST else f"{key[:180]}/{hashlib.sha256(key.encode()).hexdigest()[:40]}"


def write_down(
    session: Session, case: Case, action: str, outcome: str, ctx: CustomerContext, after: Mapping[str, Any]
) -> None:
    """Write one audit row about a notice; texts are redacted. The caller holds the log's head."""
    audit.append(
        session,
        at=ctx.clock.now(),
        actor=HANDOFF.id,
        action=action,
        target=case_ref(case.id),
        outcome=outcome,
        correlation_id=case.correlation_id,
        after=ctx.redactor.tree(dict(after)),
    )


def _say(session: Session, case: Case, wrote: _Wrote, ctx: CustomerContext, now: datetime) -> None:
    """Add a line to the thread in which the case is shown; nothing where it is shown nowhere."""
    parent = next((row for key in _posts(case) if (row := notifications.get(session, key)) is not None), None)
    if parent is None:
        return
    data = {
        "case_id": case.id,
        "in_group": parent.key != f"case/{case.id}",
        "account": wrote.account,
        "name": wrote.ticket.customer_name or case.customer_name or wrote.account,
        "system": wrote.ticket.system,
        "ticket_id": wrote.ticket.ticket_id,
        "title": wrote.ticket.subject,
        "url": wrote.ticket.url,
        "at": wrote.at.isoformat(),
    }
    key = notice_key(case.id, wrote.ticket.system, wrote.ticket.ticket_id)
    put_and_deliver(session, ctx, key=key, kind=LINE, channel=parent.channel, data=data, at=now, parent_key=parent.key)


def follow(session: Session, row: CustomerNotice, ctx: CustomerContext) -> None:
    """Let the line show how its note stands now."""
    key = notice_key(row.case_id, row.system, row.ticket_id)
    if (line := notifications.get(session, key)) is not None:
        told = dict(line.data)
        put_and_deliver(session, ctx, key=key, kind=LINE, channel=line.channel, data=told, at=ctx.clock.now())


def wrote_in(session: Session, data: Mapping[str, Any], ctx: CustomerContext) -> WroteIn:
    """The line of a notice from its notification's data, as it is now."""
    row = session.get(CustomerNotice, (data["case_id"], data["system"], data["ticket_id"]), populate_existing=True)
    told = {name: data[name] for name in ("case_id", "in_group", "account", "name", "ticket_id", "title", "url")}
    at, state = datetime.fromisoformat(data["at"]), row.state if row is not None else "planned"
    return WroteIn(**told, at=at, desk=ctx.desk_title, state=state, error=row.error if row is not None else "")


def _posts(case: Case) -> Iterator[str]:
    """The messages that may show a case, by the keys that failure tickets give them: its own, then its group's."""
    yield f"case/{case.id}"
    if case.group_id is not None:
        yield f"group/{case.group_id}"


def _place(session: Session, ctx: CustomerContext) -> _Place | None:
    mine = DeskFact.system == ctx.desk_system, DeskFact.name == PLACE
    kept: Mapping[str, str] = session.scalar(select(DeskFact.value).where(*mine)) or {}
    if not kept:
        return None
    return _Place(datetime.fromisoformat(kept["since"]), datetime.fromisoformat(kept["at"]), kept["ticket"])


def _keep(database: Database, ctx: CustomerContext, place: _Place | None) -> None:
    value = {"since": place.since.isoformat(), "at": place.at.isoformat(), "ticket": place.ticket} if place else {}
    row = {"system": ctx.desk_system, "name": PLACE, "value": value, "read_at": ctx.clock.now()}
    with database.begin() as session:
        insert = insert_into(session, DeskFact).values(row)
        newer = {"value": insert.excluded.value, "read_at": insert.excluded.read_at}
        session.execute(insert.on_conflict_do_update(index_elements=["system", "name"], set_=newer))
