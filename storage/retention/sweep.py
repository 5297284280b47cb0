"""The sweep: drops what is over, a bounded number of rows in each transaction, children before parents.

Each transaction that drops something says in one audit row how many rows of which table. Rows are looked for and
locked in the transaction that drops them, so what somebody opens again meanwhile stays. A sweep that is cut off has
dropped whole transactions and goes on at the next.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Table, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from storage import audit
from storage.engine import Database
from storage.models import StuckItem
from storage.retention import messages
from storage.retention.asked import SWEPT, TARGET
from storage.retention.registry import RULES
from storage.retention.rules import Rule, primary_of
from storage.retention.terms import Terms

ACTOR: Final = "handoff"
BATCH: Final = 500
"""Rows that one transaction drops at most."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """One sweep, by the terms as they are at `now`. `batch`: rows that one transaction drops at most."""

    database: Database
    terms: Terms
    now: datetime
    batch: int = BATCH
    dropped: Counter[str] = field(default_factory=Counter)

    def all_of_it(self, *, most: int = 200) -> bool:
        """Drop what is over in up to `most` transactions. True: there may be more, so sweep again soon."""
        return all(self.some() for _ in range(most))

    def some(self) -> int:
        """One transaction: drop up to a batch of rows, and say in the audit log how many of which. The number."""
        dropped: Counter[str] = Counter()
        with self.database.begin() as session:
            owed = _owed(session)
            for rule in RULES:
                self._by(rule, session, owed, dropped)
            self._messages(session, dropped)
            if dropped:
                said = {"rows": dict(sorted(dropped.items())), "days": self.terms.days()}
                audit.append(
                    session, at=self.now, actor=ACTOR, action=SWEPT, target=TARGET, outcome="done",
                    correlation_id=f"retention/{self.now.isoformat()}", after=said,
                )  # fmt: skip
        self.dropped.update(dropped)
        return dropped.total()

    def _by(self, rule: Rule, session: Session, owed: Mapping[str, set[int]], dropped: Counter[str]) -> None:
        if (left := self.batch - dropped.total()) <= 0:
            return
        primary = primary_of(rule.table)
        which = rule.condition(self.now - getattr(self.terms, rule.term))
        if rule.named and (stays := owed.get(rule.named)):
            which = and_(which, primary[0].not_in(stays))
        wanted = select(*primary).select_from(rule.model).where(which).order_by(*primary).limit(left)
        rows = [tuple(row) for row in session.execute(wanted.with_for_update(of=rule.model, skip_locked=True))]
        if not rows:
            return
        for part in rule.parts:
            some = select(*primary_of(part.table)).where(part.column.in_([row[0] for row in rows]))
            room = self.batch - dropped.total()
            keys = [tuple(row) for row in session.execute(some.limit(room))] if room > 0 else []
            _delete(session, part.table, keys)
            dropped.update({part.table.name: len(keys)} if keys else {})
        rows = rows[: max(0, self.batch - dropped.total())]
        if not rows:
            return
        for cut in rule.cuts:
            pointing = update(cut.class_).where(cut.in_([row[0] for row in rows])).values({cut.key: None})
            session.execute(pointing, execution_options={"synchronize_session": False})
        _delete(session, rule.table, rows)
        dropped[rule.table.name] += len(rows)

    def _messages(self, session: Session, dropped: Counter[str]) -> None:
        if (left := self.batch - dropped.total()) <= 0:
            return
        roots = messages.gone(session, self.now - self.terms.messages, left)
        dropped.update({name: count for name, count in messages.drop(session, roots, left).items() if count})


def _owed(session: Session) -> dict[str, set[int]]:
    """Numbers of what open items of the failure queue are about, by the names of their jobs' arguments."""
    found: dict[str, set[int]] = {}
    for args in session.scalars(select(StuckItem.args).where(StuckItem.state == "open")):
        for name, value in _numbers(args):
            found.setdefault(name, set()).add(value)
    return found


def _numbers(args: Mapping[str, Any]) -> Iterator[tuple[str, int]]:
    for name, value in args.items():
        if name.endswith("_id") and str(value).isdecimal():
            yield name, int(value)


def _delete(session: Session, table: Table, rows: list[tuple[Any, ...]]) -> None:
    if not rows:
        return
    primary = primary_of(table)
    if len(primary) == 1:
        which: ColumnElement[bool] = primary[0].in_([row[0] for row in rows])
    else:
        which = or_(*(and_(*(one == value for one, value in zip(primary, row, strict=True))) for row in rows))
    session.execute(delete(table).where(which))
