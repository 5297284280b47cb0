"""`handoff stuck …`: the failure queue, work that could not be done and waits for a person."""

from datetime import datetime
from typing import Annotated, Any

import typer

from automations.domain import Actor
from bot import stuck_acts
from bot.cli.options import AsJson, Limit, opened, os_user
from bot.cli.output import as_json, note, say, table
from bot.cli.times import in_zone
from bot.engine import bot_running
from storage import stuck
from storage.models import StuckItem

app = typer.Typer(no_args_is_help=True, help="The failure queue: work that could not be done, with owner and reason.")

ItemId = Annotated[int, typer.Argument(metavar="ID", help="The number that `stuck list` shows.", min=1)]
SHOWN = ("id", "job", "key", "args", "target", "owner", "reason", "attempts", "first_at", "last_at", "state")


@app.command("list")
def list_items(ctx: typer.Context, limit: Limit = 100, json: AsJson = False) -> None:
    """List what waits for somebody, oldest first."""
    with opened(ctx) as here:
        with here.database.read() as session:
            items = [_plain(item) for item in stuck.open_items(session, limit=limit)]
        if json:
            as_json(items)
            return
        name, zone = here.context.roster.name, here.settings.team.zone
    table(
        ("ID", "About", "Work", "Owner", "Tries", "Since", "Reason"),
        [
            (item["id"], item["target"], item["job"], name(item["owner"]), item["attempts"],
             in_zone(item["first_at"], zone), item["reason"])
            for item in items
        ],
        fixed=("ID", "About"),
    )  # fmt: skip


@app.command()
def show(ctx: typer.Context, item: ItemId, json: AsJson = False) -> None:
    """Show one item, open or settled, with each time it was given up and why."""
    with opened(ctx) as here:
        with here.database.read() as session:
            found = stuck.get(session, item)
            if found is None:
                raise stuck_acts.not_open(session, item, here.context)
            row = _plain(found)
            tried: list[dict[str, Any]] = [
                {"at": one.at.isoformat(), "tries": one.tries, "reason": one.reason}
                for one in stuck.tried(session, found)
            ]
        if json:
            as_json({**row, "tried": tried})
            return
        owner, zone = here.context.roster.name(row["owner"]), here.settings.team.zone
    say(f"{row['target']}: {row['job']}, {row['state']}, with {owner}.")
    table(
        ("Given up", "Tries", "Reason"),
        [(in_zone(one["at"], zone), one["tries"], one["reason"]) for one in tried],
        fixed=("Given up",),
    )


@app.command()
def retry(ctx: typer.Context, item: ItemId) -> None:
    """Try it again, from the step that failed."""
    with opened(ctx, writing=True) as here:
        with here.database.begin() as session:
            taken = stuck_acts.retry(session, item, _typing(), here.context)
        say(f"{taken.target}: {taken.job} is asked for again.")
        if not bot_running(here.database):
            note("No bot is running: it is tried when `handoff serve` runs again.")


@app.command()
def discard(
    ctx: typer.Context,
    item: ItemId,
    reason: Annotated[str, typer.Option(help="Why nobody has to do it any more; kept in the audit log.")],
) -> None:
    """Give it up for good."""
    with opened(ctx) as here:
        with here.database.begin() as session:
            gone = stuck_acts.discard(session, item, _typing(), reason, here.context)
        say(f"{gone.target}: {gone.job} was given up.")


def _plain(item: StuckItem) -> dict[str, Any]:
    row = {name: getattr(item, name) for name in SHOWN}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


def _typing() -> Actor:
    return Actor(os_user(), os_user())
