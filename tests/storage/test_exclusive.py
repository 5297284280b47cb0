"""One worker at a time for one thing, on both databases; a dead process lets go."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from storage.engine import Database
from storage.exclusive import Occupied, _names, alone


def test_threads_come_in_one_by_one(database: Database) -> None:
    inside, most, gate = [0], [0], Barrier(8)

    def work(_: int) -> None:
        gate.wait()
        with alone(database, "case/1"):
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            Event().wait(0.005)
            inside[0] -= 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert most == [1]


def test_other_names_do_not_wait(database: Database) -> None:
    with alone(database, "case/1"), alone(database, "case/2", patience_s=0):
        pass


def test_who_waits_too_long_is_told_and_nothing_stays_behind(database: Database) -> None:
    with alone(database, "case/1"), ThreadPoolExecutor(1) as pool:

        def late() -> None:
            with alone(database, "case/1", patience_s=0.01):
                raise AssertionError("two at once")

        with pytest.raises(Occupied):
            pool.submit(late).result()
    assert not _names._locks
    with alone(database, "case/1", patience_s=0):
        pass


def test_an_error_inside_lets_go(database: Database) -> None:
    with pytest.raises(LookupError), alone(database, "case/1"):
        raise LookupError
    with alone(database, "case/1", patience_s=0):
        pass


HOLD = """
import sys
from storage.engine import Database
from storage.exclusive import alone
with alone(Database(sys.argv[1]), "case/1"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_another_process_is_waited_for_and_its_death_lets_go(database: Database) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, database.url], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout is not None
    assert other.stdin is not None
    with other, ThreadPoolExecutor(1) as pool:
        assert other.stdout.readline() == "held\n"
        entered = Event()

        def work() -> None:
            with alone(database, "case/1"):
                entered.set()

        waiting = pool.submit(work)
        assert not entered.wait(0.3), "the other process holds it"
        other.kill()
        waiting.result(timeout=20)
        assert entered.is_set()
