"""The jobs of runs: observe and plan, carry out, try a step again, look at what waits; and what is due by the clock.

As `bot.timed` does for cases: what is due becomes a job whose key carries the deadline, so it is done once for all
replicas. Each calls the outside at most as a job of the queue `desk`, and asks the context anew.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy.orm import Session

from automations.errors import HandoffError
from automations.runs import clockwork
from automations.runs.advance import Runner
from automations.runs.context import Contexts, RunContext
from automations.runs.left import LEFT
from automations.runs.retry import INVITE, LOOK
from automations.runs.rows import ADVANCE, PLAN, STEP, found, run_ref
from bot.engine import Args, JobSpec, Route
from bot.rounds import Due, Round, again_spec, all_of_it
from bot.rounds import ask as ask_for
from storage.engine import Database
from storage.models import Run

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Timed:
    """One kind of what happens by the clock. `due` lists what is due now; `perform` does one, or nothing any more."""

    name: str
    due: Callable[[Session, RunContext], Sequence[Due]]
    perform: Callable[[Session, Args, RunContext], None]


TIMED: Final[tuple[Timed, ...]] = (
    Timed("run.expire", clockwork.expired, clockwork.expire),
    Timed("run.remind", clockwork.unconfirmed, clockwork.remind),
    Timed("run.ask_to_look", clockwork.waiting, clockwork.ask_to_look),
    Timed("run.end_wait", clockwork.overdue, clockwork.end_wait),
)

DAILY: Final = "sched:reconcile"
"""Job: ask for the reconciliation of the day."""
NIGHTLY: Final = "sched:customers"
"""Job: ask for the sync of customers of the night."""
AGAIN: Final = "runs.again"
"""Job: ask once more for a kind of which something could not be asked for."""
BY_THE_CLOCK: Final = frozenset({DAILY, NIGHTLY})
"""Jobs that ask for a run; the automations bring them."""
OF_NO_RUN: Final = BY_THE_CLOCK | {AGAIN}
"""Jobs that belong to no run; all others belong to one."""

_OUTSIDE: Final = (PLAN, ADVANCE, STEP, LOOK, INVITE, LEFT)

ROUTES: Final = (
    *(Route(name=name, queue="desk") for name in _OUTSIDE),
    *(Route(name=timed.name, queue="jobs") for timed in TIMED),
    *(Route(name=name, queue="jobs") for name in sorted(OF_NO_RUN)),
)
"""All that somebody has to know who only asks for jobs."""
RUN_JOBS: Final = frozenset(route.name for route in ROUTES) - OF_NO_RUN
"""Jobs that belong to a run each, by their argument `run_id`."""


def specs(runner: Runner) -> tuple[JobSpec, ...]:
    """Every job of runs, ready for the engine."""

    def no_plan(session: Session, args: Args, why: str) -> None:
        runner.could_not_plan(session, int(args["run_id"]), why)

    def gave_up(session: Session, args: Args, why: str) -> None:
        step = int(args["step"]) if "step" in args else None
        runner.give_up(session, int(args["run_id"]), why, step)

    by_name = {timed.name: timed for timed in TIMED}

    def again(kind: str) -> None:
        automation, _, name = kind.partition("/")
        ctx = runner.context(automation)
        all_of_it(runner.database, _round(by_name[name], ctx), ctx.jobs)

    return (
        _spec(PLAN, lambda args: runner.plan(int(args["run_id"])), no_plan),
        _spec(ADVANCE, lambda args: runner.advance(int(args["run_id"])), gave_up),
        _spec(STEP, lambda args: runner.again(int(args["run_id"]), int(args["step"])), gave_up),
        _spec(LOOK, lambda args: _look(runner, args), None),
        _spec(INVITE, lambda args: runner.invite_again(int(args["run_id"]), int(args["step"])), None),
        _spec(LEFT, lambda args: runner.look_at_left(int(args["run_id"]), int(args["step"])), None),
        *(_timed(timed, runner) for timed in TIMED),
        again_spec(AGAIN, again),
    )


def ask(database: Database, automations: Iterable[str], context: Contexts) -> int:
    """Ask for everything that is due of the runs of these automations. Says how many were.

    What cannot be asked for is passed over (`bot.rounds`), be it a whole automation.
    """
    asked = 0
    for automation in automations:
        try:
            ctx = context(automation)
        except HandoffError as exc:  # without it there is no saying what is due; the others are asked for
            log.warning("round.no_context", automation=automation, error=str(exc))
            continue
        asked += sum(ask_for(database, _round(timed, ctx), ctx.jobs, ctx.clock) for timed in TIMED)
    return asked


def _round(timed: Timed, ctx: RunContext) -> Round:
    return Round(f"{ctx.automation}/{timed.name}", timed.name, lambda session: timed.due(session, ctx), AGAIN)


def _look(runner: Runner, args: Args) -> None:
    runner.look(int(args["run_id"]), int(args["step"]), str(args.get("stated_by", "")))


def _spec(
    name: str, advance: Callable[[Args], str | None], give_up: Callable[[Session, Args, str], None] | None
) -> JobSpec:
    def stuck(session: Session, args: Args, why: str) -> None:
        if give_up is not None:
            give_up(session, args, why)

    return JobSpec(name=name, queue="desk", advance=advance, target=_target, owner_of=_owner, on_stuck=stuck)


def _timed(timed: Timed, runner: Runner) -> JobSpec:
    def advance(args: Args) -> None:
        with runner.database.read() as session:
            automation = found(session, int(args["run_id"])).automation
        ctx = runner.context(automation)
        with runner.database.begin() as session:
            timed.perform(session, args, ctx)

    return JobSpec(name=timed.name, queue="jobs", advance=advance, target=_target, owner_of=_owner)


def _target(args: Args) -> str:
    step = f" step {args['step']}" if "step" in args else ""
    return f"{run_ref(int(args['run_id']))}{step}"


def _owner(session: Session, args: Args) -> str:
    run = session.get(Run, int(args["run_id"]))
    return run.owner if run is not None and "@" in run.owner else ""
