"""`handoff automations …`: who owns each automation, how far it may go, how it does."""

from collections.abc import Iterator
from datetime import UTC
from typing import Annotated, Any

import typer

from automations.domain import Actor, Mode
from automations.errors import NotFound, Refused
from automations.failure_tickets import shadow
from automations.weekly_report.asking import MODES as REPORT_MODES
from automations.weekly_report.asking import NAME
from bot.cli.access_asking import reconcile_now
from bot.cli.automation_rows import ACCESS, automation_rows
from bot.cli.options import AsJson, Opened, opened, os_user
from bot.cli.output import as_json, facts, say
from bot.cli.report_making import reports_of
from bot.cli.report_now import report_now
from bot.cli.run_opened import runs_of
from bot.cli.run_verbs import WAIT_S, Wait
from bot.cli.times import in_zone
from storage import audit, modes

app = typer.Typer(no_args_is_help=True, help="Owner, mode, last work and failures of each automation.")

MODES: dict[str, tuple[Mode, ...]] = {
    ACCESS: (Mode.OFF, Mode.SHADOW, Mode.ASK),
    shadow.NAME: (Mode.OFF, Mode.SHADOW, Mode.AUTO),
    NAME: REPORT_MODES,
}
"""The automations there are, and the modes each knows."""

WORDS = {
    ACCESS: {
        Mode.OFF: "plans nothing and changes nothing",
        Mode.SHADOW: "shows what it would do and changes nothing",
        Mode.ASK: "changes what people have confirmed",
    },
    shadow.NAME: {
        Mode.OFF: "records failures and does nothing",
        Mode.SHADOW: "says what it would do and does nothing",
        Mode.AUTO: "acts by itself",
    },
    NAME: {
        Mode.OFF: "posts nothing by the clock",
        Mode.SHADOW: "shows its owner alone what it would post",
        Mode.AUTO: "posts by the clock",
    },
}
WHY_NOT = {ACCESS: "whoever may work in the desk is decided by people, each time"}

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
            as_set = _as_set(here, name, mode)
            before = modes.set_mode(session, name, mode.value, by=actor.email or actor.id, at=now)
            audit.append(
                session,
                at=now,
                actor=actor.email or actor.id,
                action="automation.mode",
                target=name,
                outcome="done",
                correlation_id=f"{name}/{now.astimezone(UTC).isoformat()}",
                before={"mode": before or as_set.value, "from": "command" if before else "settings"},
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
    """Let an automation work now: access compares everybody, weekly_report makes the newest planned report."""
    if _known(name) == shadow.NAME:
        raise Refused(f"{name} works with each event as it comes, so there is nothing to begin. Nothing was changed.")
    with opened(ctx, writing=True) as here:
        return reconcile_now(here, as_, wait) if name == ACCESS else report_now(here, as_, wait)


def _as_set(here: Opened, name: str, wanted: Mode) -> Mode:
    """The mode of the settings. Raises: Refused if they name no channel that the wanted mode would post in."""
    if name != NAME:
        return runs_of(here).mode if name == ACCESS else here.context.mode
    context = reports_of(here)
    if wanted is Mode.AUTO and not context.channel:
        raise Refused(
            f"There is no channel {here.settings.report.channel!r} under [channels] for reports. Name it there, or "
            "another one in report.channel. Nothing was changed."
        )
    return context.mode


def _known(name: str) -> str:
    if name not in MODES:
        raise NotFound(f"There is no automation {name!r}. Known: {', '.join(sorted(MODES))}.")
    return name


def _lines(one: dict[str, Any], here: Opened) -> Iterator[tuple[str, object]]:
    zone, mode = here.settings.team.zone, Mode(one["mode"])
    yield "Name", one["name"]
    yield "Owner", here.context.roster.name(one["owner"])
    yield "Mode", f"{mode}: {WORDS[one['name']][mode]}"
    yield "Set by", _set_by(one, zone)
    if one["name"] == ACCESS:
        last = one["last_run"]
        yield "Last run", f"{last['ref']} {in_zone(last['at'], zone)}: {last['state']}" if last else "none yet"
        yield "Open runs", one["open_runs"]
        yield "Next look", in_zone(one["next_reconcile"], zone) or "only by command"
    elif one["name"] == NAME:
        last = one["last_report"]
        yield "Last report", f"{last['ref']} {in_zone(last['at'], zone)}: {last['state']}" if last else "none yet"
        yield "Next report", in_zone(one["next_report"], zone) or "only by command"
        yield "Looks ahead", in_zone(one["next_preflight"], zone) or "never"
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
