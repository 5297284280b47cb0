"""`handoff report …`: the queue report on the terminal, made here or, to be posted, by the running bot."""

from pathlib import Path
from typing import Annotated

import typer

from automations.mirror.reading import forget
from automations.weekly_report.card import recent
from automations.weekly_report.card_types import report_ref
from automations.weekly_report.request import OpenUntil
from bot.cli.options import AsJson, Limit, opened
from bot.cli.output import as_json, say, table
from bot.cli.report_asked import Asked, Each, Span
from bot.cli.report_making import card_of, made, parse_report_ref, posted, read, reports_of
from bot.cli.report_shown import Format, in_format, plain_card
from bot.cli.run_verbs import WAIT_S, Wait
from bot.cli.times import in_zone
from bot.views.report_words import span_words

app = typer.Typer(no_args_is_help=True, help="The queue report: the same few numbers for any period.")

ReportId = Annotated[str, typer.Argument(metavar="ID", help="REPORT-7, #7 or 7.")]
Shape = Annotated[Format, typer.Option("--format", help="How to print it.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write it there, not to standard output.")]
Force = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]
Refresh = Annotated[bool, typer.Option(help="Read on in the desk first; else count what was read before.")]


@app.command()
def run(
    ctx: typer.Context,
    last_week: Annotated[
        bool, typer.Option("--last-week", help="The whole week before this one (the default).")
    ] = False,
    from_: Annotated[str | None, typer.Option("--from", metavar="DATE", help="The first day.")] = None,
    to: Annotated[str | None, typer.Option(metavar="DATE", help="The last day; it is included.")] = None,
    week: Annotated[str | None, typer.Option(metavar="WEEK", help="An ISO week: 2026-W45.")] = None,
    period: Annotated[
        str | None, typer.Option(metavar="TEXT", help="As in Slack: last-month, 2026-10, 2026-11-02..2026-11-08.")
    ] = None,
    each: Annotated[
        Each | None, typer.Option(help="Count each week or month of the period by itself; nothing is stored.")
    ] = None,
    filter_: Annotated[
        list[str] | None, typer.Option("--filter", metavar="KEY=VALUE", help="Only such tickets; once for each.")
    ] = None,
    zone: Annotated[str | None, typer.Option(metavar="ZONE", help="Where its days begin; the team's if unset.")] = None,
    open_until: Annotated[
        OpenUntil | None, typer.Option(help="What ends a ticket; [report] open_until if unset.")
    ] = None,
    format_: Shape = Format.TEXT,
    json: AsJson = False,
    out: Out = None,
    force: Force = False,
    post: Annotated[
        str | None, typer.Option(metavar="CHANNEL", help="Have the bot post it: a name under [channels], or an id.")
    ] = None,
    refresh: Refresh = True,
    wait: Wait = WAIT_S,
) -> int:
    """Count the tickets of a period and print the report; it is stored and can be run again."""
    shape = _shape(format_, json=json, out=out)
    asked = Asked(Span(last_week, from_, to, week, period), tuple(filter_ or ()), zone, open_until, each)
    if each is not None and (post is not None or shape is Format.PNG):
        raise typer.BadParameter("--each prints many periods: it goes with text, json and csv alone, and is not posted")
    with opened(ctx, writing=post is not None) as here:
        context = reports_of(here)
        asked.check(context)
        if refresh and post is None:
            read(here, context)
        if each is not None:
            return _each(here, asked, shape, out, force=force)
        request = asked.request(here, context)
        if post is not None:
            card, code = posted(here, request, post, context, wait)
        else:
            card, code = made(here, request, context, refresh=refresh), 0
        _print(in_format(card, shape), out, force=force)
        return code


@app.command("list")
def list_reports(ctx: typer.Context, limit: Limit = 50, json: AsJson = False) -> None:
    """List reports, newest first."""
    with opened(ctx) as here, here.database.read() as session:
        cards = recent(session, reports_of(here), limit)
        zone = here.settings.team.zone
    if json:
        as_json([plain_card(card) for card in cards])
        return
    table(
        ("Report", "State", "Made", "By", "Period", "What"),
        [
            (report_ref(one.id), one.state, in_zone(one.made_at, zone), one.by or "the clock",
             span_words(one.request.period), one.error or one.title)
            for one in cards
        ],
        fixed=("Report",),
    )  # fmt: skip


@app.command()
def show(
    ctx: typer.Context,
    report: ReportId,
    format_: Shape = Format.TEXT,
    json: AsJson = False,
    out: Out = None,
    force: Force = False,
) -> None:
    """Show a stored report, as it was counted then."""
    shape, number = _shape(format_, json=json, out=out), parse_report_ref(report)
    with opened(ctx) as here:
        _print(in_format(card_of(here, number, reports_of(here)), shape), out, force=force)


@app.command()
def rerun(
    ctx: typer.Context,
    report: ReportId,
    format_: Shape = Format.TEXT,
    json: AsJson = False,
    out: Out = None,
    force: Force = False,
    refresh: Refresh = True,
) -> None:
    """Count the same again: the same numbers, or the tickets that changed since."""
    shape, number = _shape(format_, json=json, out=out), parse_report_ref(report)
    with opened(ctx) as here:
        context = reports_of(here)
        before = card_of(here, number, context)
        if refresh:
            read(here, context)
        again = made(here, before.request, context, refresh=refresh, rerun_of=number)
        _print(in_format(again, shape), out, force=force)


@app.command()
def mirror(
    ctx: typer.Context,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Forget what was read, and read everything anew.")] = False,
    json: AsJson = False,
) -> None:
    """Read the desk's tickets into the mirror that reports are counted from: only what changed since the last time."""
    with opened(ctx) as here:
        context = reports_of(here)
        if rebuild:
            forget(here.database, context.desk_system)
        reading = read(here, context)
    if json:
        as_json({"changed": reading.changed, "read_at": reading.read_at.isoformat()})
        return
    say(f"{reading.changed:,} tickets read, as of {in_zone(reading.read_at, here.settings.team.zone)}.")
