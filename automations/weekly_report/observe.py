"""From the mirror to facts: everything that a period's numbers are counted from.

Only plain columns of one table at a time are asked for, so that every database goes by the index meant for it. What
people filter by is compared here: databases differ in which letters they know the lower case of.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final, NamedTuple

from sqlalchemy import Row, Select, and_, literal_column, or_, select
from sqlalchemy.orm import Session

from automations.weekly_report.facts import Answer, Facts, Move, Standing
from automations.weekly_report.request import OPEN_STATUSES, FilterKey, Filters, Request
from automations.weekly_report.tally import UNSOLVED
from storage.models import MirrorMessage, MirrorPlace, MirrorSpan, MirrorTag, MirrorTicket
from storage.models.mirror import LONG_WAIT_S

_T: Final = MirrorTicket.__table__.c
_S: Final = MirrorSpan.__table__.c
_M: Final = MirrorMessage.__table__.c
AT_ONCE: Final = 10_000
"""Tickets that one question names: both databases take some thirty thousand values."""


class Known(NamedTuple):
    """How much of the desk the mirror knows.

    `since`: its past from then on, None for all of it. `read_at`: as it was then, None while it was never read to the
    end.
    """

    since: datetime | None
    read_at: datetime | None


def known(session: Session, system: str) -> Known:
    """Look up what the mirror knows of this desk."""
    asked = select(MirrorPlace.since, MirrorPlace.read_at).where(MirrorPlace.system == system)
    place = session.execute(asked).one_or_none()
    return Known(place.since, place.read_at) if place else Known(None, None)


class Stay(NamedTuple):
    """A stretch: until when it lasts, and the ticket's status, priority, group, assignee and whether it was merged."""

    until_at: datetime
    place: tuple[Any, ...]


def open_at(session: Session, request: Request, moment: datetime) -> dict[int, Stay]:
    """The tickets that were open just before a moment: the one question that is slow about the distant past."""
    statuses = sorted(OPEN_STATUSES[request.open_until])
    asked = select(_S.ticket, _S.until_at, *_PLACE).where(
        _S.status.in_(statuses), _S.until_at >= moment, _S.from_at < moment
    )
    return {row[0]: Stay(row[1], row[2:]) for row in session.execute(asked).all()}


def observe(
    session: Session,
    request: Request,
    system: str,
    read_at: datetime | None,
    *,
    began: Mapping[int, Stay] | None = None,
    ended: Mapping[int, Stay] | None = None,
) -> Facts:
    """Collect the facts of a period.

    `read_at` is when the desk was read last, None if that is not known. `began` and `ended` are the tickets open when
    the period began and ended, where somebody has looked already. From those open at its end and the moves within it
    follows which were open when it began, so that `ended` alone is enough.
    """
    begin, end = request.period.from_at, request.period.to_at
    statuses = sorted(OPEN_STATUSES[request.open_until])
    places: dict[int, Sequence[Any]] = {}
    moves = []
    for ticket, at, before, lasts, status, priority, group, assignee, merged in session.execute(
        _begun(statuses, begin, end)
    ).all():
        moves.append(Move(ticket, at, before, status, merged))
        if lasts:
            places[ticket] = status, priority, group, assignee, merged
    if ended is None:
        opened = open_at(session, request, begin) if began is None else began
        places |= {ticket: stay.place for ticket, stay in opened.items() if stay.until_at >= end}
        start = frozenset(opened)
    else:
        places = {ticket: stay.place for ticket, stay in ended.items()} | places
        start = _walked_back(ended, moves, statuses)
    answers = tuple(map(Answer._make, session.execute(_answers(begin, end)).all()))
    others = {one.ticket for one in answers} | set(session.execute(_solved(begin, end)).scalars())
    for row in _by_ids(session, _at(end), others - places.keys()):
        places[row[0]] = row[1:]
    tickets, gone = _standings(session, request, system, places)
    return Facts(
        request=request,
        until=end if read_at is None else max(begin, min(end, read_at)),
        tickets=tickets,
        gone=gone,
        start=start,
        moves=tuple(moves),
        answers=answers,
    )


def _walked_back(ended: Mapping[int, Stay], moves: list[Move], statuses: list[str]) -> frozenset[int]:
    """The tickets open when the period began: what the first move says was before it, else as at the end."""
    first: dict[int, Move] = {}
    for move in sorted(moves, key=lambda one: one.at, reverse=True):
        first[move.ticket] = move
    came = {ticket for ticket, move in first.items() if move.before in statuses}
    return frozenset(came | (ended.keys() - first.keys()))


