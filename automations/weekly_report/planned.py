"""The report by the clock: asked for once for its window, told where it does not come, looked ahead at before.

Whatever comes of a planned moment is written down, also that nothing was to be sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Mode
from automations.durations import in_words
from automations.weekly_report.asking import NAME, ReportKind, enqueue, mode, put
from automations.weekly_report.context import ReportContext
from automations.weekly_report.ending import open_until
from automations.weekly_report.failing import fail
from automations.weekly_report.posting import warn_owner
from automations.weekly_report.request import Period, Request
from automations.weekly_report.windows import Timetable
from automations.words import when
from storage import audit
from storage.models import Report

NO_CHANNEL: Final = "There is no channel for it: report.channel names none that is under [channels]."


def timetable_of(ctx: ReportContext) -> Timetable:
    """When reports come by the clock, and what each is about, as the settings say it now."""
    return Timetable(ctx.weekday, ctx.at, ctx.zone, ctx.hours)


def window_of(period: Period) -> str:
    """The one name of a scheduled report about this period: `weekly/2026-11-16/2026-11-23`, days in its zone."""
    zone = ZoneInfo(period.zone)
    begin, end = (moment.astimezone(zone).date() for moment in (period.from_at, period.to_at))
    return f"weekly/{begin.isoformat()}/{end.isoformat()}"


@dataclass(frozen=True, slots=True)
class Planned:
    """What came of a planned moment: the report that was asked for, None if none is to come, and then `why`.

    One that is too late, or has no channel, is there and failed, with the reason in `why`.
    """

    report: Report | None
    why: str = ""


def ask_planned(session: Session, planned: datetime, ctx: ReportContext) -> Planned:
    """Ask for the report planned for this moment, once for all replicas, restarts and tries.

    One that comes later than the grace is failed at once, so that its owner hears of it and may have it all the same.
    """
    audit.hold(session)
    how, period = mode(session, ctx), timetable_of(ctx).window(planned)
    if how is Mode.OFF:
        return _skipped(session, planned, period, "off", "not posted: off", ctx)
    kind: ReportKind = "weekly" if how is Mode.AUTO else "shadow"
    channel = ctx.channel if how is Mode.AUTO else _owners_slack(ctx)
    if how is Mode.SHADOW and not channel:
        return _skipped(session, planned, period, "nobody", f"not posted: {ctx.owner} has no Slack user", ctx)
    request = Request(period, ctx.filters, open_until(session, ctx))
    report = put(session, request, HANDOFF, ctx, channel=channel, kind=kind, window=window_of(period))
    if report is None:
        return _skipped(session, planned, period, "done", "not posted again: it was asked for already", ctx)
    why = _too_late(planned, ctx) if ctx.clock.now() - planned > ctx.grace else "" if channel else NO_CHANNEL
    if why:
        fail(session, report.id, why, ctx)
    else:
        enqueue(session, report, str(report.id), ctx)
    return Planned(report, why)


def write_down_preflight(
    session: Session, looked: datetime, problems: Sequence[tuple[str, str]], ctx: ReportContext
) -> None:
    """Keep what the look planned for then has found about the next report, and tell its owner if it is anything."""
    audit.hold(session)
    due = timetable_of(ctx).next_after(looked)
    told = bool(problems) and warn_owner(session, problems, due, ctx)
    audit.append(
        session,
        at=ctx.clock.now(),
        actor=HANDOFF.id,
        action="report.preflight",
        target=NAME,
        outcome="problems" if problems else "done",
        correlation_id=f"{NAME}/{due.isoformat()}",
        after=ctx.redactor.tree({"problems": [words for words, _ in problems], "told": ctx.owner if told else ""}),
    )


def _skipped(
    session: Session, planned: datetime, period: Period, outcome: str, why: str, ctx: ReportContext
) -> Planned:
    audit.append(
        session,
        at=ctx.clock.now(),
        actor=HANDOFF.id,
        action="report.skipped",
        target=NAME,
        outcome=outcome,
        correlation_id=f"{NAME}/{planned.isoformat()}",
        after={"window": window_of(period), "why": why},
    )
    return Planned(None, why)


def _too_late(planned: datetime, ctx: ReportContext) -> str:
    return (
        f"It was planned for {when(planned, ctx)} and could be made only at {when(ctx.clock.now(), ctx)}: later than "
        f"report.grace allows ({in_words(ctx.grace)}), so it does not come by itself."
    )


def _owners_slack(ctx: ReportContext) -> str:
    person = ctx.roster.by_email(ctx.owner)
    return (person.slack or "") if person is not None and not person.blocked else ""
