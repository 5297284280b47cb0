"""Loading a log into the built-in desk: rows that are events of tickets, or tickets after their updates.

The history of a ticket is always the one that a single import of all its rows would have written, whatever was
imported before: new rows at its end are added, and where one comes before others, or another row has become the last
one that counts, its imported lines are written anew. A ticket that somebody changed in this desk, or that another kind
of file told the past of, stays as it is: new rows become lines without a change.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.adapters.builtin import import_story as tell
from automations.adapters.builtin.import_fields import Told, about_of, checked, told_of
from automations.adapters.builtin.import_made import NOBODY, NewLines, make_tickets, ticket_key, ticket_row
from automations.adapters.builtin.import_mapping import Effect, ImportMapping
from automations.adapters.builtin.import_names import Names
from automations.adapters.builtin.import_rows import BadRow, Progress, read_rows
from automations.adapters.builtin.import_spool import Spool, spool
from automations.adapters.builtin.import_story import Line, Moment, Story
from automations.adapters.builtin.rows import IMPORTED
from automations.adapters.builtin.tables import DeskTables
from automations.redact import Redactor
from storage.models import DeskGroup, DeskMessage, DeskTicket, DeskUser

ROWS: Final = 2_000
TICKETS: Final = 200
"""Rows and tickets per transaction: what is committed stays, should the import be stopped."""
STATE: Final = ("status", "priority", "group", "assignee")
REDACTED: Final = ("activity", "agent")


@dataclass(slots=True)
class Logged:
    """What came of a log: tickets made, changed and left as they were; rows stored, dropped as doubled, rejected."""

    rejected: list[tuple[int, str]]
    created: int = 0
    changed: int = 0
    already_there: int = 0
    events: int = 0
    doubled: int = 0


class LogImport:
    """One import of a log."""

    def __init__(self, tables: DeskTables, mapping: ImportMapping, names: Names, redactor: Redactor) -> None:
        self._tables = tables
        self._mapping = mapping
        self._names = names
        self._redactor = redactor
        self._plain = lru_cache(maxsize=1_000)(redactor.text)
        self._states = STATE if mapping.rows == "updates" else ()
        self._kind = mapping.rows.removesuffix("s")
        self._effects: dict[str, Effect] = {
            redactor.text(name).lower(): effect for name, effect in mapping.activities.items()
        }

    def run(self, path: Path, on_progress: Progress, on_storing: Progress) -> Logged:
        """Load the file. Raises: ConfigError if it cannot be read; nothing of it is stored then."""
        logged = Logged([])
        with spool() as aside:
            self._set_aside(path, aside, logged, on_progress)
            done = 0
            for rows, tickets in _batches(aside.tickets()):
                with self._tables.writing() as session:
                    self._store(session, tickets, logged)
                done += rows
                on_storing(done, aside.rows)
            logged.doubled = aside.doubled
        return logged

    def _set_aside(self, path: Path, aside: Spool, logged: Logged, on_progress: Progress) -> None:
        for one in checked(read_rows(path, self._mapping, on_progress), self._mapping, told_of):
            if isinstance(one, BadRow):
                logged.rejected.append((one.line, one.reason))
                continue
            row, told = one
            plain = {field: self._plain(told.fields[field]) for field in REDACTED if field in told.fields}
            aside.add(replace(told, fields={**told.fields, **plain}), row.line, row.digest)

    def _store(self, session: Session, tickets: Sequence[list[Told]], logged: Logged) -> None:
        keys = [ticket_key(told[0].ticket) for told in tickets]
        there = {row.key: row for row in session.scalars(select(DeskTicket).where(DeskTicket.key.in_(keys)))}
        said: defaultdict[int, list[DeskMessage]] = defaultdict(list)
        numbers = [row.id for row in there.values()]
        messages = select(DeskMessage).where(DeskMessage.ticket_id.in_(numbers)).order_by(DeskMessage.id)
        for one in session.scalars(messages):
            said[one.ticket_id].append(one)
        new = NewLines([], [])
        self._make(session, [one for one, key in zip(tickets, keys, strict=True) if key not in there], new)
        for told, key in zip(tickets, keys, strict=True):
            if (row := there.get(key)) is None:
                logged.created += 1
            elif self._follow(session, row, said[row.id], told, new):
                logged.changed += 1
            else:
                logged.already_there += 1
        new.write(session)
        logged.events += len(new.messages) - len(new.old)

    def _make(self, session: Session, tickets: Sequence[list[Told]], new: NewLines) -> None:
        stories = [self._story(self._moments(told)) for told in tickets]
        rows = [self._row(session, told, story) for told, story in zip(tickets, stories, strict=True)]
        numbers = make_tickets(session, rows)
        for row, story in zip(rows, stories, strict=True):
            new.add(numbers[row["key"]], story.lines)

    def _row(self, session: Session, told: list[Told], story: Story) -> dict[str, Any]:
        filled = {field: text for one in told for field, text in one.fields.items() if text}
        return ticket_row(
            session,
            told[0].ticket,
            about_of(filled | dict(story.state)),
            self._names,
            self._redactor,
            status=story.state["status"],
            created_at=_first(told),
            updated_at=told[-1].at,
            solved_at=story.solved_at,
        )

    def _follow(
        self, session: Session, row: DeskTicket, said: Sequence[DeskMessage], told: list[Told], new: NewLines
    ) -> bool:
        """Let a ticket that is there have these rows too. False if it has them already."""
        mine = [one for one in said if self._is_mine(one)]
        others = any(one.changes and not self._is_mine(one) for one in said)
        known = [_line(one) for one in mine]
        before = self._known_moments(session, row, known)
        keys = {line.key for line in known}
        added = [moment for moment in self._moments(told) if moment.key not in keys]
        if others:
            new.add(row.id, [Line(one.key, one.at, one.author, one.words or tell.UPDATED) for one in added])
            row.updated_at = max([row.updated_at, *(one.at for one in added)])
            return bool(added)
        story = self._story(sorted([*before, *added], key=lambda moment: moment.at))
        if list(story.lines) == known:
            return False
        if list(story.lines[: len(known)]) == known:
            new.add(row.id, story.lines[len(known) :])
        else:
            new.replace(row.id, [one.id for one in mine], story.lines)
        self._let_follow(session, row, story, told)
        return True

    def _is_mine(self, said: DeskMessage) -> bool:
        """Say whether a message was imported from this kind of log."""
        return said.key is not None and said.key.startswith(f"{IMPORTED}{self._kind}/")

    def _let_follow(self, session: Session, row: DeskTicket, story: Story, told: list[Told]) -> None:
        row.status, row.solved_at = story.state["status"], story.solved_at
        row.created_at = min(row.created_at, _first(told))
        row.updated_at = max(row.updated_at, told[-1].at)
        if self._mapping.rows == "updates":
            row.priority = story.state["priority"]
            row.group_id = self._names.group(session, story.state["group"])
            row.assignee_id = self._names.person(session, story.state["assignee"])

    def _story(self, moments: Sequence[Moment]) -> Story:
        if self._mapping.rows == "events":
            return tell.of_events(moments, self._effects)
        return tell.of_updates(moments)

    def _moments(self, told: Iterable[Told]) -> list[Moment]:
        """Rows as moments of their ticket, each with a key that is the same in every file that holds the row."""
        moments, met = [], Counter[str]()
        for one in told:
            author, words = one.fields.get("agent", NOBODY), one.fields.get("activity", "")
            state = {field: one.fields[field] for field in self._states if field in one.fields}
            said = json.dumps([one.at.isoformat(), author, words, state], sort_keys=True)
            digest = hashlib.sha256(said.encode()).hexdigest()[:32]
            met[digest] += 1
            key = f"{self._kind}/{digest}" if met[digest] == 1 else f"{self._kind}/{digest}/{met[digest]}"
            moments.append(Moment(key, one.at, author, words, state))
        return moments

    def _known_moments(self, session: Session, row: DeskTicket, known: Sequence[Line]) -> list[Moment]:
        """What was imported of a ticket before, as moments again."""
        if self._mapping.rows == "events":
            return [Moment(line.key, line.at, line.author, line.body, {}) for line in known]
        now = {
            "status": row.status,
            "priority": row.priority,
            "group": session.get_one(DeskGroup, row.group_id).name if row.group_id else "",
            "assignee": session.get_one(DeskUser, row.assignee_id).email if row.assignee_id else "",
        }
        states = [*tell.states(known, now)][::-1]
        return [Moment(line.key, line.at, line.author, "", state) for line, state in zip(known, states, strict=True)]


def _line(said: DeskMessage) -> Line:
    changes = tuple((str(field), str(before), str(now)) for field, before, now in said.changes or ())
    return Line((said.key or "").removeprefix(IMPORTED), said.at, said.author, said.body, changes)


def _first(told: Sequence[Told]) -> datetime:
    """When a ticket was made: as its rows say, or at its first row if that is earlier."""
    said = [datetime.fromisoformat(one.fields["created_at"]) for one in told if "created_at" in one.fields]
    return min([told[0].at, *said]).astimezone(UTC)


def _batches(tickets: Iterator[tuple[int, list[Told]]]) -> Iterator[tuple[int, list[list[Told]]]]:
    """Tickets together as long as they are few and short, with how many rows of the file they are."""
    rows, batch = 0, []
    for n, told in tickets:
        rows += n
        batch.append(told)
        if rows >= ROWS or len(batch) >= TICKETS:
            yield rows, batch
            rows, batch = 0, []
    if batch:
        yield rows, batch
