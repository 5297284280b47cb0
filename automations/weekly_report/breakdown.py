"""The same numbers by one property of the tickets: each ticket is in one row, so the rows add up to the whole. Pure.

What is counted is first gathered by all properties at once: there are far fewer of those than tickets.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from operator import attrgetter, itemgetter
from typing import Final, Literal

from automations.domain import Priority
from automations.weekly_report.facts import Standing
from automations.weekly_report.result import Breakdown, Counts, Row, TimeName
from automations.weekly_report.spread import spread
from automations.weekly_report.tally import Entry, Tally

Order = Callable[[str], tuple[int, str]]
Property = Literal["group", "priority", "tier", "assignee"]

TIMES: Final[tuple[TimeName, ...]] = ("first_reply", "response", "resolution")
_URGENCY: Final = [str(one) for one in reversed(Priority)]


def urgent_first(name: str) -> tuple[int, str]:
    """Known priorities from the most urgent on, then others by name, none at last."""
    if not name:
        return len(_URGENCY) + 1, name
    return (_URGENCY.index(name) if name in _URGENCY else len(_URGENCY)), name


def by_name(name: str) -> tuple[int, str]:
    """Names in their order, none at last."""
    return int(not name), name


ORDERS: Final[Mapping[Property, Order]] = {
    "group": by_name,
    "priority": urgent_first,
    "tier": by_name,
    "assignee": by_name,
}
"""The properties that numbers are broken down by, and how the rows of each follow one another."""
_properties: Final = attrgetter(*ORDERS)
_ticket: Final = itemgetter(0)


def breakdowns(counted: Tally, tickets: Mapping[int, Standing], by: Collection[Property]) -> tuple[Breakdown, ...]:
    """One breakdown for each of these properties."""
    if not by:
        return ()
    kinds: dict[tuple[str, ...], int] = {}
    belongs = {number: kinds.setdefault(_properties(one), len(kinds)) for number, one in tickets.items()}
    sizes = {
        number: Counter(map(belongs.__getitem__, map(_ticket, entries)))
        for number, entries in counted.numbers().items()
    }
    times = {time: _lengths(counted.entries[time], belongs) for time in TIMES}
    found = list(kinds)
    return tuple(
        Breakdown(by=one, rows=_rows([kind[place] for kind in found], order, sizes, times))
        for place, (one, order) in enumerate(ORDERS.items())
        if one in by
    )


def counts(sizes: Mapping[str, int]) -> Counts:
    """Numbers by name as the model that results have; without `solved` where only closing ends a ticket."""
    names = ("created", "reopened", "resolved", "closed", "merged", "backlog_start", "backlog_end")
    return Counts(solved=sizes.get("solved"), **{name: sizes[name] for name in names})


def _lengths(entries: Iterable[Entry], belongs: Mapping[int, int]) -> dict[int, list[float]]:
    found: dict[int, list[float]] = defaultdict(list)
    for ticket, _, _, seconds in entries:
        if seconds is not None:
            found[belongs[ticket]].append(seconds)
    return found


def _rows(
    names: Sequence[str],
    order: Order,
    sizes: Mapping[str, Counter[int]],
    times: Mapping[TimeName, dict[int, list[float]]],
) -> tuple[Row, ...]:
    """Gather by name. `names` says for each kind of ticket which name of the property it has."""
    rows: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(sizes, 0))
    for number, counter in sizes.items():
        for kind, n in counter.items():
            rows[names[kind]][number] += n
    lengths: dict[str, dict[TimeName, list[float]]] = {name: {time: [] for time in TIMES} for name in rows}
    for time, several in times.items():
        for kind, seconds in several.items():
            lengths[names[kind]][time] += seconds
    return tuple(
        Row(name=name, counts=counts(rows[name]), **{time: spread(lengths[name][time]) for time in TIMES})
        for name in sorted(rows, key=order)
    )
