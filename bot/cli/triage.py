"""`handoff triage …`: what tickets are about, and how well rules and classifier know it."""

import typer

from bot.cli.triage_evaluate import evaluate_file

app = typer.Typer(no_args_is_help=True, help="Which queue and priority tickets get, and how well that works.")


@app.callback()
def group() -> None:
    """Which queue and priority tickets get, and how well that works."""


app.command("evaluate")(evaluate_file)
