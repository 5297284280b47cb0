"""`handoff escalations …`: what was brought before whom, and why. The verbs are in `bot.cli.escalation_verbs`."""

from typing import Annotated

import typer

from automations.escalation.card import escalation_card, escalation_rows
from automations.escalation.journal import escalation_ref
from automations.words import in_brief
from bot.cli import escalation_verbs
from bot.cli.escalation_shown import plain_card, plain_row, show_card, state_words
from bot.cli.escalation_verbs import EscalationId, parse_ref
from bot.cli.escalations_evaluate import evaluate
from bot.cli.options import AsJson, Limit, opened
from bot.cli.output import as_json, table
from bot.cli.times import in_zone
from bot.cli.watch_opened import escalation_of

app = typer.Typer(no_args_is_help=True, help="What was brought before whom, why, by which rule, and what became of it.")


@app.command("list")
def list_escalations(
    ctx: typer.Context,
    ended: Annotated[bool, typer.Option("--all", help="Also those that have ended, newest first.")] = False,
    limit: Limit = 50,
    json: AsJson = False,
) -> None:
    """List escalations that have not ended, oldest first."""
    with opened(ctx) as here:
        context = escalation_of(here)
        with here.database.read() as session:
            rows = escalation_rows(session, context, ended=ended, limit=limit)
        zone = here.settings.team.zone
    if json:
        as_json([plain_row(row) for row in rows])
        return
    table(
        ("ID", "About", "State", "Since", "Next", "Why"),
        [
            (escalation_ref(row.id), row.ref, state_words(row), in_zone(row.opened_at, zone),
             in_zone(row.next_at, zone), in_brief(row.said, 120))
            for row in rows
        ],
        fixed=("ID",),
    )  # fmt: skip


@app.command()
def show(ctx: typer.Context, escalation: EscalationId, json: AsJson = False) -> None:
    """Show one escalation: which rules fired on what evidence, whom it was brought before, what became of it."""
    number = parse_ref(escalation)
    with opened(ctx) as here:
        context = escalation_of(here)
        with here.database.read() as session:
            card = escalation_card(session, number, context)
        if json:
            as_json(plain_card(card))
            return
        show_card(card, here.settings.team.zone)


escalation_verbs.register(app)
app.command("evaluate")(evaluate)
