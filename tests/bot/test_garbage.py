"""After `settle` what was there is left alone, and what becomes garbage later is still found."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from bot import garbage


class Ring:
    """Holds itself, so that only the collector can free it."""

    def __init__(self) -> None:
        self.me = self


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.set_threshold(*threshold)
    gc.unfreeze()


def test_what_is_there_is_looked_through_no_more() -> None:
    kept = Ring()
    garbage.settle()
    assert gc.get_freeze_count() > 1000
    assert not any(one is kept for one in gc.get_objects())
    assert gc.get_threshold() == (garbage.YOUNG, *garbage.OLDER)


def test_what_comes_later_is_freed_without_being_asked_for() -> None:
    garbage.settle()
    gone = weakref.ref(Ring())
    made: list[list[int]] = [[] for _ in range((garbage.YOUNG + 1) * (garbage.OLDER[0] + 1))]
    assert gone() is None, f"still there after {len(made)} more objects"
