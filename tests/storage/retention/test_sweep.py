"""What the sweep drops and what it leaves, on rows made up by chance in every table."""

import os
import random
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select
from sqlalchemy.orm import Session

from storage import audit
from storage.engine import Database
from storage.models import AuditEntry, Base, Case, StuckItem
from storage.retention import Sweep, Terms
from storage.retention.asked import SWEPT, pruned
from storage.retention.registry import KEPT
from tests.storage.filled import Filler, checks_of_models, hanging
from tests.support import START

TERMS = Terms(**dict.fromkeys(Terms.__dataclass_fields__, timedelta(days=100)))
AGES = (timedelta(0), timedelta(days=50), timedelta(days=150), timedelta(days=500))
NOT_FILLED = {"audit_entry", "audit_head", "audit_segment", "person_alias"}
FILLED = sorted(set(Base.metadata.tables) - NOT_FILLED)

CHECKS = checks_of_models()
SAID = (
    " It was pruned: such are kept for 100 days after its closing (setting `retention.cases`). "
    "The audit log still tells of it."
)
EXAMPLES = int(os.environ.get("HANDOFF_RETENTION_EXAMPLES", "8"))

OPEN: dict[str, Any] = {
    "cases": lambda row: row["status"] in ("open", "claimed"),
    "case_group": lambda row: row["closed_at"] is None,
    "escalation": lambda row: row["state"] in ("open", "claimed"),
    "run": lambda row: row["state"] in ("asked", "proposed", "approved", "running") or row["review"] == "wanted",
    "run_step": lambda row: row["state"] in ("in_progress", "waiting", "unknown"),
    "finding": lambda row: row["state"] in ("open", "confirmed", "kept"),
    "access_block": lambda row: row["lifted_at"] is None,
    "customer_group": lambda row: row["state"] in ("open", "held", "confirmed"),
    "customer_conflict": lambda row: row["state"] in ("open", "taking", "kept", "ignored"),
    "customer_rejected": lambda row: row["state"] in ("open", "dismissed"),
    "customer_notice": lambda row: row["state"] == "planned",
    "triage_decision": lambda row: row["state"] in ("proposed", "applying"),
    "triage_model": lambda row: row["retired_at"] is None,
    "report": lambda row: row["state"] == "asked",
    "stuck_item": lambda row: row["state"] == "open",
    "undo_offer": lambda row: row["state"] == "open",
    "pause": lambda row: row["ended_at"] is None,
    "absence": lambda row: row["until"] >= START,
    "duty_cover": lambda row: row["until"] >= START,
    "config_reload": lambda row: row["settled_at"] is None,
    "notification": lambda row: row["state"] in ("pending", "sending", "unknown") or row["attempt_at"] is not None,
    "upload": lambda row: row["state"] in ("pending", "named", "sharing"),
}
"""What is open, said apart from the conditions of the sweep."""

Rows = dict[str, list[dict[str, Any]]]


def rows(connection: Connection) -> Rows:
    """Every row of every table that the test filled."""
    tables = [table for table in Base.metadata.sorted_tables if table.name in FILLED]
    return {table.name: [dict(row._mapping) for row in connection.execute(select(table))] for table in tables}


def clear(connection: Connection) -> None:
    for table in reversed(Base.metadata.sorted_tables):
        if table.name in FILLED:
            connection.execute(table.delete())


def filled(database: Database, seed: int, each: int, ages: Sequence[timedelta] = AGES) -> Rows:
    with database.engine.begin() as connection:
        clear(connection)
        filler = Filler(connection, Base.metadata, CHECKS, random.Random(seed), ages)
        filler.fill(["run"], 3 * each)  # much points at runs, and keeps them
        filler.fill([name for name in FILLED if name != "run"], each)
        assert list(hanging(connection, Base.metadata)) == []
        return rows(connection)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), each=st.integers(1, 5), batch=st.sampled_from([5, 40, 500]))
def test_nothing_open_is_lost_and_nothing_is_left_hanging(database: Database, seed: int, each: int, batch: int) -> None:
    before = filled(database, seed, each)
    sweep = Sweep(database, TERMS, START, batch)
    with database.read() as session:
        said = session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.action == SWEPT))
    while count := sweep.some():
        assert count <= batch
    with database.engine.connect() as connection:
        after = rows(connection)
        assert list(hanging(connection, Base.metadata)) == []
    lost = Counter({name: len(before[name]) - len(after[name]) for name in before if before[name] != after[name]})
    assert {name: count for name, count in lost.items() if count} == sweep.dropped
    for name, was in before.items():
        keys = [column.name for column in Base.metadata.tables[name].primary_key.columns]
        there = {tuple(row[key] for key in keys) for row in after[name]}
        gone = [row for row in was if tuple(row[key] for key in keys) not in there]
        assert [row for row in gone if OPEN.get(name, bool)(row) and name in OPEN] == []
        assert not gone or name not in KEPT
    with database.read() as session:
        told = session.scalars(select(AuditEntry.after).where(AuditEntry.action == SWEPT).order_by(AuditEntry.seq))
        assert sum((Counter(one["rows"]) for one in list(told)[said or 0 :]), Counter()) == sweep.dropped
        assert audit.verify(session).ok


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_rows_made_up_are_such_that_most_tables_lose_some(database: Database) -> None:
    """Otherwise the test above would show nothing."""
    dropped: Counter[str] = Counter()
    for seed in range(6):
        filled(database, seed, 8, ages=(timedelta(days=500), timedelta(days=501)))
        sweep = Sweep(database, TERMS, START)
        sweep.all_of_it()
        dropped.update(sweep.dropped)
    never = {name for name in FILLED if name not in KEPT} - set(dropped)
    assert never == set()


def test_what_is_younger_than_its_term_stays(database: Database) -> None:
    before = filled(database, 7, 6)
    sweep = Sweep(database, Terms(**dict.fromkeys(Terms.__dataclass_fields__, timedelta(days=501))), START)
    assert not sweep.all_of_it()
    with database.engine.connect() as connection:
        assert rows(connection) == before


def test_a_sweep_of_many_rows_is_cut_into_transactions(database: Database) -> None:
    """The caller goes on later; what was dropped until then is dropped and told of."""
    filled(database, 3, 6)
    sweep = Sweep(database, TERMS, START, 2)
    assert sweep.all_of_it(most=3)
    assert sweep.dropped.total() == 6


def test_the_rest_of_what_a_stuck_item_is_about_stays(database: Database) -> None:
    with database.engine.begin() as connection:
        filler = Filler(connection, Base.metadata, CHECKS, random.Random(1), (timedelta(days=500),))
        table = Base.metadata.tables["cases"]
        for number in (1, 2, 3):
            filler.add(table, number, status="resolved", hold_until=None, previous_id=number - 1 or None, group_id=None)
        filler.add(Base.metadata.tables["stuck_item"], 1, state="open", job="case.escalate", args={"case_id": 2})
    assert not Sweep(database, TERMS, START).all_of_it()
    with database.read() as session:
        assert session.scalars(select(Case.id).order_by(Case.id)).all() == [2, 3]
        assert session.get_one(Case, 2).previous_id is None
        assert session.get_one(Case, 3).previous_id == 2
        assert session.scalar(select(func.count()).select_from(StuckItem)) == 1
        assert _words(session) == [SAID, "", "", ""]


def _words(session: Session) -> list[str]:
    """Of a pruned one, of those that are there, and of one that never was."""
    return [pruned(session, Case, number) for number in (1, 2, 3, 4)]
