"""The watcher of `tests/every_change.py` by itself: what it finds, what it lets be, and that its lists are true."""

import ast
from collections.abc import Callable, Iterator
from typing import cast

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from automations.failure_tickets import life
from automations.failure_tickets.ticket_row import move
from automations.failure_tickets.wanted import Wanted
from storage import audit
from storage.engine import Database
from storage.models import Base
from tests.automations.failure_tickets.world import ANNA, World
from tests.every_change import OTHERS, ROOT, SETTERS, STATES, UNSAID, Watch, watched, watching
from tests.support import START, FakeClock, RecordingJobs


@pytest.fixture
def world(database: Database, clock: FakeClock, jobs: RecordingJobs) -> World:
    made = World.on(database, clock, jobs)
    made.fail()
    return made


@pytest.fixture
def watch(world: World) -> Iterator[Watch]:
    """Begins when the stage is set."""
    with watching() as watch:
        yield watch


def forgetful(session: Session, world: World) -> None:
    """Claims the case and forgets what was to be written down, as an act of ours with that fault would."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audit, "append", lambda *_args, **_rest: None)
        life.claim(session, 1, ANNA, world.ctx)


@pytest.mark.tampers
def test_a_change_without_its_row_is_found_and_says_who(world: World, watch: Watch) -> None:
    with world.begin() as session:
        forgetful(session, world)
    assert any(line.startswith("update cases by automations/failure_tickets/") for line in watch.found), watch.found
    assert watch.said == 0


def test_a_change_with_its_row_is_counted(world: World, watch: Watch) -> None:
    with world.begin() as session:
        life.claim(session, 1, ANNA, world.ctx)
    assert (watch.found, watch.said) == ([], 1)


def test_what_was_rolled_back_is_none(world: World, watch: Watch) -> None:
    with world.begin() as session:
        nested = session.begin_nested()
        forgetful(session, world)
        nested.rollback()
        forgetful(session, world)
        session.rollback()
    assert (watch.found, watch.said) == ([], 0)


@pytest.mark.tampers
def test_a_row_that_was_rolled_back_says_nothing(world: World, watch: Watch) -> None:
    with world.begin() as session:
        forgetful(session, world)
        nested = session.begin_nested()
        audit.append(session, at=START, actor="a", action="b", target="c", outcome="done", correlation_id="d")
        nested.rollback()
    assert watch.found


def test_a_test_may_set_its_stage(world: World, watch: Watch) -> None:
    with world.begin() as session:
        session.execute(text("update cases set priority = 'low'"))
        move(session, cast("Wanted", type("One", (), {"case_id": 1})), {"state": "creating"})
    assert watch.found == []


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("INSERT INTO cases (id) VALUES (1)", ("insert", "cases")),
        ("delete from access_block where id = 1", ("delete", "access_block")),
        ("UPDATE cases SET version=1, status='open' WHERE id = 1", ("update", "cases")),
        ('update "cases" set owner=? where id = 1', ("update", "cases")),
        ("UPDATE cases SET version=1 WHERE status = 'open'", None),
        ("select * from cases", None),
        ("update desk_ticket set status = 'open'", None),
        ("insert into audit_entry (seq) values (1)", ("insert", "audit_entry")),
    ],
)
def test_which_statements_change_a_state(statement: str, what: tuple[str, str] | None) -> None:
    assert watched(statement) == what


def test_every_table_with_a_state_is_watched_or_has_a_reason() -> None:
    tables = Base.metadata.tables
    stated = {name for name, table in tables.items() if {"state", "status", "mode"} & set(table.c.keys())}
    assert stated - set(STATES) == set(OTHERS), "a table with a state is watched, or says why not"
    for name, columns in STATES.items():
        assert columns <= set(tables[name].c.keys()), name


@pytest.mark.parametrize("place", sorted({place for place, _ in UNSAID} | SETTERS))
def test_exceptions_name_functions_that_are_there(place: str) -> None:
    file, _, function = place.partition(":")
    found: Callable[[ast.AST], bool] = lambda node: isinstance(node, ast.FunctionDef) and node.name == function  # noqa: E731
    assert any(map(found, ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8")))))
