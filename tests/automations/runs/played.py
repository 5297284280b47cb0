"""Runs of one automation over its own kinds and actions, with their jobs played as the engine plays them."""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import select

from automations.domain import Actor
from automations.errors import HandoffError, OutcomeUnknown, Unavailable
from automations.runs import approve, card, undo
from automations.runs.advance import Runner
from automations.runs.card_types import RunCard
from bot import run_jobs
from bot.engine import Args
from bot.engine.failures import FailureQueue
from storage import stuck
from storage.models import Run, RunStep, StuckItem
from tests.support import FakeClock, RecordingJobs

TRIES = 4


@dataclass
class Runs:
    """`runner` with its jobs. Jobs of others are left to whoever plays them."""

    runner: Runner
    jobs: RecordingJobs
    clock: FakeClock
    automation: str
    played: set[str] = field(default_factory=set)

    def play(self) -> None:
        """Play the jobs of runs until there is none."""
        specs = {spec.name: spec for spec in run_jobs.specs(self.runner)}
        queue = FailureQueue(specs, self.clock, lambda: "ada@team.example")
        while pending := [one for one in self.jobs.calls if one.job in specs and one.key not in self.played]:
            for one in pending:
                self.played.add(one.key)
                words = self._to_its_rest(specs[one.job].advance, one.args)
                if words:
                    with self.runner.database.begin() as session:
                        queue.put(session, one.job, one.key, one.args, attempts=TRIES, words=words)

    def _to_its_rest(self, advance: Callable[[Args], str | None], args: Args) -> str:
        tries = 0
        while True:
            try:
                if advance(args) is None:
                    return ""
            except (Unavailable, OutcomeUnknown) as exc:
                tries += 1
                if tries == TRIES:
                    return str(exc)
            except HandoffError as exc:
                return str(exc)

    def confirm(self, run_id: int, actor: Actor) -> None:
        with self.runner.database.begin() as session:
            digest = session.get_one(Run, run_id).digest
            approve.approve(session, run_id, digest, actor, self.runner.context(self.automation))
        self.play()

    def undo(self, run_id: int, actor: Actor) -> int:
        """Ask for its undo, plan it; the number of that run."""
        with self.runner.database.begin() as session:
            undo.undo(session, run_id, actor, self.runner.context(self.automation))
        self.play()
        with self.runner.database.read() as session:
            return session.scalars(select(Run.id).order_by(Run.id.desc()).limit(1)).one()

    def run(self, run_id: int) -> Run:
        with self.runner.database.read() as session:
            return session.get_one(Run, run_id)

    def steps(self, run_id: int) -> list[RunStep]:
        with self.runner.database.read() as session:
            return list(session.scalars(select(RunStep).where(RunStep.run_id == run_id).order_by(RunStep.number)))

    def states(self, run_id: int) -> list[str]:
        return [row.state for row in self.steps(run_id)]

    def card(self, run_id: int) -> RunCard:
        with self.runner.database.read() as session:
            return card.run_card(session, run_id, self.runner.context(self.automation))

    def waiting(self) -> list[StuckItem]:
        with self.runner.database.read() as session:
            return stuck.open_items(session)
