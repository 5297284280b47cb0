"""What `handoff doctor` finds about the queue report: where it goes, when it comes next, who hears when it does not."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from zoneinfo import ZoneInfo

from automations.domain import Mode
from automations.errors import AdapterError, ConfigError
from automations.failure_tickets.present import present
from automations.mirror.reading import place
from automations.people import WEEKDAYS, moment_in_words
from automations.weekly_report.asking import MODES, NAME
from automations.weekly_report.context import ReportContext
from automations.weekly_report.planned import timetable_of
from bot.cli.finding import Finding, ok, problem, warning
from bot.cli.slack_look import SlackLook
from bot.engine import EngineClient
from bot.parts import make_context
from bot.report_parts import make_report_context
from bot.report_preflight import FRESH, channel_problem, missing_scopes
from bot.settings import Settings
from storage.engine import Database
from storage.modes import mode_of

AREA = "report"


def check_report(settings: Settings, database: Database, look: SlackLook | None, now: datetime) -> Iterator[Finding]:
    """Everything that the report by the clock needs beside what the desk and Slack need anyway. Nothing is changed."""
    try:
        with closing(EngineClient(database, ())) as jobs:
            team = make_context(settings, database, settings.desk.kind, jobs=jobs)
            ctx = make_report_context(settings, team, desk_title=settings.desk.kind)
    except ConfigError as exc:
        yield problem(AREA, str(exc), "Correct it under [report].")
        return
    with database.read() as session:
        by_command, known = mode_of(session, NAME), place(session, ctx.desk_system)
        roster = present(session, team).roster
    if by_command is not None and by_command not in MODES:
        yield problem(AREA, f"The mode {by_command} was set by command and is none of reports, so it is off.",
                      f"`handoff automations mode {NAME} auto`.")  # fmt: skip
        return
    how = Mode(by_command) if by_command is not None else ctx.mode
    if how is Mode.OFF:
        yield ok(AREA, "It is off: nothing is posted by the clock; whoever asks for a report gets one.")
        return
    yield _next(ctx, how, settings.report.channel, now)
    if how is Mode.AUTO and not ctx.channel:
        words = f"There is no channel {settings.report.channel!r} under [channels], so nothing can be posted."
        yield problem(AREA, words, "Name it there, or another one in report.channel.")
    yield from _in_slack(ctx, how, look)
    owner = roster.by_email(ctx.owner)
    if owner is None or owner.slack is None:
        words = f"{roster.name(ctx.owner)}, who hears when it fails, has no Slack user here."
        yield problem(AREA, words, f"`handoff people link {ctx.owner} --slack U…`, or name another report.owner.")
    if known is None or known.read_at is None:
        yield warning(AREA, "The desk has not been read to its end yet.", "A running bot reads it on by itself.")
    elif now - known.read_at > FRESH:
        words = f"The desk was last read at {moment_in_words(known.read_at, ZoneInfo(ctx.zone))}."
        yield warning(AREA, words, "A running bot reads it every minute; its log says why it does not.")


def _next(ctx: ReportContext, how: Mode, place: str, now: datetime) -> Finding:
    due = timetable_of(ctx).next_after(now).astimezone(ZoneInfo(ctx.zone))
    when = f"{WEEKDAYS[due.weekday()]} {moment_in_words(due, ZoneInfo(ctx.zone))} ({ctx.zone})"
    where = f"in #{place}" if how is Mode.AUTO else "for its owner alone"
    return ok(AREA, f"The next report comes {when} {where}; its owner is {ctx.roster.name(ctx.owner)}.")


def _in_slack(ctx: ReportContext, how: Mode, look: SlackLook | None) -> Iterator[Finding]:
    if look is None:
        return
    try:
        if missing := missing_scopes(look.auth_test().scopes):
            words = f"Slack has not granted {' and '.join(missing)}."
            yield problem(AREA, words, "Update the app by `handoff manifest`, and install it again.")
        if how is Mode.AUTO and ctx.channel and (found := channel_problem(look, ctx.channel)) is not None:
            yield problem(AREA, *found)
    except AdapterError as exc:
        yield warning(AREA, f"Slack could not be asked: {exc}")
