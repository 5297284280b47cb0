"""`handoff triage …`: what triage decided about tickets. The verbs are in `bot.cli.triage_decisions`."""

import typer

from bot.cli import triage_decisions

app = typer.Typer(no_args_is_help=True, help="Intent, queue and priority of tickets: what was decided, and by what.")
triage_decisions.register(app)
