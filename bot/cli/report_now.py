"""`handoff automations run weekly_report`: the newest planned report now, as the clock would have asked for it."""

import threading
import time

from sqlalchemy import select

from automations.domain import Mode, Role
from automations.errors import Refused
from automations.weekly_report.asking import NAME, found, mode
from automations.weekly_report.card_types import report_ref
from automations.weekly_report.context import ReportContext
from automations.weekly_report.planned import ask_planned, timetable_of, window_of
from bot.cli.deciding import deciding
from bot.cli.follow import LOOK_EVERY_S, PARTIAL
from bot.cli.options import Opened, os_user
from bot.cli.output import note, progress, say
from bot.cli.report_making import reports_of
from bot.engine import bot_running
from storage.models import Report


def report_now(here: Opened, email: str | None, wait_s: float) -> int:
    """Ask for the report of the newest planned moment, unless there is one, and follow it; the command's exit code.

    Raises: Refused if the automation is off, or `email` is no lead.
    """
    if email is not None and not deciding(here, email).may(Role.LEAD):
        raise Refused(f"--as {email}: this needs the role lead. Nothing was asked for.")
    ctx = reports_of(here)
    now = ctx.clock.now()
    with here.database.begin() as session:
        if mode(session, ctx) is Mode.OFF:
            raise Refused(f"{NAME} is off, so nothing is posted. `handoff report run` counts without posting.")
        asked = ask_planned(session, now, ctx).report
        if asked is not None:
            here.typed(session, "automations.run", report_ref(asked.id), email or os_user(), "asked")
            session.flush()
        window = window_of(timetable_of(ctx).window(now))
        there = asked or session.scalars(select(Report).where(Report.window == window)).one_or_none()
    if there is None:
        raise Refused(f"{ctx.owner} has no Slack user, and in mode shadow nobody else is shown a report.")
    ref = report_ref(there.id)
    if asked is None:
        say(f"{ref} is there already for that week: {there.state}. `handoff report rerun {there.id}` counts it again.")
        return 0
    return _followed(here, there.id, ctx, wait_s)


def _followed(here: Opened, number: int, ctx: ReportContext, wait_s: float) -> int:
    ref = report_ref(number)
    if not bot_running(here.database):
        note(f"No bot is running: {ref} is made when `handoff serve` runs again.")
        return 0
    deadline, pause = time.monotonic() + wait_s, threading.Event()
    with progress(ref) as bar:
        while (report := _now(here, number)).state == "asked" and time.monotonic() < deadline:
            bar.told("the bot makes it")
            pause.wait(LOOK_EVERY_S)
    if report.state == "failed":
        say(f"{ref} failed: {report.error} Its owner, {ctx.roster.name(report.owner)}, was told.")
        return 1
    say(f"{ref} is {'made' if report.state == 'made' else 'under way still'}.")
    return 0 if report.state == "made" else PARTIAL


def _now(here: Opened, number: int) -> Report:
    with here.database.read() as session:
        return found(session, number)
