"""How far a list of tickets has been read, and how it is read on so that no change is passed over. Pure.

The list is sorted by `updated_at`, in whole seconds. A next page begins at the time of the last row, not at a page
number: what changes meanwhile moves to the end, and rows behind it would slip over the border of a page. Where a whole
page shares one second there is no later time to begin at, so it is read by page number, and read again until two passes
are the same: then nothing slipped between them. A time with more than 300 such pages is refused.

A round goes to the end of the list; the next begins some minutes before this one began, since a change may show late.
What was told is kept with its time as long as it may come again. What changed less than some seconds before it was read
is told again in the next round, since it may have changed once more in the same second.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from pydantic import AwareDatetime, BaseModel, ConfigDict

from automations.adapters.freshdesk.connection import LAST_PAGE
from automations.adapters.freshdesk.limits import SYSTEM, TITLE
from automations.adapters.freshdesk.shapes import TicketRow
from automations.errors import Rejected, Unavailable

OVERLAP: Final = timedelta(minutes=3)
SETTLED: Final = timedelta(seconds=5)
"""A row is as it will stay for its second if it was read so long after it."""


class Place(BaseModel):
    """How far one list was read. `since` and `page` are what to ask for next, `began` is when this round did.

    `seen` are the tickets told, by the time they changed. `pass_now` and `pass_before` are digests of a second's rows
    in this pass over its pages and in the one before, `page_before` is that of the last page; empty where none is read.
    """

    model_config = ConfigDict(frozen=True)

    since: AwareDatetime
    page: int = 1
    began: AwareDatetime | None = None
    seen: dict[AwareDatetime, frozenset[int]] = {}
    pass_now: str = ""
    pass_before: str = ""
    page_before: str = ""

    @property
    def by_page(self) -> bool:
        """True in the midst of a second that fills whole pages."""
        return self.page > 1 or bool(self.pass_before)


def read_on(
    place: Place, rows: Sequence[TicketRow], *, more: bool, read_at: datetime
) -> tuple[list[TicketRow], Place, bool]:
    """The rows not told before, the next place, and whether the round goes on. `more`: the list has another page.

    Raises: Unavailable if the list is not what was asked for, so that it would be read for ever or with holes;
    Rejected with the code `too_many` for a second that Freshdesk cannot list to its end.
    """
    here = _digest("", [f"{row.id}@{second(row)}" for row in rows])
    _check(place, rows, here)
    fresh = [row for row in rows if row.id not in place.seen.get(second(row), ())]
    began = place.began or read_at
    last = second(rows[-1]) if rows else place.since
    within = more and last == place.since
    told = _with(place, rows, read_at - SETTLED)
    if within or place.by_page:
        walked = _digest(place.pass_now, [str(row.id) for row in rows if second(row) == place.since])
        if within:
            tied = {"page": place.page + 1, "pass_now": walked, "page_before": here}
            if place.page == LAST_PAGE:
                words = f"more than {LAST_PAGE} pages of tickets changed at {place.since}, and {TITLE} lists no more"
                raise Rejected(words, system=SYSTEM, code="too_many")
            return fresh, place.model_copy(update={**tied, "began": began, "seen": told}), True
        if place.page > 1 and walked != place.pass_before:
            again = {"page": 1, "pass_now": "", "pass_before": walked, "page_before": ""}
            return fresh, place.model_copy(update={**again, "began": began, "seen": told}), True
    since = last if more else (began - OVERLAP).replace(microsecond=0)
    keep = min(since, began - OVERLAP)
    seen = {at: ids for at, ids in told.items() if at >= keep or at == since}
    return fresh, Place(since=since, began=began if more else None, seen=seen), more


def second(row: TicketRow) -> datetime:
    """When a ticket changed, as exactly as `updated_since` can ask for it."""
    return row.updated_at.replace(microsecond=0)


def _check(place: Place, rows: Sequence[TicketRow], here: str) -> None:
    times = [second(row) for row in rows]
    if times != sorted(times) or (times and times[0] < place.since):
        words = f"{TITLE} did not list its tickets in the order of their changes since {place.since}"
        raise Unavailable(words, system=SYSTEM)
    if rows and here == place.page_before:
        raise Unavailable(f"{TITLE} gave the same page of tickets twice, at {place.since}", system=SYSTEM)


def _with(place: Place, rows: Sequence[TicketRow], settled: datetime) -> dict[datetime, frozenset[int]]:
    told = dict(place.seen)
    for at in {second(row) for row in rows if second(row) <= settled}:
        told[at] = told.get(at, frozenset()) | {row.id for row in rows if second(row) == at}
    return told


def _digest(before: str, parts: Sequence[str]) -> str:
    return sha256("\n".join((before, *parts)).encode()).hexdigest()[:16]
