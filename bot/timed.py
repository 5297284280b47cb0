"""What happens to cases and people by the clock: each kind says what is due, and does one of it in one transaction.

Every process looks every few seconds; what is due becomes a job whose key carries the deadline, so it is done once for
all replicas, is tried again until it works, and reaches the failure queue if it never does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from automations.domain import case_ref
from automations.failure_tickets import (
    escalate,
    group_ticket,
    hand_over,
    mornings,
    owners,
    pauses,
    silence,
    snooze,
    stale,
    told,
    undo,
)
from automations.failure_tickets.context import Context
from automations.failure_tickets.present import present
from bot.engine import Args, JobSpec, Route
from storage.engine import Database
from storage.models import Case

Due = tuple[str, Args]
"""One thing that is due: the job's key, with the deadline in it, and its arguments (ids; `case_id` for a case)."""


@dataclass(frozen=True, slots=True)
class Timed:
    """One kind. `due` lists what is due now; `perform` does one, or nothing if it is no longer due."""

    name: str
    due: Callable[[Session, Context], Sequence[Due]]
    perform: Callable[[Session, Args, Context], object]


TIMED: tuple[Timed, ...] = (
    Timed("case.call_lead", escalate.calls_due, escalate.call_lead),
    Timed("case.call_owner", mornings.due, mornings.call),
    Timed("case.owner", owners.due, owners.move),
    Timed("case.owner_told", told.due, told.tell_later),
    Timed("case.remind", stale.due, stale.remind),
    Timed("case.undo_lapse", undo.due, undo.lapse),
    Timed("case.wake", snooze.due, snooze.wake),
    Timed("duty.hand_over", hand_over.due, hand_over.tell),
    Timed("group.ended", group_ticket.due, group_ticket.go_on),
    Timed("pause.end", pauses.due, pauses.end_by_the_clock),
    Timed("source.silence", silence.due, silence.perform),
)
"""Every kind there is."""

ROUTES = tuple(Route(name=timed.name, queue="jobs") for timed in TIMED)


def specs(database: Database, context: Callable[[], Context]) -> tuple[JobSpec, ...]:
    """A job for each kind, ready for the engine."""
    return tuple(_spec(timed, database, context) for timed in TIMED)


def ask(database: Database, context: Callable[[], Context]) -> int:
    """Ask for everything that is due. Says how many were."""
    asked = 0
    for timed in TIMED:
        with database.read() as session:
            due = timed.due(session, present(session, context()))
        for key, args in due:
            with database.begin() as session:
                context().jobs.enqueue(session, timed.name, key, args)
        asked += len(due)
    return asked


def _spec(timed: Timed, database: Database, context: Callable[[], Context]) -> JobSpec:
    def advance(args: Args) -> None:
        with database.begin() as session:
            timed.perform(session, args, present(session, context()))

    return JobSpec(name=timed.name, queue="jobs", advance=advance, target=_target, owner_of=_owner)


def _target(args: Args) -> str:
    return case_ref(int(args["case_id"])) if "case_id" in args else "handoff"


def _owner(session: Session, args: Args) -> str:
    case = session.get(Case, int(args["case_id"])) if "case_id" in args else None
    return case.owner if case else ""
