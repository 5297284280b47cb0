"""The shapes in which commands print reports: text, JSON, CSV, a picture; on the terminal or into a file."""

import csv
import io
import json
import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path

import typer

from automations.escalation.figures import rule_figures
from automations.weekly_report.card_types import ReportCard
from automations.weekly_report.counting import Counted
from automations.weekly_report.result import Spread
from bot.cli.files import bytes_written
from bot.cli.options import Opened
from bot.cli.output import plain, say, table
from bot.cli.report_shown import plain_card, plain_counted, plain_period
from bot.cli.watch_opened import escalation_of
from bot.views.chart import report_picture
from bot.views.report_csv import data_sheet
from bot.views.report_text import report_text
from bot.views.report_words import length


class Format(StrEnum):
    """How a report is printed."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    PNG = "png"


COUNTS = ("backlog_start", "created", "reopened", "solved", "resolved", "closed", "merged", "backlog_end")
TIMES = ("first_reply", "response", "resolution")


def shape_of(chosen: Format | None, out: Path | None, *, json: bool) -> Format:
    """The one shape that is asked for. Raises: BadParameter for two, or a picture on a terminal."""
    if json and chosen not in (None, Format.JSON):
        raise typer.BadParameter(f"--json and --format {chosen} ask for two shapes")
    if chosen is Format.PNG and out is None and sys.stdout.isatty():
        raise typer.BadParameter("a picture is no text for a terminal: name a file with --out FILE.png")
    return Format.JSON if json else chosen or Format.TEXT


def one_report(card: ReportCard, shape: Format, here: Opened) -> bytes:
    """A stored report in that shape; its data sheet also says how the rules of escalation did in its period."""
    match shape:
        case Format.JSON:
            return _json(plain_card(card))
        case Format.CSV:
            ctx, period = escalation_of(here), card.request.period
            with here.database.read() as session:
                return data_sheet(card, rule_figures(session, ctx, period.from_at, period.to_at))
        case Format.PNG:
            return report_picture(card)
        case _:
            return f"{plain(report_text(card))}\n".encode()


def put_out(content: bytes, out: Path | None, *, force: bool) -> None:
    """Write it into the file, or to standard output. Raises: ConfigError for a file that cannot be written."""
    if out is not None:
        bytes_written(out, content, force=force)
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def many_reports(several: Sequence[Counted], desk: str, shape: Format, out: Path | None, *, force: bool) -> None:
    """Print periods beside each other: a line for each, or in JSON all of each."""
    if shape is Format.TEXT and out is None:
        _table(several)
    elif shape is Format.JSON:
        put_out(_json([plain_counted(one, desk) for one in several]), out, force=force)
    else:
        put_out(_csv(several), out, force=force)
    if out is not None:
        say(f"{len(several)} periods written to {out}.")


def _table(several: Sequence[Counted]) -> None:
    named = [name for name in COUNTS if name != "merged"]
    rows = []
    for one in several:
        counts = one.result.counts.model_dump()
        shown = ["" if counts[name] is None else f"{counts[name]:,}" for name in named]
        medians = [length(spread.median) for _, spread in _spreads(one)]
        rows.append((_name(one), *shown, *medians))
    heads = ("Start", "Created", "Reopened", "Solved", "For good", "Closed", "End", "Reply", "Response", "Resolution")
    table(("Period", *heads), rows, fixed=("Period",))


def _csv(several: Sequence[Counted]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    figures = [f"{name}_{measure}" for name in TIMES for measure in ("n", "mean_s", "median_s", "p90_s")]
    writer.writerow(["period", "from", "to", *COUNTS, *figures])
    for one in several:
        period, counts = plain_period(one.request.period), one.result.counts.model_dump()
        times = [figure for _, spread in _spreads(one) for figure in (spread.n, spread.mean, spread.median, spread.p90)]
        writer.writerow([_name(one), period["from"], period["to"], *(counts[name] for name in COUNTS), *times])
    return text.getvalue().encode()


def _spreads(counted: Counted) -> Iterator[tuple[str, Spread]]:
    for name in TIMES:
        yield name, getattr(counted.result, name).calendar


def _name(counted: Counted) -> str:
    period = plain_period(counted.request.period)
    return period.get("week") or f"{period['first_day']}..{period['last_day']}"


def _json(value: object) -> bytes:
    return f"{json.dumps(value, indent=2)}\n".encode()
