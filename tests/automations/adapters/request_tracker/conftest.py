"""The adapter over the real Request Tracker, which a test finds without a ticket that bears our key."""

from collections.abc import Iterator

import pytest

from automations.adapters.request_tracker.desk import RequestTrackerDesk
from tests.automations.adapters.request_tracker.watched import Watched
from tests.desks.request_tracker import Colleagues, RequestTracker


@pytest.fixture
def tracker(request_tracker: RequestTracker) -> RequestTracker:
    request_tracker.forget_keys()
    return request_tracker


@pytest.fixture
def quiet(request_tracker: RequestTracker) -> Iterator[None]:
    """Nobody is mailed anything: for tests with hundreds of changes, in which mails are no matter."""
    with request_tracker.without_mails():
        yield


@pytest.fixture
def wire() -> Iterator[Watched]:
    """The line to the server, which notes every exchange."""
    wire = Watched()
    yield wire
    wire.close()


@pytest.fixture
def desk(tracker: RequestTracker, wire: Watched) -> RequestTrackerDesk:
    return RequestTrackerDesk(tracker.line(), wire)


@pytest.fixture
def people(tracker: RequestTracker) -> Iterator[Colleagues]:
    colleagues = Colleagues(tracker)
    yield colleagues
    colleagues.close()
