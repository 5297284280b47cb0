"""Watches every transaction of every test: a change of state without an audit row beside it fails the test.

What counts is what the product's own acts do, those of `automations` and `bot`; a test that sets its stage by writing
rows itself, or by calling storage, which knows no acts, is let be. A transaction passes if it appends one audit row at
least, whatever the number of changes; `tests/test_audited.py` shows for every act that the row is the right one.
"""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any, Final
from weakref import WeakKeyDictionary

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
    "rule_feedback": {"withdrawn_at"},
    "automation_mode": {"mode"},
    "pause": {"ended_at"},
    "absence": {"until", "ended_at"},
    "duty_cover": {"ended_at"},
    "people_link": {"slack", "desk"},
}
"""Tables whose rows may not come or go unsaid, and the columns of each that may not change unsaid."""

OTHERS: Final = {
    "config_reload": "what a process asks of another; reading settings writes `config.reloaded` or `config.refused`",
    "customer": "a copy of what the source says; changes of it are rows of `customer_change`",
    "desk_customer": "the built-in desk's own, as another system's: what we do to it is in `customer.change`",
    "desk_ticket": "the built-in desk's own, as another system's: what we do to it is in `ticket.*`",
    "desk_user": "the built-in desk's own, as another system's: what we do to it is in `step.*`",
    "escalation_firing": "belongs to its `escalation`, which is watched",
    "failure_event": "the event as it came; the case it opens or joins is watched",
    "mirror_span": "a copy of what the desk says",
    "mirror_ticket": "a copy of what the desk says",
    "notification": "each post writes `slack.posted`; an edit shows a state that has its row",
    "sla_clock": "worked out from the mirror",
    "upload": "a file on its way; what is shared writes `slack.file_shared`",
}
"""Tables with a column of that kind whose rows are no states of ours, and why."""

_RUNS, _TICKETS = "automations/runs", "automations/failure_tickets"
_CUSTOMERS = "automations/customer_context"
UNSAID: Final = {
    (f"{_RUNS}/doing.py:_begin", "run_step"): "before the remote call, for a crash in it; what came of it has its row",
    (f"{_RUNS}/doing.py:remark", "run_step"): "words about what it waits for; the state stays",
    (f"{_RUNS}/doing.py:_saw", "run_step"): "what was read last; the state stays",
    (f"{_CUSTOMERS}/applying.py:_begin", "customer_change"): "before the remote call; what came of it has its row",
    (f"{_CUSTOMERS}/applying.py:_to_carry_out", "customer_group"): (
        "the approved run, which has its row, takes its group up again; the group's end has its own"
    ),
    (
        f"{_CUSTOMERS}/sync_groups.py:supersede_of",
        "customer_group",
    ): "nobody decided; the run that found it has its row",
    (f"{_CUSTOMERS}/sync_groups.py:supersede_older", "customer_group"): "nobody decided; the newer run has its row",
    (f"{_TICKETS}/tickets.py:_create", "case_ticket"): "before the remote call; what came of it has its row",
    (f"{_TICKETS}/tickets.py:_begin_change", "case_ticket"): "before the remote call; what came of it has its row",
    (f"{_TICKETS}/tickets.py:_look_up", "case_ticket"): "not there, so it is created, which has its row",
    (f"{_TICKETS}/unclear.py:ask", "case_ticket"): "a person is asked by the failure queue, whose row says so",
    (f"{_TICKETS}/ticket_row.py:failures_kept", "case_ticket"): "the same failure in the same words has its row",
}
"""(module:function on the way to the change, table): why it needs no row of its own."""

SETTERS: Final = {
    f"{_RUNS}/rows.py:move_step",
    f"{_CUSTOMERS}/group_rows.py:move",
    f"{_TICKETS}/ticket_row.py:move",
}
"""What moves one row for an act, which says so. A test that calls it directly sets its stage."""

SHOWN: Final = 4
"""How many of the functions that led to a change are named."""