_PLACE: Final = (_S.status, _S.priority, _S.group_name, _S.assignee, _S.merged)


def _begun(statuses: list[str], begin: datetime, end: datetime) -> Select[Any]:
    """The stretches that began within the period: those that count as a move, and those that last until its end.

    That a ticket was solved is a move also where only closing ends one: its resolution is counted in any case.
    """
    was, is_now = _S.before.in_(statuses), _S.status.in_(statuses)
    solved = and_(_S.before.in_(sorted(UNSOLVED)), _S.status.not_in(sorted(UNSOLVED)))
    counts = or_(_S.before == "", and_(was, ~is_now), and_(~was, is_now), solved, _S.status == "closed")
    return select(_S.ticket, _S.from_at, _S.before, _S.until_at >= end, *_PLACE).where(
        _S.from_at >= begin, _S.from_at < end, or_(_S.until_at >= end, and_(_S.before != _S.status, counts))
    )


def _at(end: datetime) -> Select[Any]:
    """What tickets were at a moment: an event exactly then belongs to what comes after."""
    return select(_S.ticket, *_PLACE).where(_S.until_at >= end, _S.from_at < end)


def _answers(begin: datetime, end: datetime) -> Select[Any]:
    return select(_M.ticket, _M.at, _M.asked_at, _M.first).where(_M.at >= begin, _M.at < end, _M.asked_at.is_not(None))


def _answered_later(session: Session, end: datetime) -> set[int]:
    """Tickets whose customer waited at `end` for an answer that came since: soon, or after a long wait.

    There are few long waits, and an index of their own, so that an old period is not looked for in all that came since.
    """
    soon = select(_M.ticket).where(_M.asked_at < end, _M.at >= end, _M.at < end + timedelta(seconds=LONG_WAIT_S))
    long = select(_M.ticket, _M.at).where(_M.asked_at < end, _M.waited_s >= literal_column(str(LONG_WAIT_S)))
    late = {ticket for ticket, at in session.execute(long).all() if at >= end}
    return late.union(session.execute(soon).scalars())


def _solved(begin: datetime, end: datetime) -> Select[int]:
    """Tickets solved within the period for the last time: a second solving of a solved one begins no stretch."""
    return select(_T.id).where(_T.solved_at >= begin, _T.solved_at < end)


def _by_ids(session: Session, question: Select[Any], tickets: Collection[int]) -> Iterator[Row[*tuple[Any, ...]]]:
    """Ask for the stretches of these tickets, in parts that every database takes."""
    column, left = question.selected_columns[0], iter(sorted(tickets))
    while some := list(islice(left, AT_ONCE)):
        yield from session.execute(question.where(column.in_(some))).all()


def _standings(
    session: Session, request: Request, system: str, places: Mapping[int, Sequence[Any]]
) -> tuple[dict[int, Standing], dict[int, Standing]]:
    """The tickets that count, and those that would if they were not deleted."""
    end = request.period.to_at
    waiting = _answered_later(session, end)
    let_through = _Chosen(session, request.filters).let_through if request.filters else None
    tickets: dict[int, Standing] = {}
    gone: dict[int, Standing] = {}
    asked = select(
        _T.id,
        _T.deleted_at.is_not(None),
        _T.customer_id,
        _T.customer_name,
        _T.ticket_id,
        _T.created_at,
        _T.tier,
        _T.opened_by,
        _T.solved_at,
        _T.closed_at.is_not(None),
        _T.first_reply_at < end,
        _T.waiting_since < end,
        _T.merged_into.is_not(None),
    ).where(_T.system == system)
    for row in _by_ids(session, asked, places):
        (
            ticket, deleted, _customer_id, _customer_name, ticket_id, created_at, tier, opened_by, solved_at, closed,
            replied, waits, merged_into,
        ) = row  # fmt: skip
        status, priority, group, assignee, merged = places[ticket]
        standing = Standing(
            ticket_id, created_at, status, priority, group, assignee, tier, opened_by, solved_at, closed,
            bool(replied), merged, merged_into, bool(waits) or ticket in waiting,
        )  # fmt: skip
        if let_through is None or let_through(row, standing):
            (gone if deleted else tickets)[ticket] = standing
    return tickets, gone


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
