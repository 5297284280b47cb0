"""Where a classifier is kept: in a file that is named, in the database, or in the data folder where no settings are.

Trying it out on a file must not need a team's settings; a bot, which has them, uses the database's newest.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from automations.errors import ConfigError, NotFound, Refused
from automations.redact import Redactor
from bot.cli.files import read_bytes
from bot.cli.options import config_of, opened
from bot.cli.redact import known_secrets
from bot.parts import data_dir
from bot.settings_file import find

if TYPE_CHECKING:
    from automations.texts.classifier import Classifier

MAX_BYTES = 500_000_000
WITHOUT_SETTINGS = "triage-model.npz"


def model_path(ctx: typer.Context, named: Path | None) -> Path | None:
    """The file to keep a model in: the named one, or one in the data folder where no settings are; None: the database.

    Raises: ConfigError if settings are named that are not there.
    """
    if named is not None or find(config_of(ctx), os.environ) is not None:
        return named
    return (data_dir() / WITHOUT_SETTINGS).absolute()


def model_in_use(ctx: typer.Context, named: Path | None) -> tuple["Classifier", Redactor]:
    """The model to use, with what redacts texts before it sees them.

    Raises: ConfigError if the file or the database cannot be read, or it is no model; NotFound if none was trained.
    """
    from automations.texts.model_file import load

    path = model_path(ctx, named)
    if path is None:
        return _newest(ctx)
    if named is None and not path.is_file():
        raise NotFound(f"There is no classifier yet (looked for {path}). `handoff triage train FILE` makes one.")
    try:
        return load(read_bytes(str(path), limit=MAX_BYTES)), Redactor(known_secrets(ctx))
    except Refused as exc:
        raise ConfigError(f"{path}: {exc}") from exc


def _newest(ctx: typer.Context) -> tuple["Classifier", Redactor]:
    from automations.triage.models import newest

    with opened(ctx) as here, here.database.read() as session:
        kept = newest(session)
        if kept is None:
            raise NotFound("The database holds no classifier yet. `handoff triage train FILE` makes one.")
        return kept.classifier, here.context.redactor


def is_model(path: Path) -> bool:
    """Whether a file is a model of ours, which a new one may take the place of."""
    from automations.texts.model_file import load

    if not path.is_file():
        return False
    try:
        load(read_bytes(str(path), limit=MAX_BYTES))
    except (Refused, ConfigError):
        return False
    return True
