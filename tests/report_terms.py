"""The queue report's context for a test's own context."""

from datetime import time, timedelta

from automations.domain import Mode
from automations.failure_tickets.context import Context
from automations.weekly_report.context import ReportContext
from automations.weekly_report.request import Filters

CHANNEL = "C_REPORTS"


def report_of(ctx: Context) -> ReportContext:
    """Reports of this team, posted on Mondays at nine; the desk is asked for no figures of its own."""
    return ReportContext(
        roster=ctx.roster,
        zone=ctx.zone,
        jobs=ctx.jobs,
        clock=ctx.clock,
        redactor=ctx.redactor,
        mode=Mode.AUTO,
        channel=CHANNEL,
        owner=ctx.book.default_owner,
        weekday=0,
        at=time(9),
        grace=timedelta(hours=24),
        hours=ctx.hours,
        filters=Filters(),
        open_until="solved",
        per_person=False,
        compare_most=0,
        desk_system=ctx.desk_system,
        desk_title=ctx.desk_system,
    )
