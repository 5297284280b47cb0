"""`handoff customers …`: what is known of customers, and what syncs found. Everybody may look.

The sync itself is in `bot.cli.customers_sync`, what people decide in `customers_verbs` and `customers_settle`.
"""

import csv
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from automations.customer_context import lists
from automations.customer_context.conflict_state import conflict_ref
from automations.customer_context.rejected import rejected_ref
from automations.customer_context.search import search
from automations.runs.rows import run_ref
from bot.cli import customers_settle, customers_sync, customers_verbs
from bot.cli.customers_read import newest, open_conflicts, plain_sync, sync_with_groups
from bot.cli.customers_shown import show_conflicts, show_rejected, show_sheet, show_sync
from bot.cli.files import STDIN, written_whole
from bot.cli.options import AsJson, opened
from bot.cli.output import as_json, say, table
from bot.cli.run_opened import customers_of
from bot.cli.run_shown import plain
from bot.cli.run_verbs import parse_run_ref

app = typer.Typer(no_args_is_help=True, help="Customers and their few fields: syncs, groups of changes, conflicts.")
customers_sync.register(app)

RunArgument = Annotated[str | None, typer.Argument(metavar="[RUN]", help="RUN-7 or 7; the newest sync if unset.")]
Page = Annotated[int, typer.Option(metavar="N", help="Which page.", min=1)]


@app.command("list")
def list_customers(
    ctx: typer.Context,
    words: Annotated[str, typer.Argument(metavar="[WORDS]", help="A part of account, name or domain.")] = "",
    page: Page = 1,
    json: AsJson = False,
) -> None:
    """List customers by name, or those that the words are part of, page by page."""
    with opened(ctx) as here:
        customers_of(here)
        with here.database.read() as session:
            found, total = search(session, words, page)
    if json:
        as_json({"total": total, "page": page, "customers": [asdict(one) for one in found]})
        return
    table(("Account", "Name", "Tier", "Status"), [(one.account, one.name, one.tier, one.status) for one in found])
    if total > len(found):
        say(f"{total:,} customers; this is page {page}.")


@app.command()
def show(
    ctx: typer.Context,
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account id.")],
    json: AsJson = False,
) -> None:
    """Show one customer: each field with its source of truth and the decision it changes, conflicts, history."""
    with opened(ctx) as here:
        context = customers_of(here)
        with here.database.read() as session:
            sheet = lists.sheet(session, account.strip(), context)
        if json:
            as_json(plain(asdict(sheet)))
        else:
            show_sheet(sheet, here.settings.team.zone)


@app.command()
def groups(ctx: typer.Context, run: RunArgument = None, json: AsJson = False) -> None:
    """Show what a sync found: counts, and every group of changes with what it would do to open tickets."""
    with opened(ctx) as here:
        context = customers_of(here)
        with here.database.read() as session:
            card, found = sync_with_groups(session, parse_run_ref(run) if run else newest(session), context)
        if json:
            as_json(plain_sync(card, found))
        else:
            show_sync(card, found, here.context.clock.now(), here.settings.team.zone)


@app.command()
def conflicts(ctx: typer.Context, json: AsJson = False) -> None:
    """List what source and desk disagree on, or what is not clear, oldest first, with the rule that would win."""
    with opened(ctx) as here:
        context = customers_of(here)
        with here.database.read() as session:
            lines = open_conflicts(session, context)
        if json:
            as_json([plain({"ref": conflict_ref(one.id), **asdict(one)}) for one in lines])
        else:
            show_conflicts(lines, here.settings.team.zone)


@app.command()
def rejected(
    ctx: typer.Context,
    dismissed: Annotated[bool, typer.Option("--dismissed", help="Those that somebody dismissed.")] = False,
    json: AsJson = False,
) -> None:
    """List rows and changes that could not be taken, with the reason; each sync tries them again."""
    with opened(ctx) as here:
        context = customers_of(here)
        with here.database.read() as session:
            lines = lists.rejected(session, context, state="dismissed" if dismissed else "open")
        if json:
            as_json([plain({"ref": rejected_ref(one.id), **asdict(one)}) for one in lines])
        else:
            show_rejected(lines, here.settings.team.zone)


@app.command()
def export(
    ctx: typer.Context,
    run: RunArgument = None,
    csv_: Annotated[str, typer.Option("--csv", metavar="FILE|-", help="Where to write; standard output.")] = STDIN,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the rows as a JSON array instead of CSV.")] = False,
) -> None:
    """Write everything a sync found as CSV: each change with its group and state, each conflict, each rejected row."""
    with opened(ctx) as here, here.database.read() as session:
        customers_of(here)
        number = parse_run_ref(run) if run else newest(session)
        rows = lists.full_list(session, number, here.context.redactor)
        if json:
            names = [str(name) for name in next(rows)]
            as_json([dict(zip(names, row, strict=True)) for row in rows])
            return
        if csv_ == STDIN:
            csv.writer(sys.stdout, lineterminator="\r\n").writerows(rows)
            return
        with written_whole(Path(csv_), force=force) as out:
            count = sum(1 for row in rows if csv.writer(out, lineterminator="\r\n").writerow(row)) - 1
    say(f"{count:,} rows of {run_ref(number)} were written to {csv_}.")


customers_verbs.register(app)
customers_settle.register(app)
