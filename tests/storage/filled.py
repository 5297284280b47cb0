"""Rows for any table, made up from what the database says of its columns, checks and foreign keys."""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    insert,
    inspect,
)

from storage.models import Base
from tests.support import START

LISTS: Final = {
    "attempts", "checks", "priority_why", "called", "evidence", "left", "tags", "last", "tone_words", "labels",
    "score_why", "needs", "shown_to", "lines", "fix", "domains", "others",
}  # fmt: skip
"""Columns of JSON that hold lists; the others hold objects."""
OBJECTS: Final = {"escalation.evidence"}
"""One whose name stands for a list elsewhere."""

_IN: Final = re.compile(r"\b(\w+) in \(((?:'[^']*'(?:, *)?)+)\)", re.IGNORECASE)


def choices(checks: Sequence[str]) -> dict[str, list[str]]:
    """What a column may be, of the checks that list it alone."""
    found: dict[str, list[str]] = {}
    for check in checks:
        for name, values in _IN.findall(check):
            if re.fullmatch(rf"\(?{name} in \([^)]*\)\)?", check.strip(), re.IGNORECASE):
                found[name] = re.findall(r"'([^']*)'", values)
    return found


def checks_of(connection: Connection) -> dict[str, list[str]]:
    """The text of every check, by table."""
    look = inspect(connection)
    return {name: [str(one["sqltext"]) for one in look.get_check_constraints(name)] for name in look.get_table_names()}


def checks_of_models() -> dict[str, list[str]]:
    """The same as the models say it. A table has its checks as a set; sorted, one seed makes the same rows."""
    return {
        name: sorted(str(one.sqltext) for one in table.constraints if isinstance(one, CheckConstraint))
        for name, table in Base.metadata.tables.items()
    }


@dataclass
class Filler:
    """Makes rows by chance, `ages` of them old or young; what a foreign key needs is there before."""

    connection: Connection
    metadata: MetaData
    checks: Mapping[str, Sequence[str]]
    chance: random.Random
    ages: Sequence[timedelta] = (timedelta(0),)
    made: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def fill(self, names: Sequence[str], rows: int) -> None:
        """Put `rows` rows into each of these tables that may hold so many."""
        for table in self.metadata.sorted_tables:
            if table.name in names:
                for number in range(1, rows + 1):
                    self.add(table, number)

    def add(self, table: Table, number: int, **given: Any) -> dict[str, Any] | None:
        """One row. None where it could not be another one than those there are."""
        row = {column.name: self._value(table, column, number) for column in table.columns} | self._consistent(table)
        row |= given
        _mend(table.name, row, self.chance)
        row = {name: value for name, value in row.items() if name in table.columns}
        primary = [one.name for one in table.primary_key.columns]
        there = self.made.setdefault(table.name, [])
        if any(all(row[name] == other[name] for name in primary) for other in there):
            return None
        self.connection.execute(insert(table).values(row))
        there.append(row)
        return row

    def _consistent(self, table: Table) -> dict[str, Any]:
        names = choices(self.checks.get(table.name, ()))
        return {name: self.chance.choice(values) for name, values in names.items() if name in table.columns}

    def _value(self, table: Table, column: Column[Any], number: int) -> Any:
        for key in column.foreign_keys:
            theirs = self.made.get(key.column.table.name, [])
            options = [one[key.column.name] for one in theirs]
            if not options or (column.nullable and self.chance.random() < 0.3):
                return None
            return self.chance.choice(options)
        kind = column.type
        if column.name in ("id", "number", "seq", "n") and isinstance(kind, Integer):
            return number
        if isinstance(kind, DateTime) or "DateTime" in type(kind).__name__:
            return None if column.nullable and self.chance.random() < 0.3 else self._when()
        if column.nullable and column.name.endswith(("_run", "until")):
            return None
        return _plain(column, kind, f"{table.name}-{number}", number)

    def _when(self) -> datetime:
        return START - self.chance.choice(self.ages) - timedelta(seconds=self.chance.randrange(60))


def _plain(column: Column[Any], kind: Any, word: str, number: int) -> Any:
    if isinstance(kind, JSON):
        return [] if column.name in LISTS and f"{column.table.name}.{column.name}" not in OBJECTS else {}
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, Integer):
        return number
    if isinstance(kind, Float):
        return 0.5
    if isinstance(kind, LargeBinary):
        return b"bytes"
    return f"{word}-{column.name}"[:60]


def _mend(table: str, row: dict[str, Any], chance: random.Random) -> None:
    """Make a row true to the checks that speak of more than one column."""
    if table == "cases":
        closed = row["status"] in ("resolved", "not_needed")
        row["open_key"] = None if closed else row["case_key"]
        row["claimed_by"] = "anna@example.com" if row["status"] == "claimed" else None
        row["closed_at"] = (row["closed_at"] or row["opened_at"]) if closed else None
    if table == "case_group":
        row["open_key"] = None if row["closed_at"] else f"open-{row['id']}"
    if table == "escalation":
        row["open_key"] = None if row["state"] == "closed" else f"open-{row['id']}"
        row["claimed_by"] = "anna@example.com" if row["state"] == "claimed" else None
        row["closed_at"] = (row["closed_at"] or row["opened_at"]) if row["state"] == "closed" else None
    if table == "run":
        going_on = row["state"] in ("asked", "proposed", "approved", "running")
        row["open_key"] = row["open_key"] if going_on else None
        row["settled_at"] = None if going_on else row["settled_at"] or row["requested_at"]
        row["kind"], row["automation"] = chance.choice(("offboard", "sync")), "access"
    if table == "stuck_item":
        row["settled_at"] = None if row["state"] == "open" else row["settled_at"] or row["last_at"]
    if table == "triage_decision":
        row["level"] = 1 + row["level"] % 3
    if table == "failure_event":
        row["source"] = chance.choice(("invoicer", "billing"))
    if table == "triage_evaluation":
        row["rules_version"] = "v1"
    if table == "notification" and row["state"] not in ("sending", "unknown"):
        row["attempt_at"] = None
    if table == "hand_over":
        row["rotation"] = "primary"
    if table == "audit_head":
        row["id"] = 1


def hanging(connection: Connection, metadata: MetaData) -> Iterator[str]:
    """Foreign keys that point at no row, in words."""
    for table in metadata.sorted_tables:
        for key in table.foreign_keys:
            here, there = key.parent, key.column.table.alias()
            lost = table.outerjoin(there, here == there.c[key.column.name])
            found = connection.execute(
                table.select().select_from(lost).where(here.is_not(None), there.c[key.column.name].is_(None))
            ).all()
            if found:
                yield f"{table.name}.{here.name}: {len(found)} rows"
