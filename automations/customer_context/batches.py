"""Many at a time: as many values as one statement may name on both databases."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, TypeVar

AT_ONCE: Final = 500

T = TypeVar("T")


def batches(several: Iterable[T]) -> Iterator[Sequence[T]]:
    """The same in their order, at most 500 at once."""
    rest = iter(several)
    while some := list(islice(rest, AT_ONCE)):
        yield some
