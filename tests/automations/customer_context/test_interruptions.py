"""Whatever kills a run, cuts its line or edits the desk meanwhile: repeated, each row ends, written once and counted.

`HANDOFF_RUNS` sets how many are played; the default is for every day.
"""

import os
import shutil
import tempfile
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis.strategies import DrawFn, booleans, composite, integers, lists, none, one_of, sampled_from, tuples

from automations.adapters.builtin.customers import BuiltinCustomers
from automations.desks import CustomerChange
from automations.plan import RunState
from automations.runs.rest import SHORT
from storage import audit
from storage.engine import Database
from storage.models import CustomerGroup, RunStep
from tests.automations.customer_context.bad_line import BadLine, Fault
from tests.automations.customer_context.carried import Carried, Death, change, dying
from tests.support import FakeClock, RecordingJobs

MOST = int(os.environ.get("HANDOFF_RUNS", "10"))
BOUNDARIES = (
    "customer.begun", "customer.written", "customer.read_back", "customer.ended",
    "step.begun", "step.called", "step.made", "step.ended", "run.planned", "run.proposed", "run.rested",
)  # fmt: skip
LOST = (Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.UNAVAILABLE)
TURNS = {"tier": ("pro", "gold"), "region": ("north", "south"), "status": ("active", "suspended"), "plan": ("old", "x")}
Interruption = tuple[str, int]
Life = tuple[list[str], list[Interruption], list[Fault | None], list[int], bool]
SILENT: Life = (
    ["region", "add"],
    [],
    [None, Fault.UNAVAILABLE, Fault.UNAVAILABLE, Fault.LOST_BEFORE, Fault.LOST_AFTER, None],
    [],
    False,
)
"""The desk is silent until the job gives up: nobody knows what became of the step until a person has it tried again."""


@composite
def lives(draw: DrawFn) -> Life:
    """Kinds of changes, deaths in turn, what writes meet, whom somebody edits in the desk, and whether it goes back."""
    kinds = draw(lists(sampled_from(("tier", "region", "status", "plan", "add")), min_size=1, max_size=6))
    deaths = draw(lists(tuples(sampled_from(BOUNDARIES), integers(1, 4)), max_size=4))
    faults = draw(lists(one_of(none(), sampled_from(LOST)), max_size=8))
    edited = draw(lists(integers(0, 5), max_size=2, unique=True))
    return kinds, deaths, faults, edited, draw(booleans())


@pytest.mark.slow
@pytest.mark.timeout(120 + 10 * MOST)
@settings(max_examples=MOST, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(life=lives())
@example(life=SILENT)
def test_each_row_ends_and_is_written_once(sqlite_template: Path, life: Life) -> None:
    kinds, deaths, faults, edited, goes_back = life
    folder = Path(tempfile.mkdtemp(prefix="customers-", dir=sqlite_template.parent))
    shutil.copyfile(sqlite_template, folder / "customers.db")
    database = Database(f"sqlite:///{folder / 'customers.db'}")
    try:
        line = BadLine(BuiltinCustomers(database))
        here = Carried(database, FakeClock(), RecordingJobs(), line)
        rows = [planned(here, n, kind) for n, kind in enumerate(kinds)]
        others = {n for n in edited if n < len(kinds) and kinds[n] == "tier"}
        for number in others:
            line.book.update_customer(str(here.changes(rows[number])[0].desk_id), CustomerChange(tier="odd"))
        played(here, line, rows, deaths, faults)
        laws(here, line, rows, others, kinds)
        if goes_back:
            taken_back(here, line, rows, deaths)
            assert {state for row in rows for state in here.states(row)} <= {"undone", "changed"}
            assert {one.tier for one in line.book.customers()} <= {"pro", "odd", "new"}
        with database.read() as session:
            assert audit.verify(session).ok
    finally:
        database.close()
        shutil.rmtree(folder)


def planned(here: Carried, number: int, kind: str) -> CustomerGroup:
    account = f"A-{number}"
    if kind == "add":
        return here.group("added", change(account, "", "", "", None, name=account, status="active", tier="new"))
    desk_id = here.customer(account, tier="pro", region="north", plan="old")
    since, to = TURNS[kind]
    return here.group("suspended" if kind == "status" else "changed", change(account, kind, since, to, desk_id))


def run_of(here: Carried, row: CustomerGroup) -> int:
    """The run that carries a group out."""
    (found,) = [one for one in here.rows(CustomerGroup, CustomerGroup.id) if one.id == row.id]
    return int(found.applied_by)


def played(
    here: Carried, line: BadLine, rows: list[CustomerGroup], deaths: list[Interruption], faults: list[Fault | None]
) -> None:
    """Approve all of it and play it through every death; a run that gave up is tried again by people."""
    line.meets(*faults)
    line.writes.clear()
    for row in rows:
        with dying(*(deaths[0] if deaths else ("", 1))), suppress(Death):
            here.approve(row)
    for boundary, passes in deaths[1:]:
        with dying(boundary, passes), suppress(Death):
            here.play()
    for _ in range(len(faults) + 2):
        here.play()
        for step in here.rows(RunStep, RunStep.run_id, RunStep.number):
            if step.state in SHORT:
                here.retry(step.run_id, step.number)


def laws(here: Carried, line: BadLine, rows: list[CustomerGroup], others: set[int], kinds: list[str]) -> None:
    for number, row in enumerate(rows):
        assert here.states(row) == ["changed" if number in others else "verified"], here.changes(row)[0].error
        assert here.state(row) == "applied"
        assert here.run(run_of(here, row)).state == RunState.DONE
    needed = sum(kind != "plan" for number, kind in enumerate(kinds) if number not in others)
    assert len(line.writes) == needed
    assert max(Counter(line.writes).values(), default=1) == 1
    told = Counter(one.target for one in here.audited("customer.change"))
    assert told == Counter({f"customer/A-{number}": 1 for number in range(len(rows))})
    assert {one.account for one in here.conflicts("open")} == {f"A-{number}" for number in others}


def taken_back(here: Carried, line: BadLine, rows: list[CustomerGroup], deaths: list[Interruption]) -> None:
    line.meets()
    line.writes.clear()
    stands = [row for row in rows if "verified" in here.states(row)]
    for row in stands:
        run = run_of(here, row)
        with dying(*(deaths[0] if deaths else ("", 1))), suppress(Death):
            here.undo(run)
        here.play()
        undoing = here.newest()
        if undoing.state == RunState.PROPOSED:
            here.confirm(undoing.id)
        here.play()
    assert max(Counter(line.writes).values(), default=1) == 1
