"""`handoff doctor`: looks at everything the bot needs and says what to do."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import typer
from sqlalchemy.exc import DBAPIError

from automations.errors import ConfigError
from automations.failure_tickets.rules import RuleBook
from bot.cli.check_access import check_access
from bot.cli.check_audit import check_audit
from bot.cli.check_customers import check_customers
from bot.cli.check_desk import check_desk
from bot.cli.check_identity import check_identity
from bot.cli.check_report import check_report
from bot.cli.check_setup import check_duty, check_hours, check_port, check_roles, check_secrets, values
from bot.cli.check_slack import check_slack
from bot.cli.check_storage import check_feedback, check_rules, check_stuck, check_tables
from bot.cli.check_watch import check_watch
from bot.cli.finding import Finding, State, ok, problem, warning
from bot.cli.options import AsJson, existing, settings_of
from bot.cli.output import as_json, say, table
from bot.cli.slack_look import slack_look
from bot.engine import bot_running
from bot.parts import SystemClock
from bot.settings import Settings
from bot.settings_file import Loaded
from bot.team import book, roster
from storage.engine import Database


def doctor(
    ctx: typer.Context,
    live: Annotated[bool, typer.Option("--live", help="Also ask Slack's own validator about every view.")] = False,
    json: AsJson = False,
) -> int:
    """Check settings, database, Slack, desk and rules, and say what to do. Exit 1 if there is a problem."""
    loaded: Loaded | None = None
    try:
        loaded = settings_of(ctx)
        shown = values(loaded)
        findings = [_file(loaded), *_findings(loaded.settings, live=live)]
    except ConfigError as exc:
        shown = []
        findings = [problem("settings", line, "`handoff init` writes a file to start from.") for line in _lines(exc)]
    problems = sum(one.state is State.PROBLEM for one in findings)
    if json:
        rows = [{"area": f.area, "state": f.state.value, "found": f.words, "todo": f.todo} for f in findings]
        as_json({"ok": not problems, "findings": rows, "settings": shown})
        return 1 if problems else 0
    if shown:
        table(("Setting", "Value", "From"), [(row["key"], row["value"], row["from"]) for row in shown])
    table(
        ("Check", "State", "Found", "What to do"),
        [(one.area, one.state, one.words, one.todo) for one in findings],
        fixed=("Check", "State"),
    )
    warnings = sum(one.state is State.WARNING for one in findings)
    say(f"{problems} problems, {warnings} warnings, {len(findings) - problems - warnings} ok.")
    return 1 if problems else 0


def _findings(settings: Settings, *, live: bool) -> Iterator[Finding]:
    yield from check_secrets(settings)
    yield check_roles(settings)
    yield check_hours(settings)
    people, now = roster(settings), SystemClock().now()
    rules: RuleBook | None = None
    try:
        rules = book(settings)
        yield from check_duty(rules, people, now)
    except ConfigError as exc:
        yield problem("settings", str(exc))
    try:
        slack = slack_look(settings)
    except ConfigError:  # told already with the secrets
        slack = None
    runs = False
    try:
        database = existing(settings)
    except ConfigError as exc:
        yield problem("database", str(exc))
    except DBAPIError as exc:
        yield problem("database", f"The database cannot be reached ({exc.orig}).", "Check HANDOFF_DATABASE__URL.")
    else:
        try:
            runs = bot_running(database)
            yield from _stored(database, settings, now)
            if rules is not None:
                yield from check_rules(database, rules, now)
                yield from check_access(settings, database, slack)
                yield from check_customers(settings, database, slack)
                yield from check_report(settings, database, slack, now)
                yield from check_watch(settings, database, slack)
            yield from check_feedback(database, now)
            yield (
                ok("bot", "A bot is running.") if runs else warning("bot", "No bot is running.", "Run `handoff serve`.")
            )
        finally:
            database.close()
    yield check_port(settings, bot_runs=runs)
    if slack is not None:
        yield from check_slack(slack, settings, live=live)
    elif live:
        yield warning("views", "Without a bot token Slack's validator cannot be asked.")


def _stored(database: Database, settings: Settings, now: datetime) -> Iterator[Finding]:
    yield from check_tables(database)
    yield from check_audit(database, settings, now)
    yield check_stuck(database)
    yield from check_desk(settings, database)
    yield from check_identity(settings, database)


def _file(loaded: Loaded) -> Finding:
    where = str(loaded.path) if loaded.path else "the environment alone"
    return ok("settings", f"Read from {where}.")


def _lines(exc: ConfigError) -> list[str]:
    return str(exc).splitlines()
