"""`handoff stuck …`: the failure queue, work that could not be done and waits for a person."""

from datetime import datetime
from typing import Annotated, Any

import typer
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.domain import Actor
from bot import stuck_acts, stuck_edits, stuck_many
from bot.cli.options import AsEmail, AsJson, Limit, opened, os_user
from bot.cli.output import as_json, note, say, table
from bot.cli.times import in_zone
from bot.engine import bot_running
from storage import stuck, stuck_lists
from storage.models import StuckItem
from storage.stuck_lists import Cause

app = typer.Typer(no_args_is_help=True, help="The failure queue: work that could not be done, with owner and reason.")

ItemId = Annotated[int, typer.Argument(metavar="ID", help="The number that `stuck list` shows.", min=1)]
SomeItem = Annotated[int | None, typer.Argument(metavar="[ID]", help="The number that `stuck list` shows.", min=1)]
OfCause = Annotated[str | None, typer.Option(metavar="CAUSE", help="All of a cause that `stuck causes` shows.")]
MOST_CAUSES = 50
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
def causes(ctx: typer.Context, json: AsJson = False) -> None:
    """List causes that hit many items, the greatest first; retry and discard take one with --cause."""
    with opened(ctx) as here:
        with here.database.read() as session:
            rows = [_cause(session, one) for one in stuck_lists.causes(session, limit=MOST_CAUSES)]
        if json:
            as_json(rows)
            return
        zone = here.settings.team.zone
    table(
        ("Cause", "Items", "Work", "Since", "Reason"),
        [(one["cause"], one["items"], one["job"], in_zone(one["since"], zone), one["reason"]) for one in rows],
        fixed=("Cause", "Items"),
    )


@app.command()
def retry(ctx: typer.Context, item: SomeItem = None, cause: OfCause = None) -> None:
    """Try it again, from the step that failed; or all that have one cause."""
    with opened(ctx, writing=True) as here:
        with here.database.begin() as session:
            if (one := _chosen(item, cause)) is None:
                done = stuck_many.retry_all(session, *_all_of(session, cause), _typing(), here.context)
                words = done.text
            else:
                taken = stuck_acts.retry(session, one, _typing(), here.context)
                words = f"{taken.target}: {taken.job} is asked for again."
        say(words)
        if not bot_running(here.database):
            note("No bot is running: it is tried when `handoff serve` runs again.")


@app.command()
def edit(
    ctx: typer.Context,
    item: ItemId,
    as_: AsEmail,
    to: Annotated[str | None, typer.Option(help="The new value; without it the present one is shown.")] = None,
) -> None:
    """Correct what was wrong with it (the group in the desk, the channel of a message), and try it again."""
    with opened(ctx, writing=True) as here:
        channels = here.settings.channels
        actor = here.acting(as_)
        with here.database.begin() as session:
            present = stuck_edits.edit_of(session, stuck_acts.opened(session, item, actor, here.context), channels)
            if to is not None:
                value = channels.get(to.removeprefix("#"), to) if present.choices else to
                taken = stuck_acts.edit(session, item, actor, value, here.context, channels)
                here.typed(session, "stuck.edit", taken.target, as_, "done")
        if to is None:
            say(f"{present.label}: {present.present}")
            for name, _ in present.choices:
                say(f"  {name}")
        else:
            say(f"{taken.target}: {present.label} is {to} now, and {taken.job} is asked for again.")


@app.command()
def discard(
    ctx: typer.Context,
    reason: Annotated[str, typer.Option(help="Why nobody has to do it any more; kept in the audit log.")],
    item: SomeItem = None,
    cause: OfCause = None,
) -> None:
    """Give it up for good; or all that have one cause."""
    with opened(ctx, writing=True) as here:
        with here.database.begin() as session:
            if (one := _chosen(item, cause)) is None:
                words = stuck_many.discard_all(session, *_all_of(session, cause), _typing(), reason, here.context).text
            else:
                gone = stuck_acts.discard(session, one, _typing(), reason, here.context)
                words = f"{gone.target}: {gone.job} was given up."
        say(words)


def _chosen(item: int | None, cause: str | None) -> int | None:
    """The item's number, None for a cause. Raises: typer.BadParameter unless exactly one of them is given."""
    if (item is None) == (cause is None):
        raise typer.BadParameter("give the number of an item, or --cause", param_hint="ID")
    return item


def _all_of(session: Session, cause: str | None) -> tuple[str, int]:
    """The cause and its newest item of now."""
    newest = session.scalar(select(func.max(StuckItem.id)).where(StuckItem.cause == cause))
    return cause or "", newest or 0


def _cause(session: Session, one: Cause) -> dict[str, Any]:
    first = session.get_one(StuckItem, one.first)
    since = one.since.isoformat()
    return {"cause": one.cause, "items": one.items, "job": first.job, "since": since, "reason": first.reason}


def _plain(item: StuckItem) -> dict[str, Any]:
    row = {name: getattr(item, name) for name in SHOWN}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


def _typing() -> Actor:
    return Actor(os_user(), os_user())
