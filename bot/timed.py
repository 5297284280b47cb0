"""What happens to cases and people by the clock: each kind says what is due, and does one of it in one transaction.

Every process looks every few seconds; what is due becomes a job whose key carries the deadline, so it is done once for
all replicas, is tried again until it works, and reaches the failure queue if it never does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

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
from bot import stuck_reminders
from bot.engine import Args, JobSpec, Route
from bot.rounds import Due, Round, again_spec, all_of_it
from bot.rounds import ask as ask_for
from storage.engine import Database
from storage.models import Case


@dataclass(frozen=True, slots=True)
class Timed:
    """One kind. `due` lists what is due now (`case_id` for a case); `perform` does one, or nothing any more."""

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
    Timed("stuck.remind", stuck_reminders.due, stuck_reminders.remind),
)
"""Every kind there is."""

AGAIN: Final = "timed.again"
"""Job: ask once more for a kind of which something could not be asked for."""

ROUTES = (*(Route(name=timed.name, queue="jobs") for timed in TIMED), Route(name=AGAIN, queue="jobs"))


def specs(database: Database, context: Callable[[], Context]) -> tuple[JobSpec, ...]:
    """A job for each kind and the one that asks again, ready for the engine."""
    by_name = {timed.name: timed for timed in TIMED}

    def again(kind: str) -> None:
        all_of_it(database, _round(by_name[kind], context), context().jobs)

    return (*(_spec(timed, database, context) for timed in TIMED), again_spec(AGAIN, again))


def ask(database: Database, context: Callable[[], Context]) -> int:
    """Ask for everything that is due. Says how many were. What cannot be asked for is passed over (`bot.rounds`)."""
    now = context()
    return sum(ask_for(database, _round(timed, context), now.jobs, now.clock) for timed in TIMED)


def _round(timed: Timed, context: Callable[[], Context]) -> Round:
    return Round(timed.name, timed.name, lambda session: timed.due(session, present(session, context())), AGAIN)


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
