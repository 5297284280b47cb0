"""Many clicks at once from a process of its own: `python -m tests.automations.runs.clicker URL RUN DIGEST FIRST COUNT`.

It waits for a line on stdin, then clicks Confirm as COUNT different leads, and prints a line for each answer.
"""

import sys
from concurrent.futures import ThreadPoolExecutor

from automations.domain import Actor, Role
from automations.errors import Refused
from automations.runs.approve import approve
from storage.engine import Database
from tests.automations.runs.stage import context
from tests.support import FakeClock, RecordingJobs


def lead(number: int) -> Actor:
    """One of very many leads."""
    return Actor(f"U{number}", f"Lead {number}", f"lead{number}@team.example", Role.LEAD)


def click(database: Database, run_id: int, digest: str, actor: Actor) -> str:
    """One click. `yes: …` or `no: …`, in words."""
    try:
        with database.begin() as session:
            return f"yes: {approve(session, run_id, digest, actor, context(FakeClock(), RecordingJobs()))}"
    except Refused as exc:
        return f"no: {exc}"


def main(url: str, run_id: int, digest: str, first: int, count: int) -> None:
    """Click as leads `first` and those that follow, at the same time."""
    database = Database(url)
    with ThreadPoolExecutor(count) as pool:
        print("ready", flush=True)
        sys.stdin.readline()
        clicks = [pool.submit(click, database, run_id, digest, lead(first + number)) for number in range(count)]
        for one in clicks:
            print(one.result(), flush=True)
    database.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
