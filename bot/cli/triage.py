"""`handoff triage …`: what tickets are about, and how well rules and classifier know it."""

import typer

app = typer.Typer(no_args_is_help=True, help="Which queue and priority tickets get, and how well that works.")


@app.callback()
def group() -> None:
    """Which queue and priority tickets get, and how well that works."""
