"""Our own cases within a period, by queue. Of the filters those apply that a case has; none of them bears a tag."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, or_, select
from sqlalchemy.orm import Session

from automations.domain import CaseStatus
from automations.weekly_report.request import FilterKey, Filters, Period
from automations.weekly_report.result import CaseQueue
from storage.models import Case

ASKED: Final = (
    Case.id, Case.queue, Case.priority, Case.customer_id, Case.customer_name, Case.customer_tier, Case.owner,
    Case.status, Case.opened_at, Case.closed_at,
)  # fmt: skip
"""What `chosen` and whoever counts need of a case."""


def own_cases(session: Session, period: Period, filters: Filters) -> tuple[CaseQueue, ...]:
    """Cases opened and resolved within the period and open at its end, of each queue that had any.

    A case closed as not needed is not resolved; one that was reopened since counts as open.
    """
    opened, resolved, left_open = Counter[str](), Counter[str](), Counter[str]()
    question = select(*ASKED).where(
        Case.opened_at < period.to_at, or_(Case.closed_at.is_(None), Case.closed_at >= period.from_at)
    )
    for case in session.execute(question):
        if not chosen(case, filters):
            continue
        opened[case.queue] += _within(case.opened_at, period)
        resolved[case.queue] += case.status == CaseStatus.RESOLVED and _within(case.closed_at, period)
        left_open[case.queue] += case.closed_at is None or case.closed_at >= period.to_at
    queues = sorted({queue for counted in (opened, resolved, left_open) for queue in counted if counted[queue]})
    return tuple(
        CaseQueue(queue=one, opened=opened[one], resolved=resolved[one], open_at_end=left_open[one]) for one in queues
    )


def chosen(case: Row[*tuple[Any, ...]], filters: Filters) -> bool:
    """Say whether the filters let a case through: its queue is the group, its owner the assignee."""
    return all(any(value.lower() in values for value in _values(case, key)) for key, values in filters.chosen)


def _values(case: Row[*tuple[Any, ...]], key: FilterKey) -> Iterator[str]:
    match key:
        case "group":
            yield case.queue
        case "priority":
            yield case.priority
        case "tier":
            yield case.customer_tier or ""
        case "customer":
            yield from (case.customer_id or "", case.customer_name or "")
        case "assignee":
            yield case.owner
        case "tag":
            return


def _within(at: datetime | None, period: Period) -> bool:
    return at is not None and period.from_at <= at < period.to_at
