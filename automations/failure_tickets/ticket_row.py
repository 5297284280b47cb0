"""The row of a case's ticket: moving it, keeping what was read or went wrong, and the audit rows about it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Ticket, case_ref
from automations.errors import AdapterError, OutcomeUnknown, OverBudget, Rejected
from automations.failure_tickets import journal
from automations.failure_tickets.context import Context
from automations.failure_tickets.wanted import Step, Wanted
from storage import audit
from storage.engine import Database
from storage.models import Case, CaseTicket


@contextmanager
def failures_kept(database: Database, wanted: Wanted, step: Step, ctx: Context) -> Iterator[None]:
    """Store what went wrong, in words and as the state to go on from, and let the error through.

    A create whose outcome is known not to have happened may be tried again; an unknown one is looked up first. That we
    wait for our own limit is nothing that went wrong, and nobody is told of it.
    """
    try:
        yield
    except AdapterError as exc:
        words = ctx.redactor.text(str(exc))
        unknown, paced = isinstance(exc, OutcomeUnknown), isinstance(exc, OverBudget)
        with database.begin() as session:
            if words != wanted.missing and not paced:
                write_audit(session, wanted, ctx, f"ticket.{step}", outcome_of(exc), {"why": words})
                journal.refresh(session, session.get_one(Case, wanted.case_id), ctx)
            if step == "create":
                move(session, wanted, {"state": "unknown" if unknown else "wanted"}, only_from=("creating",))
            if not paced:
                move(session, wanted, {"missing": words})
        raise


def move(session: Session, wanted: Wanted, values: Mapping[str, Any], *, only_from: tuple[str, ...] = ()) -> bool:
    """Change the ticket row; with `only_from` only out of these states. False if it was in another one."""
    moved = update(CaseTicket).where(CaseTicket.case_id == wanted.case_id)
    if only_from:
        moved = moved.where(CaseTicket.state.in_(only_from))
    done = session.scalar(moved.values(dict(values)).returning(CaseTicket.case_id))
    return done is not None


def reading(shown: Ticket, *, sent: int) -> dict[str, Any]:
    """What a reading showed, as it is kept with the ticket row."""
    word = shown.status_word or shown.status.value
    fields = {"status": shown.status.value, "status_word": word, "assignee": shown.assignee, "group": shown.group}
    return fields | {"priority": shown.priority.value if shown.priority else None, "key": shown.key, "sent": sent}


def outcome_of(exc: AdapterError) -> str:
    """How an audit row names what went wrong with a call."""
    match exc:
        case OutcomeUnknown():
            return "unknown"
        case Rejected():
            return "rejected"
        case _:
            return "unavailable"


def write_audit(
    session: Session,
    wanted: Wanted,
    ctx: Context,
    action: str,
    outcome: str,
    after: Mapping[str, Any],
    *,
    before: Any = None,
) -> None:
    """Write down what was done about the ticket by rule."""
    audit.append(
        session,
        at=ctx.clock.now(),
        actor=HANDOFF.id,
        action=action,
        target=case_ref(wanted.case_id),
        outcome=outcome,
        correlation_id=wanted.correlation_id,
        before=before,
        after=after,
    )
