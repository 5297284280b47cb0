"""The job that posts a ticket's conversation into the thread of its escalation, for whoever asked for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session

from automations.escalation.context import EscalationContext
from automations.escalation.in_thread import JOB, post
from automations.escalation.journal import escalation_ref
from automations.ports import HelpDesk
from bot.engine import Args, JobSpec, Route
from storage.engine import Database
from storage.models import Escalation

ROUTE: Final = Route(name=JOB, queue="desk")


@dataclass(frozen=True, slots=True)
class ConversationSide:
    """What the job works with."""

    database: Database
    desk: HelpDesk
    context: Callable[[], EscalationContext]

    def spec(self) -> JobSpec:
        """The job, ready for the engine."""
        return JobSpec(name=JOB, queue="desk", advance=self._post, target=_target, owner_of=_owner)

    def _post(self, args: Args) -> None:
        post(self.database, self.desk, int(args["escalation_id"]), self.context())


def _target(args: Args) -> str:
    return escalation_ref(int(args["escalation_id"]))


def _owner(session: Session, args: Args) -> str:
    """Whoever asked for it."""
    row = session.get(Escalation, int(args["escalation_id"]))
    return str((row.evidence.get("in_thread") or {}).get("by", "")) if row is not None else ""
