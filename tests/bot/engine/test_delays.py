"""A job that was put off is due by the server's clock, however wrong the clocks of the processes are."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from dbos._dbos import _get_dbos_instance
from sqlalchemy import text

from automations.errors import Unavailable
from bot.engine import Args
from storage.engine import Database
from tests.bot.engine.world import Wrong, enqueue, running, spec, until

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


class Away:
    """Something outside that is away at the first call, for as long as it says."""

    def __init__(self, for_s: float) -> None:
        self.for_s = for_s
        self.calls = 0

    def __call__(self, _args: Args) -> None:
        self.calls += 1
        if self.calls == 1:
            raise Unavailable("closed for now", system="desk", retry_after_s=self.for_s)


@contextmanager
def wrong(off_s: float) -> Iterator[None]:
    """The engine both puts off and looks by a clock that is off."""
    with patch("dbos._enqueue_options.time", Wrong(off_s)), patch("dbos._sys_db.time", Wrong(off_s)):
        yield


def waiting(database: Database) -> list[str]:
    """How the second try of the job stands."""
    found = text("select status from dbos.workflow_status where workflow_uuid = 'work:k#2'")
    with database.read() as session:
        return list(session.scalars(found))


def test_a_clock_that_is_fast_takes_nothing_early(database: Database) -> None:
    away = Away(60)
    with running(database, spec("work", away)) as engine:
        enqueue(database, engine, "work", "k", {"n": 1})
        until(lambda: waiting(database) == ["DELAYED"])
        with wrong(300.0):
            _get_dbos_instance()._sys_db.transition_delayed_workflows()
        assert waiting(database) == ["DELAYED"]
    assert away.calls == 1


@pytest.mark.parametrize("off_s", [-300.0, 300.0])
def test_who_puts_it_off_by_a_wrong_clock_makes_it_neither_early_nor_late(database: Database, off_s: float) -> None:
    away = Away(0.5)
    with running(database, spec("work", away)) as engine, wrong(off_s):
        enqueue(database, engine, "work", "k", {"n": 1})
        until(lambda: away.calls == 2)
        late = text(
            "select extract(epoch from clock_timestamp()) * 1000 - delay_until_epoch_ms"
            " from dbos.workflow_status where workflow_uuid = 'work:k#2'"
        )
        with database.read() as session:
            assert 0 <= float(session.execute(late).scalar_one()) < 30_000
