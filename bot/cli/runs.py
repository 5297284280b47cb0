"""`handoff runs …`: every plan that people were asked about, with its steps. The verbs are in `bot.cli.run_verbs`."""

from typing import Annotated

import typer

from automations.runs.card import recent, run_card
from automations.runs.rows import run_ref
from automations.words import in_brief
from bot.cli import run_rollback, run_verbs
from bot.cli.options import AsJson, Limit, opened
from bot.cli.output import as_json, table
from bot.cli.run_opened import context_of, contexts_of
from bot.cli.run_shown import plain_run, show_run, state_words
from bot.cli.times import in_zone
from storage import audit

app = typer.Typer(no_args_is_help=True, help="Plans and what became of them: each step, who confirmed, how to undo.")


@app.command("list")
def list_runs(
    ctx: typer.Context,
    only_open: Annotated[bool, typer.Option("--open", help="Only what waits for people or is not whole.")] = False,
    limit: Limit = 50,
    json: AsJson = False,
) -> None:
    """List runs, newest first."""
    with opened(ctx) as here:
        contexts = contexts_of(here)
        with here.database.read() as session:
            cards = recent(session, contexts, limit, open_only=only_open)
        zone = here.settings.team.zone
    if json:
        as_json([plain_run(card) for card in cards])
        return
    table(
        ("Run", "State", "Asked for", "By", "What"),
        [
            (run_ref(card.id), state_words(card), in_zone(card.requested_at, zone), card.requested_by.name,
             in_brief(card.title, 120))
            for card in cards
        ],
        fixed=("Run",),
    )  # fmt: skip


@app.command()
def show(ctx: typer.Context, run: run_verbs.RunId, json: AsJson = False) -> None:
    """Show one run: its steps and what was found, who confirmed, what can be undone, its history."""
    run_id = run_verbs.parse_run_ref(run)
    with opened(ctx) as here:
        context = context_of(here, run_id)
        with here.database.read() as session:
            card = run_card(session, run_id, context)
            history = audit.entries(session, target=run_ref(run_id), limit=None)
            session.expunge_all()
        if json:
            as_json(plain_run(card, history))
            return
        show_run(card, here.settings.team.zone, history)


run_verbs.register(app)
app.command()(run_rollback.rollback)
