"""Every step of every provisioning run fails, and every step of its rollback fails too: nothing is left silently.

What is not as it was before is named by a line of the failure queue. `HANDOFF_ROLLBACK=8` plays every pair (failing
step, failing step of the rollback) of every run of up to eight steps, each in two pairs of ways to fail, so that
every pair of ways meets eight places; by default those of up to three steps.
"""

import os
from collections.abc import Iterator
from itertools import cycle, product
from typing import Any

import pytest
from sqlalchemy import delete

from automations.plan import RunState, StepState
from automations.runs.left import LEFT
from automations.runs.rows import PLAN, STEP
from automations.runs.undo import CAN_BE
from storage.models import StuckAttempt, StuckItem
from tests.automations.runs.outside import Fault
from tests.automations.runs.stage import Stage, step
from tests.automations.runs.test_each_step import begun
from tests.figures.told import tell

MOST = int(os.environ.get("HANDOFF_ROLLBACK", "0"))
DRIFT = "drift"
WAYS: tuple[Fault | str, ...] = (*Fault, DRIFT)
IN_TURN = [(WAYS[i], WAYS[(i + apart) % len(WAYS)]) for apart in range(len(WAYS)) for i in range(len(WAYS))]
"""Every pair of ways to fail, each way as often as any other in every stretch of them."""

PROVISIONING = (
    step("desk.role", "account"),
    step("desk.group", "billing", needs=[0]),
    step("blind", "chat"),
    step("desk.token", "token", undo=""),
    step("desk.group", "refunds", needs=[0]),
    step("desk.role", "role", undo="", needs=[0]),
    step("desk.group", "night"),
    step("blind", "phone", undo=""),
)
"""What bringing somebody in is made of: what can be taken back and what cannot, what nothing reads, what needs what."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3_600 if MOST else 120),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


def scenes() -> Iterator[tuple[int, int, int, Fault | str, Fault | str]]:
    """Steps of the run, which one fails, of which one the rollback fails, and how each."""
    pairs = cycle(IN_TURN)
    for n in range(1, (MOST or 3) + 1):
        for k, j in product(range(n), repeat=2):
            for _ in range(2):
                yield n, k, j, *next(pairs)


def spoil(stage: Stage, way: Fault | str, one: dict[str, Any]) -> None:
    place = one["kind"], one["target"]
    if isinstance(way, Fault):
        stage.outside.meets(*place, way, always=way is not Fault.LATE)
    elif one["kind"] != "blind":  # what others do to something nothing can read is nobody's to know
        stage.outside.drift(*place, "elsewhere")


def settled(stage: Stage, undo_id: int, number: int) -> bool:
    """Whether the undo read already that this step is as before: what others do to it after that is theirs."""
    return any(row.args["of"] == str(number) and row.state == StepState.VERIFIED for row in stage.steps(undo_id))


def named(stage: Stage) -> set[int]:
    """The numbers of the forward run's steps that a line of the failure queue names."""
    found: set[int] = set()
    for item in stage.waiting():
        run = stage.run(int(item.args["run_id"]))
        assert f"RUN-{run.id}" in item.target
        assert item.owner
        assert item.reason
        if item.job == PLAN:
            found |= {row.number for row in stage.steps(run.undo_of or 0) if row.words in item.reason}
            continue
        assert item.job in (STEP, LEFT)
        row = next(row for row in stage.steps(run.id) if row.number == item.args["step"])
        found.add(row.number if run.undo_of is None else int(row.args["of"]))
    return found


def left_silently(stage: Stage, run_id: int, steps: list[dict[str, Any]]) -> list[str]:
    """What is not as it was before, and no line of the failure queue names.

    What was never begun is none of ours. Where the outside says that something nothing can read is taken back, and it
    is not, nobody can know: the card says of it that it is stated and not read back, in blue.
    """
    known = named(stage) | {row.number for row in stage.steps(run_id) if not row.tries}
    undo_id = stage.card(run_id).undone_by
    if undo_id is not None:
        known |= {int(row.args["of"]) for row in stage.steps(undo_id) if row.state == StepState.STATED}
    return [
        f"{one['kind']} {one['target']} is {stage.outside.value(one['kind'], one['target'])}"
        for number, one in enumerate(steps, start=1)
        if stage.outside.value(one["kind"], one["target"]) != "out" and number not in known
    ]


def fresh(stage: Stage) -> None:
    """Everything as before, and nothing remembered of the scene before."""
    for kept in (stage.outside.values, stage.outside.faults, stage.outside.writes, stage.played, stage.tried):
        kept.clear()
    stage.jobs.forget()
    with stage.database.begin() as session:
        session.execute(delete(StuckAttempt))
        session.execute(delete(StuckItem))


def test_no_pair_of_failures_leaves_anything_silently(stage: Stage) -> None:
    played = rolled_back = 0
    for n, k, j, first, second in scenes():
        fresh(stage)
        steps = list(PROVISIONING[:n])
        run_id = stage.ask(*steps, kind="once")
        spoil(stage, first, steps[k])
        stage.confirm(run_id)
        scene = f"step {k + 1} of {n}: {first}; the rollback of step {j + 1}: {second}"
        if RunState(stage.state(run_id)) in CAN_BE:
            stage.outside.faults.clear()
            undo_id = stage.undo(run_id)
            if stage.state(undo_id) == RunState.PROPOSED:
                begun(stage, undo_id)
                if second is not DRIFT or not settled(stage, undo_id, j + 1):
                    spoil(stage, second, steps[j])
                stage.play()
                rolled_back += stage.state(run_id) == RunState.ROLLED_BACK
        assert left_silently(stage, run_id, steps) == [], scene
        played += 1
    assert rolled_back
    assert rolled_back < played
    tell("11", f"{played} pairs of failures (step, step of the rollback), 0 silent leftovers")
