"""`handoff automations …`: who owns each automation, how far it may go, how it does."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC
from typing import Annotated, Any, Final

import typer

from automations.customer_context.context import AUTOMATION as CUSTOMERS
from automations.domain import Actor, Mode
from automations.errors import NotFound, Refused
from automations.escalation.context import NAME as ESCALATION
from automations.triage.context import NAME as TRIAGE
from automations.weekly_report.asking import NAME
from bot.cli.access_asking import reconcile_now
from bot.cli.automation_modes import MODES, WHY_NOT, WORDS, as_set
from bot.cli.automation_rows import ACCESS, automation_rows
from bot.cli.customers_sync import sync_now
from bot.cli.options import AsJson, Opened, opened, os_user
from bot.cli.output import as_json, facts, say
from bot.cli.report_now import report_now
from bot.cli.run_verbs import WAIT_S, Wait
from bot.cli.times import in_zone
from storage import audit, modes

app = typer.Typer(no_args_is_help=True, help="Owner, mode, last work and failures of each automation.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="The automation, as `automations list` shows it.")]


@app.command("list")
def list_automations(ctx: typer.Context, json: AsJson = False) -> None:
    """List the automations: owner, mode and who set it, what is paused, last work, what is open or stuck."""
    with opened(ctx) as here:
        with here.database.read() as session:
            found = list(automation_rows(session, here))
        if json:
            as_json(found)
            return
        for number, one in enumerate(found):
            if number:
                say("")
            facts(_lines(one, here))


@app.command("mode")
def set_mode(
    ctx: typer.Context,
    name: Name,
    mode: Annotated[Mode, typer.Argument(metavar="MODE", help="off, shadow, ask or auto.")],
    as_: Annotated[str | None, typer.Option("--as", metavar="EMAIL", help="Who decides, if not who types.")] = None,
) -> None:
    """Say how far an automation may go. It takes effect at once and wins over the settings."""
    allowed = MODES[_known(name)]
    if mode not in allowed:
        why = f": {WHY_NOT[name]}" if name in WHY_NOT else ""
        raise typer.BadParameter(f"{name} knows {', '.join(allowed)}, not {mode}{why}", param_hint="MODE")
    with opened(ctx) as here:
        actor = here.acting(as_) if as_ else Actor(os_user(), os_user())
        with here.database.begin() as session:
            audit.hold(session)
            now = here.context.clock.now()
            before_it = as_set(here, name, mode)
            before = modes.set_mode(session, name, mode.value, by=actor.email or actor.id, at=now)
            audit.append(
                session,
                at=now,
                actor=actor.email or actor.id,
                action="automation.mode",
                target=name,
                outcome="done",
                correlation_id=f"{name}/{now.astimezone(UTC).isoformat()}",
                before={"mode": before or before_it.value, "from": "command" if before else "settings"},
                after={"mode": mode.value, "by": os_user()},
            )
    say(f"{name} is {mode} now: it {WORDS[name][mode]}.")


@app.command("run")
def run_now(
    ctx: typer.Context,
    name: Name,
    as_: Annotated[str | None, typer.Option("--as", metavar="EMAIL", help="Who asks, if not who types.")] = None,
    wait: Wait = WAIT_S,
) -> int:
    """Let an automation work now: access and customers compare, weekly_report makes the newest planned report."""
    if _known(name) not in _BEGUN:
        raise Refused(f"{name} works with each event as it comes, so there is nothing to begin. Nothing was changed.")
    with opened(ctx, writing=True) as here:
        return _BEGUN[name](here, as_, wait)


_BEGUN: Final[Mapping[str, Callable[[Opened, str | None, float], int]]] = {
    ACCESS: reconcile_now,
    CUSTOMERS: sync_now,
    NAME: report_now,
}
"""What each automation that can be begun by hand does then."""


def _known(name: str) -> str:
    if name not in MODES:
        raise NotFound(f"There is no automation {name!r}. Known: {', '.join(sorted(MODES))}.")
    return name


def _lines(one: dict[str, Any], here: Opened) -> Iterator[tuple[str, object]]:
    zone, mode = here.settings.team.zone, Mode(one["mode"])
    yield "Name", one["name"]
    yield "Owner", here.context.roster.name(one["owner"])
    yield "Mode", f"{mode}: {WORDS[one['name']][mode]}"
    if one.get("held_back"):
        yield "Acts as", f"ask: {one['held_back']}"
    yield "Set by", _set_by(one, zone)
    if one["name"] == ACCESS:
        last = one["last_run"]
        yield "Last run", f"{last['ref']} {in_zone(last['at'], zone)}: {last['state']}" if last else "none yet"
        yield "Open runs", one["open_runs"]
        yield "Next look", in_zone(one["next_reconcile"], zone) or "only by command"
    elif one["name"] == CUSTOMERS:
        last = one["last_sync"]
        yield "Last sync", f"{last['ref']} {in_zone(last['at'], zone)}: {last['state']}" if last else "none yet"
        gone = f", {one['gone']:,} of them gone from their source" if one["gone"] else ""
        yield "Customers", f"{one['customers']:,}{gone}"
        yield "Waiting", f"{one['open_groups']} groups open, {one['held_groups']} held"
        yield "Unclear", f"{one['open_conflicts']} conflicts, {one['open_rejected']} rejected rows"
        yield "Next sync", in_zone(one["next_sync"], zone) or "only by command"
    elif one["name"] == NAME:
        last = one["last_report"]
        yield "Last report", f"{last['ref']} {in_zone(last['at'], zone)}: {last['state']}" if last else "none yet"
        yield "Next report", in_zone(one["next_report"], zone) or "only by command"
        yield "Looks ahead", in_zone(one["next_preflight"], zone) or "never"
    elif one["name"] == TRIAGE:
        last = one["last_decision"]
        yield "Last decision", f"{last['ref']} {in_zone(last['at'], zone)}: {last['state']}" if last else "none yet"
        yield "Waiting", one["waiting"]
    elif one["name"] == ESCALATION:
        yield "On since", in_zone(one["on_since"], zone) or "not on"
        yield "Last firing", in_zone(one["last_firing"], zone) or "none yet"
        yield "Open", one["open"]
    else:
        yield "Paused", "; ".join(_paused(pause, zone) for pause in one["pauses"]) or "nothing"
        yield "Last event", in_zone(one["last_event"], zone) or "none yet"
    yield "Stuck", one["stuck"]


def _paused(pause: dict[str, str], zone: str) -> str:
    what = "all of it" if pause["kind"] == "automation" else f"the source {pause['target']}"
    return f"{what} until {in_zone(pause['until'], zone)} by {pause['by']}: {pause['because']}"


def _set_by(one: dict[str, Any], zone: str) -> str:
    if one["mode_from"] == "settings":
        return "the settings"
    return f"{one['set_by']} at {in_zone(one['set_at'], zone)}, by command; it wins over the settings"
