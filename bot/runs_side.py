"""The runs of every automation in a running bot: one runner, its jobs, and what happens to runs by the clock."""

from collections.abc import Sequence
from typing import Final, Protocol

from sqlalchemy import select

from automations.errors import Refused
from automations.plan import RunState
from automations.runs.advance import Runner
from automations.runs.context import RunContext
from automations.runs.kinds import Actions, Kinds, Rooms
from automations.runs.rows import ADVANCE, PLAN
from bot import run_jobs
from bot.engine import JobSpec
from storage.engine import Database
from storage.models import Run

_FIRST: Final = {
    RunState.ASKED.value: (PLAN, "plan/{}"),
    RunState.APPROVED.value: (ADVANCE, "run/{}/1"),
    RunState.RUNNING.value: (ADVANCE, "run/{}/1"),
}
"""The job that a run in this state began with, and its key."""


class WithRuns(Protocol):
    """An automation that changes something on people's word."""

    @property
    def name(self) -> str:
        """Its name, as its runs bear it."""

    @property
    def kinds(self) -> Kinds:
        """The kinds of run it brings."""

    @property
    def actions(self) -> Actions:
        """The actions of their steps."""

    @property
    def is_set_up(self) -> bool:
        """Whether the settings say anything of it now. Without, its runs rest."""

    def context(self) -> RunContext:
        """What its acts are given, with the team as it is now. Raises: Refused if it is not set up."""


class RunsSide:
    """Kinds and actions of all of them side by side. No two may bear one name."""

    def __init__(self, database: Database, rooms: Rooms, automations: Sequence[WithRuns]) -> None:
        self._database = database
        self._automations = {one.name: one for one in automations}
        kinds = [kind for one in automations for kind in one.kinds.items()]
        actions = [action for one in automations for action in one.actions.items()]
        assert len(dict(kinds)) == len(kinds), "two automations have a kind of run of one name"
        assert len(dict(actions)) == len(actions), "two automations have a kind of step of one name"
        self.runner = Runner(database, dict(kinds), dict(actions), rooms, self.context)

    def context(self, automation: str) -> RunContext:
        """What acts on the runs of this automation are given. Raises: Refused if it is not set up, or not known."""
        if automation not in self._automations:
            raise Refused(f"This version of Handoff knows no automation {automation!r}. Nothing was changed.")
        return self._automations[automation].context()

    def specs(self) -> tuple[JobSpec, ...]:
        """Every job of runs, ready for the engine."""
        return run_jobs.specs(self.runner)

    def ask_for_what_is_due(self) -> int:
        """Ask for everything of runs that is due now. Says how many there were."""
        set_up = [name for name, one in self._automations.items() if one.is_set_up]
        return run_jobs.ask(self._database, set_up, self.context)

    def ask_for_what_was_lost(self) -> int:
        """Ask for the jobs of runs under way, as after a restore without the engine's tables. Called at a start.

        The keys are those of the first jobs, so that where the engine knows them nothing is asked for twice. Says how
        many were asked for.
        """
        under_way = select(Run.id, Run.state, Run.automation).where(Run.state.in_(_FIRST)).order_by(Run.id)
        with self._database.read() as session:
            lost = [run for run in session.execute(under_way) if self._is_set_up(run.automation)]
        jobs = {run.automation: self.context(run.automation).jobs for run in lost}
        with self._database.begin() as session:
            for run in lost:
                job, key = _FIRST[run.state]
                jobs[run.automation].enqueue(session, job, key.format(run.id), {"run_id": run.id})
        return len(lost)

    def _is_set_up(self, automation: str) -> bool:
        return automation in self._automations and self._automations[automation].is_set_up
