"""`handoff access …`: plans on paper about who may work in the desk, with `--apply` the runs that carry them out."""

import csv
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from automations.access.export import access_review, newest
from automations.access.kinds import OFFBOARD, PROVISION, SUSPEND
from automations.errors import Refused
from bot.cli.access_asking import apply as ask_for
from bot.cli.access_asking import reconcile_now
from bot.cli.access_paper import compare_on_paper, on_paper, plain_comparison, plain_plan, show_comparison, show_plan
from bot.cli.files import STDIN, written_whole
from bot.cli.options import AsJson, opened, os_user
from bot.cli.output import as_json, note, say
from bot.cli.run_follow import NOT_APPLIED
from bot.cli.run_opened import runs_of
from bot.cli.run_verbs import WAIT_S, Wait, Yes, parse_run_ref

app = typer.Typer(no_args_is_help=True, help="Who may work in the desk: plans on paper, and on request carried out.")

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="Whom it is about.")]
Apply = Annotated[bool, typer.Option("--apply", help="Ask for it; without, nothing is stored or changed.")]
By = Annotated[str | None, typer.Option("--as", metavar="EMAIL", help="Who confirms it, where one person may; a lead.")]
Because = Annotated[str, typer.Option(metavar="REASON", help="Why; it is shown and kept.")]


@app.command()
def provision(
    ctx: typer.Context,
    email: Email,
    role: Annotated[str, typer.Argument(metavar="ROLE", help="A role under [[access.roles]].")],
    group: Annotated[
        list[str] | None, typer.Option(metavar="GROUP", help="A group beside the role's; once for each.")
    ] = None,
    name: Annotated[str, typer.Option(help="What somebody is called who is not under [[people]].")] = "",
    because: Because = "",
    apply: Apply = False,
    as_: By = None,
    yes: Yes = False,
    wait: Wait = WAIT_S,
    json: AsJson = False,
) -> int:
    """Plan what gives somebody a role: account, role, groups, invitation. Exit 2 with changes that were not applied."""
    options = {"role": role, "groups": list(group or ()), "name": name, "reason": because}
    return _plan(ctx, PROVISION, email, options, apply=apply, email_of_who=as_, yes=yes, wait_s=wait, json=json)


@app.command()
def offboard(
    ctx: typer.Context,
    email: Email,
    to: Annotated[str, typer.Option(metavar="EMAIL", help="Who gets the open tickets and cases.")] = "",
    because: Because = "",
    now: Annotated[bool, typer.Option("--now", help="Suspend at once, on one lead's word with a reason.")] = False,
    apply: Apply = False,
    as_: By = None,
    yes: Yes = False,
    wait: Wait = WAIT_S,
    json: AsJson = False,
) -> int:
    """Plan what takes all access from somebody, token by token. Exit 2 with changes that were not applied."""
    if now and not because.strip():
        raise typer.BadParameter("suspending at once needs a reason", param_hint="--because")
    options = {"reason": because} if now else {"successor": to, "reason": because}
    kind = SUSPEND if now else OFFBOARD
    return _plan(ctx, kind, email, options, apply=apply, email_of_who=as_, yes=yes, wait_s=wait, json=json)


@app.command()
def reconcile(
    ctx: typer.Context, apply: Apply = False, as_: By = None, wait: Wait = WAIT_S, json: AsJson = False
) -> int:
    """Compare the company's people with the desk. Exit 2 with findings that nobody has decided about."""
    with opened(ctx, writing=apply) as here:
        if apply:
            return reconcile_now(here, as_, wait, json=json)
        compared = compare_on_paper(here)
        differs = bool(compared.found.findings)
        if json:
            as_json(plain_comparison(compared))
        else:
            show_comparison(compared)
            _how_to_apply(differs)
        return NOT_APPLIED if differs else 0


@app.command()
def export(
    ctx: typer.Context,
    file: Annotated[Path | None, typer.Argument(metavar="[FILE|-]", help="Where to write; standard output.")] = None,
    run: Annotated[str | None, typer.Option(metavar="ID", help="Which reconciliation; the newest if unset.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Write the rows as a JSON array instead of CSV.")] = False,
) -> None:
    """Write the access review of a reconciliation: who had access, what was found, who decided what, with its proof."""
    with opened(ctx) as here, here.database.read() as session:
        number = parse_run_ref(run) if run else newest(session)
        lines = access_review(session, number)
        if json:
            text = csv.DictReader(lines)
            as_json(list(text))
            return
        if file is None or str(file) == STDIN:
            sys.stdout.writelines(lines)
            return
        with written_whole(file, force=force) as out:
            count = sum(1 for line in lines if out.write(line)) - 1
    say(f"{count:,} rows of RUN-{number} were written to {file}.")


def _plan(
    ctx: typer.Context,
    kind: str,
    email: str,
    options: dict[str, Any],
    *,
    apply: bool,
    email_of_who: str | None,
    yes: bool,
    wait_s: float,
    json: bool,
) -> int:
    """Plan on paper, print it, and ask for it where that is wanted."""
    given = {name: value for name, value in options.items() if value}
    subject = email.strip().lower()
    if apply and email_of_who and email_of_who.strip().lower() == subject:
        raise Refused("This is about you, so others decide it. Nothing was changed.")
    with opened(ctx, writing=apply) as here:
        plan = on_paper(here, kind, subject, given, (email_of_who or os_user()).strip().lower())
        if json and not apply:
            as_json(plain_plan(plan))
        elif not json:
            show_plan(plan, runs_of(here))
        if not plan.changes:
            if not json:
                say("Nothing to change: everything is as it should be.")
            return 0
        if apply:
            return ask_for(here, plan, given, email_of_who, wait_s, yes=yes, json=json)
        _how_to_apply(not json)
        return NOT_APPLIED


def _how_to_apply(there_is_something: bool) -> None:
    if there_is_something:
        note("Nothing was changed. --apply asks for it.")
