"""Following the desk: every ticket that changed there is read, and its case follows what others did.

Where a desk does not tell which changed, the tickets of open cases, and those not seen to be right yet, are read one by
one instead: a few in each look, those read longest ago first.

The place up to which the desk was read is stored after what was found there has been followed, so nothing is passed
over by a crash or an outage; what is read twice is followed once (`mirror`).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from automations.desks import Capability
from automations.domain import (
    case_ref,
)
from automations.errors import Rejected, Unavailable
from automations.failure_tickets.context import Context
from automations.failure_tickets.mirror import follow
from automations.failure_tickets.present import present
from automations.failure_tickets.ticket_row import write_audit
from automations.failure_tickets.wanted import Wanted, load
from automations.ports import HelpDesk
from storage.boundaries import reach
from storage.engine import Database
from storage.exclusive import Occupied, alone
from storage.models import AuditEntry, Case, CaseTicket, DeskCursor
from storage.upsert import insert_into

EACH_LOOK: Final = 20
"""Tickets read in one look of a desk that does not tell its changes: 500 take 25 looks."""


def read(database: Database, desk: HelpDesk, ctx: Context) -> int:
    """Read on from where the desk was read last, to its end. Says how many cases followed somebody's doing.

    The first reading notes where the desk is, and looks at the tickets of all open cases, since nobody has watched them
    so far. Of a desk that cannot tell its changes the next few tickets are read.
    Raises: AdapterError; what was read until then is followed, and the next reading goes on from there.
    """
    telling = Capability.CHANGES in desk.capabilities
    try:
        with alone(database, f"desk/{desk.system}", patience_s=0.0):
            return _read_on(database, desk, ctx) if telling else _read_some(database, desk, ctx)
    except Occupied:  # another worker is reading, and will come to the end
        return 0


def last_read(session: Session, system: str) -> datetime | None:
    """When the desk's changes were read last, None if they never were."""
    return session.scalar(select(DeskCursor.read_at).where(DeskCursor.system == system))


def _read_on(database: Database, desk: HelpDesk, ctx: Context) -> int:
    with database.read() as session:
        cursor = session.scalar(select(DeskCursor.cursor).where(DeskCursor.system == desk.system))
    moved = 0
    while True:
        page = desk.changed(cursor)
        with database.read() as session:
            cases = _cases_of(session, desk.system, page.tickets if cursor else None)
        moved += sum(_follow(database, desk, case_id, ctx) for case_id in cases)
        if cases:
            reach("feed.followed")
        cursor = page.cursor
        _store(database, desk.system, cursor, ctx.clock.now())
        if not page.more:
            return moved


def _read_some(database: Database, desk: HelpDesk, ctx: Context) -> int:
    """Read the tickets that were looked at longest ago. A look that fails counts, so that one ticket holds up none."""
    with database.read() as session:
        cases = _longest_ago(session, desk.system)
    moved = 0
    for case_id in cases:
        with database.begin() as session:
            looked = update(CaseTicket).where(CaseTicket.case_id == case_id).values(looked_at=ctx.clock.now())
            session.execute(looked)
        moved += _follow(database, desk, case_id, ctx)
    return moved


def _longest_ago(session: Session, system: str) -> list[int]:
    behind = ~((CaseTicket.state == "verified") & (CaseTicket.verified_version >= CaseTicket.wanted_version))
    there = CaseTicket.system == system, CaseTicket.ticket_id.is_not(None), CaseTicket.deleted_at.is_(None)
    found = select(CaseTicket.case_id).join(Case, Case.id == CaseTicket.case_id)
    found = found.where(*there, Case.open_key.is_not(None) | behind)
    oldest = CaseTicket.looked_at.asc().nulls_first(), CaseTicket.case_id
    return list(session.scalars(found.order_by(*oldest).limit(EACH_LOOK)))


def _follow(database: Database, desk: HelpDesk, case_id: int, ctx: Context) -> bool:
    """Let one case follow its ticket. What the desk refuses to show of one ticket stops no other."""
    try:
        with alone(database, f"ticket/{case_id}"):
            with database.read() as session:
                now = present(session, ctx)
                wanted = load(session, case_id, now, can=desk.capabilities)
            if wanted.ticket_id is None or wanted.system != desk.system:
                return False
            try:
                return follow(database, desk, wanted, now).moved
            except Rejected as exc:
                why = {"why": ctx.redactor.text(str(exc))}
                with database.begin() as session:
                    if not _told_lately(session, wanted, why, now.clock.now()):
                        write_audit(session, wanted, ctx, "ticket.follow", "rejected", why)
                return False
    except Occupied as exc:
        raise Unavailable(f"another worker is still at {case_ref(case_id)}", system=desk.system) from exc


def _told_lately(session: Session, wanted: Wanted, why: Mapping[str, str], now: datetime) -> bool:
    """True if the log says so since yesterday: a desk that is looked at every few seconds must not fill it."""
    told = (
        AuditEntry.correlation_id == wanted.correlation_id,
        AuditEntry.action == "ticket.follow",
        AuditEntry.at > now - timedelta(days=1),
    )
    last = session.scalar(select(AuditEntry).where(*told).order_by(AuditEntry.seq.desc()).limit(1))
    return last is not None and last.after == dict(why)


def _cases_of(session: Session, system: str, tickets: Sequence[str] | None) -> list[int]:
    """The cases whose tickets these are, in order of their numbers; all open ones for None."""
    found = select(CaseTicket.case_id).where(CaseTicket.system == system).order_by(CaseTicket.case_id)
    if tickets is None:
        found = found.join(Case, Case.id == CaseTicket.case_id).where(Case.open_key.is_not(None))
        return list(session.scalars(found.where(CaseTicket.ticket_id.is_not(None))))
    return list(session.scalars(found.where(CaseTicket.ticket_id.in_(tickets))))


def _store(database: Database, system: str, cursor: str, now: datetime) -> None:
    with database.begin() as session:
        insert = insert_into(session, DeskCursor).values(system=system, cursor=cursor, read_at=now)
        newer = {"cursor": insert.excluded.cursor, "read_at": insert.excluded.read_at}
        session.execute(insert.on_conflict_do_update(index_elements=["system"], set_=newer))
