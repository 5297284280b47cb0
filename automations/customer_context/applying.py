"""Carrying groups of changes out: the kind of run, and the action of its steps, each of which is up to a hundred.

Every change is looked at, written and read back alone, and its row is committed before a call leaves and after it was
read back, so that whoever is killed repeats one write at most. What the desk refuses does not stop the others, nor does
one of whom it does not answer; a desk that is away stops the step, which the engine repeats from where it was.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from automations.customer_context.apply_plan import BATCH, FIRST, GROUP, NOT_YET, WRITTEN, plan_of
from automations.customer_context.carrying import Carrying, Ended
from automations.customer_context.context import APPLY, CustomerContext, CustomerDoors, customer_context
from automations.customer_context.desk_values import DeskValues
from automations.customer_context.ending import end, here, lives_in_desk
from automations.customer_context.gone_by import same_places
from automations.customer_context.group_end import rested
from automations.customer_context.group_rows import (
    APPLIED,
    BEGUN,
    CONFIRMED,
    GROUPS,
    OPEN,
    PARTIAL,
    REFUSED,
    STANDS,
    TO_DO,
    changes_of,
    found,
    group_ref,
    move,
    several,
)
from automations.customer_context.groups import TITLE
from automations.customer_context.values import ChangeKind
from automations.domain import IdempotencyKey
from automations.errors import AdapterError, NotFound, OutcomeUnknown, Refused, Rejected, Unavailable
from automations.plan import Plan, RunState, Step
from automations.runs.context import RunContext
from automations.runs.journal import follow
from automations.runs.kinds import Actions, Asked, RunKind
from automations.runs.rows import found as run_found
from automations.runs.rows import undone_by
from storage import audit
from storage.boundaries import reach
from storage.engine import Database
from storage.models import CustomerChange, CustomerGroup, Run

SHOWN_EVERY: Final = timedelta(seconds=3)
"""How often a sync's message follows while its groups are carried out, at most."""


@dataclass(slots=True)
class _Pace:
    """When the message was brought up to date last."""

    at: datetime | None = None

    def due(self, now: datetime) -> bool:
        """Whether it is to follow now; then it counts as having done so."""
        if self.at is not None and timedelta(0) <= now - self.at < SHOWN_EVERY:
            return False
        self.at = now
        return True


@dataclass(frozen=True, slots=True)
class Applying:
    """Carries confirmed groups out. `context` is asked anew for each step, since a reload replaces it."""

    database: Database
    doors: CustomerDoors
    context: Callable[[], RunContext]
    _pace: _Pace = field(default_factory=_Pace)

    @property
    def kind(self) -> RunKind:
        """The kind of run."""
        return RunKind(APPLY, self.plan, in_parts=True, rested=rested)

    @property
    def actions(self) -> Actions:
        """The action of its steps."""
        return {BATCH: self}

    def plan(self, asked: Asked, _ctx: RunContext) -> Plan:
        """Plan it from the groups' rows. Raises: Refused if they are not this run's to carry out."""
        numbers = [int(number) for number in asked.options[GROUPS]]
        with self.database.read() as session:
            groups = several(session, numbers)
            theirs = [row for row in groups if row.state == CONFIRMED and row.applied_by == asked.run_id]
            if len(theirs) != len(numbers):
                raise Refused("Not all of these groups are confirmed any more; decide about them anew.")
            return plan_of(groups, str(asked.options[TITLE]))

    def look(self, step: Step) -> str:
        """Whether something of the step is to be written still. An undo looks at what is to be taken back still."""
        with self.database.read() as session:
            states = {row.state for row in _rows(session, step)}
        if step.after == NOT_YET:
            return WRITTEN if states & STANDS else NOT_YET
        return NOT_YET if states & TO_DO else WRITTEN

    def make(self, step: Step, value: str, *, key: IdempotencyKey) -> None:
        """Carry the step's changes out, or take them back. Raises: `AdapterError`; Refused, saying how many were not.

        Also raises Refused if the group was decided otherwise meanwhile.
        """
        ctx, back = customer_context(self.context()), value == NOT_YET
        with self.database.begin() as session:
            audit.hold(session)
            group, run = _to_carry_out(session, step, ctx, back=back)
            rows = [row for row in _rows(session, step) if row.state in (STANDS if back else TO_DO)]
            session.expunge_all()
        batch = _Batch(self.database, self.doors, ctx, group, run, self._pace, back)
        if refused := batch.carry_out(rows[::-1] if back else rows):
            first = refused[0]
            what = f"{first.name or first.account}: {first.error}"
            raise Refused(f"{len(refused)} of {len(rows)} were refused, the others are settled. The first: {what}")


