"""The runs of every automation in a running bot: one runner, its jobs, and what happens to runs by the clock."""

from collections.abc import Sequence
from typing import Protocol

from automations.errors import Refused
from automations.runs.advance import Runner
from automations.runs.context import RunContext
from automations.runs.kinds import Actions, Kinds, Rooms
from bot import run_jobs
from bot.engine import JobSpec
from storage.engine import Database


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
