"""What cannot be asked for leaves the others alone, and comes back as a job that says why."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy.orm import Session

from automations.errors import Refused
from automations.runs.context import RunContext
from bot import rounds, run_jobs, timed
from bot.engine.spec import Args
from storage.engine import Database
from tests.automations.failure_tickets.world import World
from tests.automations.runs.stage import Stage, step
from tests.support import FakeClock, RecordingJobs

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Picky(RecordingJobs):
    """Jobs that refuse one key, as the engine refuses arguments over 4 KB."""

    def enqueue(self, session: Session, job: str, key: str, args: Any) -> None:
        if key == "bad":
            raise ValueError("arguments are ids and counts")
        super().enqueue(session, job, key, args)


def three(_session: Session) -> Sequence[rounds.Due]:
    return [("first", {"n": 1}), ("bad", {"n": 2}), ("last", {"n": 3})]


def one_missing(_session: Session) -> Sequence[rounds.Due]:
    raise KeyError("owner")


def test_a_bad_row_leaves_those_after_it(database: Database, clock: FakeClock) -> None:
    jobs = Picky()
    made = rounds.Round("wake", "case.wake", three, "timed.again")
    assert rounds.ask(database, made, jobs, clock) == rounds.ask(database, made, jobs, clock) == 2
    assert [job.key for job in jobs.of("case.wake")] == ["first", "last"]
    assert [job.args for job in jobs.of("timed.again")] == [{"kind": "wake"}], "once an hour"
    with pytest.raises(ValueError, match="ids and counts"):
        rounds.all_of_it(database, made, jobs)


def test_every_other_kind_goes_on(database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs = RecordingJobs()
    world = World.on(database, clock, jobs)
    done: list[str] = []
    kinds = (
        timed.Timed("case.bad", lambda _session, _ctx: one_missing(_session), lambda *_: None),
        timed.Timed("case.good", lambda _session, _ctx: [("k", {"n": 1})], lambda *_: done.append("good")),
    )
    monkeypatch.setattr(timed, "TIMED", kinds)
    assert timed.ask(database, lambda: world.ctx) == 1
    assert [job.job for job in jobs.calls] == ["timed.again", "case.good"]
    again = next(spec for spec in timed.specs(database, lambda: world.ctx) if spec.name == timed.AGAIN)
    args: Args = jobs.of(timed.AGAIN)[0].args
    assert (again.target(args), again.queue) == ("round case.bad", "jobs")
    with pytest.raises(KeyError, match="owner"):
        again.advance(args)
    monkeypatch.setattr(timed, "TIMED", (timed.Timed("case.bad", lambda *_: [], lambda *_: None), kinds[1]))
    again = next(spec for spec in timed.specs(database, lambda: world.ctx) if spec.name == timed.AGAIN)
    assert again.advance(args) is None, "mended: the job rests, and the engine takes it out of the failure queue"


def test_runs_go_on_past_a_kind_and_past_an_automation(
    database: Database, clock: FakeClock, jobs: RecordingJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage.on(database, clock, jobs)
    stage.ask(step("a", "b"))
    stage.clock.move(stage.ctx.expires_after)
    stage.jobs.clear()

    def bad(_session: Session, ctx: RunContext) -> Sequence[rounds.Due]:
        raise TypeError("no deadline")

    def context(automation: str) -> RunContext:
        if automation == "unknown":
            raise Refused("there is none in the settings")
        return stage.ctx

    monkeypatch.setattr(run_jobs, "TIMED", (run_jobs.Timed("run.bad", bad, lambda *_: None), *run_jobs.TIMED))
    assert run_jobs.ask(stage.database, ["unknown", stage.ctx.automation], context) > 0
    assert {run_jobs.AGAIN, "run.expire"} <= {job.job for job in stage.jobs.calls}
    again = next(spec for spec in run_jobs.specs(stage.runner) if spec.name == run_jobs.AGAIN)
    with pytest.raises(TypeError, match="no deadline"):
        again.advance(stage.jobs.of(run_jobs.AGAIN)[0].args)
