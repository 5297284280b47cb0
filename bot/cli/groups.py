"""All commands, in the groups that `handoff --help` shows."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli import (
    access,
    audit,
    automations,
    cases,
    config,
    customers,
    database,
    duty,
    escalations,
    failure,
    imports,
    people,
    report,
    runs,
    stuck,
    triage,
)
from bot.cli.demo import demo
from bot.cli.desk_check import app as desk_app
from bot.cli.desk_export import export
from bot.cli.desk_link import desk_link
from bot.cli.doctor import doctor
from bot.cli.init import init
from bot.cli.manifest import manifest
from bot.cli.redact import redact
from bot.cli.serve import serve

START = "Set up and run"
DAILY = "Failures and cases"
TEAM = "Automations and people"
RECORDS = "Records and data"

app = typer.Typer(name="handoff", pretty_exceptions_enable=False, add_completion=False)


@app.callback(invoke_without_command=True)
def options(
    ctx: typer.Context,
    config: Annotated[  # noqa: ARG001 - read by `options.settings_of` from the context
        Path | None,
        typer.Option(metavar="PATH", help="The settings file; HANDOFF_CONFIG or ./handoff.toml if unset."),
    ] = None,
) -> None:
    """Automate the handoff before the answer: an application failure becomes one owned, traceable ticket in Slack."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help(), nl=False)


app.command(rich_help_panel=START)(demo)
app.command(rich_help_panel=START)(init)
app.command(rich_help_panel=START)(serve)
app.command(rich_help_panel=START)(doctor)
app.command(rich_help_panel=START)(manifest)
app.add_typer(config.app, name="config", rich_help_panel=START)
desk_app.command()(export)
app.add_typer(desk_app, name="desk", rich_help_panel=START)
app.add_typer(failure.app, name="failure", rich_help_panel=DAILY)
app.add_typer(cases.app, name="cases", rich_help_panel=DAILY)
app.add_typer(escalations.app, name="escalations", rich_help_panel=DAILY)
app.add_typer(triage.app, name="triage", rich_help_panel=DAILY)
app.add_typer(stuck.app, name="stuck", rich_help_panel=DAILY)
app.add_typer(automations.app, name="automations", rich_help_panel=TEAM)
app.add_typer(access.app, name="access", rich_help_panel=TEAM)
app.add_typer(customers.app, name="customers", rich_help_panel=TEAM)
app.add_typer(runs.app, name="runs", rich_help_panel=TEAM)
app.add_typer(report.app, name="report", rich_help_panel=TEAM)
app.add_typer(duty.app, name="duty", rich_help_panel=TEAM)
people.app.command()(desk_link)
app.add_typer(people.app, name="people", rich_help_panel=TEAM)
app.add_typer(audit.app, name="audit", rich_help_panel=RECORDS)
app.add_typer(database.app, name="db", rich_help_panel=RECORDS)
app.add_typer(imports.app, name="import", rich_help_panel=RECORDS)
app.command(rich_help_panel=DAILY)(redact)
