import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.adapters.paging import pages
from automations.errors import Unavailable


@given(items=st.lists(st.integers(), max_size=50), size=st.integers(1, 7))
def test_every_item_comes_once_in_order(items: list[int], size: int) -> None:
    def fetch(at: int) -> tuple[list[int], int | None]:
        return items[at : at + size], at + size if at + size < len(items) else None

    assert list(pages(0, fetch, title="Paper Desk", system="paper")) == items


def test_a_place_that_does_not_move_ends_the_reading() -> None:
    read = pages("a", lambda at: ([at], {"a": "b", "b": "a"}[at]), title="Paper Desk", system="paper")
    assert [next(read), next(read)] == ["a", "b"]
    with pytest.raises(Unavailable, match="Paper Desk gave the same page twice, at 'a'"):
        next(read)
