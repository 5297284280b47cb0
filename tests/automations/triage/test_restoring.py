"""Putting back what triage applied: newest first, only where nobody moved it since, and all the rest is said."""

from dataclasses import replace
from datetime import timedelta

import pytest

from automations.domain import Actor, Mode, Priority, Role
from automations.errors import OutcomeUnknown, Refused, Rejected, Unavailable
from automations.runs.advance import Runner
from automations.runs.context import RunContext
from automations.runs.retry import retry_step
from automations.runs.window import Window
from automations.triage import restoring
from automations.triage.context import NAME
from automations.triage.restoring import Applied, Restoring, ask_to_restore, run_context
from storage import modes
from storage.engine import Database
from storage.models import TriageDecision
from tests.automations.runs.played import Runs
from tests.automations.runs.stage import Rooms
from tests.automations.triage.stage import Stage
from tests.support import FakeClock, RecordingJobs

LEA = Actor("U_LEAD1", "Lea Lead", "lead@example.com", Role.LEAD)

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""The rows are those that the other tests of triage and of runs change on both databases."""


class Bench:
    """Triage over a desk, with runs that put back."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        kind = Restoring(stage.database, stage.desk.desk, lambda: stage.ctx)
        runner = Runner(stage.database, {kind.kind.name: kind.kind}, kind.actions, Rooms(), self.context)
        self.runs = Runs(runner, stage.jobs, stage.clock, NAME)

    def context(self, _automation: str) -> RunContext:
        return run_context(self.stage.ctx, "C_LEADS")

    def applied(self, name: str, *said: str, **fields: object) -> TriageDecision:
        row = self.stage.decided(*(said or ("Please refund my invoice",)), name=name, **fields)
        self.stage.act("apply_by", row)
        self.stage.play()
        assert self.stage.state(row) == "applied"
        return self.stage.row(row.id)

    def ask(self, **only: str) -> int:
        now = self.stage.clock.now()
        window = Window(now - timedelta(hours=2), now + timedelta(seconds=1))
        with self.stage.database.begin() as session:
            run_id = ask_to_restore(session, Applied(window, **only), LEA, self.context("")).id
        self.runs.play()
        return run_id

    def place(self, name: str) -> tuple[str | None, Priority | None]:
        ticket = self.stage.desk.tickets[name]
        return ticket.group, ticket.priority


