"""Withdrawing what a source or a rule opened by mistake: only untouched cases, everything said, and back again."""

from datetime import timedelta
from typing import Any

import pytest

from automations.domain import Actor, Mode, Role
from automations.errors import Refused
from automations.failure_tickets import life, shadow, withdrawal
from automations.failure_tickets import withdrawing as withdrawal_runs
from automations.failure_tickets.present import present
from automations.failure_tickets.withdrawing import Opened, Withdrawing, ask_to_withdraw, run_context
from automations.runs.advance import Runner
from automations.runs.context import RunContext
from automations.runs.window import Window
from storage import modes
from tests.automations.failure_tickets.world import ANNA, LEA, World
from tests.automations.runs.played import Runs
from tests.automations.runs.stage import Rooms


class Bench:
    """A world with runs that withdraw."""

    def __init__(self, world: World) -> None:
        self.world = world
        kind = Withdrawing(world.database, self.here)
        kinds = {kind.kind.name: kind.kind}
        runner = Runner(world.database, kinds, kind.actions, Rooms(), self.context)
        self.runs = Runs(runner, world.jobs, world.clock, shadow.NAME)

    def here(self) -> Any:
        with self.world.database.read() as session:
            return present(session, self.world.ctx)

    def context(self, _automation: str) -> RunContext:
        return run_context(self.here())

    def fails(self, number: int, **changes: Any) -> int:
        return self.world.open(dedup_key=f"job-{number}", **changes)

    def ask(self, by: Actor = LEA, **options: str) -> int:
        now = self.world.clock.now()
        window = Window(now - timedelta(hours=1), now + timedelta(seconds=1))
        with self.world.begin() as session:
            run = ask_to_withdraw(session, Opened(window, **(options or {"source": "invoicer"})), by, self.context(""))
            run_id = run.id
        self.runs.play()
        return run_id


@pytest.fixture
def bench(world: World) -> Bench:
    return Bench(world)


def test_untouched_cases_are_withdrawn_and_what_somebody_worked_on_is_left_and_listed(bench: Bench) -> None:
    world = bench.world
    one, two, claimed, other = bench.fails(1), bench.fails(2), bench.fails(3), bench.fails(4, source="billing-eu")
    with world.begin() as session:
        life.claim(session, claimed, ANNA, world.ctx)
    run_id = bench.ask(reason="the probe was wrong", source="invoicer")
    card = bench.runs.card(run_id)
    assert card.title == "Withdraw 2 cases of invoicer"
    assert card.warnings == (
        "Messages that were sent stay sent: people were told of these cases, and their tickets stay, closed.",
        f"CASE-{claimed} was claimed by Anna Berg, so it is left.",
    ), "what cannot be undone is said before anybody confirms"
    assert world.case(one).status == "open", "nothing changes by asking"
    bench.runs.confirm(run_id, LEA)
    assert (bench.runs.run(run_id).state, bench.runs.states(run_id)) == ("done", ["verified", "verified"])
    for number in (one, two):
        case = world.case(number)
        assert (case.status, case.closed_by, case.withdrawn_run) == ("not_needed", "lea@team.example", run_id)
        assert case.close_note == f"withdrawn by RUN-{run_id}: the probe was wrong"
        last = world.entries(number)[-1]
        assert (last.verb, last.to_desk) == ("withdrawn", True), "the ticket gets it as an internal note"
        assert "on the word of Lea Lind" in last.text
    assert (world.case(claimed).status, world.case(other).status) == ("claimed", "open")
    assert [row.target for row in world.audited("case.withdrawn")] == [f"CASE-{one}", f"CASE-{two}"]


def test_the_undo_opens_the_cases_again(bench: Bench) -> None:
    one, two = bench.fails(1), bench.fails(2)
    run_id = bench.ask()
    bench.runs.confirm(run_id, LEA)
    undo_id = bench.runs.undo(run_id, LEA)
    bench.runs.confirm(undo_id, LEA)
    assert (bench.runs.run(undo_id).state, bench.runs.run(run_id).state) == ("done", "rolled_back")
    for number in (one, two):
        case = bench.world.case(number)
        assert (case.status, case.withdrawn_run, case.close_note) == ("open", None, None)
    again = bench.ask()
    bench.runs.confirm(again, LEA)
    assert bench.world.case(one).withdrawn_run == again, "nobody has touched it, so it can be withdrawn once more"


def test_what_came_back_as_a_newer_case_stays_closed_and_is_named(bench: Bench) -> None:
    one = bench.fails(1)
    run_id = bench.ask()
    bench.runs.confirm(run_id, LEA)
    bench.world.clock.move(timedelta(days=30))
    newer = bench.fails(1)
    assert newer != one
    undo_id = bench.runs.undo(run_id, LEA)
    bench.runs.confirm(undo_id, LEA)
    assert bench.runs.states(undo_id) == ["failed"]
    (item,) = bench.runs.waiting()
    assert f"CASE-{newer}" in item.reason


def test_a_case_that_is_claimed_between_the_yes_and_its_step_is_left(bench: Bench) -> None:
    one, two = bench.fails(1), bench.fails(2)
    run_id = bench.ask()
    with bench.world.begin() as session:
        life.claim(session, two, ANNA, bench.world.ctx)
    bench.runs.confirm(run_id, LEA)
    assert bench.runs.run(run_id).state == "replaced", "the plan people saw does not hold any more"
    assert (bench.world.case(one).status, bench.world.case(two).status) == ("open", "claimed")
    with bench.world.begin() as session, pytest.raises(Refused, match="was claimed by Anna Berg"):
        withdrawal.withdraw(session, two, "lea@team.example", "", run_id, bench.world.ctx)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_it_works_in_every_mode_of_the_automation(bench: Bench) -> None:
    one = bench.fails(1)
    with bench.world.begin() as session:
        modes.set_mode(session, shadow.NAME, Mode.OFF.value, by="os:root", at=bench.world.clock.now())
    bench.runs.confirm(bench.ask(rule="default"), LEA)
    assert bench.world.case(one).status == "not_needed"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_refused_and_why(bench: Bench) -> None:
    with pytest.raises(Refused, match=r"No case was opened by the source 'invoicer'.*Known sources: none yet"):
        bench.ask()
    bench.fails(1)
    with pytest.raises(Refused, match=r"Of which source or rule.*Known sources: invoicer"):
        bench.ask(reason="why")
    with pytest.raises(Refused, match="role lead"):
        bench.ask(by=Actor("U_X", "Xa", "anna@team.example", Role.AGENT))
    bench.world.clock.move(timedelta(hours=2))
    nothing = bench.ask()
    assert bench.runs.run(nothing).state == "refused"
    assert "There is no untouched case" in bench.runs.run(nothing).words


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_too_many_at_once_are_several_runs(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(withdrawal_runs, "MOST", 1)
    bench.fails(1)
    bench.fails(2)
    assert "2 cases" in bench.runs.run(bench.ask()).words
