"""Whether a decision was right, by what people did with the ticket afterwards: it was kept, or moved elsewhere.

A ticket that nobody of the team touched proves nothing: it counts as kept only once an agent answered it, or it was
somebody's, and it is solved.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from automations.triage.context import TriageContext
from storage.models import MirrorMessage, MirrorTicket, TriageDecision

_DONE: Final = ("solved", "closed")
_SETTLED: Final = ("applied", "nothing")
"""States after which the ticket stands where the decision put it, so that whoever moves it says that it was wrong."""
_OPEN: Final = ("applying", "unclear")


def note(session: Session, ticket: MirrorTicket, decided: Sequence[TriageDecision], ctx: TriageContext) -> None:
    """Write down what became of the newest decision about a ticket. A later look may find otherwise, and says so."""
    if not decided or decided[0].state in _OPEN or _corrected(decided[0]):
        return
    row = decided[0]
    outcome = _outcome(session, ticket, row)
    queue = ticket.group_name if outcome == "moved" else ""
    if (outcome, queue) == (row.outcome, row.outcome_queue):
        return
    at = ctx.clock.now() if outcome else None
    found = update(TriageDecision).where(TriageDecision.id == row.id, TriageDecision.state == row.state)
    values = {"outcome": outcome, "outcome_queue": queue, "outcome_at": at}
    session.execute(found.values(values).execution_options(synchronize_session=False))


def _corrected(row: TriageDecision) -> bool:
    """Whether a person gave it another queue before it was applied: that is the last word."""
    return "changed_from" in row.inputs


def _outcome(session: Session, ticket: MirrorTicket, row: TriageDecision) -> str:
    done = ticket.status in _DONE and ticket.deleted_at is None and ticket.merged_into is None
    if ticket.group_name != row.queue:
        return "moved" if done or row.state in _SETTLED else ""
    return "kept" if done and looked_after(session, ticket) else ""


def looked_after(session: Session, ticket: MirrorTicket) -> bool:
    """Whether somebody of the team has it, or has answered it."""
    if ticket.assignee:
        return True
    answers = MirrorMessage.ticket == ticket.id, MirrorMessage.side == "agent"
    return session.scalar(select(MirrorMessage.n).where(*answers).limit(1)) is not None
