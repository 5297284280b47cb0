"""`handoff automations …`: who owns each automation, how far it may go, how it does."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.domain import Actor, Mode
from automations.errors import NotFound
from automations.failure_tickets import pauses, shadow
from bot.cli.options import AsJson, Opened, opened, os_user
from bot.cli.output import as_json, facts, say
from bot.cli.times import in_zone
from storage import audit, modes, stuck
from storage.models import FailureEventRow

app = typer.Typer(no_args_is_help=True, help="Owner, mode, last event and failures of each automation.")

MODES: dict[str, tuple[Mode, ...]] = {shadow.NAME: (Mode.OFF, Mode.SHADOW, Mode.AUTO)}
"""The automations there are, and the modes each knows."""

WORDS = {
    Mode.OFF: "records failures and does nothing",
    Mode.SHADOW: "says what it would do and does nothing",
    Mode.ASK: "asks before each act",
    Mode.AUTO: "acts by itself",
}


@app.command("list")
def list_automations(ctx: typer.Context, json: AsJson = False) -> None:
    """List the automations: owner, mode and who set it, what is paused, last event, work that is stuck."""
    with opened(ctx) as here:
        with here.database.read() as session:
            found = [_failure_tickets(session, here)]
        if json:
            as_json(found)
            return
        zone = here.settings.team.zone
        for one in found:
            mode = Mode(one["mode"])
            facts(
                [
                    ("Name", one["name"]),
                    ("Owner", here.context.roster.name(one["owner"])),
                    ("Mode", f"{mode}: {WORDS[mode]}"),
                    ("Set by", _set_by(one, zone)),
                    ("Paused", "; ".join(_paused(pause, zone) for pause in one["pauses"]) or "nothing"),
                    ("Last event", in_zone(one["last_event"], zone) or "none yet"),
                    ("Stuck", one["stuck"]),
                ]
            )


@app.command("mode")
def set_mode(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The automation, as `automations list` shows it.")],
    mode: Annotated[Mode, typer.Argument(metavar="MODE", help="off, shadow, ask or auto.")],
    as_: Annotated[str | None, typer.Option("--as", metavar="EMAIL", help="Who decides, if not who types.")] = None,
) -> None:
    """Say how far an automation may go. It takes effect at once and wins over the settings."""
    if (allowed := MODES.get(name)) is None:
        raise NotFound(f"There is no automation {name!r}. Known: {', '.join(sorted(MODES))}.")
    if mode not in allowed:
        raise typer.BadParameter(f"{name} knows {', '.join(allowed)}, not {mode}", param_hint="MODE")
    with opened(ctx) as here:
        actor = here.acting(as_) if as_ else Actor(os_user(), os_user())
        with here.database.begin() as session:
            audit.hold(session)
            now = here.context.clock.now()
            before = modes.set_mode(session, name, mode.value, by=actor.email or actor.id, at=now)
            audit.append(
                session,
                at=now,
                actor=actor.email or actor.id,
                action="automation.mode",
                target=name,
                outcome="done",
                correlation_id=f"{name}/{now.astimezone(UTC).isoformat()}",
                before={"mode": before or here.context.mode, "from": "command" if before else "settings"},
                after={"mode": mode.value, "by": os_user()},
            )
    say(f"{name} is {mode} now: it {WORDS[mode]}.")


def _failure_tickets(session: Session, here: Opened) -> dict[str, Any]:
    row = modes.row_of(session, shadow.NAME)
    last: datetime | None = session.scalar(select(func.max(FailureEventRow.received_at)))
    return {
        "name": shadow.NAME,
        "owner": here.context.book.default_owner,
        "mode": shadow.unpaused_mode(session, here.context).value,
        "mode_from": "command" if row else "settings",
        "set_by": row.set_by if row else None,
        "set_at": row.set_at.isoformat() if row else None,
        "last_event": last.isoformat() if last else None,
        "stuck": stuck.count_open(session),
        "pauses": [
            {
                "kind": line.kind,
                "target": line.target,
                "until": line.until.isoformat(),
                "because": line.because,
                "by": line.by.email,
            }
            for line in pauses.open_pauses(session, here.context)
        ],
    }


def _paused(pause: dict[str, str], zone: str) -> str:
    what = "all of it" if pause["kind"] == "automation" else f"the source {pause['target']}"
    return f"{what} until {in_zone(pause['until'], zone)} by {pause['by']}: {pause['because']}"


def _set_by(one: dict[str, Any], zone: str) -> str:
    if one["mode_from"] == "settings":
        return "the settings"
    return f"{one['set_by']} at {in_zone(one['set_at'], zone)}, by command; it wins over the settings"
