"""What every command is given: where the settings are."""

from pathlib import Path

import typer

from bot.settings_file import Loaded, load


def settings_of(ctx: typer.Context) -> Loaded:
    """Read the settings that `--config`, HANDOFF_CONFIG or ./handoff.toml name. Raises: ConfigError."""
    found: Path | None = ctx.find_root().params.get("config")
    return load(found)
