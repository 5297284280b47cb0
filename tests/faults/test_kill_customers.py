"""kill -9 while a group of customers' changes is carried out, then a restart: it ends, and each is written once.

By default the group has some hundred changes; HANDOFF_FAULT_CUSTOMERS=5000 plays it at full size.
"""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from automations.customer_context import groups
from automations.customer_context.context import SYNC
from automations.domain import HANDOFF
from automations.plan import RunState, digest_of
from automations.runs.ask import ask
from bot.engine import EngineClient, prepare
from storage import audit, stuck
from storage.engine import Database
from storage.models import AuditEntry, CustomerChange, CustomerGroup, DeskCustomer, KnownCustomer, Run
from tests.faults.bots import Forked
from tests.faults.checks import unfinished_jobs
from tests.faults.customers_process import LEA, ROUTES, context, forked
from tests.faults.room import until
from tests.faults.test_kill import CUSTOMERS as BOUNDARIES
from tests.faults.test_kill import EITHER, ROUNDS
from tests.support import START, RecordingJobs

ROWS = int(os.environ.get("HANDOFF_FAULT_CUSTOMERS", "220"))
PATIENCE_S = 60.0 + ROWS / 10
CHANGES = (55, 1, 110, 100, 101)

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120 + 4 * int(PATIENCE_S))]


@contextmanager
def process(database: Database, journal: Path, crash_at: str = "") -> Iterator[Forked]:
    """A bot that carries changes out; killed at the end if it still runs."""
    env = {"HANDOFF_CRASH_AT": crash_at, "FAULTS_DATABASE": database.url, "FAULTS_JOURNAL": str(journal)}
    made = Forked(env, journal.with_suffix(".log"), forked)
    try:
        yield made
    finally:
        made.end(signal.SIGKILL)


def approved(database: Database, rows: int) -> int:
    """So many customers whose tier a lead has approved to be another. Returns the number of the run."""
    prepare(database)
    numbers = range(1, rows + 1)
    known = {"status": "active", "source_values": {}, "base": {"tier": "pro"}, "tier": "pro", "tier_before": ""}
    change = {"name": "", "field": "tier", "before": "pro", "after": "gold", "values": {}, "state": "planned"}
    with database.begin() as session:
        session.execute(
            insert(DeskCustomer),
            [
                {
                    "id": n,
                    "name": f"C{n}",
                    "external_ref": f"A-{n}",
                    "domains": [],
                    "tier": "pro",
                    "status": "active",
                    "fields": {},
                }
                for n in numbers
            ],
        )
        session.execute(
            insert(KnownCustomer),
            [
                {
                    "account": f"A-{n}",
                    "name": f"C{n}",
                    "desk_id": str(n),
                    "domains": [],
                    "fields": {},
                    "changed_at": START,
                    **known,
                }
                for n in numbers
            ],
        )
        sync = ask(session, SYNC, "", {}, HANDOFF, context(RecordingJobs()))
        sync.state, sync.open_key, sync.digest = RunState.DONE.value, None, "d1"
        group = CustomerGroup(
            run_id=sync.id,
            key="changed/tier/pro/gold",
            kind="changed",
            field="tier",
            before="pro",
            after="gold",
            size=rows,
            digest=digest_of(rows),
            state="open",
            open_too=False,
            effects={},
            version=1,
            reason="",
        )
        session.add(group)
        session.flush()
        session.execute(
            insert(CustomerChange),
            [
                {"group_id": group.id, "number": n, "account": f"A-{n}", "desk_id": str(n), "error": "", **change}
                for n in numbers
            ],
        )
    client = EngineClient(database, ROUTES)
    with database.begin() as session:
        groups.approve(session, group.id, group.digest, LEA, context(client))
        run = session.scalars(select(Run).order_by(Run.id.desc()).limit(1)).one()
    client.close()
    return run.id


def verified(database: Database) -> int:
    with database.read() as session:
        made = select(func.count()).select_from(CustomerChange).where(CustomerChange.state == "verified")
        return session.scalar(made) or 0


def have(database: Database, many: int) -> bool:
    """Whether so many changes are verified."""
    return verified(database) >= many


def ended(database: Database, run: int) -> bool:
    with database.read() as session:
        state = session.get_one(Run, run).state
    return state == RunState.DONE and not unfinished_jobs(database)


def check(database: Database, run: int, journal: Path, rows: int, kills: int) -> None:
    """Each change is true, was written down once, and was written to the desk once more than needed at most."""
    written = Counter(journal.read_text("utf-8").split())
    assert set(written) == {str(n) for n in range(1, rows + 1)}
    assert max(written.values()) <= 2
    assert sum(written.values()) <= rows + kills
    with database.read() as session:
        assert set(session.scalars(select(DeskCustomer.tier))) == {"gold"}
        assert set(session.scalars(select(KnownCustomer.tier))) == {"gold"}
        group = session.scalars(select(CustomerGroup)).one()
        assert (group.state, group.applied_by) == ("applied", run)
        told = select(AuditEntry.target).where(AuditEntry.action == "customer.change")
        assert Counter(session.scalars(told)) == Counter({f"customer/A-{n}": 1 for n in range(1, rows + 1)})
        assert audit.verify(session).ok
        assert stuck.open_items(session) == []
    assert verified(database) == rows


def test_kills_in_the_middle_of_a_large_group(database: Database, tmp_path: Path) -> None:
    """Killed whenever another quarter of it is done, wherever it is at that moment."""
    run, journal = approved(database, ROWS), tmp_path / "journal"
    for quarter in (1, 2, 3):
        with process(database, journal) as bot:
            until(partial(have, database, ROWS * quarter // 4), f"quarter {quarter}", PATIENCE_S)
            assert bot.end(signal.SIGKILL) == -signal.SIGKILL
        assert verified(database) < ROWS, "it was over before the kill"
    with process(database, journal):
        until(lambda: ended(database, run), "the end of the run", PATIENCE_S)
    check(database, run, journal, ROWS, kills=3)


@pytest.mark.parametrize("turn", range(ROUNDS))
@pytest.mark.parametrize("boundary", [*BOUNDARIES, "step.begun", "step.called", "step.made", "step.ended"])
@pytest.mark.parametrize("database_url", EITHER, indirect=True)
def test_a_kill_at_each_boundary(database: Database, tmp_path: Path, boundary: str, turn: int) -> None:
    """At another change in each round, the first and the last among them."""
    rows, journal = 110, tmp_path / "journal"
    run = approved(database, rows)
    passage = CHANGES[turn % len(CHANGES)] if boundary in BOUNDARIES else 1
    with process(database, journal, f"{boundary}:{passage}") as bot:
        assert bot.wait(60) == -signal.SIGKILL
    with process(database, journal):
        until(lambda: ended(database, run), "the end of the run", PATIENCE_S)
    check(database, run, journal, rows, kills=1)
