"""The running bot's checkpoints: when one is made, and what happens where none can be."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from bot.audit_side import AuditSide, checkpoint_file
from bot.live import Live
from bot.settings import FailureTickets, Settings
from bot.settings_audit import AuditSection
from storage import checkpoints
from storage.engine import Database
from tests.automations.failure_tickets.world import World
from tests.bot.live_terms import terms_of
from tests.storage.test_audit import fill
from tests.support import FakeClock, RecordingJobs

KEY = "a key of the test's own"
MINUTE = timedelta(minutes=1)
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def make(
    database: Database, clock: FakeClock, jobs: RecordingJobs, tmp_path: Path
) -> Callable[..., tuple[AuditSide, Path]]:
    """The side of a bot whose settings of the audit log are given."""

    def made(**given: object) -> tuple[AuditSide, Path]:
        file = tmp_path / "checkpoints.jsonl"
        section = AuditSection.model_validate({"checkpoints": file, "key": SecretStr(KEY), "rows": 5} | given)
        world = World.on(database, clock, jobs)
        terms = terms_of(world.ctx, look=None)  # type: ignore[arg-type]  # nothing is shown here
        settings = Settings(failure_tickets=FailureTickets(default_owner="lea@team.example"), audit=section)
        object.__setattr__(terms, "settings", settings)
        return AuditSide(database, Live(terms), clock), file

    return made


def rows_of(file: Path) -> list[int]:
    return [line.seq for line in checkpoints.read(file, KEY.encode())] if file.is_file() else []


@ON_SQLITE
def test_one_is_made_after_so_many_rows_and_after_so_long(
    database: Database, clock: FakeClock, make: Callable[..., tuple[AuditSide, Path]]
) -> None:
    side, file = make()
    (here,) = side.timetable()
    fill(database, 2)
    here.run()
    assert rows_of(file) == [2]
    fill(database, 4)
    here.run()
    assert rows_of(file) == [2], "four rows of five"
    fill(database, 1)
    here.run()
    assert rows_of(file) == [2, 8]
    clock.move(20 * MINUTE)
    here.run()
    assert rows_of(file) == [2, 8], "nothing was done since"
    fill(database, 1)
    clock.move(14 * MINUTE)
    here.run()
    assert rows_of(file) == [2, 8]
    clock.move(MINUTE)
    here.run()
    assert rows_of(file) == [2, 8, 10]
    fill(database, 1)
    side.close()
    assert rows_of(file) == [2, 8, 10, 12]


@ON_SQLITE
def test_without_a_key_there_are_none(database: Database, make: Callable[..., tuple[AuditSide, Path]]) -> None:
    side, file = make(key=None)
    fill(database, 9)
    side.look()
    side.look()
    side.close()
    assert not file.exists()


@ON_SQLITE
def test_what_cannot_be_made_is_logged_and_tried_again_a_minute_later(
    database: Database, clock: FakeClock, tmp_path: Path, make: Callable[..., tuple[AuditSide, Path]]
) -> None:
    side, file = make()
    file.mkdir()
    fill(database, 2)
    with capture_logs() as logs:
        side.look()
        side.look()
    (line,) = logs
    assert (line["event"], line["log_level"]) == ("audit.checkpoint_failed", "error")
    assert "cannot be opened" in line["problem"]
    assert KEY not in str(line)
    file.rmdir()
    clock.move(MINUTE)
    side.look()
    assert rows_of(file) == [2]


def test_the_file_is_in_the_data_folder_unless_the_settings_name_another(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    tickets = FailureTickets(default_owner="lea@team.example")
    assert checkpoint_file(Settings(failure_tickets=tickets)) == tmp_path / "handoff" / "audit-checkpoints.jsonl"
    named = Settings(failure_tickets=tickets, audit=AuditSection(checkpoints=tmp_path / "other"))
    assert checkpoint_file(named) == tmp_path / "other"