_VERB = re.compile(r"\s*(insert into|update|delete from)\s+\"?(\w+)\"?(.*)", re.IGNORECASE | re.DOTALL)
_ROOT = f"{ROOT}/"
_OURS = tuple(f"{_ROOT}{name}/" for name in ("automations", "bot"))
_TESTS = f"{ROOT / 'tests'}/"


@dataclass
class Changes:
    """What one transaction did so far: watched changes as (cursor, `module:function: verb table`), whether it said so.

    `unsaid` has how many rows the statement met, or the cursor that will know: SQLite's does for one with RETURNING
    only when its rows were fetched.
    """

    unsaid: list[tuple[Any, str]] = field(default_factory=list)
    audited: bool = False
    marks: list[tuple[int, bool]] = field(default_factory=list)


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


def authors() -> list[str]:
    """The functions of ours that do it, `module:name`, innermost first; none if a test does it by itself."""
    found: list[str] = []
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(_OURS):
            found.append(f"{name.removeprefix(_ROOT)}:{frame.f_code.co_name}")
        elif name.startswith(_TESTS) and name != __file__:
            break
        frame = frame.f_back
    return found


class Watch:
    """Listens to every engine of this process. `found` are the transactions that said nothing, `said` how many did."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.said = 0
        self._open: WeakKeyDictionary[Connection, Changes] = WeakKeyDictionary()

    def clear(self) -> None:
        """Forget what was found. A transaction of a bot that runs on from test to test keeps what it has said."""
        self.found = []

    def executed(
        self, connection: Connection, cursor: Any, statement: str, _parameters: Any, _context: Any, _many: bool
    ) -> None:
        """Remember a change."""
        what = watched(statement)
        if what is None:
            return
        changes = self._open.setdefault(connection, Changes())
        if what[1] == "audit_entry":
            changes.audited = True
        elif (by := authors()) and set(by) - SETTERS and not any((one, what[1]) in UNSAID for one in by):
            # Once it is closed, psycopg's cursor has forgotten, and SQLite's knows only then (with RETURNING).
            met = cursor.rowcount if connection.dialect.name == "postgresql" else cursor
            changes.unsaid.append((met, f"{what[0]} {what[1]} by {' < '.join(by[:SHOWN])}"))

    def savepoint(self, connection: Connection, _name: str | None) -> None:
        """Remember what there was before it. Its name is not known yet."""
        changes = self._open.setdefault(connection, Changes())
        changes.marks.append((len(changes.unsaid), changes.audited))

    def past_savepoint(self, connection: Connection, _name: str, _context: Any) -> None:
        """What was done since stays."""
        self._back(connection)

    def back_to_savepoint(self, connection: Connection, _name: str, _context: Any) -> None:
        """Forget what was done since."""
        changes, (length, audited) = self._back(connection)
        changes.audited = audited
        del changes.unsaid[length:]

    def _back(self, connection: Connection) -> tuple[Changes, tuple[int, bool]]:
        changes = self._open.setdefault(connection, Changes())
        return changes, changes.marks.pop() if changes.marks else (0, False)

    def committed(self, connection: Connection) -> None:
        """Judge the transaction. A change that met no row is none."""
        changes = self._open.pop(connection, None)
        if changes is None or not changes.unsaid:
            return
        if changes.audited:
            self.said += 1
        else:
            self.found.extend(words for met, words in changes.unsaid if getattr(met, "rowcount", met) != 0)

    def rolled_back(self, connection: Connection) -> None:
        """Nothing was changed."""
        self._open.pop(connection, None)


@contextmanager
def watching() -> Iterator[Watch]:
    """Watch until the end of the block."""
    watch = Watch()
    listeners: dict[str, Callable[..., None]] = {
        "after_cursor_execute": watch.executed,
        "savepoint": watch.savepoint,
        "release_savepoint": watch.past_savepoint,
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
