"""When Slack is away, refuses us, or work piles up: one place that notices, for /readyz, the metrics and the log.

Slack has to be silent for ten minutes before that is called away, since it is for a moment every few hours. A token
that it refuses is said at once. A job may wait for ten minutes; the desk, Slack or the database stands in its way then.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from automations.errors import AdapterError
from bot.engine import Oldest
from bot.gateway import SlackGateway

log = structlog.get_logger(__name__)

AWAY_S: Final = 600.0
OLDEST_S: Final = 600.0
LOOK_S: Final = 10.0
OVER: Final = {"slack.away": "slack.back", "jobs.waiting": "jobs.at_work_again"}
RUN_ON: Final = "`handoff cases claim|reassign|resolve --as EMAIL` work meanwhile"


@dataclass
class Outage:
    """What stands in the way now. `look` is called every few seconds; the others tell what it saw last.

    `oldest` gives the job that has waited longest; it raises SQLAlchemyError while the database is away.
    """

    gateway: SlackGateway
    oldest: Callable[[], Oldest | None]
    _job: Oldest | None = None
    _said: dict[str, str] = field(default_factory=dict)

    def look(self) -> None:
        """See how things stand, and log what has turned since the last look: once when it begins, once when it ends."""
        try:
            self.gateway.auth_test()  # a minute old at most, so that a quiet bot notices, too
        except AdapterError as exc:
            log.debug("slack.no_answer", error=str(exc))
        try:
            self._job = self.oldest()
        except SQLAlchemyError as exc:
            log.debug("outage.database_away", error=type(exc).__name__)
        self._tell("slack.away", self.slack)
        self._tell("jobs.waiting", self.jobs)

    @property
    def slack(self) -> str:
        """What is wrong with Slack, in words; empty while it answers."""
        if self.gateway.disabled:
            return f"{self.gateway.disabled} {RUN_ON}."
        if (silent := self.gateway.silence.seconds) >= AWAY_S:
            return f"Slack has not answered for {_minutes(silent)}; {RUN_ON}, and messages wait for it"
        return ""

    @property
    def jobs(self) -> str:
        """What is wrong with the jobs, in words; empty while none waits for long."""
        if self._job is None or self._job.waited_s < OLDEST_S:
            return ""
        return f"the oldest job, {self._job.name}, has waited for {_minutes(self._job.waited_s)}"

    def levels(self) -> Mapping[str, float]:
        """The same as figures for the metrics."""
        return {
            "slack_silent_seconds": self.gateway.silence.seconds,
            "slack_refused": float(bool(self.gateway.disabled)),
            "oldest_job_seconds": self._job.waited_s if self._job else 0.0,
        }

    def _tell(self, name: str, words: str) -> None:
        before = self._said.get(name, "")
        if words and not before:
            log.error(name, words=words)
        elif before and not words:
            log.warning(OVER[name], was=before)
        self._said[name] = words


def _minutes(seconds: float) -> str:
    return f"{int(seconds // 60)} minutes"
