"""Stand-ins that tests of every room use."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import event, text
from sqlalchemy.orm import Session, SessionTransaction

START = datetime(2026, 11, 21, 2, 14, tzinfo=UTC)
"""When every test begins: a Saturday night."""


@dataclass
class FakeClock:
    """A clock that moves only when told to."""

    at: datetime = START

    def now(self) -> datetime:
        return self.at

    def move(self, by: timedelta) -> datetime:
        """Go forward, or back if `by` is negative. Returns the new time."""
        self.at += by
        return self.at


@dataclass(frozen=True)
class Job:
    """One job that was asked for."""

    job: str
    key: str
    args: dict[str, str | int]


@dataclass
class RecordingJobs:
    """The port `Jobs` without an engine: keeps what was asked for, and forgets what was rolled back.

    Like the engine it runs a key once: a second request for the same key is not kept. `asked` counts every request.
    """

    asked: int = 0
    _kept: list[tuple[SessionTransaction, Job]] = field(default_factory=list)

    def enqueue(self, session: Session, job: str, key: str, args: Mapping[str, str | int]) -> None:
        assert len(json.dumps(dict(args)).encode()) <= 4096, f"{key}: arguments over 4 KB"
        assert all(isinstance(value, str | int) for value in args.values()), f"{key}: arguments are ids and counts"
        transaction = session.get_nested_transaction() or session.get_transaction()
        assert transaction is not None, f"{key}: a job is asked for inside a transaction"
        self.asked += 1
        if any(kept.key == key for _, kept in self._kept):
            return
        self._kept.append((transaction, Job(job, key, dict(args))))
        if not event.contains(session, "after_soft_rollback", self._rolled_back):
            event.listen(session, "after_soft_rollback", self._rolled_back)

    @property
    def calls(self) -> list[Job]:
        """The jobs in the order in which they were asked for."""
        return [job for _, job in self._kept]

    def forget(self) -> None:
        """Forget all of them, for a test that plays many scenes one after another."""
        self._kept.clear()

    def of(self, job: str) -> list[Job]:
        """The jobs of one name."""
        return [kept for kept in self.calls if kept.job == job]

    def clear(self) -> None:
        """Forget everything so far."""
        self._kept.clear()
        self.asked = 0

    def _rolled_back(self, _session: Session, ended: SessionTransaction) -> None:
        self._kept = [(began, job) for began, job in self._kept if ended not in _with_parents(began)]


def disarm_audit(session: Session) -> None:
    """Drop the triggers that keep the audit log append-only, as somebody who owns the whole database could."""
    if session.get_bind().dialect.name == "postgresql":
        for function in ("audit_refuse", "audit_keep", "audit_segment_check"):
            session.execute(text(f"drop function {function}() cascade"))
        return
    segment = ("audit_segment_no_update", "audit_segment_no_delete", "audit_segment_sound")
    for trigger in ("audit_entry_no_update", "audit_entry_no_delete", "audit_head_no_delete", *segment):
        session.execute(text(f"drop trigger {trigger}"))


def _with_parents(transaction: SessionTransaction | None) -> Iterator[SessionTransaction]:
    while transaction is not None:
        yield transaction
        transaction = transaction.parent


def shared(name: str) -> Path | None:
    """A folder of ../shared, None where it is absent and nothing requires it."""
    folder = Path(__file__).parents[2] / "shared" / name
    if folder.is_dir():
        return folder
    assert "shared" not in os.environ.get("HANDOFF_REQUIRE", ""), f"HANDOFF_REQUIRE asks for {folder}"
    return None
