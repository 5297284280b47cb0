"""Commits of many requests as one: who waits for the database anyway is taken along by whoever goes first.

A commit costs a wait for the disk, whatever is in it. While one request's transaction runs, others gather; the next in
line writes all of them in one transaction, and each is answered only after that commit. Nothing waits on purpose: a
single request on an idle bot is a batch of one. Who is taken along sleeps until it is told, and wakes up once.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from automations.failure_tickets.accepted import Screened
from automations.failure_tickets.context import Context
from automations.failure_tickets.intake import Receipt, take_in
from automations.failure_tickets.present import present
from storage.boundaries import reach
from storage.engine import Database

MOST_EVENTS = 500


@dataclass(eq=False, slots=True)
class _Waiting:
    """One request's events, and what came of them.

    `told` is set when something came of them, or when it is this request's turn to write. `alone` after a common
    transaction failed: somebody else's events may be the cause.
    """

    screened: Sequence[Screened]
    receipts: list[Receipt] | None = None
    error: SQLAlchemyError | None = None
    alone: bool = False
    told: threading.Event = field(default_factory=threading.Event)

    @property
    def settled(self) -> bool:
        """Whether something came of them."""
        return self.receipts is not None or self.error is not None


@dataclass
class Batches:
    """Stores screened events; safe to call from many threads. One of them writes at a time, for all who wait."""

    database: Database
    context: Callable[[], Context]
    _gathering: threading.Lock = field(default_factory=threading.Lock)
    _waiting: list[_Waiting] = field(default_factory=list)
    _busy: bool = False

    def store(self, screened: Sequence[Screened]) -> list[Receipt]:
        """Store one request's events, all or none; returns their receipts after the commit.

        Raises: what the database raises; then nothing of this request is stored.
        """
        mine = _Waiting(screened)
        with self._gathering:
            self._waiting.append(mine)
            waits, self._busy = self._busy, True
        if waits:
            mine.told.wait()
        if not mine.settled:
            self._write_until(mine)
        if mine.error is not None:
            raise mine.error
        return mine.receipts or []

    def _write_until(self, mine: _Waiting) -> None:
        """Write the oldest of those who wait until ours is settled; then whoever has waited longest goes on."""
        try:
            while not mine.settled:
                self._write_next()
        finally:
            self._hand_over(mine)

    def _hand_over(self, mine: _Waiting) -> None:
        with self._gathering:
            # An error that nobody expected ends ours here: what is answered with it is not to be written later.
            self._waiting = [one for one in self._waiting if one is not mine]
            self._busy = bool(self._waiting)
            if self._waiting:
                self._waiting[0].told.set()

    def _write_next(self) -> None:
        """One transaction. Where it fails for several together, each is written once more by itself."""
        batch = self._next()
        try:
            self._write(batch)
        except SQLAlchemyError as exc:
            if len(batch) == 1:
                batch[0].error = exc
        finally:
            for one in batch:
                one.alone = not one.settled
            self._again([one for one in batch if one.alone])
            for one in batch:
                if one.settled:
                    one.told.set()

    def _again(self, unsettled: Sequence[_Waiting]) -> None:
        with self._gathering:
            self._waiting[:0] = unsettled

    def _next(self) -> list[_Waiting]:
        """Take those who wait, oldest first, up to what one request may hold; who is to be alone by itself."""
        with self._gathering:
            size = count = 0
            for one in self._waiting:
                size += len(one.screened)
                if count and (size > MOST_EVENTS or one.alone or self._waiting[0].alone):
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
                    request.error = exc
            raise
        reach("ingest.committed")
        for request in batch:
            request.receipts, receipts = receipts[: len(request.screened)], receipts[len(request.screened) :]
