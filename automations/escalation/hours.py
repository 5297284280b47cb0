"""When people may be called, and until when they have to answer: working hours, unless it is urgent. Pure."""

from datetime import datetime, timedelta
from typing import Final

from automations.calendar import WorkingHours
from automations.domain import Priority
from automations.escalation.context import EscalationContext
from automations.sla.worked import WorkedHours

_ORDER: Final = tuple(Priority)


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
    return start + wait if ctx.hours is None or is_urgent(ctx, priority) else worked(ctx.hours, start, wait)


def worked(hours: WorkingHours | None, start: datetime, wait: timedelta) -> datetime:
    """The moment, in UTC, at which the team has worked for `wait` since `start`."""
    end = WorkedHours(hours).after(start, wait, "working")
    assert end is not None, "waits of a chain are hours or days, and working hours come again within a century"
    return end
