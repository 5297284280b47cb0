"""Tickets from a file that people name, with what is known of their duplicates: CSV, TSV or JSON lines.

Columns are found by name, in any order and case. Where rows say which others they repeat, that is the truth a search is
measured by: ids of other rows, or the same name of a group for all that belong together.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from automations.errors import ConfigError
from bot.cli.files import STDIN, read_bytes
from bot.cli.table_records import Bad, Record, decoded, records_in

MAX_BYTES: Final = 500_000_000
ID: Final = ("id", "key", "issue_id", "issue id", "issue_key", "issue key", "bug_id", "ticket_id", "ticket", "number")
TITLE: Final = ("title", "subject", "summary", "short_desc")
TEXT: Final = ("text", "body", "description", "message", "content")
TRUTH: Final = (
    *("duplicate_of", "dup_of", "dup_id", "duplicates", "duplicate", "duplicated_issue", "duplicate_ids"),
    *("similar_to", "similar", "related_to", "linked_to", "links"),
)
GROUP: Final = ("duplicate_group", "group", "cluster", "cluster_id", "master", "master_id", "master_bug_id")

_NOTHING: Final = {"", "null", "none", "nan", "na", "n/a", "[]", "-"}


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A row of the file. `like`: ids of those it repeats, as the file says; empty where it says nothing."""

    id: str
    title: str
    text: str
    like: frozenset[str] = frozenset()
    group: str = ""


@dataclass(frozen=True, slots=True)
class TicketRows:
    """What was read, and what could not be used. `truth`: the column that tells duplicates; `named`: rows have ids."""

    rows: tuple[TicketRow, ...]
    bad: tuple[Bad, ...]
    truth: str | None
    named: bool


def ticket_rows(name: str) -> TicketRows:
    """Read a file, or standard input for `-`. Without a column of ids the number of its row is a ticket's id.

    Raises: ConfigError if the file cannot be read or no column holds words: it lists what is there.
    """
    shown = "standard input" if name == STDIN else name
    text, _ = decoded(read_bytes(name, limit=MAX_BYTES))
    found = records_in(text, shown, known={*ID, *TITLE, *TEXT, *TRUTH, *GROUP})
    columns = {of: next((each for each in of if each in found.columns), "") for of in (ID, TITLE, TEXT, TRUTH, GROUP)}
    if not columns[TITLE] and not columns[TEXT]:
        there = ", ".join(found.columns) or "nothing"
        wanted = f"{'/'.join(TITLE)} or {'/'.join(TEXT)}"
        raise ConfigError(f"{shown}: no column holds a ticket's words. Wanted: {wanted}; there: {there}.")
    rows: dict[str, TicketRow] = {}
    bad = list(found.bad)
    for record in found.records:
        row = TicketRow(
            id=_id(_value(record, columns[ID])) if columns[ID] else str(record.number),
            title=_value(record, columns[TITLE]),
            text=_value(record, columns[TEXT]),
            like=_ids(_value(record, columns[TRUTH])),
            group=_group(_value(record, columns[GROUP])) if not columns[TRUTH] else "",
        )
        if not row.id:
            bad.append(Bad(record.line, "there is no id"))
        elif row.id in rows:
            bad.append(Bad(record.line, f"the id {row.id} is there twice"))
        else:
            rows[row.id] = row
    truth = columns[TRUTH] or columns[GROUP] or None
    bad.sort(key=lambda each: each.line)
    return TicketRows(tuple(rows.values()), tuple(bad), truth, named=bool(columns[ID]))


def with_truth(asked: Iterable[TicketRow], among: Iterable[TicketRow]) -> list[TicketRow]:
    """Rows with all that they repeat among others: those named, or the others of their group; never themselves."""
    members: defaultdict[str, set[str]] = defaultdict(set)
    for row in among:
        if row.group:
            members[row.group] |= {row.id, row.group}
    return [replace(row, like=(row.like | members.get(row.group, set())) - {row.id}) for row in asked]


def _value(record: Record, column: str) -> str:
    return (record.values.get(column) or "") if column else ""


def _id(value: str) -> str:
    """An id as it is compared: a column with gaps comes out of some programs as `17.0`."""
    return re.sub(r"^(\d+)\.0$", r"\1", value.strip().strip('"'))


def _ids(value: str) -> frozenset[str]:
    parts = re.split(r"[\s,;\[\]\"']+", value)
    return frozenset(_id(part) for part in parts if part.lower() not in _NOTHING)


def _group(value: str) -> str:
    found = _id(value)
    return "" if found.lower() in _NOTHING else found
