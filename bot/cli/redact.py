"""`handoff redact`: shows what redaction leaves of a text."""

import os
import sys
from typing import Annotated

import typer

from automations.errors import ConfigError
from automations.redact import Redactor
from bot.cli.files import read_text
from bot.cli.options import config_of, settings_of
from bot.cli.output import note
from bot.parts import held_secrets
from bot.settings_file import find

MAX_BYTES = 20_000_000


def redact(
    ctx: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="A text file, or - for standard input.")],
) -> None:
    """Show what redaction leaves of a text, as it would be stored and shown.

    Where the settings can be read, the secrets they hold are looked for too.
    """
    sys.stdout.write(Redactor(known_secrets(ctx)).text(read_text(file, limit=MAX_BYTES)))


def known_secrets(ctx: typer.Context) -> list[str]:
    """The secrets that the settings hold; none, with a word about it, where the settings cannot be read."""
    if find(config_of(ctx), os.environ) is None:
        return []
    try:
        return held_secrets(settings_of(ctx).settings)
    except ConfigError as exc:
        note(f"The settings cannot be used, so only the formats and places of secrets are known here.\n{exc}")
        return []
