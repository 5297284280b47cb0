"""Carrying runs out, in jobs: plan, look at the world once more, then step after step, then say how it ended."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.domain import HANDOFF
from automations.errors import NotFound, Refused
from automations.plan import RunState, StepState
from automations.runs import rest
from automations.runs.begin import ask_once_more, begin
from automations.runs.context import Contexts, RunContext
from automations.runs.doing import READY, do, read
from automations.runs.failures import args_of, asked_again
from automations.runs.invite import invite
from automations.runs.journal import follow, write_down
from automations.runs.kinds import Actions, Kinds, Rooms, RunKind, let_hear
from automations.runs.left import look_at_left
from automations.runs.propose import give_up_planning, propose
from automations.runs.retry import refuse_unless_applied, reopen, run_again
from automations.runs.rows import ADVANCE, PLAN, STEP, found, step_row, steps_of
from automations.runs.undo import UNDO, undo_kind
from storage import audit
from storage.boundaries import reach
from storage.engine import Database
from storage.models import Run

AT_ONCE: Final = 10
"""Steps in one turn of a job: the engine takes a job of 500 turns for one that goes in a circle."""

_WITHOUT_STEPS: Final = frozenset({RunState.CANCELLED, RunState.EXPIRED})


@dataclass(frozen=True, slots=True)
class Runner:
    """Plans and carries out runs, in jobs, of all automations together.

    `context` gives that of a run's automation. It is asked anew for each step, since a reload replaces it; it raises
    Refused for an automation that is not set up any more. An undo belongs to the automation of what it takes back.
    """

    database: Database
    kinds: Kinds
    actions: Actions
    rooms: Rooms
    context: Contexts

    def plan(self, run_id: int) -> None:
        """Observe and propose. Raises: AdapterError."""
        run = self._run(run_id)
        if run.state == RunState.REFUSED:
            self._once_more(run_id, PLAN)
            return
        propose(self.database, run_id, self.kind_of(run), self.rooms, self._context_of(run))

    def advance(self, run_id: int) -> str | None:
        """Make the next things true: look again before the first step, then steps, then the end. None at rest.

        Raises: Unavailable, OutcomeUnknown.
        """
        run = self._run(run_id)
        ctx = self._context_of(run)
        match RunState(run.state):
            case RunState.APPROVED:
                begin(self.database, run, self.kind_of(run), ctx)
                return "looked again" if self._run(run_id).state == RunState.RUNNING else None
            case RunState.RUNNING:
                return self._some_steps(run)
            case RunState.PARTIAL:
                return self._goes_on(run_id, ctx)
            case RunState.REFUSED:
                self._once_more(run_id, ADVANCE)
            case state if state in _WITHOUT_STEPS:
                self._tell_its_kind(run, ctx)
        return None

    def again(self, run_id: int, number: int) -> str | None:
        """Carry one step out that failed before, if a person had it tried again; the rest is a job of its own.

        Raises: as `advance`; Refused if it may not be tried again by now.
        """
        ctx = self._context_of(self._run(run_id))
        with self.database.begin() as session:
            audit.hold(session)
            row = step_row(session, run_id, number)
            if asked_again(session, STEP, args_of(row)):
                reopen(session, run_id, number, HANDOFF, ctx)
            runs = found(session, run_id).state == RunState.RUNNING
            if not runs or row.state not in READY or not rest.able(steps_of(session, run_id), number):
                if runs:
                    rest.go_on(session, row, ctx)
                return None
        do(self.database, run_id, number, self.actions, ctx)
        return f"step {number}"

    def look(self, run_id: int, number: int, stated_by: str = "") -> None:
        """Look whether a step that waits is true by now; if it was the last, the run ends. Raises: AdapterError."""
        with self.database.read() as session:
            row = step_row(session, run_id, number)
            session.expunge(row)
        if row.state == StepState.WAITING:
            read(self.database, row, self.actions, self._context_of(self._run(run_id)), stated_by=stated_by or None)

    def invite_again(self, run_id: int, number: int) -> None:
        """Send the invitation once more that a step waits for. Raises: AdapterError, Refused, NotFound."""
        invite(self.database, run_id, number, self.actions, self._context_of(self._run(run_id)))

    def look_at_left(self, run_id: int, number: int) -> None:
        """Look at a step that a rollback left. Raises: Refused if it is not as it was before; Unavailable."""
        look_at_left(self.database, run_id, number, self.actions, self._context_of(self._run(run_id)))

    def could_not_plan(self, session: Session, run_id: int, why: str) -> None:
        """The job that plans a run, or looks again before its first step, has given up. Nothing was changed."""
        run = found(session, run_id)
        if (ctx := self._context_if_set_up(run)) is not None:
            give_up_planning(session, run_id, why, self._known_kind_of(run), ctx)

    def give_up(self, session: Session, run_id: int, why: str, step: int | None = None) -> None:
        """The job that carries a run out has given up, or the one that tries one `step` again."""
        run = found(session, run_id)
        ctx = self._context_if_set_up(run)
        if ctx is None:
            return
        if step is not None:
            rest.give_up_step(session, run_id, step, why, ctx)
        elif run.state == RunState.APPROVED:
            self.could_not_plan(session, run_id, why)
        else:
            rest.give_up(session, run_id, why, self._known_kind_of(run), ctx)

    def kind_of(self, run: Run) -> RunKind:
        """The kind of a run. Raises: NotFound if this version of Handoff does not know it."""
        if (kind := self._known_kind_of(run)) is None:
            raise NotFound(f"This version of Handoff knows no run of the kind {run.kind!r}.")
        return kind

    def _known_kind_of(self, run: Run) -> RunKind | None:
        if run.kind == UNDO:
            return undo_kind(self.database, self.actions, self.kinds)
        return self.kinds.get(run.kind)

    def _context_of(self, run: Run) -> RunContext:
        return self.context(run.automation)

    def _context_if_set_up(self, run: Run) -> RunContext | None:
        """None for a run that rests, since nobody set its automation up: its job waits in the failure queue."""
        try:
            return self._context_of(run)
        except Refused:
            return None

    def _run(self, run_id: int) -> Run:
        with self.database.read() as session:
            run = found(session, run_id)
            session.expunge(run)
            return run

    def _some_steps(self, run: Run) -> str | None:
        made: list[str] = []
        while len(made) < AT_ONCE:
            with self.database.read() as session:
                number = rest.ready(steps_of(session, run.id))
            if number is None or self._run(run.id).state != RunState.RUNNING:
                break
            do(self.database, run.id, number, self.actions, self._context_of(run))
            made.append(str(number))
        if made:
            return f"step {', '.join(made)}"
        with self.database.begin() as session:
            rest.rest(session, run.id, self.kind_of(run), self._context_of(run))
        reach("run.rested")
        return None

    def _goes_on(self, run_id: int, ctx: RunContext) -> str | None:
        """Carry a run on that ended beside a step which waited: what needs that step can be made now.

        Not where a retry would be refused: a newer run makes the same, say, or this one is being taken back.
        """
        with self.database.begin() as session:
            audit.hold(session)
            run = found(session, run_id)
            known = [row for row in steps_of(session, run_id) if row.state != StepState.UNKNOWN]
            if run.state != RunState.PARTIAL or (number := rest.ready(known)) is None:
                return None
            try:
                refuse_unless_applied(session, run, step_row(session, run_id, number), ctx)
                run_again(session, run, ctx)
            except Refused:
                return None
            after = {"step": number}
            write_down(session, run, HANDOFF, "run.went_on", "done", ctx, before={"state": "partial"}, after=after)
            follow(session, run, ctx)
        return "goes on"

    def _once_more(self, run_id: int, job: str) -> None:
        """Ask again for what was given up before it began, if a person had it tried again; once for each such run."""
        with self.database.begin() as session:
            audit.hold(session)
            run = found(session, run_id)
            fresh = session.scalar(select(Run.id).where(Run.replaces == run_id))
            if fresh is None and asked_again(session, job, {"run_id": run_id}):
                ask_once_more(session, run, self._context_of(run))

    def _tell_its_kind(self, run: Run, ctx: RunContext) -> None:
        with self.database.begin() as session:
            audit.hold(session)
            let_hear(self._known_kind_of(run), session, found(session, run.id), ctx)
