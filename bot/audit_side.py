"""The running bot's checkpoints of the audit log: signed into a file outside the database, by time and by rows."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from automations.errors import ConfigError
from automations.ports import Clock
from bot.live import Live
from bot.parts import data_dir
from bot.schedule import Here
from bot.settings import Settings
from bot.settings_file import secret
from storage import audit, checkpointing
from storage.audit import ChainMissing
from storage.checkpoints import CheckpointError
from storage.engine import Database

log = structlog.get_logger(__name__)

LOOK_S: Final = 5.0
AGAIN: Final = timedelta(minutes=1)
"""How long after one that could not be made the next is tried."""


def checkpoint_file(settings: Settings) -> Path:
    """Where signed checkpoints go."""
    return settings.audit.checkpoints or data_dir() / "audit-checkpoints.jsonl"


def checkpoint_key(settings: Settings) -> bytes | None:
    """What signs them, None where nothing does. Raises: ConfigError for a file of the key that is no good."""
    key = secret(settings.audit, "key")
    return key.encode() if key else None


class AuditSide:
    """Makes this process's checkpoints. Without a key there are none, which `handoff doctor` says."""

    def __init__(self, database: Database, live: Live, clock: Clock) -> None:
        self._database, self._live, self._clock = database, live, clock
        self._seq, self._next = 0, datetime.min.replace(tzinfo=clock.now().tzinfo)

    def timetable(self) -> tuple[Here, ...]:
        """What happens by the clock."""
        return (Here("checkpoint", LOOK_S, self.look),)

    def look(self) -> None:
        """Make a checkpoint if one is due."""
        now, section = self._clock.now(), self._live.terms.settings.audit
        if now < self._next:
            if self._seq == 0:
                return
            with self._database.read() as session:
                end = audit.head(session)
            if end is None or end.seq - self._seq < section.rows:
                return
        self._make(now, section.every)

    def close(self) -> None:
        """One more at the end, so that what a stopped bot did does not wait for its next start."""
        self._make(self._clock.now(), AGAIN)

    def _make(self, now: datetime, every: timedelta) -> None:
        settings = self._live.terms.settings
        path = checkpoint_file(settings)
        try:
            key = checkpoint_key(settings)
            if key is None:
                self._next = now + AGAIN
                return
            line = checkpointing.checkpoint(self._database, path, key, now)
            with self._database.read() as session:
                end = audit.head(session)
        except (CheckpointError, ChainMissing, ConfigError, SQLAlchemyError) as exc:
            words = type(exc).__name__ if isinstance(exc, SQLAlchemyError) else str(exc)
            log.error("audit.checkpoint_failed", file=str(path), problem=words)  # noqa: TRY400 - the words say it all
            self._next, self._seq = now + AGAIN, 0
            return
        self._next, self._seq = now + every, end.seq if end else 0
        if line is not None:
            log.info("audit.checkpoint", file=str(path), number=line.number, row=line.seq)
