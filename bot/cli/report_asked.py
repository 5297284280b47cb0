"""What `handoff report run` is asked for: the words of its options as a period, several periods, filters."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

import typer
from sqlalchemy import func, select

from automations.weekly_report.context import ReportContext
from automations.weekly_report.ending import open_until
from automations.weekly_report.known import fitted
from automations.weekly_report.period import parse_period
from automations.weekly_report.request import Filters, OpenUntil, Period, Request
from bot.cli.options import Opened
from bot.grammar import UsageError, plain
from bot.grammar_report import Chosen, parse_filters, with_defaults
from storage.models import MirrorTicket

USUAL = "last-week"


class Each(StrEnum):
    """Into what a long time is divided."""

    WEEK = "week"
    MONTH = "month"


_WORDS: Mapping[Each, Literal["week", "month"]] = {Each.WEEK: "week", Each.MONTH: "month"}


@dataclass(frozen=True, slots=True)
class Span:
    """The options that name a period, as typed; None where one was not given."""

    last_week: bool = False
    first: str | None = None
    last: str | None = None
    week: str | None = None
    words: str | None = None

    def text(self) -> str:
        """The period as one text, empty if none was named. Raises: BadParameter for two, or for half of one."""
        if (self.first is None) != (self.last is None):
            raise typer.BadParameter("--from and --to belong together; both days are included")
        days = f"{self.first}..{self.last}" if self.first is not None else None
        named = [text for text in (USUAL if self.last_week else None, days, self.week, self.words) if text]
        if len(named) > 1:
            raise typer.BadParameter("give one of --last-week, --from with --to, --week and --period")
        return named[0] if named else ""


@dataclass(frozen=True, slots=True)
class Asked:
    """The options that say what is counted, read and found right before anything is looked at."""

    period: Period | None
    chosen: Chosen
    zone: str
    open_until: OpenUntil | None
    each: Each | None

    @classmethod
    def of(
        cls,
        span: Span,
        typed: tuple[str, ...],
        zone: str | None,
        open_until: OpenUntil | None,
        each: Each | None,
        ctx: ReportContext,
    ) -> "Asked":
        """Read the options; without a period it is last week, or with `each` all of the desk's past.

        Raises: BadParameter with what is known.
        """
        zone = _zone(zone or ctx.zone)
        text = span.text() or ("" if each else USUAL)
        try:
            period = _long(span, zone) if each else parse_period(text, ctx.clock.now(), zone)
            if each and period is None and text:
                period = parse_period(text, ctx.clock.now(), zone)
        except ValueError as exc:
            raise typer.BadParameter(str(exc)) from exc
        try:
            chosen = parse_filters(typed)
        except UsageError as exc:
            raise typer.BadParameter(str(exc), param_hint="--filter") from exc
        return cls(period, chosen, zone, open_until, each)

    def request(self, here: Opened, ctx: ReportContext) -> Request:
        """The one request. Raises: Refused for a filter that no ticket fits."""
        assert self.period is not None, "one report is about one period"
        filters, ends = self._counted(here, ctx)
        return Request(self.period, filters, ends)

    def requests(self, here: Opened, ctx: ReportContext) -> list[Request]:
        """A request for each week or month. Raises: Refused as `request`."""
        assert self.each is not None, "asked for each"
        (filters, ends), whole = self._counted(here, ctx), self.period or self._all(here, ctx)
        return [] if whole is None else [Request(one, filters, ends) for one in each_of(whole, self.each)]

    def _counted(self, here: Opened, ctx: ReportContext) -> tuple[Filters, OpenUntil]:
        with here.database.read() as session:
            filters = fitted(session, with_defaults(ctx.filters, self.chosen), ctx, plain)
            return filters, self.open_until or open_until(session, ctx)

    def _all(self, here: Opened, ctx: ReportContext) -> Period | None:
        """From the week or month of the oldest ticket to the last whole one; None where there is no such time."""
        assert self.each is not None, "asked for each"
        with here.database.read() as session:
            ours = select(func.min(MirrorTicket.created_at)).where(MirrorTicket.system == ctx.desk_system)
            oldest = session.scalar(ours)
        if oldest is None:
            return None
        zone, now = ZoneInfo(self.zone), ctx.clock.now()
        first, _ = around(oldest.astimezone(zone).date(), self.each)
        end, _ = around(now.astimezone(zone).date(), self.each)
        return Period(midnight(first, zone), midnight(end, zone), self.zone) if first < end else None


def each_of(whole: Period, each: Each) -> Iterator[Period]:
    """The weeks (from Monday on) or months of a time, in its zone; at its ends only what lies within it."""
    zone = ZoneInfo(whole.zone)
    first, end = (at.astimezone(zone).date() for at in (whole.from_at, whole.to_at))
    while first < end:
        begun, following = around(first, each)
        until = min(following, end)
        entire = (first, until) == (begun, following)
        word: Literal["week", "month", "days"] = _WORDS[each] if entire else "days"
        yield Period(midnight(first, zone), midnight(until, zone), whole.zone, word)
        first = until


def around(day: date, each: Each) -> tuple[date, date]:
    """The week or month in which a day lies: its first day, and the one after its last."""
    if each is Each.WEEK:
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=7)
    begun = day.replace(day=1)
    return begun, (begun + timedelta(days=31)).replace(day=1)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _long(span: Span, zone: str) -> Period | None:
    """The two days of a span of any length. Raises: ValueError in words."""
    if span.first is None or span.last is None:
        return None
    try:
        first, last = date.fromisoformat(span.first), date.fromisoformat(span.last)
        return Period(midnight(first, ZoneInfo(zone)), midnight(last + timedelta(days=1), ZoneInfo(zone)), zone)
    except (ValueError, OverflowError) as exc:
        raise ValueError(f"{span.first}..{span.last} are no two days in their order, such as 2026-11-02") from exc


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise typer.BadParameter("an IANA zone such as Europe/Oslo is needed", param_hint="--zone")
    return name
