"""What a case wants its ticket to be, and what has to be done next for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.desks import Capability
from automations.domain import (
    CaseStatus,
    Priority,
    TicketDraft,
    TicketStatus,
    case_ref,
)
from automations.errors import NotFound, Unavailable
from automations.failure_tickets.context import Context
from automations.failure_tickets.draft import write_draft
from automations.people import Person
from automations.ports import HelpDesk
from automations.words import who
from storage.models import Case, CaseEntry, CaseGroup, CaseTicket
from storage.retention.asked import pruned

Step = Literal["look_up", "ask", "take_up", "create", "note", "update", "read_back"]

UNSOLVED = frozenset({TicketStatus.OPEN, TicketStatus.PENDING, TicketStatus.ON_HOLD})
EVERYTHING = frozenset(Capability)
LOOK_S = 60.0
"""Seconds between two looks for a ticket that a desk does not show yet."""
DONE = frozenset({TicketStatus.SOLVED, TicketStatus.CLOSED})


@dataclass(frozen=True, slots=True)
class PendingNote:
    """A line of history that the desk does not have yet. `author` is the desk agent's e-mail, None for the bot."""

    seq: int
    text: str
    author: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """The ticket row and the case behind it at one moment.

    `sent` is the version whose fields were last sent to the desk, 0 if they have to be compared and sent again.
    `owner` is the desk agent's e-mail, `owner_name` for people. `gone`: the ticket was deleted, or merged into that of
    another case, and nothing more is asked of it. `held`: the closing may still be taken back, and the desk does not
    hear of it yet. `ours`, `accepted` and `heard` are as in `CaseTicket`. `parent` is the ticket it belongs under, None
    for no wish; `fields` are for the desk's own ones, filled in when it is solved. `can` is what the desk is able to
    hold: of the rest nothing is wanted. `asked_at` is when a create was sent last; `named`, `named_by` and `read_at`
    are as in `CaseTicket`.
    """

    case_id: int
    correlation_id: str
    key: str
    system: str
    state: str
    ticket_id: str | None
    version: int
    verified_version: int
    sent: int
    missing: str | None
    closed: bool
    priority: Priority
    group: str
    owner: str
    owner_name: str
    draft: TicketDraft
    note: PendingNote | None
    gone: bool = False
    held: bool = False
    ours: Mapping[str, list[str | None]] | None = None
    accepted: Mapping[str, Any] = field(default_factory=dict)
    heard: str | None = None
    parent: str | None = None
    fields: tuple[tuple[str, str], ...] = ()
    can: frozenset[Capability] = EVERYTHING
    asked_at: datetime | None = None
    named: str | None = None
    named_by: str | None = None
    read_at: datetime | None = None

    @property
    def at_rest(self) -> bool:
        """True if the desk was seen to show all this already, or can show nothing any more."""
        return self.gone or (self.state == "verified" and self.verified_version >= self.version and self.note is None)


def next_step(wanted: Wanted) -> Step | None:
    """Choose what to do next; None when the desk was seen to show what is wanted. Pure.

    What may have been made is looked up by our key. Where there are no keys a person has to look, and nothing is made
    until they said what they found.

    Notes go before the fields, so that a desk that reopens a ticket on a note is set right afterwards.
    """
    if wanted.gone or wanted.held:
        return None
    if wanted.state in ("creating", "unknown"):
        if Capability.KEYS in wanted.can:
            return "look_up"
        return "ask" if wanted.named is None else "take_up"
    if wanted.state == "wanted":
        return "create"
    if wanted.at_rest:
        return None
    if wanted.note is not None:
        return "note"
    return "update" if wanted.sent < wanted.version else "read_back"


