"""What its author may take back for a short time: one row per act, with the case's columns before and after it.

An offer is open until it is taken, its time is over, or somebody else's act has come after it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Actor
from automations.failure_tickets import journal
from automations.failure_tickets.context import Context
from storage.models import Case, UndoOffer
from storage.models.base import UtcDateTime

OPEN, TAKEN, LAPSED = "open", "taken", "lapsed"

CAN_BE_UNDONE: Final = frozenset({"claimed", "reassigned", "escalated", "resolved", "not_needed"})
"""The verbs of acts that their author may take back."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An act that may be taken back: the number of its offer, and the moment from which it is too late."""

    id: int
    until: datetime


def make(
    session: Session,
    case: Case,
    actor: Actor,
    verb: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    ctx: Context,
) -> Offer | None:
    """Offer to take back an act that was just written down; None for what is not offered.

    `before` are the columns the act changed, as plain JSON; `after` are the same and those that decisions rest on.
    """
    now = ctx.clock.now()
    if verb not in CAN_BE_UNDONE or actor == HANDOFF or not ctx.timing.undo_for:
        return None
    row = UndoOffer(
        case_id=case.id,
        actor=journal.identity(actor),
        verb=verb,
        at=now,
        until=case.hold_until or now + ctx.timing.undo_for,
        before=dict(before),
        after=dict(after),
        state=OPEN,
    )
    session.add(row)
    session.flush()
    return Offer(row.id, row.until)


def settle(session: Session, offer_id: int, state: str, at: datetime) -> bool:
    """Close an open offer as taken or lapsed. False if it was not open any more."""
    closing = update(UndoOffer).where(UndoOffer.id == offer_id, UndoOffer.state == OPEN)
    done = session.scalar(
        closing.values(state=state, settled_at=at).returning(UndoOffer.id),
        execution_options={"synchronize_session": False},
    )
    return done is not None


def overtake(session: Session, case_id: int, at: datetime) -> None:
    """Let the open offers of a case lapse, since something has been done to it after them."""
    standing = UndoOffer.case_id == case_id, UndoOffer.state == OPEN
    session.execute(
        update(UndoOffer).where(*standing).values(state=LAPSED, settled_at=at),
        execution_options={"synchronize_session": False},
    )


def plain(value: Any) -> Any:
    """A column's value as JSON keeps it."""
    return value.isoformat() if isinstance(value, datetime) else value


def typed_back(column: str, value: Any) -> Any:
    """A column's value out of JSON."""
    is_moment = isinstance(Case.__table__.c[column].type, UtcDateTime)
    return datetime.fromisoformat(value) if is_moment and value is not None else value
