"""`handoff desk check`: the port's promises against the real desk, or the calls against a vendor's document."""

from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from automations.errors import ConfigError
from bot.cli.check_desk import NO_ADMIN
from bot.cli.contract_file import read_contract
from bot.cli.desk_promises import Kept, Play, Seen, read_access, read_customers, read_desk, rest
from bot.cli.desk_throwaway import Throwaway, places_of
from bot.cli.options import AsJson, existing, settings_of
from bot.cli.output import as_json, note, progress, say, table
from bot.desk import KINDS, limits_of, open_access, open_customers, open_desk
from bot.desk_calls import Compared, compared
from bot.parts import SystemClock
from bot.settings import Settings
from bot.settings_desks import Desk
from storage.engine import Database

app = typer.Typer(no_args_is_help=True, help="The help desk: what it can do, and its tickets as a file.")


@app.callback()
def group() -> None:
    """The help desk: what it can do, and its tickets as a file."""


@app.command()
def check(
    ctx: typer.Context,
    kind: Annotated[str | None, typer.Argument(help="A kind of desk; the one of the settings if unset.")] = None,
    write: Annotated[bool, typer.Option("--write", help="Also on one ticket, which is solved again.")] = False,
    contract: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Compare the calls with this OpenAPI file; ask no desk.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="With --contract: inferred calls have to agree too.")
    ] = False,
    json: AsJson = False,
) -> int:
    """Play what the port promises against the configured desk, or compare the calls of KIND with an OpenAPI file.

    Exit 1 if a promise was not kept, or if a call differs.
    """
    if kind is not None and kind not in limits_of():
        raise typer.BadParameter(f"{kind!r} is no kind of desk; known: {', '.join(limits_of())}.")
    if contract is not None:
        if write:
            raise typer.BadParameter("--write asks the desk, --contract asks no desk; choose one of them.")
        return _against_contract(ctx, kind, str(contract), strict=strict, json=json)
    if strict:
        raise typer.BadParameter("--strict belongs to --contract FILE.")
    settings = settings_of(ctx).settings
    if kind not in (None, settings.desk.kind):
        words = f"The settings name the desk {settings.desk.kind}, so {kind} cannot be asked"
        raise ConfigError(f"{words}. `--contract FILE` compares its calls without asking it.")
    return _against_desk(settings, write=write, json=json)


def _against_desk(settings: Settings, *, write: bool, json: bool) -> int:
    clock, rows = SystemClock(), list[Seen]()
    with closing(existing(settings)) as database, progress("Asking the desk") as bar:

        def tell(seen: Seen) -> None:
            rows.append(seen)
            bar.told(seen.promise)

        desk = open_desk(settings, database, clock)
        play = Play(tell)
        read_desk(play, desk)
        _other_doors(play, settings, database)
        if write:
            people = [(person.desk or person.email).lower() for person in settings.people]
            chosen: list[Any] = []

            def choose() -> str:
                chosen.append(places_of(desk, settings.failure_tickets.default_queue, people))
                return f"group {chosen[0].group}, assignee {chosen[0].assignee or 'nobody'}"

            if play.promise("choose a place for a ticket", choose, of=desk):
                Throwaway(play, desk, chosen[0], clock.now()).run()
        rest(play, desk)
    failed = sum(row.kept is Kept.FAILED for row in rows)
    if json:
        promises = [
            {"promise": row.promise, "state": row.kept.value, "seen": row.words, "seconds": round(row.seconds, 3)}
            for row in rows
        ]
        can = sorted(one.value for one in desk.capabilities)
        as_json({"desk": desk.system, "ok": not failed, "promises": promises, "capabilities": can})
        return 1 if failed else 0
    shown = [(row.promise, row.kept, row.words, f"{row.seconds:.2f} s" if row.seconds else "") for row in rows]
    table(("Promise", "State", "Seen, or what to do by hand", "Took"), shown, fixed=("State", "Took"))
    counted = Counter(row.kept for row in rows)
    say(f"{desk.title}: {counted[Kept.OK]} ok, {failed} failed, {counted[Kept.CANNOT]} cannot.")
    return 1 if failed else 0


def _other_doors(play: Play, settings: Settings, database: Database) -> None:
    read_customers(play, open_customers(settings, database, SystemClock()))
    access = open_access(settings, database, SystemClock())
    if access is None:
        play.cannot("agents, with the administrative credential", NO_ADMIN)
    else:
        read_access(play, access)


def _against_contract(ctx: typer.Context, kind: str | None, file: str, *, strict: bool, json: bool) -> int:
    kind, section = _asked(ctx, kind)
    raw = read_contract(file)
    try:
        came = compared(kind, section, raw)
    except ConfigError as exc:
        raise ConfigError(f"{file}: {exc}") from exc
    if json:
        head = {"desk": kind, "contract": came.title, "ok": came.agrees(strict=strict)}
        as_json(head | {"calls": came.calls, "inferred": came.inferred, "differences": _listed(came)})
    elif not came.calls:
        say(f"{limits_of()[kind].TITLE} is asked by no calls over HTTP, so there is nothing to compare.")
    else:
        _show(limits_of()[kind].TITLE, came, strict=strict)
    return 0 if came.agrees(strict=strict) else 1


def _show(title: str, came: Compared, *, strict: bool) -> None:
    if came.found:
        rows = [
            (f"{one.call.method} {one.call.path}", one.state, one.place, one.field, one.words) for one in came.found
        ]
        table(("Call", "State", "Where", "Field", "What"), rows, fixed=("State", "Where"))
    say(f"{title} against {came.title}: {came.calls} calls, {came.differing} differ, {came.inferred} inferred.")
    if came.inferred and not strict:
        note("What differs in an inferred call is listed but is no error; with --strict it is.")


def _listed(came: Compared) -> list[dict[str, Any]]:
    return [
        {
            "method": one.call.method, "path": one.call.path, "door": one.call.door, "inferred": one.call.inferred,
            "state": one.weight.value, "place": one.place, "field": one.field, "what": one.words,
        }
        for one in came.found
    ]  # fmt: skip


def _asked(ctx: typer.Context, kind: str | None) -> tuple[str, Desk | None]:
    """The kind, and its section where the settings have one: names of fields may be settings.

    Raises: ConfigError if no kind is named and no settings name one.
    """
    try:
        section = settings_of(ctx).settings.desk
    except ConfigError as exc:
        if kind is None:
            known = ", ".join(KINDS)
            raise ConfigError(f"Which kind of desk is meant? Known: {known}. No settings say it: {exc}") from exc
        return kind, None
    return (kind, section if section.kind == kind else None) if kind else (section.kind, section)