def load(session: Session, case_id: int, ctx: Context, *, can: frozenset[Capability] = EVERYTHING) -> Wanted:
    """Read a case's ticket as it is and as it should be; `can` is what the desk is able to show.

    Raises: NotFound if there is no such case.
    """
    found = session.execute(
        select(Case, CaseTicket).join(CaseTicket, CaseTicket.case_id == Case.id).where(Case.id == case_id)
    ).one_or_none()
    if found is None:
        raise NotFound(f"There is no {case_ref(case_id)}.{pruned(session, Case, case_id)}")
    case, row = found
    owner = desk_agent(case.owner, ctx)
    return Wanted(
        case_id=case.id,
        correlation_id=case.correlation_id,
        key=row.key,
        system=row.system,
        state=row.state,
        ticket_id=row.ticket_id,
        version=row.wanted_version,
        verified_version=row.verified_version,
        sent=int(row.seen.get("sent", 0)),
        missing=row.missing,
        closed=CaseStatus(case.status).closed,
        priority=Priority(case.priority),
        group=case.queue,
        owner=owner,
        owner_name=who(case.owner, ctx),
        draft=write_draft(session, case, row.key, owner, ctx, can=can),
        note=_pending_note(session, case.id, ctx),
        held=case.hold_until is not None and ctx.clock.now() < case.hold_until,
        gone=row.deleted_at is not None,
        ours=_ours(row),
        accepted=row.accepted or {},
        heard=row.heard,
        parent=parent_of(session, case.group_id, row.system, ctx),
        fields=tuple((name, str(value)) for name, value in (case.close_fields or {}).items()),
        can=can,
        asked_at=row.asked_at,
        named=row.named,
        named_by=row.named_by,
        read_at=row.read_at,
    )


def settled(desk: HelpDesk, asked_at: datetime | None, now: datetime) -> None:
    """Let pass a look that proves something. Raises: Unavailable while what was asked for may yet come to be seen."""
    until = asked_at + timedelta(seconds=desk.settle_s) if asked_at is not None else now
    if now < until:
        wait_s = min((until - now).total_seconds(), LOOK_S)
        words = (
            f"{desk.title} gave no clear answer to the creation of the ticket and does not show it yet; "
            f"it is looked for again until {until:%H:%M} UTC, and made again only after that"
        )
        raise Unavailable(words, system=desk.system, retry_after_s=wait_s)


def parent_of(session: Session, group_id: int | None, system: str, ctx: Context) -> str | None:
    """The id of the ticket that a case's ticket belongs under: its group's, once there is one in the same desk."""
    if group_id is None or Capability.PARENTS not in ctx.desk_can:
        return None
    same = CaseGroup.id == group_id, CaseGroup.ticket_system == system
    return session.scalar(select(CaseGroup.ticket_id).where(*same))


def desk_agent(identity: str, ctx: Context) -> str:
    """The e-mail under which the desk knows a person."""
    person = ctx.roster.by_email(identity)
    return (person.desk or person.email).lower() if person else identity


def colleague(agent: str, ctx: Context) -> Person | None:
    """Who of the team has this e-mail address in the desk; None for an agent whom Handoff does not know."""
    return next((one for one in ctx.roster.people if (one.desk or one.email).lower() == agent.lower()), None)


def _pending_note(session: Session, case_id: int, ctx: Context) -> PendingNote | None:
    entry = session.scalars(
        select(CaseEntry)
        .where(CaseEntry.case_id == case_id, CaseEntry.to_desk, CaseEntry.written_at.is_(None))
        .order_by(CaseEntry.seq)
        .limit(1)
    ).one_or_none()
    if entry is None:
        return None
    author = desk_agent(entry.actor, ctx) if ctx.roster.by_email(entry.actor) else None
    return PendingNote(entry.seq, f"{who(entry.actor, ctx)} {entry.text}", author)


def _ours(row: CaseTicket) -> Mapping[str, list[str | None]] | None:
    """What we have read or sent; of a ticket from before that was kept, what was read last."""
    if row.ours is not None or "status" not in row.seen:
        return row.ours
    return {name: [row.seen.get(name)] for name in ("assignee", "status", "priority", "group")}
