"""Decisions as rows: finding them, moving them on only from the state they are expected in, and writing that down."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from automations.domain import Actor, Mode
from automations.errors import NotFound
from automations.triage.context import NAME, TriageContext
from automations.triage.place import Place, SetPriority, wanted
from automations.words import identity
from storage import audit, modes
from storage.models import TriageDecision
from storage.retention.asked import pruned

WAITING: Final = ("proposed", "failed")
"""States in which a decision waits for a person."""
UNDER_WAY: Final = ("applying", "unclear")
"""States in which a job is at the ticket, or has to look what became of it."""


def decision_ref(number: int) -> str:
    """The name people use for a decision: `TRIAGE-7`."""
    return f"TRIAGE-{number}"


def found(session: Session, decision_id: int) -> TriageDecision:
    """The decision of this number, as it is now. Raises: NotFound."""
    row = session.get(TriageDecision, decision_id, populate_existing=True)
    if row is None:
        why = pruned(session, TriageDecision, decision_id)
        raise NotFound(f"There is no {decision_ref(decision_id)}.{why} `handoff triage list` shows what was decided.")
    return row


def of_ticket(session: Session, system: str, ticket_id: str) -> list[TriageDecision]:
    """All decisions about a ticket, newest first, as they are now."""
    rows = select(TriageDecision).where(TriageDecision.system == system, TriageDecision.ticket_id == ticket_id)
    newest = rows.order_by(TriageDecision.id.desc())
    return list(session.scalars(newest, execution_options={"populate_existing": True}))


def mode(session: Session, ctx: TriageContext) -> Mode:
    """The mode in force: one set by command wins, and a word that is no mode means off."""
    by_command = modes.mode_of(session, NAME)
    if by_command is None:
        return ctx.mode
    return Mode(by_command) if by_command in tuple(Mode) else Mode.OFF


def day_of(at: datetime, ctx: TriageContext) -> date:
    """The team's day of a moment."""
    return at.astimezone(ZoneInfo(ctx.zone)).date()


def before(row: TriageDecision) -> Place:
    """Where the ticket stood when it was decided."""
    return Place(row.before_queue, row.before_priority)


def after(row: TriageDecision) -> Place:
    """Where the decision puts the ticket."""
    set_priority: SetPriority = row.inputs["set_priority"]
    return wanted(row.queue, row.priority, set_priority, before(row))


def back_to(row: TriageDecision) -> Place:
    """Where Undo puts the ticket. A priority that it did not have before stays: no desk takes one away."""
    was, now = before(row), after(row)
    return Place(was.group or now.group, was.priority or now.priority)


def move(session: Session, decision_id: int, since: Collection[str], to: str, **values: Any) -> TriageDecision | None:
    """Move a decision on if it still is in one of these states. None if it is not, and so nothing was changed."""
    moved = (
        update(TriageDecision)
        .where(TriageDecision.id == decision_id, TriageDecision.state.in_(since))
        .values(state=to, version=TriageDecision.version + 1, **values)
        .returning(TriageDecision)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return session.scalars(moved).one_or_none()


def write_down(
    session: Session,
    row: TriageDecision,
    actor: Actor,
    action: str,
    outcome: str,
    ctx: TriageContext,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Write one audit row about a decision; texts are redacted."""
    audit.append(
        session,
        at=ctx.clock.now(),
        actor=identity(actor),
        action=f"triage.{action}",
        target=decision_ref(row.id),
        outcome=outcome,
        correlation_id=f"triage-{row.id}",
        before=None if before is None else ctx.redactor.tree(dict(before)),
        after=ctx.redactor.tree({"ticket": row.ticket_id} | dict(after or {})),
    )
