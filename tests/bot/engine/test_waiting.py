"""The oldest job is counted from when it was first asked for, however often it was put back since."""

import threading
from datetime import timedelta

import pytest

from automations.errors import Unavailable
from bot.engine import Args
from storage.engine import Database
from tests.bot.engine.world import Script, WallClock, enqueue, running, spec, until

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Later(WallClock):
    """A clock some time ahead."""

    ahead = timedelta()

    def now(self):  # type: ignore[no-untyped-def]  # as its base
        return super().now() + self.ahead


def test_a_job_that_is_put_back_again_and_again_counts_from_its_first_run(database: Database) -> None:
    over = threading.Event()

    def act(_args: Args, _number: int) -> None:
        if not over.is_set():
            raise Unavailable("down", system="desk", retry_after_s=0.05)

    tries = Script(act)
    with running(database, spec("desk", tries, max_attempts=1_000)) as engine:
        assert engine.oldest() is None
        enqueue(database, engine, "desk", "k", {"n": 1})
        until(lambda: len(tries.calls) > 3)
        until(lambda: (found := engine.oldest()) is not None and found.waited_s > 0.3)
        found = engine.oldest()
        assert found is not None
        assert found.name == "desk:k"
        over.set()
        until(lambda: engine.oldest() is None)
    assert engine.oldest() is None, "an engine that is stopped says nothing"
