"""Carrying out an approved run: look at the world once more, then step after step, then say how it ended."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Actor, Mode
from automations.errors import NotFound, Refused
from automations.plan import SETTLED, RunState, StepState
from automations.runs.ask import ask, mode
from automations.runs.context import RunContext
from automations.runs.doing import READY, do, read
from automations.runs.journal import follow, tell, write_down
from automations.runs.kinds import Actions, Kinds, Rooms, RunKind
from automations.runs.propose import APPROVED_BY, DIGEST, asked_of, propose
from automations.runs.rows import STEP, found, move, move_step, run_ref, step_row, steps_of
from automations.runs.undo import UNDO, undo_kind
from storage import audit, stuck
from storage.boundaries import reach
from storage.engine import Database
from storage.models import Run, RunStep

OPEN = frozenset({StepState.PLANNED, StepState.IN_PROGRESS, StepState.UNKNOWN})


@dataclass(frozen=True, slots=True)
class Runner:
    """Plans and carries out runs, in jobs. `context` is asked anew for each step, since a reload replaces it."""

    database: Database
    kinds: Kinds
    actions: Actions
    rooms: Rooms
    context: Callable[[], RunContext]

    def plan(self, run_id: int) -> None:
        """Observe and propose. Raises: AdapterError."""
        propose(self.database, run_id, self._kind_of(run_id), self.rooms, self.context())

    def advance(self, run_id: int) -> str | None:
        """Make the next thing true: look again before the first step, then one step, then the end. None at rest.

        Raises: Unavailable, OutcomeUnknown.
        """
        ctx, kind = self.context(), self._kind_of(run_id)
        with self.database.read() as session:
            run = found(session, run_id)
            state, next_step = RunState(run.state), _ready(steps_of(session, run_id))
        if state is RunState.APPROVED:
            self._begin(run, kind, ctx)
            return "looked again"
        if state is not RunState.RUNNING:
            return None
        if next_step is None:
            with self.database.begin() as session:
                rest(session, run_id, kind, ctx)
            reach("run.rested")
            return None
        do(self.database, run_id, next_step, self.actions, ctx)
        return f"step {next_step}"

    def again(self, run_id: int, number: int) -> str | None:
        """Carry a step out that failed before, and whatever waited for it. Raises: as `advance`."""
        with self.database.begin() as session:
            reopen(session, run_id, number, HANDOFF, self.context())
        return self.advance(run_id)

    def look(self, run_id: int, number: int, stated_by: str = "") -> None:
        """Look whether a step that waits is true by now; if it was the last, the run ends. Raises: AdapterError."""
        with self.database.read() as session:
            row = step_row(session, run_id, number)
            session.expunge(row)
        if row.state != StepState.WAITING:
            return
        if read(self.database, row, self.actions, self.context(), stated_by=stated_by or None):
            with self.database.begin() as session:
                self.context().jobs.enqueue(
                    session, STEP, f"run/{run_id}/after/{number}", {"run_id": run_id, "step": number}
                )

    def give_up(self, session: Session, run_id: int, why: str) -> None:
        """The job has given up: what it was at is failed, what it did not come to was not tried, and the run rests."""
        ctx = self.context()
        run = found(session, run_id)
        if run.state != RunState.RUNNING:
            return
        for row in steps_of(session, run_id):
            state = StepState(row.state)
            if state in OPEN:
                words = row.error or why if state is not StepState.PLANNED else f"Not tried: {why}"
                end = StepState.UNKNOWN if state is StepState.UNKNOWN else StepState.FAILED
                move_step(session, row, {state}, end, error=ctx.redactor.text(words), changed_at=ctx.clock.now())
        rest(session, run_id, self._kind(run.kind), ctx, gave_up=True)

    def _begin(self, run: Run, kind: RunKind, ctx: RunContext) -> None:
        """Observe and plan again. The same plan is carried out; another one is shown to people, and nothing applied."""
        asked = asked_of(run)
        try:
            digest = kind.plan(asked, ctx).digest if kind.observed_again else run.digest
        except Refused as exc:
            digest = f"refused: {exc}"
        with self.database.begin() as session:
            audit.hold(session)
            here = found(session, run.id)
            if mode(session, ctx) is not Mode.ASK:
                self._called_off(session, here, kind, ctx)
                return
            if digest == here.digest:
                if move(session, here, {RunState.APPROVED}, RunState.RUNNING):
                    write_down(session, here, HANDOFF, "plan.observed_again", "same", ctx, after={"digest": digest})
                    follow(session, here, ctx)
                return
            self._replace(session, here, digest, ctx)

    def _called_off(self, session: Session, run: Run, kind: RunKind, ctx: RunContext) -> None:
        """Apply nothing of a run whose automation was switched off after it was confirmed."""
        words = f"{ctx.automation.capitalize()} was switched off before it began, so nothing was applied."
        values = {"words": words, "settled_at": ctx.clock.now(), "settled_by": HANDOFF.id}
        if move(session, run, {RunState.APPROVED}, RunState.CANCELLED, **values):
            write_down(session, run, HANDOFF, "plan.cancelled", "cancelled", ctx, after={"why": words})
            tell(session, run, run.requested_by, f"{run_ref(run.id)}: {words}", ctx, name="called_off")
            if kind.rested is not None:
                kind.rested(session, run, ctx)
            follow(session, run, ctx)

    def _replace(self, session: Session, run: Run, digest: str, ctx: RunContext) -> None:
        now, words = ctx.clock.now(), "The plan has changed since it was shown, so nothing was applied."
        values = {"words": words, "settled_at": now, "settled_by": HANDOFF.id}
        name = (run.open_key or "").removeprefix(run.kind).strip("/").removeprefix(run.subject).strip("/")
        if not move(session, run, {RunState.APPROVED}, RunState.REPLACED, **values):
            return
        write_down(session, run, HANDOFF, "plan.replaced", "replaced", ctx, after={"digest": digest})
        options = {name: value for name, value in run.asked.items() if name not in (APPROVED_BY, DIGEST)}
        fresh = ask(
            session, run.kind, run.subject, options, HANDOFF, ctx, name=name, undo_of=run.undo_of, replaces=run.id
        )
        fresh.requested_by, fresh.owner = run.requested_by, run.owner
        session.flush()
        text = f"{run_ref(run.id)}: {words} {run_ref(fresh.id)} shows the new plan; please confirm that one."
        tell(session, run, run.requested_by, text, ctx, name="replaced")
        follow(session, run, ctx)

    def _kind_of(self, run_id: int) -> RunKind:
        with self.database.read() as session:
            return self._kind(found(session, run_id).kind)

    def _kind(self, name: str) -> RunKind:
        if name == UNDO:
            return undo_kind(self.database, self.actions)
        if name not in self.kinds:
            raise NotFound(f"This version of Handoff knows no run of the kind {name!r}.")
        return self.kinds[name]


def reopen(session: Session, run_id: int, number: int, actor: Actor, ctx: RunContext) -> bool:
    """Let a failed step be tried again. True if it was failed, and now is not."""
    audit.hold(session)
    run, row = found(session, run_id), step_row(session, run_id, number)
    if not move_step(session, row, {StepState.FAILED}, StepState.PLANNED, error=None, due_at=None):
        return False
    move(session, run, {RunState.PARTIAL, RunState.FAILED}, RunState.RUNNING)
    write_down(session, run, actor, "step.retry", "retried", ctx, before={"state": "failed"}, after={"step": number})
    follow(session, run, ctx)
    return True


def rest(session: Session, run_id: int, kind: RunKind, ctx: RunContext, *, gave_up: bool = False) -> None:
    """Say how a run ended, if nothing of it is left to be done by the bot. Waiting steps keep it running."""
    audit.hold(session)
    run, steps = found(session, run_id), steps_of(session, run_id)
    states = [StepState(row.state) for row in steps]
    failed = [row for row in steps if row.state in (StepState.FAILED, StepState.UNKNOWN)]
    if _ready(steps) is not None and not gave_up:
        return
    if StepState.WAITING in states and not failed:
        return
    now = ctx.clock.now()
    changed = any(state in SETTLED and row.before != row.after for row, state in zip(steps, states, strict=True))
    short = RunState.PARTIAL if changed or StepState.WAITING in states else RunState.FAILED
    end = short if failed else RunState.DONE
    if not move(session, run, {RunState.RUNNING}, end, settled_at=now, settled_by=HANDOFF.id):
        return
    ended = {str(row.number): row.state for row in steps}
    write_down(session, run, HANDOFF, f"run.{end}", end.value, ctx, after={"steps": ended})
    for row in failed:
        _queue(session, run, row, ctx)
    tell(session, run, run.requested_by, _ending(run, steps, end), ctx, name=f"rest/{run.version}")
    if kind.rested is not None:
        kind.rested(session, run, ctx)
    follow(session, run, ctx)


def _queue(session: Session, run: Run, row: RunStep, ctx: RunContext) -> None:
    """Put a failed step into the failure queue, with an owner."""
    now, reason = ctx.clock.now(), row.error or "it failed"
    stuck.add(
        session,
        job=STEP,
        key=f"run/{run.id}/step/{row.number}",
        args={"run_id": run.id, "step": row.number},
        target=f"{run_ref(run.id)} step {row.number}",
        owner=run.owner if "@" in run.owner else ctx.owner,
        reason=reason,
        attempts=row.tries,
        at=now,
    )
    write_down(session, run, HANDOFF, "job.stuck", "stuck", ctx, after={"step": row.number, "reason": reason})


def _ready(steps: list[RunStep]) -> int | None:
    """The number of the first step that the bot has to do something about and whose needs are settled."""
    settled = {row.number for row in steps if row.state in SETTLED}
    open_steps = (row for row in steps if row.state in READY)
    return next((row.number for row in open_steps if all(need in settled for need in row.needs)), None)


def _ending(run: Run, steps: list[RunStep], end: RunState) -> str:
    failed = [row.words for row in steps if row.state in (StepState.FAILED, StepState.UNKNOWN)]
    match end:
        case RunState.DONE:
            return f"{run_ref(run.id)} is done: {run.title}."
        case _:
            return f"{run_ref(run.id)} is {end.value}: {run.title}. Not done: {'; '.join(failed[:5])}."
