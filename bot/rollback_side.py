"""Taking back what failure tickets and triage did, in a running bot: what each of them brings to runs.

Both act by themselves or on single clicks and have no other runs, so theirs only restore, and work in every mode.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from automations.failure_tickets import shadow, withdrawing
from automations.failure_tickets.context import Context
from automations.failure_tickets.present import present
from automations.failure_tickets.withdrawing import Withdrawing
from automations.ports import HelpDesk
from automations.runs.context import RunContext
from automations.runs.kinds import Actions, Kinds
from automations.triage import context as triage_context
from automations.triage import restoring
from automations.triage.context import TriageContext
from automations.triage.restoring import Restoring
from bot.live import Live
from storage.engine import Database


def restoring_contexts(ctx: Context, triage: TriageContext) -> Mapping[str, RunContext]:
    """The contexts of runs of failure tickets and of triage, by the names of these automations."""
    made = withdrawing.run_context(ctx), restoring.run_context(triage, ctx.book.escalation_channel)
    return {one.automation: one for one in made}


class WithdrawingSide:
    """Failure tickets, as far as they are taken back."""

    name: Final = shadow.NAME
    is_set_up: Final = True

    def __init__(self, database: Database, live: Live) -> None:
        self._database = database
        self._live = live
        withdraws = Withdrawing(database, self._here)
        self.kinds: Kinds = {withdraws.kind.name: withdraws.kind}
        self.actions: Actions = withdraws.actions

    def context(self) -> RunContext:
        """What acts on these runs are given, with the team as it is now."""
        return withdrawing.run_context(self._here())

    def _here(self) -> Context:
        with self._database.read() as session:
            return present(session, self._live.context())


class RestoringSide:
    """Triage, as far as it is taken back."""

    name: Final = triage_context.NAME
    is_set_up: Final = True

    def __init__(self, database: Database, live: Live, desk: HelpDesk) -> None:
        self._database = database
        self._live = live
        restores = Restoring(database, desk, self._here)
        self.kinds: Kinds = {restores.kind.name: restores.kind}
        self.actions: Actions = restores.actions

    def context(self) -> RunContext:
        """What acts on these runs are given, with the team as it is now."""
        return restoring.run_context(self._here(), self._live.context().book.escalation_channel)

    def _here(self) -> TriageContext:
        terms = self._live.terms
        with self._database.read() as session:
            return replace(terms.triage, roster=present(session, terms.context).roster)
