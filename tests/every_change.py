"""Watches every transaction of every test: a change of state without an audit row beside it fails the test.

What counts is what the product's own code does; a test that sets its stage by writing rows itself is let be. A
transaction passes if it appends one audit row at least, whatever the number of changes; `tests/test_audited.py` shows
for every act that the row is the right one.
"""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, event

ROOT: Final = Path(__file__).parents[1]

STATES: Final = {
    "cases": {"status", "owner", "priority"},
    "case_group": {"closed_at"},
    "case_ticket": {"state"},
    "undo_offer": {"state"},
    "escalation": {"state"},
    "run": {"state"},
    "run_step": {"state"},
    "run_approval": set(),
    "finding": {"state"},
    "access_block": set(),
    "report": {"state"},
    "stuck_item": {"state"},
    "customer_group": {"state"},
    "customer_change": {"state"},
    "customer_conflict": {"state"},
    "customer_rejected": {"state"},
    "customer_notice": {"state"},
    "triage_decision": {"state"},
    "triage_model": set(),
    "triage_evaluation": set(),
    "automation_mode": {"mode"},
    "pause": {"ended_at"},
    "absence": {"until", "ended_at"},
    "duty_cover": {"ended_at"},
    "people_link": {"slack", "desk"},
}
"""Tables whose rows may not come or go unsaid, and the columns of each that may not change unsaid."""

UNSAID: Final[dict[tuple[str, str], str]] = {}
"""(module:function, table): why its changes need no row of their own."""

_VERB = re.compile(r"\s*(insert into|update|delete from)\s+\"?(\w+)\"?(.*)", re.IGNORECASE | re.DOTALL)
_OURS = tuple(f"{ROOT / name}/" for name in ("automations", "bot", "storage"))
_DOOR = f"{ROOT / 'storage' / 'engine.py'}"


@dataclass
class Changes:
    """What one transaction did so far: watched changes as `module:function: verb table`, and whether it appended a row."""

    unsaid: list[str] = field(default_factory=list)
    audited: bool = False
    marks: dict[str, tuple[int, bool]] = field(default_factory=dict)


@cache
def watched(statement: str) -> tuple[str, str] | None:
    """(verb, table) of a statement that changes a state or appends an audit row, None of any other."""
    found = _VERB.match(statement)
    if found is None:
        return None
    verb, table, rest = found.group(1).lower().split()[0], found.group(2), found.group(3)
    if table == "audit_entry":
        return verb, table
    if table not in STATES:
        return None
    if verb == "update":
        assignments = re.split(r"\swhere\s", rest, maxsplit=1, flags=re.IGNORECASE)[0]
        named = set(re.findall(r"(?:set|,)\s*\"?(\w+)\"?\s*=", assignments, re.IGNORECASE))
        return (verb, table) if named & STATES[table] else None
    return verb, table


def author() -> str | None:
    """The function of ours that does it, `module:name`; None if a test does it by itself."""
    frame = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(_OURS) and name != _DOOR and "/migrations/" not in name:
            return f"{Path(name).relative_to(ROOT)}:{frame.f_code.co_name}"
        if name.startswith(f"{ROOT / 'tests'}/") and name != __file__:
            return None
        frame = frame.f_back  # type: ignore[assignment]  # the outermost has none
    return None


class Watch:
    """Listens to every engine of this process. `found` are the transactions that said nothing."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._open: dict[Any, Changes] = {}

    def executed(
        self, connection: Connection, cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool
    ) -> None:
        """Remember a change. One that met no row is none."""
        what = watched(statement)
        if what is None:
            return
        changes = self._open.setdefault(connection.connection.dbapi_connection, Changes())
        if what[1] == "audit_entry":
            changes.audited = True
        elif cursor.rowcount != 0 and (by := author()) is not None and (by, what[1]) not in UNSAID:
            changes.unsaid.append(f"{by}: {what[0]} {what[1]}")

    def savepoint(self, connection: Connection, name: str) -> None:
        """Remember what there was before it."""
        changes = self._open.setdefault(connection.connection.dbapi_connection, Changes())
        changes.marks[name] = len(changes.unsaid), changes.audited

    def back_to_savepoint(self, connection: Connection, name: str, _context: Any) -> None:
        """Forget what was done since."""
        changes = self._open.setdefault(connection.connection.dbapi_connection, Changes())
        length, changes.audited = changes.marks.get(name, (0, False))
        del changes.unsaid[length:]

    def committed(self, connection: Connection) -> None:
        """Judge the transaction."""
        changes = self._open.pop(connection.connection.dbapi_connection, None)
        if changes is not None and changes.unsaid and not changes.audited:
            self.found.extend(changes.unsaid)

    def rolled_back(self, connection: Connection) -> None:
        """Nothing was changed."""
        self._open.pop(connection.connection.dbapi_connection, None)


@contextmanager
def watching() -> Iterator[Watch]:
    """Watch until the end of the block."""
    watch = Watch()
    listeners: dict[str, Callable[..., None]] = {
        "after_cursor_execute": watch.executed,
        "savepoint": watch.savepoint,
        "rollback_savepoint": watch.back_to_savepoint,
        "commit": watch.committed,
        "rollback": watch.rolled_back,
    }
    for name, listener in listeners.items():
        event.listen(Engine, name, listener)
    try:
        yield watch
    finally:
        for name, listener in listeners.items():
            event.remove(Engine, name, listener)
