from collections.abc import Iterator

import pytest

from tests.automations.adapters.muninx.room import Room, undeclared
from tests.support import FakeClock


@pytest.fixture
def room(clock: FakeClock) -> Iterator[Room]:
    """A workspace; what is asked of it in a test is declared in `calls`, whatever else the test is about."""
    made = Room(clock)
    yield made
    assert list(undeclared(made.fake.exchanges)) == []
