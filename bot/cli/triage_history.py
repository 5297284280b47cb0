"""A team's history from a file, for `handoff triage evaluate`: each row as triage would have seen the ticket."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from automations.errors import ConfigError
from automations.texts.examples import is_outside
from automations.texts.language import language
from automations.texts.plain import written
from automations.texts.sentiment import sentiment
from automations.triage.history import Example
from automations.triage.inputs import Inputs
from bot.cli.table_records import Record, Records

TEXT: Final = ("text", "body", "description", "message")
TITLE: Final = ("subject", "title", "summary")
LABEL: Final = ("label", "intent", "category", "class", "topic")
QUEUE: Final = ("final_queue", "queue", "final_group", "group", "team")
FIRST_QUEUE: Final = ("first_queue", "initial_queue", "first_group", "initial_group", "assigned_queue")
AT: Final = ("created_at", "created", "at", "date", "time", "timestamp", "opened_at")
WHO: Final = ("requester", "customer", "email", "customer_id", "from")
WITHIN: Final = timedelta(hours=24)
_PARTS: Final = {"train": "train", "training": "train", "test": "test"}


def examples_in(
    table: Records, shown: str, zone: str, on_progress: Callable[[int, int], None] = lambda _done, _total: None
) -> list[Example]:
    """The rows as examples; of a file with the column `split` only those of train and test.

    Raises: ConfigError if a row has neither a label nor a queue to be measured by, or a date that is none.
    """
    for what, names in (("text", (*TEXT, *TITLE)), ("label or queue", (*LABEL, *QUEUE))):
        if column(table, *names) is None:
            there = ", ".join(table.columns)
            raise ConfigError(
                f"{shown}: there is no column for the {what} ({', '.join(names)}). Its columns: {there}. Nothing was "
                "measured."
            )
    rows = [row for row in table.records if "split" not in table.columns or _part(row)]
    moments = _moments(table, rows, shown, zone)
    counted = _contacts(table, rows, moments)
    examples: list[Example] = []
    for number, (row, at) in enumerate(zip(rows, moments, strict=True)):
        examples.append(_example(table, row, at, counted[number]))
        on_progress(number + 1, len(rows))
    return examples


def _example(table: Records, row: Record, at: datetime | None, contacts: int) -> Example:
    def cell(*names: str) -> str:
        return value(row, column(table, *names))

    subject, opening = cell(*TITLE), written(cell(*TEXT)).words
    said = "\n".join(filter(None, (subject, opening)))
    tone = sentiment(said)
    label = cell(*LABEL)
    return Example(
        inputs=Inputs(
            subject=subject,
            opening=opening,
            tier=cell("tier", "plan", "segment").lower(),
            channel=cell("channel", "via", "source").lower(),
            tags=tuple(tag.strip() for tag in cell("tags", "tag").replace(";", ",").split(",") if tag.strip()),
            contacts=contacts,
            tone=tone.score,
            tone_words=tone.words,
            language=language(said),
            customer_messages=1,
        ),
        label="" if is_outside(label) else label,
        queue=cell(*QUEUE),
        first_queue=cell(*FIRST_QUEUE),
        priority=cell("priority", "severity", "urgency").lower(),
        outside=bool(label) and is_outside(label),
        at=at,
        part=_part(row) if "split" in table.columns else "",
    )


def _part(row: Record) -> str:
    return _PARTS.get(value(row, "split").lower(), "")


def _moments(table: Records, rows: Sequence[Record], shown: str, zone: str) -> list[datetime | None]:
    if (name := column(table, *AT)) is None:
        return [None] * len(rows)
    found: list[datetime | None] = []
    for row in rows:
        said = value(row, name)
        try:
            at = datetime.fromisoformat(said)
        except ValueError as exc:
            raise ConfigError(
                f"{shown}, line {row.line}: {said!r} in the column {name} is no date and time as in "
                "2026-11-28T09:30:00Z. Nothing was measured."
            ) from exc
        found.append(at if at.tzinfo is not None else at.replace(tzinfo=ZoneInfo(zone)))
    return found


def _contacts(table: Records, rows: Sequence[Record], moments: Sequence[datetime | None]) -> list[int]:
    """How often each row's customer had come within the 24 hours up to it; 1 where the file does not tell."""
    name = column(table, *WHO)
    by_whom: defaultdict[str, list[datetime]] = defaultdict(list)
    for row, at in zip(rows, moments, strict=True):
        if at is not None:
            by_whom[value(row, name)].append(at)
    for times in by_whom.values():
        times.sort()

    def count(row: Record, at: datetime | None) -> int:
        if at is None or not (who := value(row, name)):
            return 1
        times = by_whom[who]
        return bisect_right(times, at) - bisect_left(times, at - WITHIN)

    return [count(row, at) for row, at in zip(rows, moments, strict=True)]


def column(table: Records, *names: str) -> str | None:
    """The first of these columns that is there."""
    return next((name for name in names if name in table.columns), None)


def value(row: Record, name: str | None) -> str:
    """What stands in a column, empty where there is none."""
    return (row.values.get(name) or "").strip() if name is not None else ""
