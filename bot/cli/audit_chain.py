"""`handoff audit verify|checkpoint`: whether the log is whole, and its signed end in a file outside the database."""

from pathlib import Path
from typing import Annotated

import typer

from automations.errors import ConfigError, Refused
from bot.audit_side import checkpoint_file, checkpoint_key
from bot.cli.options import AsJson, existing, settings_of
from bot.cli.output import as_json, note, say
from bot.parts import SystemClock
from bot.settings import Settings
from storage import audit, checkpointing, checkpoints
from storage.checkpoints import CheckpointError, Line

Known = Annotated[
    str | None,
    typer.Option(metavar="ROW:HASH", help="A checkpoint kept elsewhere, as an earlier `verify` printed it."),
]
Files = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE",
        help="A file of signed checkpoints; once for each bot that writes one of its own. The settings' file if unset.",
    ),
]


def verify(ctx: typer.Context, known: Known = None, checkpoints: Files = None, json: AsJson = False) -> int:
    """Read the whole chain, against the signed checkpoints. The first bad row is named and the exit code is 1."""
    kept, settings = _known(known), settings_of(ctx).settings
    try:
        lines, files = signed_lines(settings, checkpoints or [])
    except CheckpointError as exc:
        raise Refused(f"The checkpoints are not right: {exc}. The log itself was not read.") from exc
    database = existing(settings)
    try:
        with database.read() as session:
            verdict = audit.verify(
                session, known=kept, lines=lines, every_file=bool(checkpoints), key=checkpoint_key(settings)
            )
            head = audit.head(session)
    finally:
        database.close()
    if json:
        end = {"seq": head.seq, "hash": head.hash} if head else None
        found = {
            "ok": verdict.ok,
            "checked": verdict.checked,
            "pruned": verdict.pruned,
            "head": end,
            "checkpoints": len(lines or ()),
        }
        as_json({**found, "first_bad_row": verdict.first_bad_seq, "problem": verdict.problem or None})
    elif verdict.ok and head is not None:
        say(f"{verdict.checked - verdict.pruned} rows are right.\ncheckpoint {head.seq}:{head.hash}")
        if verdict.pruned:
            say(f"Rows 1 to {verdict.pruned} were exported as segments and pruned; the next row follows them.")
        if lines is None:
            note("No signed checkpoints were looked at, so a chain that was stamped anew would not be noticed.")
        else:
            say(f"They agree with {len(lines)} signed checkpoints in {', '.join(map(str, files))}.")
    else:
        where = f"Row {verdict.first_bad_seq}" if verdict.first_bad_seq is not None else "The log"
        say(f"{where} is not right: {verdict.problem}. {verdict.checked} rows before it are right.")
    return 0 if verdict.ok else 1


def checkpoint(ctx: typer.Context, json: AsJson = False) -> None:
    """Sign the log's end into the file of checkpoints now, as the bot does every 15 minutes or 1,000 rows."""
    settings = settings_of(ctx).settings
    path, key = checkpoint_file(settings), checkpoint_key(settings)
    if key is None:
        raise ConfigError(f"{NO_KEY} Nothing was written.")
    database = existing(settings)
    try:
        line = checkpointing.checkpoint(database, path, key, SystemClock().now())
    except CheckpointError as exc:
        raise Refused(f"No checkpoint was made: {exc}.") from exc
    finally:
        database.close()
    if json:
        made = {"number": line.number, "row": line.seq, "hash": line.hash} if line else None
        as_json({"file": str(path), "checkpoint": made})
    elif line is None:
        say(f"{path}: nothing was done since the last checkpoint.")
    else:
        say(f"{path}: checkpoint {line.number} holds row {line.seq}.")


NO_KEY = "audit.key is missing: it signs the checkpoints. Set HANDOFF_AUDIT__KEY, or audit.key_file."


def signed_lines(settings: Settings, given: list[Path]) -> tuple[list[Line] | None, list[Path]]:
    """The lines of the files given, or of the settings' file where it is there. None: there is nothing to look at."""
    key, usual = checkpoint_key(settings), checkpoint_file(settings)
    if key is None:
        if given:
            raise ConfigError(f"{NO_KEY} The log was not read.")
        return None, []
    files = given or ([usual] if usual.is_file() else [])
    return ([line for file in files for line in checkpoints.read(file, key)] if files else None), files


def _known(text: str | None) -> audit.Checkpoint | None:
    if text is None:
        return None
    number, _, digest = text.partition(":")
    if not number.isdecimal() or len(digest) != len(audit.GENESIS):
        raise typer.BadParameter(
            "a row number, a colon and its hash are needed, as `verify` prints", param_hint="--known"
        )
    return audit.Checkpoint(int(number), digest)
