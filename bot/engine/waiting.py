"""How long the oldest job has waited, counted from when it was first asked for: a retry is a run of its own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from dbos import DBOS

WAITING: Final = ["ENQUEUED", "DELAYED", "PENDING"]
LOOKED_AT: Final = 100
"""Retries whose first run is looked up; the engine puts the oldest first."""


@dataclass(frozen=True, slots=True)
class Oldest:
    """The job that has waited longest: its name and key, and for how many seconds."""

    name: str
    waited_s: float


def oldest_job(now: datetime) -> Oldest | None:
    """Find it among those that wait, are put off or are at work. None if there is none.

    Raises: sqlalchemy.exc.SQLAlchemyError while the database is away.
    """
    runs = DBOS.list_workflows(status=WAITING, limit=LOOKED_AT, load_input=False, load_output=False)
    retried = [run.workflow_id.partition("#")[0] for run in runs if "#" in run.workflow_id]
    if retried:
        runs += DBOS.list_workflows(workflow_ids=retried, load_input=False, load_output=False)
    begun: dict[str, int] = {}
    for run in runs:
        if run.created_at:
            name = run.workflow_id.partition("#")[0]
            begun[name] = min(begun.get(name, run.created_at), run.created_at)
    if not begun:
        return None
    name = min(begun, key=lambda one: begun[one])
    return Oldest(name, max(0.0, now.timestamp() - begun[name] / 1000))
