"""`handoff audit …`: the action log, its verification and its export."""

import csv
import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from automations.durations import parse_duration
from automations.errors import ConfigError
from automations.spreadsheet import cell
from bot.cli.audit_chain import checkpoint, verify
from bot.cli.audit_segments import export_segment, prune
from bot.cli.options import AsJson, Limit, existing, settings_of
from bot.cli.output import as_json, say, table
from bot.cli.times import in_zone
from storage import aliases, audit
from storage.chain import stamp
from storage.models import AuditEntry

app = typer.Typer(no_args_is_help=True, help="The action log: append-only, redacted, each row chained to the last.")

COLUMNS = (
    "seq", "at", "actor", "action", "target", "outcome", "correlation_id", "before", "after", "prev_hash", "hash",
)  # fmt: skip
EXPORTED = (*COLUMNS, "names")
NAMING = ("actor", "target", "before", "after")
"""Columns in which people are named."""


app.command()(verify)
app.command()(checkpoint)
app.command()(prune)


class Format(StrEnum):
    """How an export is written."""

    JSONL = "jsonl"
    CSV = "csv"


Target = Annotated[str | None, typer.Option(help="Only of this target, such as CASE-42.")]
Who = Annotated[str | None, typer.Option("--actor", help="Only by this actor: an e-mail address, or handoff.")]
Action = Annotated[str | None, typer.Option(help="Only this action, such as case.claim.")]
Since = Annotated[
    str | None, typer.Option(help="Only from here on: 2026-11-21, 2026-11-21T02:14:00Z, or so long ago: 90m, 24h, 7d.")
]


@app.command("list")
def list_entries(
    ctx: typer.Context,
    target: Target = None,
    actor: Who = None,
    action: Action = None,
    since: Since = None,
    limit: Limit = 50,
    json: AsJson = False,
) -> None:
    """List the newest entries that match everything given, oldest of them first."""
    settings = settings_of(ctx).settings
    start = _moment(since)
    database = existing(settings)
    try:
        with database.read() as session:
            found = audit.entries(session, target=target, actor=actor, action=action, since=start, limit=limit)
            rows = [_row(entry) for entry in found]
    finally:
        database.close()
    if json:
        as_json(rows)
        return
    zone = settings.team.zone
    table(
        ("Row", "Time", "Actor", "Action", "Target", "Outcome"),
        [
            (row["seq"], in_zone(found[n].at, zone), row["actor"], row["action"], row["target"], row["outcome"])
            for n, row in enumerate(rows)
        ],
        fixed=("Row", "Target"),
    )


@app.command()
def export(
    ctx: typer.Context,
    to: Annotated[Path | None, typer.Option(help="A new file; standard output if unset.")] = None,
    format: Annotated[
        Format, typer.Option(help="JSON lines keep every value; CSV is for spreadsheets.")
    ] = Format.JSONL,
    target: Target = None,
    actor: Who = None,
    action: Action = None,
    since: Since = None,
    segment: Annotated[
        bool, typer.Option("--segment", help="The oldest rows, up to a signed checkpoint: what may be pruned then.")
    ] = False,
    until: Annotated[
        str | None, typer.Option(help="With --segment: only from before this; audit.keep ago if unset.")
    ] = None,
) -> None:
    """Write every entry that matches, first to last, with the hashes that let others check the chain.

    People are written as their aliases, which the hashes cover; the last column says who they are, unless erased. In
    CSV a cell that a spreadsheet would take for a formula gets a leading apostrophe.
    """
    if segment:
        if to is None or target or actor or action or since or format is not Format.JSONL:
            raise typer.BadParameter("a segment is whole: it takes --to FILE and --until, nothing else")
        export_segment(settings_of(ctx).settings, to, _moment(until, "--until"))
        return
    if until is not None:
        raise typer.BadParameter("it goes with --segment", param_hint="--until")
    start = _moment(since)
    wanted = {"target": target, "actor": actor, "action": action}
    database = existing(settings_of(ctx).settings)
    try:
        with database.read() as session, _opened(to) as file:
            asked = {
                name: {value, aliases.known(session, value)} for name, value in wanted.items() if value is not None
            }
            rows = (
                row | {"names": aliases.names(session, *(row[name] for name in NAMING))}
                for row in audit.export(session)
                if all(row[name] in values for name, values in asked.items())
                and (start is None or row["at"] >= stamp(start))
            )
            count = _write_csv(rows, file) if format is Format.CSV else _write_lines(rows, file)
    finally:
        database.close()
    if to is not None:
        say(f"{to}: {count} entries.")


def _row(entry: AuditEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in COLUMNS} | {"at": stamp(entry.at)}


def _write_lines(rows: Iterator[dict[str, Any]], file: IO[str]) -> int:
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007 - counts what was written
        file.write(f"{json.dumps({name: row[name] for name in EXPORTED})}\n")
    return count


def _write_csv(rows: Iterator[dict[str, Any]], file: IO[str]) -> int:
    writer = csv.writer(file, lineterminator="\r\n")  # RFC 4180
    writer.writerow(EXPORTED)
    count = 0
    for count, row in enumerate(rows, start=1):  # noqa: B007 - as above
        writer.writerow([_cell(row[name]) for name in EXPORTED])
    return count


def _cell(value: object) -> object:
    return cell(json.dumps(value) if isinstance(value, Mapping) else value)


@contextmanager
def _opened(path: Path | None) -> Iterator[IO[str]]:
    if path is None:
        yield sys.stdout
        return
    try:
        file = path.open("x", encoding="utf-8", newline="")
    except OSError as exc:
        raise ConfigError(f"{path}: the file cannot be made ({exc.strerror}). An export never overwrites one.") from exc
    with file:
        yield file


def _moment(text: str | None, option: str = "--since") -> datetime | None:
    """Read a moment; a time without a zone is UTC."""
    if text is None:
        return None
    try:
        try:
            read = datetime.fromisoformat(text)
        except ValueError:
            ago = parse_duration(text)
            assert isinstance(ago, timedelta), "a text is read as a length of time or refused"
            return datetime.now(UTC) - ago
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError) as exc:
        words = f"{text[:40]!r} is neither a date, a time nor a length of time"
        raise typer.BadParameter(words, param_hint=option) from exc
