"""`handoff report …`: the queue report on the terminal, made here or, to be posted, by the running bot."""

from pathlib import Path
from typing import Annotated

import typer

from automations.weekly_report.card import recent
from automations.weekly_report.card_types import report_ref
from automations.weekly_report.period import period_words
from automations.weekly_report.request import OpenUntil
from bot.cli.options import AsJson, Limit, opened
from bot.cli.output import as_json, say, table
from bot.cli.report_asked import Asked, Each, Span
from bot.cli.report_formats import Format, many_reports, one_report, put_out, shape_of
from bot.cli.report_making import card_of, counted, forgotten, made, parse_report_ref, posted, read, reports_of
from bot.cli.report_shown import plain_line
from bot.cli.run_verbs import WAIT_S, Wait
from bot.cli.times import in_zone

app = typer.Typer(no_args_is_help=True, help="The queue report: the same few numbers, for any period.")

ReportId = Annotated[str, typer.Argument(metavar="ID", help="REPORT-7, #7 or 7.")]
Shape = Annotated[Format | None, typer.Option("--format", help="How to print it; text if unset.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write it there, not to standard output.")]
Force = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]
Refresh = Annotated[bool, typer.Option(help="Read on in the desk first; else count what was read before.")]


@app.command()
def run(
    ctx: typer.Context,
    last_week: Annotated[bool, typer.Option("--last-week", help="The week before this one, as if unset.")] = False,
    from_: Annotated[str | None, typer.Option("--from", metavar="DATE", help="The first day.")] = None,
    to: Annotated[str | None, typer.Option(metavar="DATE", help="The last day, which is included.")] = None,
    week: Annotated[str | None, typer.Option(metavar="WEEK", help="An ISO week: 2026-W45.")] = None,
    period: Annotated[
        str | None, typer.Option(metavar="TEXT", help="As in Slack: last-month, 2026-10, 2026-11-02..2026-11-08.")
    ] = None,
    each: Annotated[
        Each | None, typer.Option(help="Each week or month of it by itself, or of all there is; stored is nothing.")
    ] = None,
    filter_: Annotated[
        list[str] | None, typer.Option("--filter", metavar="KEY=VALUE", help="Only such tickets; once for each.")
    ] = None,
    zone: Annotated[str | None, typer.Option(metavar="ZONE", help="Where its days begin; the team's if unset.")] = None,
    open_until: Annotated[
        OpenUntil | None, typer.Option(help="What takes a ticket out of the backlog; as the settings say if unset.")
    ] = None,
    format_: Shape = None,
    json: AsJson = False,
    out: Out = None,
    force: Force = False,
    post: Annotated[
        str | None, typer.Option(metavar="CHANNEL", help="Have the bot post it: a name under [channels], or an id.")
    ] = None,
    refresh: Refresh = True,
    wait: Wait = WAIT_S,
) -> int:
    """Count the tickets of a period and print the report. It is stored, and can be run again."""
    shape = shape_of(format_, out, json=json)
    if each is not None and (post is not None or shape is Format.PNG):
        raise typer.BadParameter("--each prints many periods: as text, json or csv, and without --post")
    with opened(ctx, writing=post is not None, new=post is None) as here:
        context = reports_of(here)
        span = Span(last_week, from_, to, week, period)
        asked = Asked.of(span, tuple(filter_ or ()), zone, open_until, each, context)
        if post is not None:
            card, code = posted(here, asked.request(here, context), post, context, wait)
            put_out(one_report(card, shape, here), out, force=force)
            return code
        if refresh:
            read(here, context)
        if each is not None:
            several = counted(here, asked.requests(here, context), context)
            many_reports(several, context.desk_title, shape, out, force=force)
            return 0
        card = made(here, asked.request(here, context), context, refresh=refresh)
        put_out(one_report(card, shape, here), out, force=force)
    return 0


@app.command("list")
def list_reports(ctx: typer.Context, limit: Limit = 50, json: AsJson = False) -> None:
    """List reports, newest first."""
    with opened(ctx) as here:
        context = reports_of(here)
        with here.database.read() as session:
            cards = recent(session, context, limit)
    if json:
        as_json([plain_line(card) for card in cards])
        return
    table(
        ("Report", "State", "Made", "Asked by", "Period", "Zone", "What"),
        [
            (report_ref(one.id), one.state, in_zone(one.made_at, context.zone), one.by or "the clock",
             period_words(one.request.period), one.request.period.zone, one.error or one.title)
            for one in cards
        ],
        fixed=("Report",),
    )  # fmt: skip


@app.command()
def show(
    ctx: typer.Context,
    report: ReportId,
    format_: Shape = None,
    json: AsJson = False,
    out: Out = None,
    force: Force = False,
) -> None:
    """Show a stored report, as it was counted then."""
    shape, number = shape_of(format_, out, json=json), parse_report_ref(report)
    with opened(ctx) as here:
        put_out(one_report(card_of(here, number, reports_of(here)), shape, here), out, force=force)


@app.command()
def rerun(
    ctx: typer.Context,
    report: ReportId,
    format_: Shape = None,
    json: AsJson = False,
    out: Out = None,
    force: Force = False,
    refresh: Refresh = True,
) -> None:
    """Count the same again: the same numbers, or the tickets that changed since."""
    shape, number = shape_of(format_, out, json=json), parse_report_ref(report)
    with opened(ctx) as here:
        context = reports_of(here)
        before = card_of(here, number, context)
        if refresh:
            read(here, context)
        again = made(here, before.request, context, refresh=refresh, rerun_of=number)
        put_out(one_report(again, shape, here), out, force=force)


@app.command()
def mirror(
    ctx: typer.Context,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Forget what was read, and read all anew.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --rebuild: also where the past is lost by it.")] = False,
    json: AsJson = False,
) -> None:
    """Read the desk's tickets into the mirror that reports are counted from: what changed since the last time."""
    with opened(ctx) as here:
        context = reports_of(here)
        if rebuild:
            forgotten(here, context, yes=yes)
        reading = read(here, context)
    if json:
        as_json({"changed": reading.changed, "refused": reading.refused, "read_at": reading.read_at.isoformat()})
        return
    refused = f", {reading.refused:,} refused by the desk" if reading.refused else ""
    until = in_zone(reading.read_at, context.zone)
    say(f"{reading.changed:,} tickets changed{refused}. The desk was read to its end as of {until}.")
