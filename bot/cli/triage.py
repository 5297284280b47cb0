"""`handoff triage …`: what decides about tickets' queues and what it decided; trained, tried, measured on files."""

import typer

from bot.cli import triage_decisions
from bot.cli.triage_evaluate import evaluate_file
from bot.cli.triage_predict import predict
from bot.cli.triage_sentiment import show_sentiment
from bot.cli.triage_similar import similar
from bot.cli.triage_train import train

app = typer.Typer(no_args_is_help=True, help="What decides about tickets' queues, and what it decided.")


@app.callback()
def group() -> None:
    """What decides about tickets' queues, and what it decided."""


triage_decisions.register(app)
app.command("train")(train)
app.command("predict")(predict)
app.command("evaluate")(evaluate_file)
app.command("sentiment")(show_sentiment)
app.command("similar")(similar)
