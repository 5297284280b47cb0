"""`handoff escalations evaluate`: what the rules and clocks of now would have fired in history, and when."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from automations.desks import Capability
from automations.errors import ConfigError, Rejected
from automations.escalation.context import EscalationContext
from automations.escalation.past import past_tickets, words_of
from automations.escalation.reasons import PRESSING, REASON_NAMES, EscalationReason
from automations.escalation.replaying import PastTicket, WouldFire, replay
from automations.mirror.reading import read_on
from automations.ports import HelpDesk
from bot.builtin_desk import history_desk
from bot.cli.options import AsJson, Limit, Opened, opened
from bot.cli.output import as_json, note, progress, say, table
from bot.cli.times import in_zone
from bot.cli.watch_opened import escalation_of
from bot.desk import open_desk

WEEK: Final = timedelta(days=7)


def evaluate(
    ctx: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(
            help="History as `import tickets` takes it: CSV or JSON lines. Without FILE the desk's own, as mirrored."
        ),
    ] = None,
    map_: Annotated[Path | None, typer.Option("--map", metavar="FILE", help="As for `import tickets`.")] = None,
    days: Annotated[int, typer.Option(help="Without FILE: how many days back.", min=1)] = 90,
    limit: Limit = 50,
    json: AsJson = False,
) -> int:
    """Replay history by the rules and SLA targets of now: what would have fired when, for which ticket, and why.

    Nothing is posted and nothing is kept; the desk is only read.
    """
    with opened(ctx, new=True) as here:
        context = escalation_of(here)
        past = _of_file(file, map_, context) if file is not None else _of_the_desk(here, context, days)
        if not past:
            raise ConfigError("There are no tickets to replay. Nothing was measured.")
        with progress("Replaying"):
            fired = replay(past, context.rules, context.policy, context.hours)
        zone = here.settings.team.zone
    if json:
        as_json(_plain(past, fired))
        return 0
    _show(past, fired, zone, limit)
    if not context.policy.targets:
        note("There is no [[sla]] in the settings, so no clock could warn.")
    return 0


def _of_file(file: Path, map_: Path | None, ctx: EscalationContext) -> list[PastTicket]:
    """Import the file into a desk of its own that is thrown away afterwards, and read that as any other."""
    with progress(f"Reading {file.name}") as bar:
        brought = history_desk(file, map_, redactor=ctx.redactor, clock=ctx.clock, on_progress=bar.at)
        with brought as (database, desk, found):
            if found.rejected:
                note(f"{len(found.rejected)} rows were not read; `handoff import tickets` lists them.")
            read_on(database, desk, None, clock=ctx.clock, redactor=ctx.redactor)
            with database.read() as session:
                past = list(past_tickets(session, desk.system, None))
            return _with_words(past, desk, ctx)


def _of_the_desk(here: Opened, ctx: EscalationContext, days: int) -> list[PastTicket]:
    with here.database.read() as session:
        past = list(past_tickets(session, ctx.desk_system, ctx.clock.now() - timedelta(days=days)))
    desk = open_desk(here.settings, here.database, ctx.clock)
    return _with_words(past, desk, ctx) if Capability.EVENTS in desk.capabilities else past


def _with_words(past: Sequence[PastTicket], desk: HelpDesk, ctx: EscalationContext) -> list[PastTicket]:
    """The same with what customers wrote. A ticket that the desk shows no more has no words."""
    told: list[PastTicket] = []
    with progress("Reading words") as bar:
        for number, ticket in enumerate(past):
            try:
                told.append(replace(ticket, words=words_of(desk, ticket.ticket_id, ctx.redactor)))
            except Rejected:
                told.append(ticket)
            bar.at(number + 1, len(past))
    return told


def _plain(past: Sequence[PastTicket], fired: Sequence[WouldFire]) -> dict[str, Any]:
    return {
        "tickets": len(past),
        "rules": [
            {"reason": reason.value, "rule": rule, "fired": n, "tickets": tickets}
            for reason, rule, n, tickets in _rules(fired)
        ],
        "breached_without_warning": len(_unwarned(fired)),
        "firings": [
            {
                "at": one.at.astimezone(UTC).isoformat(),
                "ticket": one.ticket_id,
                "title": one.title,
                "reason": one.reason.value,
                "rule": one.rule,
                "said": one.said,
            }
            for one in fired
        ],
    }


def _show(past: Sequence[PastTicket], fired: Sequence[WouldFire], zone: str, limit: int) -> None:
    tickets = len({one.ticket_id for one in fired})
    say(f"{len(fired)} firings for {tickets} of {len(past)} tickets{_a_week(fired)}.")
    table(
        ("Reason", "Rule", "Fired", "Tickets"),
        [(REASON_NAMES[reason], rule, n, of) for reason, rule, n, of in _rules(fired)],
    )
    if missed := _unwarned(fired):
        say(f"{len(missed)} clocks were breached without a warning before, since they were late at once.")
    table(
        ("When", "Ticket", "Why"),
        [(in_zone(one.at, zone), f"{one.ticket_id} {one.title}", one.said) for one in fired[:limit]],
        fixed=("When",),
    )
    if len(fired) > limit:
        note(f"The first {limit} of {len(fired)} are shown; `--limit` or `--json` shows more.")


def _a_week(fired: Sequence[WouldFire]) -> str:
    if len(fired) < 2:
        return ""
    weeks = max((fired[-1].at - fired[0].at) / WEEK, 1.0)
    return f", {len(fired) / weeks:.1f} a week"


def _rules(fired: Sequence[WouldFire]) -> list[tuple[EscalationReason, str, int, int]]:
    """Each rule that would have fired, most pressing reason first: how often, and for how many tickets."""
    counted = Counter((one.reason, one.rule) for one in fired)
    tickets = Counter((reason, rule) for reason, rule, _ in {(one.reason, one.rule, one.ticket_id) for one in fired})
    order = sorted(counted, key=lambda one: (PRESSING.index(one[0]), one[1]))
    return [(reason, rule, counted[reason, rule], tickets[reason, rule]) for reason, rule in order]


def _unwarned(fired: Sequence[WouldFire]) -> list[WouldFire]:
    """Breaches of which no warning of the same target came before for the same ticket."""
    warned: dict[tuple[str, str], datetime] = {}
    found: list[WouldFire] = []
    for one in fired:
        if one.reason is EscalationReason.SLA_WARNING:
            warned.setdefault((one.ticket_id, one.rule), one.at)
        elif one.reason is EscalationReason.SLA_BREACH and (one.ticket_id, one.rule) not in warned:
            found.append(one)
    return found