@dataclass(frozen=True, slots=True)
class _Batch:
    """The changes of one step, one after the other."""

    database: Database
    doors: CustomerDoors
    ctx: CustomerContext
    group: CustomerGroup
    run: Run
    pace: _Pace
    back: bool

    def carry_out(self, rows: Sequence[CustomerChange]) -> list[CustomerChange]:
        """Carry out what is to be done. Returns those that were refused.

        One customer of whom the desk does not answer is passed over, and raised at the end: it may be that one alone.
        What was begun before comes last, so that it does not keep the others back each time.
        """
        refused: list[CustomerChange] = []
        silent: AdapterError | None = None
        for row in sorted(rows, key=lambda one: one.state == BEGUN):
            try:
                if self._one(row) == REFUSED:
                    refused.append(row)
            except (Unavailable, OutcomeUnknown) as exc:
                if silent is not None or (isinstance(exc, Unavailable) and exc.retry_after_s is not None):
                    raise  # it is the desk, or it has asked us to wait
                silent = exc
        if silent is not None:
            raise silent
        return refused

    def _one(self, row: CustomerChange) -> str:
        kind, ended = ChangeKind(self.group.kind), None
        try:
            if self.doors.book is not None and lives_in_desk(row, kind, self.ctx, self.doors.book.capabilities):
                carrying = Carrying(DeskValues(self.doors.book, self.ctx.rules), lambda: self._begin(row))
                ended = carrying.back(row, kind) if self.back else carrying.out(row, kind)
        except (Rejected, Refused, NotFound) as exc:
            ended = Ended(REFUSED, str(exc))
        return self._end(row, kind, ended)

    def _begin(self, row: CustomerChange) -> None:
        """Say that a call leaves. What is taken back stays verified until it is."""
        if self.back or row.state == BEGUN:
            return
        with self.database.begin() as session:
            if not _move(session, row, BEGUN, changed_at=self.ctx.clock.now()):
                raise Refused("Somebody else is at it.")
        row.state = BEGUN

    def _end(self, row: CustomerChange, kind: ChangeKind, ended: Ended | None) -> str:
        """Write down what it came to, with all that follows from it, in one transaction."""
        now = self.ctx.clock.now()
        with self.database.begin() as session:
            audit.hold(session)
            if ended is None:
                ended = here(session, row, kind, back=self.back)
            why = self.ctx.redactor.text(ended.why)
            state = row.state if self.back and ended.state == REFUSED else ended.state
            values = {"error": why, "changed_at": now, "desk_id": ended.desk_id or row.desk_id}
            if _move(session, row, state, **values):
                row.desk_id, row.error = ended.desk_id or row.desk_id, why
                end(session, row, self.group, self.run, ended, self.ctx, back=self.back)
                if self.group.run_id is not None and self.pace.due(now):
                    follow(session, run_found(session, self.group.run_id), self.ctx)
        reach("customer.ended")
        return ended.state


def _rows(session: Session, step: Step) -> list[CustomerChange]:
    return changes_of(session, int(step.arg[GROUP]), int(step.arg[FIRST]), int(step.arg["last"]))


def _move(session: Session, row: CustomerChange, to: str, **values: object) -> bool:
    """Move a change on if it still is as it was read."""
    moved = session.execute(
        update(CustomerChange)
        .where(
            CustomerChange.group_id == row.group_id,
            CustomerChange.number == row.number,
            CustomerChange.state == row.state,
        )
        .values({"state": to, **values})
        .returning(CustomerChange.number),
        execution_options={"synchronize_session": False},
    )
    return moved.scalar() is not None


def _to_carry_out(session: Session, step: Step, ctx: CustomerContext, *, back: bool) -> tuple[CustomerGroup, Run]:
    """The group with the run that carries it out, if it is to be. Raises: Refused if it was decided otherwise."""
    group = found(session, int(step.arg[GROUP]))
    if group.run_id is not None:
        same_places(run_found(session, group.run_id), ctx)
    if group.applied_by is None:
        raise Refused(f"{group_ref(group.id)} is {group.state}, so nothing of it is carried out.")
    run = run_found(session, group.applied_by)
    if back:
        return group, undone_by(session, run) or run
    if run.state != RunState.RUNNING or not (
        group.state == CONFIRMED or move(session, group, (OPEN, PARTIAL, APPLIED), CONFIRMED)
    ):
        raise Refused(f"{group_ref(group.id)} is {group.state} by now, so nothing more of it is carried out.")
    return group, run
