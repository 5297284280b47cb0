"""When people may be called, and until when they have to answer: working hours, unless it is urgent. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from automations.calendar import WorkingHours
from automations.domain import Priority
from automations.escalation.context import EscalationContext

_ORDER = tuple(Priority)


def is_urgent(ctx: EscalationContext, priority: str) -> bool:
    """Say whether quiet hours do not count for this priority. One the desk has no word of is not urgent."""
    return priority in _ORDER and _ORDER.index(Priority(priority)) >= _ORDER.index(ctx.rules.urgent_from)


def may_call(ctx: EscalationContext, priority: str, at: datetime) -> bool:
    """Say whether something of this priority may call anybody at `at`."""
    return ctx.hours is None or is_urgent(ctx, priority) or ctx.hours.covers(at)


def next_call(ctx: EscalationContext, priority: str, at: datetime) -> datetime:
    """The first moment from `at` on at which something of this priority may call anybody."""
    return at if ctx.hours is None or is_urgent(ctx, priority) else ctx.hours.next_start(at)


def after(ctx: EscalationContext, priority: str, start: datetime, wait: timedelta) -> datetime:
    """When `wait` has run since `start`: in working hours alone, unless it is urgent or the team always works."""
    if ctx.hours is None or is_urgent(ctx, priority):
        return start + wait
    return worked_until(ctx.hours, start, wait)


def worked_until(hours: WorkingHours, start: datetime, wait: timedelta) -> datetime:
    """The moment, in UTC, at which the team has worked for `wait` since `start`; `start` is the next hours' if none."""
    at, left = hours.next_start(start), wait
    while at + left > (end := _end(hours, at)):
        left -= end - at
        at = hours.next_start(end)
    return at + left


def _end(hours: WorkingHours, at: datetime) -> datetime:
    """When the working time that covers `at` ends: at its day's end, or where the clocks jump out of it."""
    zone = ZoneInfo(hours.zone)
    day = at.astimezone(zone).date()
    ends = [end for end in _ends(day, hours.end, zone) if end > at]
    return min(ends) if ends else datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def _ends(day: date, clock: time, zone: ZoneInfo) -> list[datetime]:
    return [datetime.combine(day, clock, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
