"""From the mirror to facts: everything that a period's numbers are counted from, in six questions to the database.

Only plain columns are asked for, and what people filter by is compared here: databases differ in which letters they
know the lower case of.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Row, Select, and_, select
from sqlalchemy.orm import Session

from automations.weekly_report.facts import Answer, Facts, Move, Standing
from automations.weekly_report.request import OPEN_STATUSES, FilterKey, Filters, Request
from storage.models import MirrorMessage, MirrorPlace, MirrorSpan, MirrorTag, MirrorTicket

_T: Final = MirrorTicket.__table__.c
_S: Final = MirrorSpan.__table__.c
_M: Final = MirrorMessage.__table__.c


class Known(NamedTuple):
    """How much of the desk the mirror knows.

    `since`: its past from then on, None for all of it. `read_at`: as it was then, None while it was never read to the
    end.
    """

    since: datetime | None
    read_at: datetime | None


def known(session: Session, system: str) -> Known:
    """Look up what the mirror knows of this desk."""
    place = session.get(MirrorPlace, system)
    return Known(place.since, place.read_at) if place else Known(None, None)


def observe(session: Session, request: Request, system: str, read_at: datetime | None) -> Facts:
    """Collect the facts of a period. `read_at` is when the desk was read last, None if that is not known."""
    begin, end = request.period.from_at, request.period.to_at
    statuses = OPEN_STATUSES[request.open_until]
    waiting = frozenset(session.execute(_answered_later(end)).scalars())
    tickets: dict[int, Standing] = {}
    gone: dict[int, Standing] = {}
    chosen = _Chosen(session, request.filters)
    for question in _standings(statuses, begin, end):
        for row in session.execute(question.where(_T.system == system)):
            ticket, standing, deleted = _standing(row, waiting, end)
            if chosen.let_through(row, standing):
                (gone if deleted else tickets)[ticket] = standing
    return Facts(
        request=request,
        until=end if read_at is None else max(begin, min(end, read_at)),
        tickets=tickets,
        gone=gone,
        start=frozenset(
            session.execute(select(_S.ticket).where(_at(begin), _S.status.in_(sorted(statuses)))).scalars()
        ),
        moves=tuple(map(Move._make, session.execute(_moves(begin, end)))),
        answers=tuple(map(Answer._make, session.execute(_answers(begin, end)))),
    )


def _at(moment: datetime) -> ColumnElement[bool]:
    """The stretches at a moment: an event exactly then belongs to what comes after."""
    return and_(_S.until_at >= moment, _S.from_at < moment)


def _standings(statuses: Iterable[str], begin: datetime, end: datetime) -> Iterator[Select[Any]]:
    """The tickets that the period may concern: open at its end, else changed, answered or solved within it."""
    asked = select(
        _T.id,
        _T.ticket_id,
        _T.created_at,
        _S.status,
        _S.priority,
        _S.group_name,
        _S.assignee,
        _T.tier,
        _T.opened_by,
        _T.solved_at,
        _T.closed_at,
        _T.first_reply_at,
        _T.waiting_since,
        _S.merged,
        _T.merged_into,
        _T.deleted_at,
        _T.customer_id,
        _T.customer_name,
    ).where(_T.id == _S.ticket)
    ended = _S.status.not_in(sorted(statuses))
    answered = select(_M.ticket).where(_M.at >= begin, _M.at < end, _M.asked_at.is_not(None))
    yield asked.where(_at(end), _S.status.in_(sorted(statuses)))
    yield asked.where(_S.until_at >= end, _S.from_at >= begin, _S.from_at < end, ended)
    yield asked.where(_at(end), _S.from_at < begin, ended, _S.ticket.in_(answered))
    yield asked.where(_at(end), _S.from_at < begin, ended, _T.solved_at >= begin, _T.solved_at < end)


def _standing(row: Row[*tuple[Any, ...]], waiting: frozenset[int], end: datetime) -> tuple[int, Standing, bool]:
    (
        ticket, ticket_id, created_at, status, priority, group, assignee, tier, opened_by, solved_at, closed_at,
        first_reply_at, waiting_since, merged, merged_into, deleted_at, _customer_id, _customer_name,
    ) = row  # fmt: skip
    waits = ticket in waiting or (waiting_since is not None and waiting_since < end)
    standing = Standing(
        ticket_id, created_at, status, priority, group, assignee, tier, opened_by, solved_at, closed_at,
        first_reply_at, waits, merged, merged_into is not None,
    )  # fmt: skip
    return ticket, standing, deleted_at is not None


def _moves(begin: datetime, end: datetime) -> Select[Any]:
    return select(_S.ticket, _S.from_at, _S.before, _S.status, _S.merged).where(
        _S.from_at >= begin, _S.from_at < end, _S.before != _S.status
    )


def _answers(begin: datetime, end: datetime) -> Select[Any]:
    return select(_M.ticket, _M.at, _M.asked_at, _M.first).where(_M.at >= begin, _M.at < end, _M.asked_at.is_not(None))


def _answered_later(end: datetime) -> Select[int]:
    """Tickets whose customer waited at `end` for an answer that came since."""
    return select(_M.ticket).where(_M.asked_at < end, _M.at >= end)


class _Chosen:
    """The filters of a request."""

    def __init__(self, session: Session, filters: Filters) -> None:
        self._filters = {key: frozenset(values) for key, values in filters.chosen if key != "tag"}
        tags = dict(filters.chosen).get("tag")
        self._tagged = None if tags is None else _tagged(session, tags)

    def let_through(self, row: Row[*tuple[Any, ...]], standing: Standing) -> bool:
        """Say whether a ticket counts."""
        if self._tagged is not None and row.id not in self._tagged:
            return False
        return all(not values.isdisjoint(self._values(key, row, standing)) for key, values in self._filters.items())

    def _values(self, key: FilterKey, row: Row[*tuple[Any, ...]], standing: Standing) -> tuple[str, ...]:
        match key:
            case "customer":
                return row.customer_id.lower(), row.customer_name.lower()
            case "group":
                return (standing.group.lower(),)
            case "priority":
                return (standing.priority.lower(),)
            case "tier":
                return (standing.tier.lower(),)
            case _:
                return (standing.assignee.lower(),)


def _tagged(session: Session, tags: Iterable[str]) -> frozenset[int]:
    wanted = frozenset(tags)
    known_tags = session.execute(select(MirrorTag.tag).distinct()).scalars()
    same = [tag for tag in known_tags if tag.lower() in wanted]
    return frozenset(session.execute(select(MirrorTag.ticket).where(MirrorTag.tag.in_(same))).scalars())
