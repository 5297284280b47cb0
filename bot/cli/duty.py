"""`handoff duty …`: who has the duty, who is away, what is paused, from the terminal. It works while Slack does not.

What people settle goes through the same acts as in Slack, in the name of `--as`; in the same transaction the audit log
names the operating system's user who typed it. Leads are those whose Slack id is listed under [roles].
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import typer
from sqlalchemy.orm import Session

from automations.domain import Actor
from automations.duty import Rotation, next_hand_over, on_duty
from automations.errors import NotFound
from automations.failure_tickets import absences, covers, pauses
from automations.failure_tickets.context import Context
from automations.failure_tickets.present import present
from automations.failure_tickets.settled import write_down
from automations.moments import read_moment
from automations.people import Person
from bot.cli.options import AsEmail, AsJson, opened, os_user
from bot.cli.output import as_json, say
from bot.cli.times import in_zone
from bot.naming import by_words

app = typer.Typer(no_args_is_help=True, help="Who has the duty, who is away, what is paused.")

Who = Annotated[str, typer.Option("--person", metavar="NAME", help="Somebody else than --as: a name or an address.")]
Until = Annotated[str, typer.Option(metavar="TIME", help="14:00, tomorrow 09:00, Fri 09:00, 30 Nov, 2h, end of shift.")]
Act = Callable[[Session, Actor, Context], str]


@app.command("show")
def show(ctx: typer.Context, json: AsJson = False) -> None:
    """Show who has which duty until when, who is away, what is paused."""
    with opened(ctx) as here:
        with here.database.read() as session:
            now = present(session, here.context)
            duty = covers.duty_lines(session, now)
            away = absences.away_lines(session, now, ahead=True)
            paused = pauses.open_pauses(session, now)
        zone = here.settings.team.zone
        found: dict[str, Any] = {
            "duty": [{"rotation": one.rotation, "person": one.person and one.person.email, "until": _iso(one.until),
                      "covers_for": one.covers_for and one.covers_for.email} for one in duty],
            "away": [{"person": one.person.email, "from": _iso(one.start), "until": _iso(one.until)} for one in away],
            "paused": [{"target": one.target, "until": _iso(one.until), "because": one.because, "by": one.by.email}
                       for one in paused],
        }  # fmt: skip
        if json:
            as_json(found)
            return
        for line in duty:
            instead = f", in place of {line.covers_for.name}" if line.covers_for else ""
            name = line.person.name if line.person else "nobody"
            say(f"{line.rotation}: {name}{instead} until {in_zone(line.until, zone)}")
        for gone in away:
            say(f"away: {gone.person.name} from {in_zone(gone.start, zone)} until {in_zone(gone.until, zone)}")
        for one in paused:
            say(f"paused: {one.target} until {in_zone(one.until, zone)} by {one.by.name}: {one.because}")


@app.command("away")
def away(ctx: typer.Context, as_: AsEmail, until: Until, person: Who = "") -> None:
    """Say that somebody is away until a time; their new cases go to others."""

    def act(session: Session, actor: Actor, now: Context) -> str:
        who = _person(person, actor, now)
        return absences.set_away(session, who, _time(until, who, now), actor, now)

    _do(ctx, as_, "away", act)


@app.command("back")
def back(ctx: typer.Context, as_: AsEmail, person: Who = "") -> None:
    """Say that somebody is back before that time."""
    _do(ctx, as_, "back", lambda session, actor, now: absences.back(session, _person(person, actor, now), actor, now))


@app.command("cover")
def cover(
    ctx: typer.Context,
    rotation: Annotated[str, typer.Argument(metavar="ROTATION", help="Its name under [[rotations]].")],
    as_: AsEmail,
    until: Until = "",
    person: Who = "",
) -> None:
    """Give a duty to somebody until a time; until the next hand-over if none is said."""

    def act(session: Session, actor: Actor, now: Context) -> str:
        if (found := now.book.rotation(rotation)) is None:
            known = ", ".join(one.name for one in now.book.rotations) or "none yet"
            raise NotFound(f"There is no rotation {rotation!r}. Known: {known}.")
        who = _person(person, actor, now)
        end = _time(until, who, now, found) if until else None
        return covers.cover(session, found, who, actor, now, until=end)

    _do(ctx, as_, "cover", act)


@app.command("pause")
def pause(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="An automation, or a source as it reports itself.")],
    as_: AsEmail,
    until: Until,
    because: Annotated[str, typer.Option(metavar="REASON", help="Why; shown to everybody.")],
) -> None:
    """Let an automation or a source act on nothing until a time. For leads."""

    def act(session: Session, actor: Actor, now: Context) -> str:
        return pauses.pause(session, name, _time(until, _person("", actor, now), now), because, actor, now)

    _do(ctx, as_, "pause", act)


@app.command("resume")
def resume(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What is paused.")],
    as_: AsEmail,
) -> None:
    """End a pause before its time. For leads."""
    _do(ctx, as_, "resume", lambda session, actor, now: pauses.resume(session, name, actor, now))


def _do(ctx: typer.Context, email: str, name: str, act: Act) -> None:
    """Do it in one transaction with who typed it. Raises: Refused or NotFound, and then nothing was changed."""
    with opened(ctx, writing=True) as here:
        actor = here.acting(email)
        with here.database.begin() as session:
            said = act(session, actor, present(session, here.context))
            typist = Actor(os_user(), os_user())
            told = {"as": actor.email}
            write_down(session, here.context, actor=typist, action=f"command.duty.{name}", target="handoff", after=told)
        say(said)


def _person(words: str, actor: Actor, now: Context) -> Person:
    return by_words(words or actor.email or "", now.roster)


def _time(text: str, person: Person, now: Context, rotation: Rotation | None = None) -> datetime:
    """Read a time to come; the end of shift is the rotation's, else that of the duties the person has now."""
    at = now.clock.now()
    own = [one for one in now.book.rotations if on_duty(one, now.roster, at) == person.email.lower()]
    mine = [rotation] if rotation else own
    end = min((next_hand_over(one, at) for one in mine), default=None)
    return read_moment(text, now=at, zone=now.book.zone, end_of_shift=end)


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None
