"""Looking at the tickets that changed: those whose words were read, and those that people moved, in turn.

How far it has come is one row for each of the two; a crash repeats a look, which decides nothing twice. What happened
while triage was off is looked at when it is on again, and is too old by then or still waits.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from automations.domain import Mode
from automations.triage.context import NAME, TriageContext
from automations.triage.deciding import decide
from automations.triage.decisions import mode
from automations.triage.judging import Model
from storage.engine import Database
from storage.models import DeskFact, MirrorTicket, TicketText, TriageDecision
from storage.upsert import insert_into

MOST: Final = 50
"""Tickets of each kind looked at in one go, so that deadlines get their turn in between; the next look goes on."""

_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
Place = tuple[datetime, str]
"""A moment, and the ticket that was looked at last of those that changed then."""


def look(database: Database, ctx: TriageContext, model: Model | None, *, most: int = MOST) -> int:
    """Decide about tickets that changed since the last look. Says how many decisions were made.

    The first time all tickets whose words are at hand are looked at, and of what people do only what they do from now
    on. Nothing while triage is off.
    """
    with database.read() as session:
        if mode(session, ctx) is Mode.OFF:
            return 0
        known = _known(session, ctx)
        texts, moves = known.get("texts", (_LONG_AGO, "")), known.get("tickets", (ctx.clock.now(), ""))
        read, moved = _read_since(session, ctx, texts, most), _moved_since(session, ctx, moves, most)
    made = 0
    for ticket_id in dict.fromkeys(ticket_id for _, ticket_id in (*read, *moved)):
        with database.begin() as session:
            made += decide(session, ticket_id, ctx, model) is not None
    reached = {"texts": read[-1] if read else texts, "tickets": moved[-1] if moved else moves}
    if reached != known:
        with database.begin() as session:
            _keep(session, ctx, reached)
    return made


def _read_since(session: Session, ctx: TriageContext, since: Place, most: int) -> Sequence[Place]:
    """Open tickets whose words were read since then."""
    mine = and_(MirrorTicket.system == TicketText.system, MirrorTicket.ticket_id == TicketText.ticket_id)
    rows = select(TicketText.read_at, TicketText.ticket_id).join(MirrorTicket, mine)
    rows = rows.where(TicketText.system == ctx.desk_system, MirrorTicket.solved_at.is_(None))
    at, one = TicketText.read_at, TicketText.ticket_id
    rows = rows.where(at >= since[0], or_(at > since[0], one > since[1]))
    found = session.execute(rows.order_by(at, one).limit(most))
    return [(row.read_at, row.ticket_id) for row in found]


def _moved_since(session: Session, ctx: TriageContext, since: Place, most: int) -> Sequence[Place]:
    """Tickets about which something was decided and that changed in the mirror since then."""
    of = TriageDecision.system == MirrorTicket.system, TriageDecision.ticket_id == MirrorTicket.ticket_id
    at, one = MirrorTicket.changed_at, MirrorTicket.ticket_id
    rows = select(at, one).where(MirrorTicket.system == ctx.desk_system, select(TriageDecision.id).where(*of).exists())
    rows = rows.where(at >= since[0], or_(at > since[0], one > since[1]))
    return [(row.changed_at, row.ticket_id) for row in session.execute(rows.order_by(at, one).limit(most))]


def _known(session: Session, ctx: TriageContext) -> Mapping[str, Place]:
    mine = DeskFact.system == ctx.desk_system, DeskFact.name == NAME
    kept: Mapping[str, Any] = session.scalar(select(DeskFact.value).where(*mine)) or {}
    return {name: (datetime.fromisoformat(at), str(ticket)) for name, (at, ticket) in kept.items()}


def _keep(session: Session, ctx: TriageContext, reached: Mapping[str, Place]) -> None:
    value = {name: [at.isoformat(), ticket] for name, (at, ticket) in reached.items()}
    row = {"system": ctx.desk_system, "name": NAME, "value": value, "read_at": ctx.clock.now()}
    insert = insert_into(session, DeskFact).values(row)
    newer = {"value": insert.excluded.value, "read_at": insert.excluded.read_at}
    session.execute(insert.on_conflict_do_update(index_elements=["system", "name"], set_=newer))
