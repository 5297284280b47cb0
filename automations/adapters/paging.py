"""Lists that come in pages, read to their end."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from automations.errors import Unavailable

Item = TypeVar("Item")
Place = TypeVar("Place")


def pages(
    first: Place, fetch: Callable[[Place], tuple[Iterable[Item], Place | None]], *, title: str, system: str
) -> Iterator[Item]:
    """All items of all pages. `fetch` gives a page's items and the next place, None at the end.

    Raises: Unavailable if a place comes twice, since the system would then be read for ever.
    """
    place: Place | None = first
    seen = set()
    while place is not None:
        if place in seen:
            raise Unavailable(f"{title} gave the same page twice, at {place!r}: its list does not end", system=system)
        seen.add(place)
        items, place = fetch(place)
        yield from items
