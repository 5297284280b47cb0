"""What becomes of groups when the run that carries them out comes to rest: counted from their changes, not assumed."""

from collections import Counter
from typing import Final

from sqlalchemy.orm import Session

from automations.customer_context import settling
from automations.customer_context.context import CustomerContext, customer_context
from automations.customer_context.group_rows import (
    APPLIED,
    BY_PEOPLE,
    CONFIRMED,
    GROUPS,
    OPEN,
    PARTIAL,
    PLANNED,
    REJECTED,
    TO_DO,
    UNDONE,
    group_ref,
    move,
    several,
    tally,
)
from automations.domain import HANDOFF
from automations.plan import RunState
from automations.runs.context import RunContext
from automations.runs.journal import follow, write_down
from automations.runs.rows import found as run_found
from storage.models import CustomerGroup, Run

_CARRIED_OUT: Final = frozenset({RunState.DONE, RunState.PARTIAL, RunState.FAILED})
_UNDECIDED: Final = {"decided_by": None, "decided_at": None, "open_too": False}


def rested(session: Session, run: Run, run_ctx: RunContext) -> None:
    """The run came to rest, or was taken back: its groups say how much of them is true, and messages follow.

    What was not begun can be decided anew. A repeat does no harm.
    """
    ctx = customer_context(run_ctx)
    groups = [row for row in several(session, map(int, run.asked.get(GROUPS, ()))) if row.applied_by == run.id]
    moved = {group_ref(row.id): row.state for row in groups if _follows(session, row, run)}
    if moved:
        first = dict(list(moved.items())[:100])
        write_down(session, run, HANDOFF, "groups.settled", run.state, ctx, after={"groups": first})
    settling.rested(session, run, ctx)
    _show(session, groups, ctx)


def _follows(session: Session, row: CustomerGroup, run: Run) -> bool:
    """Let a group follow its run. True if it came into another state."""
    if run.state == RunState.ROLLED_BACK:
        return move(session, row, (CONFIRMED, APPLIED, PARTIAL), UNDONE)
    to = _state(tally(session, row.id), run, row)
    if to == row.state:
        return False
    return move(session, row, (OPEN, CONFIRMED, APPLIED, PARTIAL), to, **(_UNDECIDED if to == OPEN else {}))


def _state(changes: Counter[str], run: Run, row: CustomerGroup) -> str:
    """What a group is, by what its changes are. `begun` may be anything, so that group is partial."""
    if changes[PLANNED] == row.size:
        return REJECTED if row.kind in BY_PEOPLE else OPEN
    if RunState(run.state) not in _CARRIED_OUT:
        return row.state
    return PARTIAL if any(changes[state] for state in TO_DO) else APPLIED


def _show(session: Session, groups: list[CustomerGroup], ctx: CustomerContext) -> None:
    for number in sorted({row.run_id for row in groups if row.run_id is not None}):
        follow(session, run_found(session, number), ctx)
