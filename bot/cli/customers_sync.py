"""`handoff customers sync`: on paper, or with `--apply` asked of the bot and followed. It changes nothing outside."""

from typing import Annotated

import typer

from automations.customer_context.context import SYNC
from automations.customer_context.group_rows import OPEN
from automations.customer_context.syncing import WHOLE
from automations.domain import Actor, Role
from automations.errors import Refused
from automations.plan import RunState
from automations.runs.ask import ask
from automations.runs.rows import run_ref
from bot.cli.customers_paper import plain_paper, show_paper, sync_on_paper
from bot.cli.customers_read import plain_sync, sync_with_groups
from bot.cli.customers_shown import show_sync
from bot.cli.deciding import deciding, unnamed
from bot.cli.options import AsJson, Opened, opened, os_user
from bot.cli.output import as_json, note, say
from bot.cli.run_follow import NOT_APPLIED, exit_code, follow_run
from bot.cli.run_opened import customers_of
from bot.cli.run_verbs import ONLY_IN_SLACK, WAIT_S, Wait


def sync(
    ctx: typer.Context,
    apply: Annotated[
        bool, typer.Option("--apply", help="Keep what is found, so that people decide about it; without, on paper.")
    ] = False,
    whole: Annotated[bool, typer.Option("--whole", help="Read every source whole, also one with a cursor.")] = False,
    as_: Annotated[str | None, typer.Option("--as", metavar="EMAIL", help="Who asks, if not who types.")] = None,
    wait: Wait = WAIT_S,
    json: AsJson = False,
) -> int:
    """Compare the sources with the desk, and show what would change, group by group. Exit 2 with open groups."""
    with opened(ctx, writing=apply) as here:
        if apply:
            return sync_now(here, as_, wait, whole=whole, json=json)
        paper = sync_on_paper(here, whole=whole)
        if json:
            as_json(plain_paper(paper, here))
        else:
            show_paper(paper, here)
        if not paper.plan.groups:
            return 0
        note("Nothing was stored or changed. --apply keeps it, for people to decide group by group.")
        return NOT_APPLIED


def register(app: typer.Typer) -> None:
    """Add it to the group of customers."""
    app.command()(sync)


def sync_now(here: Opened, email: str | None, wait_s: float, *, whole: bool = False, json: bool = False) -> int:
    """Have the bot sync now, and show what it found. The command's exit code; 2 with groups to decide about."""
    context, who = customers_of(here), email or os_user()
    try:
        actor = _lead(here, email) if email is not None else Actor(os_user(), os_user())
        with here.database.begin() as session:
            run_id = ask(session, SYNC, "", {WHOLE: True} if whole else {}, actor, context).id
            here.typed(session, "customers.sync", run_ref(run_id), who, "asked")
    except Refused as exc:
        with here.database.begin() as session:
            here.typed(session, "customers.sync", "customers", who, "refused", str(exc))
        raise
    run = follow_run(here, run_id, context, wait_s)
    with here.database.read() as session:
        card, groups = sync_with_groups(session, run_id, context)
    if json:
        as_json(plain_sync(card, groups))
    elif run.state == RunState.ASKED:
        say(f"{run_ref(run_id)} is asked for.")
    else:
        show_sync(card, groups, here.context.clock.now(), here.settings.team.zone)
    if run.state == RunState.PROPOSED:
        note(f"{run.needed} people have to let {run_ref(run_id)} go on before its groups are decided. {ONLY_IN_SLACK}")
    if run.state != RunState.DONE:
        return exit_code(run)
    waiting = [one for one in groups if one.state == OPEN]
    if waiting:
        note("`handoff customers approve GROUP --as EMAIL` has one carried out; so do hold, reject and let-go decide.")
    return NOT_APPLIED if waiting else 0


def _lead(here: Opened, email: str) -> Actor:
    """The user of this machine for the person of `--as`, who has to be a lead. Raises: Refused."""
    actor = deciding(here, email)
    if not actor.may(Role.LEAD):
        raise Refused(f"--as {email}: this needs the role lead. Nothing was asked for.")
    return unnamed(actor)
