"""Reports as plain JSON values, for scripts and for strangers: every number with what it was counted by."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from automations.weekly_report.card_types import ReportCard, report_ref
from automations.weekly_report.definitions import Definition
from automations.weekly_report.request import Period, Request
from automations.weekly_report.result import Breakdown, Counts, Result, Row, Share, Times


def plain_card(card: ReportCard) -> dict[str, Any]:
    """One stored report."""
    shown = plain_report(card.request, card.result, card.definitions, card.desk, card.data_at, card.since, card.hash)
    made = {
        "report": card.id,
        "ref": report_ref(card.id),
        "state": card.state,
        "made_at": _text(card.made_at, card.request.period.zone),
        **shown,
        "before": None if card.before.result is None else _numbers(card.before.result),
        "not_compared": card.before.why_not or None,
        "rerun": None,
    }
    if card.error:
        made["error"] = card.error
    if card.again is not None:
        changes = [{"ticket": one.title, "url": one.url, "words": one.words} for one in card.changes]
        made["rerun"] = {"of": card.again, "changed": card.change_count, "changes": changes}
    return made


def plain_report(
    request: Request,
    result: Result | None,
    definitions: Iterable[Definition],
    desk: str,
    data_at: datetime | None,
    since: datetime | None,
    hash_: str,
) -> dict[str, Any]:
    """What was counted, with its period, filters, definitions and the time stamp of the data."""
    zone = request.period.zone
    return {
        "period": plain_period(request.period),
        "zone": zone,
        "filters": {key: list(values) for key, values in request.filters.chosen},
        "open_until": request.open_until,
        "desk": desk,
        "data_at": _text(data_at, zone),
        "since": _text(since, zone),
        "partial_history": since is not None and since > request.period.from_at,
        "definitions": {
            one.name: {"version": one.version, "title": one.title, "words": one.words} for one in definitions
        },
        "hash": hash_,
        **({} if result is None else _whole(result)),
    }


def plain_period(period: Period) -> dict[str, Any]:
    """A period: [from, to) exactly, with the zone's offsets, and its first and last day."""
    first, end = (at.astimezone(ZoneInfo(period.zone)) for at in (period.from_at, period.to_at))
    last = end.date() - timedelta(days=1)
    made: dict[str, Any] = {
        "from": first.isoformat(),
        "to": end.isoformat(),
        "first_day": first.date().isoformat(),
        "last_day": last.isoformat(),
        "days": (end.date() - first.date()).days,
    }
    year, week, weekday = first.isocalendar()
    if weekday == 1 and made["days"] == 7:
        made["week"] = f"{year}-W{week:02}"
    return made


def plain_counts(counts: Counts) -> dict[str, int]:
    """The counts; without `solved` where only closing ends a ticket."""
    return counts.model_dump(exclude_none=True)


def _whole(result: Result) -> dict[str, Any]:
    return {
        **_numbers(result),
        "deleted": result.deleted,
        "by_age": _shares(result.by_age),
        "by_status": _shares(result.by_status),
        "by_priority": _shares(result.by_priority),
        "breakdowns": {one.by: _rows(one) for one in result.breakdowns},
        "days": [one.model_dump() for one in result.days],
        "own_cases": [one.model_dump() for one in result.own_cases],
        "signals": [one.model_dump() for one in result.signals],
        "desk_figures": [one.model_dump() for one in result.desk_figures],
    }


def _numbers(result: Result) -> dict[str, Any]:
    return {
        "counts": plain_counts(result.counts),
        "times": {
            "first_reply": _times(result.first_reply),
            "response": _times(result.response),
            "resolution": _times(result.resolution),
        },
    }


def _times(times: Times) -> dict[str, Any]:
    return {**times.model_dump(), "uncounted": _shares(times.uncounted)}


def _rows(breakdown: Breakdown) -> list[dict[str, Any]]:
    return [_row(row) for row in breakdown.rows]


def _row(row: Row) -> dict[str, Any]:
    return {**row.model_dump(), "counts": plain_counts(row.counts)}


def _shares(shares: Iterable[Share]) -> dict[str, int]:
    return {one.name: one.n for one in shares}


def _text(at: datetime | None, zone: str) -> str | None:
    return at.astimezone(ZoneInfo(zone)).isoformat() if at is not None else None
