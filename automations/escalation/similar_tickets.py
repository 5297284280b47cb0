"""Solved tickets that read like an escalated one: links for people, and nothing is ever merged.

The index is made in a job, away from the sweep and from whoever waits, and kept in the process for an hour.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from automations.escalation.card_types import SimilarLine
from automations.escalation.context import EscalationContext
from automations.escalation.journal import card_key, found, move, show
from storage import audit, notifications
from storage.engine import Database
from storage.models import Escalation, MirrorTicket, TicketText

if TYPE_CHECKING:
    from automations.texts.similar import Index

JOB: Final = "escalation.similar"
"""Job: {"escalation_id"}."""
KEEP: Final = timedelta(hours=1)
"""How old the index may be before it is made anew."""
MOST: Final = 20_000
"""Solved tickets in it, the newest."""
SHOWN: Final = 3
LEAST: Final = 0.15
"""Score below which two tickets have too little in common to be shown."""


@dataclass
class SolvedTickets:
    """The index of one process over the solved tickets of a desk. One thread makes it while the others wait."""

    _lock: Lock = field(default_factory=Lock)
    _system: str = ""
    _made_at: datetime | None = None
    _index: Index | None = None

    def nearest(
        self, database: Database, system: str, ticket_id: str, title: str, text: str, now: datetime
    ) -> list[tuple[str, float, tuple[str, ...]]]:
        """The likest solved tickets: id, score and shared words. Makes the index first if it is too old."""
        with self._lock:
            old = self._made_at is None or now - self._made_at > KEEP or self._system != system
            if old or self._index is None:
                self._index = _index(database, system)
                self._made_at, self._system = now, system
            near = self._index.nearest(title, text, SHOWN, without=(ticket_id,))
        return [(one.id, one.score, one.words) for one in near if one.score >= LEAST]


def ask_for_similar(session: Session, row: Escalation, ctx: EscalationContext) -> None:
    """Ask for the look at solved tickets, once for an escalation."""
    ctx.jobs.enqueue(session, JOB, f"{card_key(row.id)}/similar", {"escalation_id": row.id})


def find_similar(database: Database, solved: SolvedTickets, escalation_id: int, ctx: EscalationContext) -> int:
    """Look for solved tickets that read alike and let the message show them. Says how many. Raises: NotFound."""
    with database.read() as session:
        row = found(session, escalation_id)
        words = session.get(TicketText, (row.system, row.subject_id))
        text = f"{words.opening}\n{words.latest}" if words is not None else ""
    near = solved.nearest(database, row.system, row.subject_id, row.title, text, ctx.clock.now())
    if not near:
        return 0
    with database.begin() as session:
        audit.hold(session)
        here = found(session, escalation_id)
        lines = [_kept(session, here.system, *one) for one in near]
        move(session, here, evidence={**here.evidence, "similar": [one for one in lines if one is not None]})
        if here.state != "closed" and notifications.get(session, card_key(here.id)) is not None:
            show(session, here, ctx)
    return len(near)


def similar_lines(row: Escalation) -> tuple[SimilarLine, ...]:
    """What was found, for the card."""
    kept = row.evidence.get("similar") or ()
    return tuple(
        SimilarLine(one["ticket_id"], one["title"], one["url"], float(one["score"]), tuple(one["words"]))
        for one in kept
    )


def _kept(session: Session, system: str, ticket_id: str, score: float, words: tuple[str, ...]) -> dict[str, Any] | None:
    mine = MirrorTicket.system == system, MirrorTicket.ticket_id == ticket_id
    ticket = session.execute(select(MirrorTicket.subject, MirrorTicket.url).where(*mine)).one_or_none()
    if ticket is None:
        return None
    return {"ticket_id": ticket_id, "title": ticket.subject, "url": ticket.url, "score": score, "words": list(words)}


def _index(database: Database, system: str) -> Index:
    from automations.texts.similar import Entry, Index

    def entries() -> Iterator[Entry]:
        with database.read() as session:
            for ticket_id, subject, opening in session.execute(_solved(system)):
                yield Entry(ticket_id, subject, opening or "")

    return Index.of(list(entries()))


def _solved(system: str) -> Any:
    """The newest solved tickets with the words they began with, where those are still kept."""
    mine = (TicketText.system == MirrorTicket.system) & (TicketText.ticket_id == MirrorTicket.ticket_id)
    return (
        select(MirrorTicket.ticket_id, MirrorTicket.subject, TicketText.opening)
        .outerjoin(TicketText, mine)
        .where(MirrorTicket.system == system, MirrorTicket.deleted_at.is_(None), MirrorTicket.merged_into.is_(None))
        .where(or_(MirrorTicket.solved_at.is_not(None), MirrorTicket.closed_at.is_not(None)))
        .order_by(MirrorTicket.id.desc())
        .limit(MOST)
    )
