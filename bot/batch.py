"""Commits of many requests as one: who waits for the database anyway is taken along by whoever goes first.

A commit costs a wait for the disk, whatever is in it. While one request's transaction runs, others gather; the next in
line writes all of them in one transaction, and each is answered only after that commit. Nothing waits on purpose: a
single request on an idle bot is a batch of one.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from automations.failure_tickets.accepted import Screened
from automations.failure_tickets.context import Context
from automations.failure_tickets.intake import Receipt, take_in
from automations.failure_tickets.present import present
from storage.boundaries import reach
from storage.engine import Database

MOST_EVENTS = 500


@dataclass(eq=False, slots=True)
class _Waiting:
    """One request's events. `alone` after a common transaction failed: somebody else's events may be the cause.

    `away` is what the database said when no transaction could even begin.
    """

    screened: Sequence[Screened]
    receipts: list[Receipt] | None = None
    away: DBAPIError | None = None
    alone: bool = False


@dataclass
class Batches:
    """Stores screened events; safe to call from many threads."""

    database: Database
    context: Callable[[], Context]
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _gathering: threading.Lock = field(default_factory=threading.Lock)
    _waiting: list[_Waiting] = field(default_factory=list)

    def store(self, screened: Sequence[Screened]) -> list[Receipt]:
        """Store one request's events, all or none; returns their receipts after the commit.

        Raises: what the database raises; then nothing of this request is stored.
        """
        mine = _Waiting(screened)
        with self._gathering:
            self._waiting.append(mine)
        while mine.receipts is None:
            with self._turn:
                if mine.receipts is not None:
                    break
                if mine.away is not None:
                    raise mine.away
                if mine.alone:
                    self._write([mine])
                else:
                    self._write_together(mine)
        return mine.receipts

    def _write_together(self, mine: _Waiting) -> None:
        """Write the oldest of those who wait. What fails without us is theirs to hear, for ours still waits."""
        batch = self._next()
        written = False
        try:
            self._write(batch)
            written = True
        except SQLAlchemyError:
            if batch == [mine]:
                raise
        finally:
            for one in batch:
                one.alone = not written

    def _next(self) -> list[_Waiting]:
        """Take those who wait, oldest first, up to what one request may hold."""
        with self._gathering:
            size = count = 0
            for one in self._waiting:
                size += len(one.screened)
                if count and size > MOST_EVENTS:
                    break
                count += 1
            batch, self._waiting = self._waiting[:count], self._waiting[count:]
        return batch

    def _write(self, batch: Sequence[_Waiting]) -> None:
        events = [one for request in batch for one in request.screened]
        numbered = [replace(one, accepted=replace(one.accepted, number=n)) for n, one in enumerate(events)]
        began = False
        try:
            with self.database.begin(urgent=True) as session:
                began = True
                receipts = take_in(session, numbered, present(session, self.context()))
                reach("ingest.before_commit")
        except (OperationalError, InterfaceError) as exc:
            if not began:  # nobody's events are the cause; if each waited in turn, the last would hear after minutes
                for request in batch:
                    request.away = exc
            raise
        reach("ingest.committed")
        for request in batch:
            request.receipts, receipts = receipts[: len(request.screened)], receipts[len(request.screened) :]
