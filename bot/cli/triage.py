"""`handoff triage …`: what decides about tickets' queues, trained, tried and measured on files."""

import typer

from bot.cli.triage_predict import predict
from bot.cli.triage_similar import similar
from bot.cli.triage_train import train

app = typer.Typer(no_args_is_help=True, help="Train, try and measure what decides about tickets' queues.")


@app.callback()
def group() -> None:
    """Train, try and measure what decides about tickets' queues."""


app.command()(train)
app.command()(predict)
app.command()(similar)
