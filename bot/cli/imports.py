"""`handoff import …`: bringing what a team has into the built-in desk."""

from pathlib import Path
from typing import Annotated

import typer

from bot.builtin_desk import import_history
from bot.cli.options import AsJson, opened
from bot.cli.output import as_json, note, progress, say, table

app = typer.Typer(no_args_is_help=True, help="Bring what a team has into the built-in desk.")

PARTIAL = 3
SHOWN = 50
"""Rejected rows that are listed for people; `--json` lists all."""


@app.callback()
def group() -> None:
    """Bring what a team has into the built-in desk."""


@app.command()
def tickets(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV with a header, or JSON lines: .csv, .jsonl, .ndjson.")],
    map_: Annotated[
        Path | None,
        typer.Option(
            "--map", metavar="FILE", help="TOML: which of their columns is which of ours, and what a row stands for."
        ),
    ] = None,
    json: AsJson = False,
) -> int:
    """Load ticket history into the built-in desk: tickets, or a log of their events or updates.

    Doing it twice is the same as once; exit 3 if rows were rejected.
    """
    with opened(ctx, new=True) as here, progress(f"Reading {file.name}") as bar:
        redactor, now = here.context.redactor, here.context.clock.now()

        def stored(done: int, rows: int) -> None:
            bar.told("storing")
            bar.at(done, rows)

        result = import_history(
            here.database, file, map_, redactor=redactor, now=now, on_progress=bar.at, on_storing=stored
        )
    if json:
        as_json(
            {
                "created": result.created,
                "changed": result.changed,
                "already_there": result.already_there,
                "events": result.events,
                "doubled": result.doubled,
                "rejected": [{"line": line, "reason": reason} for line, reason in result.rejected],
                "new_groups": list(result.new_groups),
                "new_people": list(result.new_people),
            }
        )
    else:
        changed = f"{result.changed} changed, " if result.changed else ""
        rejected = f"{len(result.rejected)} rejected"
        say(f"{result.created} tickets made, {changed}{result.already_there} there already, {rejected}.")
        if result.events or result.doubled:
            say(f"{result.events} lines of history added, {result.doubled} doubled rows dropped.")
        for what, names in (("Groups", result.new_groups), ("People (suspended)", result.new_people)):
            if names:
                say(f"{what} made: {', '.join(names)}")
        if result.rejected:
            table(("Line", "Why it was rejected"), result.rejected[:SHOWN], fixed=("Line",))
        if len(result.rejected) > SHOWN:
            note(f"And {len(result.rejected) - SHOWN} more; `--json` lists all.")
    return PARTIAL if result.rejected else 0
