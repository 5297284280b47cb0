"""All commands, in the groups that `handoff --help` shows."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.demo import demo
from bot.cli.serve import serve

app = typer.Typer(name="handoff", no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def options(
    config: Annotated[Path | None, typer.Option(help="The settings file; HANDOFF_CONFIG or ./handoff.toml if unset.")] = None,
) -> None:
    """Automate the handoff before the answer."""


app.command()(demo)
app.command()(serve)
