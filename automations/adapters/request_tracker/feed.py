"""Which tickets changed: read from transactions, whose numbers grow, and not from times, which have whole seconds.

A number is given before its transaction is committed, so a smaller one may come to be seen after a greater one. The
cursor therefore keeps the numbers that were passed over, for as long as one of them may still come; numbers that our
user may not see are among them. A transaction is told once: it lies behind the greatest number seen, or in such a gap.

A cursor that begins with the oldest ticket reads all tickets by number first. Those deleted until then it leaves out.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from pydantic import BaseModel, ValidationError

from automations.adapters.http import Connection
from automations.adapters.request_tracker.limits import SYSTEM, TITLE
from automations.adapters.request_tracker.line import PER_PAGE
from automations.adapters.request_tracker.reading import Reader
from automations.adapters.request_tracker.shapes import Page, Touched
from automations.domain import Changed
from automations.errors import Rejected, Unavailable

LATE: Final = timedelta(minutes=5)
"""How long after a greater number a smaller one may still be committed: a transaction lasts as long as its mails."""
MOST_GAPS: Final = 200

# Mails that were sent are no change, and our user may not be shown them: they would only leave holes in the pages.
_QUERY: Final = "ObjectType = 'RT::Ticket' AND Type != 'EmailRecord' AND Type != 'CommentEmailRecord'"


class Gap(BaseModel):
    """Numbers from `first` to `last` that were passed over at `at`, in seconds since 1970."""

    first: int
    last: int
    at: int


class Place(BaseModel):
    """A cursor. `ticket`: tickets are read by number, up to this one so far; None when all are read.

    `high` is the greatest number of a transaction seen, `gaps` those below it that may still come.
    """

    ticket: int | None = None
    high: int = 0
    gaps: tuple[Gap, ...] = ()


class Feed:
    """Reads what changed, a hundred transactions or tickets at a time."""

    def __init__(self, connection: Connection, reader: Reader, now: Callable[[], datetime]) -> None:
        self._connection = connection
        self._reader = reader
        self._now = now

    def changed(self, since: str | None) -> Changed:
        """As `HelpDesk.changed`. Raises: Rejected with the code `bad_cursor`; Unavailable if reading leads nowhere."""
        if since is None:
            return Changed((), self._newest().model_dump_json(exclude_none=True))
        place = _place(since) if since else self._newest().model_copy(update={"ticket": 0})
        return self._by_number(place) if place.ticket is not None else self._on(place)

    def _newest(self) -> Place:
        """Now: after the newest transaction, with what may have been passed over shortly before it."""
        newest = [int(one.id) for one in self._page("id > 0", order="DESC")]
        return _beyond(Place(high=newest[-1] - 1 if newest else 0), newest, self._now())

    def _by_number(self, place: Place) -> Changed:
        found, more = self._reader.search(f"id > {place.ticket} AND EffectiveId > 0")
        last = int(found[-1].id) if found else None
        if more and (last is None or last <= (place.ticket or 0)):
            raise _endless(str(place.ticket))
        next_place = place.model_copy(update={"ticket": last if more else None})
        cursor = next_place.model_dump_json(exclude_none=True)
        return Changed(tuple(one.id for one in found), cursor, more=True, shown=tuple(found))

    def _on(self, place: Place) -> Changed:
        now = self._now()
        young = tuple(gap for gap in place.gaps if now.timestamp() - gap.at < LATE.total_seconds())
        after = min((gap.first - 1 for gap in young), default=place.high)
        seen: list[Touched] = []
        while True:
            page, more = self._stretch(after)
            seen += page
            begun, after = after, int(page[-1].id) if page else after
            if more and after <= begun:
                raise _endless(str(after))
            if not more or begun >= place.high:  # what is read again counts for nothing
                break
        new = [one for one in seen if int(one.id) > place.high or any(g.first <= int(one.id) <= g.last for g in young)]
        numbers = [int(one.id) for one in new]
        left = place.model_copy(update={"gaps": _without(young, numbers)})
        cursor = _beyond(left, numbers, now).model_dump_json(exclude_none=True)
        return Changed(tuple(dict.fromkeys(one.ticket for one in new)), cursor, more=more)

    def _stretch(self, after: int) -> tuple[list[Touched], bool]:
        """What comes next after a number, and whether there is more behind it; nothing only at the end.

        What our user may not see is left out of a page and replaced by nothing (lib/RT/Transactions.pm, AddRecord), so
        a page may be short, or empty, in the midst of the list. The desk counts it for superusers alone; for others its
        newest transactions say whether anything follows.
        """
        number = 1
        while True:
            page = self._read(f"id > {after}", order="ASC", number=number)
            last = int(page.items[-1].id) if page.items else after
            if page.total is not None:
                more = page.total > number * PER_PAGE
            else:
                more = page.count == PER_PAGE or bool(self._page(f"id > {last}", order="DESC"))
            if page.items or not more:
                return page.items, more
            number += 1

    def _page(self, where: str, *, order: str) -> list[Touched]:
        return self._read(where, order=order).items

    def _read(self, where: str, *, order: str, number: int = 1) -> Page[Touched]:
        asked = {"query": f"{_QUERY} AND {where}", "fields": "ObjectId", "orderby": "id", "order": order}
        further = {"page": number} if number > 1 else {}
        return self._connection.read("/transactions", {**asked, **further, "per_page": PER_PAGE}).shaped(Page[Touched])


def _endless(place: str) -> Unavailable:
    return Unavailable(f"{TITLE} gave the same page twice, at {place}: its list does not end", system=SYSTEM)


def _place(cursor: str) -> Place:
    try:
        return Place.model_validate_json(cursor)
    except ValidationError as exc:
        words = f"{cursor[:40]!r} is no place in what happened in {TITLE}"
        raise Rejected(words, system=SYSTEM, code="bad_cursor") from exc


def _without(gaps: Sequence[Gap], numbers: Sequence[int]) -> tuple[Gap, ...]:
    """The gaps that are left once these numbers have come."""
    left = list(gaps)
    for number in numbers:
        for gap in [one for one in left if one.first <= number <= one.last]:
            left.remove(gap)
            below, above = (
                Gap(first=gap.first, last=number - 1, at=gap.at),
                Gap(first=number + 1, last=gap.last, at=gap.at),
            )
            left += [part for part in (below, above) if part.first <= part.last]
    return tuple(sorted(left, key=lambda gap: gap.first))


def _beyond(place: Place, numbers: Sequence[int], now: datetime) -> Place:
    """The place after these numbers, with what lies between them as gaps.

    Beyond MOST_GAPS two neighbours become one with what lies between them: that is told twice, and nothing is lost.
    """
    high, gaps, at = place.high, list(place.gaps), int(now.timestamp())
    for number in sorted(number for number in numbers if number > place.high):
        if number > high + 1:
            gaps.append(Gap(first=high + 1, last=number - 1, at=at))
        high = number
    while len(gaps) > MOST_GAPS:
        first, second = gaps[0], gaps[1]
        gaps[:2] = [Gap(first=first.first, last=second.last, at=max(first.at, second.at))]
    return place.model_copy(update={"high": high, "gaps": tuple(gaps)})
