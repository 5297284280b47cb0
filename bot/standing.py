"""What is wrong, in words: for `/readyz`, and on top of `/support status` together with what needs no restart.

`parts` is what the bot cannot work without. `wrong` adds what waits for somebody: a desk that is not read, the failure
queue, an audit log whose end nobody signed.
"""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.failure_tickets import desk_feed
from automations.failure_tickets.team_types import AuditLine, StatusSummary
from automations.ports import HelpDesk
from bot.engine import Health
from bot.outage import Outage
from bot.parts import database_words
from storage.engine import Database
from storage.models import StuckItem

DESK_AWAY: Final = timedelta(minutes=10)
"""A desk that was not read for so long is called away, as Slack is. Looks that are further apart get three tries."""
AT_WORK_S: Final = 5.0
"""How long a start waits for the engine's queues, which come up a moment after it."""
OK: Final = "ok"


@dataclass(frozen=True, slots=True)
class Standing:
    """Asks everybody who knows. `slack` says what is missing of its connection, empty while it is there."""

    database: Database
    outage: Outage
    engine: Callable[[], Health]
    slack: Callable[[], str]
    desk: HelpDesk
    look_every: timedelta

    def parts(self) -> dict[str, str]:
        """`ok` or what is wrong, by the part without which the bot cannot work."""
        engine = self.engine()
        return {
            "database": database_words(self.database),
            "engine": self.outage.jobs or OK if engine.ok else engine.words,
            "slack": self.outage.slack or self.slack() or OK,
        }

    def wrong(self, session: Session, status: StatusSummary, now: datetime) -> tuple[str, ...]:
        """Everything that is wrong now, the worst first; empty if nothing is."""
        broken = [f"{name}: {words}" for name, words in self.parts().items() if words != OK]
        return (*broken, *self._desk(session, now), *_stuck(session, now), *_audit(status.audit))

    def _desk(self, session: Session, now: datetime) -> Iterator[str]:
        read_at = desk_feed.last_read(session, self.desk.system)
        if read_at is not None and (ago := now - read_at) > max(DESK_AWAY, 3 * self.look_every):
            yield f"desk: {self.desk.title} has not been read for {_ago(ago)}; what is due there is tried again"


def until_at_work(health: Callable[[], Health]) -> None:
    """Wait for the engine's queues, so that a bot that has just started is ready. One that stays idle says so."""
    pause, deadline = threading.Event(), time.monotonic() + AT_WORK_S
    while not health().ok and time.monotonic() < deadline:
        pause.wait(0.02)


def _stuck(session: Session, now: datetime) -> Iterator[str]:
    opened = select(func.count(), func.min(StuckItem.first_at)).where(StuckItem.state == "open")
    count, since = session.execute(opened).one()
    if count:
        things = "1 thing waits" if count == 1 else f"{count:,} things wait"
        yield f"failure queue: {things} for somebody, the oldest for {_ago(now - since)}"


def _audit(line: AuditLine | None) -> Iterator[str]:
    if line is not None and line.late:
        yield f"audit log: {line.rows:,} rows are signed by no checkpoint; an admin runs `handoff doctor`"


def _ago(span: timedelta) -> str:
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{minutes // 60} hours" if minutes < 2880 else f"{minutes // 1440} days"
