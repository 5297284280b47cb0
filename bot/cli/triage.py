"""`handoff triage …`: what decides about tickets, trained, tried and measured on files; and what it decided."""

import typer

from bot.cli import triage_decisions
from bot.cli.triage_predict import predict
from bot.cli.triage_train import train

app = typer.Typer(no_args_is_help=True, help="What decides about tickets: train, try and measure it; what it decided.")
app.command()(train)
app.command()(predict)
triage_decisions.register(app)
