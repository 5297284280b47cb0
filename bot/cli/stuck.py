"""`handoff stuck …`: the failure queue, work that could not be done and waits for a person."""

from datetime import datetime
from typing import Annotated, Any

import typer
from sqlalchemy.orm import Session

from automations.errors import NotFound, Refused
from bot.cli.options import AsJson, Limit, Opened, opened, os_user
from bot.cli.output import as_json, note, say, table
from bot.cli.times import in_zone
from bot.engine import bot_running
from storage import audit, stuck
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
def retry(ctx: typer.Context, item: ItemId) -> None:
    """Try it again, from the step that failed."""
    with opened(ctx, writing=True) as here:
        with here.database.begin() as session:
            audit.hold(session)
            taken = stuck.retried(session, item, by=os_user(), at=here.context.clock.now())
            if taken is None:
                raise _not_open(session, item)
            here.jobs.retry(session, taken)
            _write_down(session, here, taken, "retry", "retried")
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
        words = here.context.redactor.text(reason.strip())
        if not words:
            raise Refused("--reason: please say in a sentence why this is given up.")
        with here.database.begin() as session:
            audit.hold(session)
            gone = stuck.discard(session, item, by=os_user(), note=words, at=here.context.clock.now())
            if gone is None:
                raise _not_open(session, item)
            _write_down(session, here, gone, "discard", "discarded", words)
        say(f"{gone.target}: {gone.job} was given up.")


def _plain(item: StuckItem) -> dict[str, Any]:
    row = {name: getattr(item, name) for name in SHOWN}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


def _not_open(session: Session, number: int) -> NotFound | Refused:
    """Say why there is nothing to settle."""
    item = stuck.get(session, number)
    if item is None:
        return NotFound(f"There is no item {number} in the failure queue. `handoff stuck list` shows what waits.")
    at = f" at {item.settled_at:%Y-%m-%d %H:%M} UTC" if item.settled_at else ""
    return Refused(f"Item {number} was {item.state} by {item.settled_by}{at}. Nothing was changed.")


def _write_down(
    session: Session, here: Opened, item: StuckItem, verb: str, outcome: str, reason: str | None = None
) -> None:
    audit.append(
        session,
        at=here.context.clock.now(),
        actor=os_user(),
        action=f"stuck.{verb}",
        target=item.target,
        outcome=outcome,
        correlation_id=f"stuck-{item.id}",
        before={"state": "open", "job": item.job, "key": item.key, "reason": item.reason},
        after={"state": item.state} | ({"reason": reason} if reason else {}),
    )
