"""`handoff audit export --segment` and `handoff audit prune`: old rows leave the database in whole, signed files."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from automations.errors import ConfigError, Refused
from bot.audit_side import checkpoint_key
from bot.cli.audit_chain import NO_KEY, signed_lines
from bot.cli.options import existing, os_user, settings_of
from bot.cli.output import say
from bot.parts import SystemClock
from bot.settings import Settings
from storage import pruning
from storage.checkpoints import CheckpointError
from storage.pruning import SegmentError


def export_segment(settings: Settings, to: Path, until: datetime | None) -> None:
    """Write the oldest rows up to the newest signed checkpoint before `until`, `audit.keep` ago if None."""
    key, now = _key(settings), SystemClock().now()
    try:
        lines, _ = signed_lines(settings, [])
    except CheckpointError as exc:
        raise Refused(f"The checkpoints are not right: {exc}. Nothing was exported.") from exc
    database = existing(settings)
    try:
        before = until or now - settings.audit.keep
        segment = pruning.export(database, to, key, lines or [], until=before, at=now, actor=os_user())
    except SegmentError as exc:
        raise Refused(f"No segment was made: {exc}.") from exc
    finally:
        database.close()
    say(f"{to}: segment {segment.number}, rows {segment.first_seq} to {segment.last_seq}.")
    say(f"Keep it in two places before `handoff audit prune {to}` takes those rows out of the database.")


def prune(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A segment that `handoff audit export --segment` wrote.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without it only what would be done is said.")] = False,
) -> int:
    """Take the rows of the oldest exported segment out of the database. It cannot be undone: keep the file."""
    settings = settings_of(ctx).settings
    key = _key(settings)
    database = existing(settings)
    try:
        if not yes:
            found = pruning.look(database, file, key)
            say(f"Rows {found.first_seq} to {found.last_seq} would leave the database. Do it: --yes")
            return 2
        segment = pruning.prune(database, file, key, at=SystemClock().now(), actor=os_user())
    except SegmentError as exc:
        raise Refused(f"{exc}.") from exc
    finally:
        database.close()
    rows = f"Rows {segment.first_seq} to {segment.last_seq}"
    say(f"{rows} are out of the database; {file} (segment {segment.number}) is where they are now.")
    return 0


def _key(settings: Settings) -> bytes:
    if (key := checkpoint_key(settings)) is None:
        raise ConfigError(f"{NO_KEY} Nothing was done.")
    return key
