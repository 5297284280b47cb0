"""The period before beside a report: only where both were counted alike; otherwise why it does not compare."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.weekly_report.card_types import Comparison, report_ref
from automations.weekly_report.period import before, why_unknown
from automations.weekly_report.request import Filters, Request
from automations.weekly_report.result import Result
from storage.models import Report


def comparison(session: Session, report: Report) -> Comparison:
    """What a made report compares with.

    The period before was counted with it, by the same definitions, filters and zone, at the same moment. It is shown
    unless that period's own report, which people have read, was counted otherwise: the scheduled one for a scheduled
    report, else one that was asked for with the same filters.
    """
    request = Request.of(report.request)
    if (why := why_unknown(request.period, report.since, report.data_at)) is not None:
        return Comparison(None, why)
    for other in _reports_before(session, report, request):
        differences = list(_differences(other, report))
        if differences:
            return Comparison(
                None, f"{report_ref(other.id)}, on the period before, was counted {_listed(differences)}."
            )
        break
    counted = Result.of(report.result).before
    return Comparison(counted, "" if counted else "The period before was not counted with this report.")


def _reports_before(session: Session, report: Report, request: Request) -> Iterator[Report]:
    """The reports on the period before that people know this one by, newest first."""
    earlier = before(request.period)
    question = (
        select(Report)
        .where(
            Report.id < report.id,
            Report.state == "made",
            Report.system == report.system,
            Report.from_at < earlier.to_at,
            Report.to_at > earlier.from_at,
        )
        .order_by(Report.from_at.desc(), Report.id.desc())
    )
    for other in session.execute(question).scalars():
        same = other.request["filters"] == report.request["filters"]
        whole = (other.from_at, other.to_at) == (earlier.from_at, earlier.to_at)
        if other.window is not None if report.window is not None else same and whole:
            yield other


def _differences(other: Report, report: Report) -> Iterator[str]:
    """In what another report was counted otherwise than this one."""
    theirs, ours = Request.of(other.request), Request.of(report.request)
    if theirs.open_until != ours.open_until:
        yield f"with tickets open until {theirs.open_until} instead of {ours.open_until}"
    elif other.definitions != report.definitions:
        yield f"by other definitions ({', '.join(_versions(other.definitions, report.definitions))})"
    if theirs.filters != ours.filters:
        yield f"with {_filter_words(theirs.filters)} instead of {_filter_words(ours.filters)}"
    if theirs.period.zone != ours.period.zone:
        yield f"in the zone {theirs.period.zone} instead of {ours.period.zone}"


def _versions(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(theirs.keys() | ours.keys()):
        if theirs.get(name) != ours.get(name):
            yield f"{name}/{theirs.get(name, 'none')} instead of {name}/{ours.get(name, 'none')}"


def _filter_words(filters: Filters) -> str:
    return " and ".join(f"{key}={','.join(values)}" for key, values in filters.chosen) or "no filters"


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
