"""What a case wants its ticket to be, what has to be done next for it, and what the desk does not show, in words."""

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.domain import CaseStatus, Priority, Ticket, TicketChange, TicketDraft, TicketStatus, case_ref
from automations.errors import NotFound
from automations.failure_tickets.context import Context
from automations.failure_tickets.draft import write_draft
from automations.failure_tickets.words import who
from storage.models import Case, CaseEntry, CaseTicket

Step = Literal["look_up", "create", "note", "update", "read_back"]

UNSOLVED = frozenset({TicketStatus.OPEN, TicketStatus.PENDING, TicketStatus.ON_HOLD})
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
    `owner` is the desk agent's e-mail, `owner_name` for people.
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

    @property
    def at_rest(self) -> bool:
        """True if the desk was seen to show all this already."""
        return self.state == "verified" and self.verified_version >= self.version and self.note is None


def next_step(wanted: Wanted) -> Step | None:
    """Choose what to do next; None when the desk was seen to show what is wanted. Pure.

    Notes go before the fields, so that a desk that reopens a ticket on a note is set right afterwards.
    """
    if wanted.state in ("creating", "unknown"):
        return "look_up"
    if wanted.state == "wanted":
        return "create"
    if wanted.at_rest:
        return None
    if wanted.note is not None:
        return "note"
    return "update" if wanted.sent < wanted.version else "read_back"


def load(session: Session, case_id: int, ctx: Context) -> Wanted:
    """Read a case's ticket as it is and as it should be. Raises NotFound if there is no such case."""
    found = session.execute(
        select(Case, CaseTicket).join(CaseTicket, CaseTicket.case_id == Case.id).where(Case.id == case_id)
    ).one_or_none()
    if found is None:
        raise NotFound(f"There is no {case_ref(case_id)}.")
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
        draft=write_draft(session, case, row.key, owner, ctx),
        note=_pending_note(session, case.id, ctx),
    )


def difference(wanted: Wanted, shown: Ticket) -> TicketChange:
    """What has to be sent so that the ticket shows what is wanted. A colleague's pending or on hold is left alone."""
    allowed, status = (DONE, TicketStatus.SOLVED) if wanted.closed else (UNSOLVED, TicketStatus.OPEN)
    return TicketChange(
        status=None if shown.status in allowed else status,
        priority=None if shown.priority == wanted.priority else wanted.priority,
        assignee=None if _same(shown.assignee, wanted.owner) else wanted.owner,
        group=None if shown.group == wanted.group else wanted.group,
    )


def shortfall(wanted: Wanted, shown: Ticket) -> str | None:
    """Say what a reading does not show as wanted: owner, status, priority, group, our key. None if all is there."""
    change, said = difference(wanted, shown), []
    if change.assignee is not None:
        said.append(f"{shown.assignee or 'no owner'} instead of {wanted.owner_name} as owner")
    if change.status is not None:
        said.append(f"the status {shown.status_word or shown.status}, not {change.status}")
    if change.priority is not None:
        said.append(f"{_priority(shown)}, not {wanted.priority}")
    if change.group is not None:
        said.append(f"{shown.group or 'no group'} instead of the group {wanted.group}")
    if shown.key != wanted.key:
        said.append("another key than ours" if shown.key else "no trace of our key")
    return f"the desk shows {'; '.join(said)}" if said else None


def desk_agent(identity: str, ctx: Context) -> str:
    """The e-mail under which the desk knows a person."""
    person = ctx.roster.by_email(identity)
    return (person.desk or person.email).lower() if person else identity


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


def _same(one: str | None, other: str) -> bool:
    return one is not None and one.lower() == other.lower()


def _priority(shown: Ticket) -> str:
    return f"the priority {shown.priority}" if shown.priority else "no priority"
