"""Signals for the product team, numbers only: the categories of tickets and kinds of failures that came most often."""

from collections import Counter
from collections.abc import Callable, Collection
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.weekly_report.own_cases import ASKED, chosen
from automations.weekly_report.request import Filters, Period
from automations.weekly_report.result import Signal
from storage.models import Case, CaseTicket, MirrorTag, MirrorTicket

MOST: Final = 5
"""How many of each kind are told."""

Found = tuple[Counter[str], dict[str, int]]
"""How often each name came, and the newest ticket or case of it."""


def tags(session: Session, period: Period, created: Collection[int]) -> Found:
    """The tags that the tickets created within the period bear now. `created` are those that count."""
    sizes: Counter[str] = Counter()
    newest: dict[str, int] = {}
    question = (
        select(MirrorTag.tag, MirrorTag.ticket)
        .join(MirrorTicket, MirrorTicket.id == MirrorTag.ticket)
        .where(MirrorTicket.created_at >= period.from_at, MirrorTicket.created_at < period.to_at)
        .order_by(MirrorTicket.created_at, MirrorTicket.id)
    )
    for tag, ticket in session.execute(question):
        if ticket in created:
            sizes[tag] += 1
            newest[tag] = ticket
    return sizes, newest


def failures(session: Session, period: Period, filters: Filters) -> Found:
    """The kinds of failures whose cases opened within the period: source, reason and job."""
    sizes: Counter[str] = Counter()
    newest: dict[str, int] = {}
    question = (
        select(*ASKED, Case.source, Case.reason, Case.job_name, Case.job_id)
        .where(Case.opened_at >= period.from_at, Case.opened_at < period.to_at)
        .order_by(Case.opened_at, Case.id)
    )
    for case in session.execute(question):
        if chosen(case, filters):
            job = case.job_name or case.job_id
            name = f"{case.source}: {case.reason}" + (f" ({job})" if job else "")
            sizes[name] += 1
            newest[name] = case.id
    return sizes, newest


def tag_signals(session: Session, found: Found, before: Counter[str] | None) -> tuple[Signal, ...]:
    """The largest tags, each with a link to its newest ticket. `before` is None where nothing can be compared."""
    sizes, newest = found
    return tuple(
        Signal(
            kind="tag",
            name=name,
            n=sizes[name],
            before=None if before is None else before[name],
            link=session.execute(select(MirrorTicket.url).where(MirrorTicket.id == newest[name])).scalar_one(),
        )
        for name in largest(sizes)
    )


def failure_signals(
    session: Session, found: Found, before: Counter[str] | None, case_link: Callable[[int], str] | None
) -> tuple[Signal, ...]:
    """The largest kinds of failures, each with a link to its newest case: by `case_link`, else its ticket's."""
    sizes, newest = found

    def link(case: int) -> str:
        if case_link is not None:
            return case_link(case)
        return session.execute(select(CaseTicket.url).where(CaseTicket.case_id == case)).scalar_one_or_none() or ""

    return tuple(
        Signal(
            kind="failure",
            name=name,
            n=sizes[name],
            before=None if before is None else before[name],
            link=link(newest[name]),
        )
        for name in largest(sizes)
    )


def largest(sizes: Counter[str]) -> list[str]:
    """The names with the largest counts, largest first, equal ones by name."""
    return sorted(sizes, key=lambda name: (-sizes[name], name))[:MOST]
