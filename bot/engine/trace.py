"""What every line of the log says while a job runs: which job, and what it is about (`CASE-42`).

The line of the HTTP port that took the event names the same, so one search finds all of it: taken, opened, each call to
the desk and to Slack, and how each job ended. The audit log has the same name as its target.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from structlog.contextvars import bound_contextvars

from bot.engine.spec import Args, JobSpec

log = structlog.get_logger(__name__)


@contextmanager
def traced(spec: JobSpec, args: Args) -> Iterator[None]:
    """Let every line of this thread say which job it is of, until it ends."""
    with bound_contextvars(job=spec.name, about=spec.target(args)):
        yield


def ended(outcome: str) -> None:
    """Say how the job ended. Those that look at something every few seconds are about no single thing: not told."""
    about = str(structlog.contextvars.get_contextvars().get("about", ""))
    (log.info if about[:1].isupper() else log.debug)("job.ended", outcome=outcome)