@pytest.fixture
def bench(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Bench:
    return Bench(Stage.on(database, clock, jobs))


def test_tickets_go_back_where_they_stood(bench: Bench) -> None:
    one, two = bench.applied("1"), bench.applied("2")
    assert bench.place("1") != ("Support", Priority.NORMAL)
    run_id = bench.ask()
    card = bench.runs.card(run_id)
    assert card.title == "Put back what triage applied to 2 tickets"
    assert card.warnings[0].startswith("What is put back is not set again by an undo of this")
    assert [step.words for step in card.steps] == [
        f"Ticket #2 back to Support, normal (TRIAGE-{two.id})",
        f"Ticket #1 back to Support, normal (TRIAGE-{one.id})",
    ]
    assert bench.stage.state(one) == "applied", "nothing changes by asking"
    bench.runs.confirm(run_id, LEA)
    assert (bench.runs.run(run_id).state, bench.runs.states(run_id)) == ("done", ["verified"] * 2)
    for name, row in (("1", one), ("2", two)):
        assert bench.place(name) == ("Support", Priority.NORMAL)
        assert bench.stage.state(row) == "undone"
        assert bench.stage.row(row.id).changed_by == "lead@example.com"
    assert not bench.runs.card(run_id).can_undo, "a triage that was undone is not applied again by an undo"


def test_what_somebody_moved_since_is_left_and_listed(bench: Bench) -> None:
    bench.applied("1")
    two = bench.applied("2")
    bench.stage.desk.moved("2", group="Sales")
    run_id = bench.ask()
    assert f"Ticket #2 (TRIAGE-{two.id}) was moved since: it is in Sales" in bench.runs.card(run_id).warnings[1]
    bench.runs.confirm(run_id, LEA)
    assert bench.place("1") == ("Support", Priority.NORMAL)
    assert (bench.place("2")[0], bench.stage.state(two)) == ("Sales", "applied")


def test_what_had_no_priority_before_keeps_it_and_that_is_said_before_the_first_yes(bench: Bench) -> None:
    bench.applied("1", priority=None)
    card = bench.runs.card(bench.ask())
    assert card.steps[0].words.endswith("; the priority stays, it had none before")


def test_where_nothing_can_be_put_back_it_says_why(bench: Bench) -> None:
    row = bench.applied("1")
    bench.stage.desk.moved("1", group="Sales")
    run = bench.runs.run(bench.ask())
    assert run.state == "refused"
    assert f"Ticket #1 (TRIAGE-{row.id}) was moved since" in run.words


def test_a_ticket_that_was_moved_twice_goes_back_twice(bench: Bench) -> None:
    first = bench.applied("1", "I cannot log in", group="Sales")
    assert bench.place("1")[0] == "Support"
    bench.stage.desk.wrote("1", "And please refund the last invoice")
    (second,) = bench.stage.watch()
    bench.stage.act("apply_by", second)
    bench.stage.play()
    assert bench.place("1")[0] == "Billing"
    run_id = bench.ask()
    assert [step.needs for step in bench.runs.card(run_id).steps] == [(), (1,)]
    bench.runs.confirm(run_id, LEA)
    assert bench.runs.states(run_id) == ["verified", "verified"]
    assert bench.place("1")[0] == "Sales"
    assert (bench.stage.state(first), bench.stage.state(second)) == ("undone", "undone")


def test_it_works_in_every_mode(bench: Bench) -> None:
    row = bench.applied("1")
    with bench.stage.database.begin() as session:
        modes.set_mode(session, NAME, Mode.OFF.value, by="os:root", at=bench.stage.clock.now())
    bench.runs.confirm(bench.ask(), LEA)
    assert bench.stage.state(row) == "undone"


def test_a_desk_that_is_away_leaves_the_decision_as_it_was_and_a_retry_puts_it_back(bench: Bench) -> None:
    row = bench.applied("1")
    run_id = bench.ask()
    bench.stage.desk.before += [Unavailable("not now", system="builtin")] * 4
    bench.runs.confirm(run_id, LEA)
    assert (bench.runs.states(run_id), bench.stage.state(row)) == (["failed"], "applied")
    (item,) = bench.runs.waiting()
    assert item.target == f"RUN-{run_id} step 1"
    retry(bench, run_id)
    assert (bench.runs.states(run_id), bench.stage.state(row)) == (["verified"], "undone")


@pytest.mark.parametrize("trouble", ["unclear", "rejected"])
def test_an_unclear_answer_is_looked_up_and_a_no_is_named(bench: Bench, trouble: str) -> None:
    row = bench.applied("1")
    run_id = bench.ask()
    if trouble == "unclear":
        bench.stage.desk.after.append(OutcomeUnknown("no answer came", system="builtin"))
        bench.runs.confirm(run_id, LEA)
        assert len(bench.stage.desk.updates) == 2, "one to apply it, one to put it back"
    else:
        bench.stage.desk.before.append(Rejected("no such group", system="builtin"))
        bench.runs.confirm(run_id, LEA)
        assert (bench.runs.states(run_id), bench.stage.state(row)) == (["failed"], "failed")
        assert "no such group" in bench.runs.waiting()[0].reason
        retry(bench, run_id)
    assert (bench.runs.states(run_id), bench.stage.state(row)) == (["verified"], "undone")
    assert bench.place("1") == ("Support", Priority.NORMAL)


def test_what_is_refused(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.applied("1")
    bench.applied("2")
    with pytest.raises(Refused, match="Nothing was decided by the rule 'nosuch'"):
        bench.ask(rule="nosuch")
    monkeypatch.setattr(restoring, "MOST", 1)
    assert "2 tickets" in bench.runs.run(bench.ask()).words


def test_a_ticket_that_is_gone_is_listed(bench: Bench) -> None:
    bench.applied("1")
    bench.applied("2")
    desk = bench.stage.desk
    desk.tickets["2"] = replace(desk.tickets["2"], merged_into="9")
    assert "was merged into another one" in bench.runs.card(bench.ask()).warnings[1]


def retry(bench: Bench, run_id: int) -> None:
    with bench.stage.database.begin() as session:
        retry_step(session, run_id, 1, LEA, bench.context(""))
    bench.runs.play()
