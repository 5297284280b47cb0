"""Reports as plain JSON values, for scripts and for strangers: every number with what it was counted by."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from automations.weekly_report.card_types import ReportCard, report_ref
from automations.weekly_report.counting import Counted
from automations.weekly_report.definitions import Definition, definitions
from automations.weekly_report.request import Period, Request
from automations.weekly_report.result import Counts, Result, Row, Share, Times


def plain_card(card: ReportCard) -> dict[str, Any]:
    """One stored report, compared with the period before it and, if it counts another again, with that."""
    shown = _basis(card.request, card.definitions, card.desk, card.data_at, card.since)
    made = {**plain_line(card), **shown, "hash": card.hash, **(_whole(card.result) if card.result else {})}
    before = card.before.result
    made["before"] = _numbers(before) if before is not None else None
    made["not_compared"] = card.before.why_not or None
    made["rerun"] = None
    if card.again is not None:
        changes = [{"ticket": one.title, "url": one.url, "words": one.words} for one in card.changes]
        same = card.state == "made" and not card.change_count
        made["rerun"] = {"of": card.again, "same": same, "changed": card.change_count, "changes": changes}
    return made


def plain_line(card: ReportCard) -> dict[str, Any]:
    """A stored report in a list."""
    zone = card.request.period.zone
    return {
        "report": card.id,
        "ref": report_ref(card.id),
        "state": card.state,
        "title": card.title,
        "asked_by": card.by or None,
        "made_at": _text(card.made_at, zone),
        "error": card.error or None,
        "rerun_of": card.again,
        "period": plain_period(card.request.period),
        "zone": zone,
        "filters": _filters(card.request),
        "open_until": card.request.open_until,
        "hash": card.hash,
        "counts": plain_counts(card.result.counts) if card.result else None,
    }


def plain_counted(counted: Counted, desk: str) -> dict[str, Any]:
    """A report that was only counted, and so has no number of its own."""
    request = counted.request
    return {
        "report": None,
        "period": plain_period(request.period),
        "zone": request.period.zone,
        "filters": _filters(request),
        "open_until": request.open_until,
        **_basis(request, definitions(request.open_until), desk, counted.read_at, counted.since),
        "hash": counted.result.hash,
        **_whole(counted.result),
        "rerun": None,
    }


def plain_period(period: Period) -> dict[str, Any]:
    """A period: [from, to) exactly, with the zone's offsets, and its first and last day."""
    zone = ZoneInfo(period.zone)
    first, last = period.days
    made: dict[str, Any] = {
        "from": period.from_at.astimezone(zone).isoformat(),
        "to": period.to_at.astimezone(zone).isoformat(),
        "first_day": first.isoformat(),
        "last_day": last.isoformat(),
    }
    if first.weekday() == 0 and last - first == timedelta(days=6):
        year, week, _ = first.isocalendar()
        made["week"] = f"{year}-W{week:02}"
    return made


def plain_counts(counts: Counts) -> dict[str, int]:
    """The counts; without `solved` where only closing ends a ticket."""
    return counts.model_dump(exclude_none=True)


def _basis(
    request: Request, defined: Sequence[Definition], desk: str, data_at: datetime | None, since: datetime | None
) -> dict[str, Any]:
    """What the numbers rest on."""
    zone = request.period.zone
    return {
        "desk": desk,
        "data_at": _text(data_at, zone),
        "since": _text(since, zone),
        "partial_history": since is not None and since > request.period.from_at,
        "definitions": {one.name: {"version": one.version, "title": one.title, "words": one.words} for one in defined},
    }


def _whole(result: Result) -> dict[str, Any]:
    return {
        **_numbers(result),
        "deleted": result.deleted,
        "by_age": _shares(result.by_age),
        "by_status": _shares(result.by_status),
        "by_priority": _shares(result.by_priority),
        "breakdowns": {one.by: [_row(row) for row in one.rows] for one in result.breakdowns},
        "days": [one.model_dump() for one in result.days],
        "own_cases": [one.model_dump() for one in result.own_cases],
        "signals": [one.model_dump() for one in result.signals],
        "desk_figures": [one.model_dump() for one in result.desk_figures],
    }


def _numbers(result: Result) -> dict[str, Any]:
    times = (("first_reply", result.first_reply), ("response", result.response), ("resolution", result.resolution))
    return {"counts": plain_counts(result.counts), "times": {name: _times(one) for name, one in times}}


def _times(times: Times) -> dict[str, Any]:
    return {**times.model_dump(), "uncounted": _shares(times.uncounted)}


def _row(row: Row) -> dict[str, Any]:
    return {**row.model_dump(), "counts": plain_counts(row.counts)}


def _shares(shares: Iterable[Share]) -> dict[str, int]:
    return {one.name: one.n for one in shares}


def _filters(request: Request) -> dict[str, list[str]]:
    return {key: list(values) for key, values in request.filters.chosen}


def _text(at: datetime | None, zone: str) -> str | None:
    return at.astimezone(ZoneInfo(zone)).isoformat() if at is not None else None
