"""The file in the thread of a sync: asked for once with its message, and every change is in it."""

import csv
import io

import pytest

from automations.customer_context import full_list
from automations.redact import Redactor
from bot.customer_files import full_lists
from storage.engine import Database
from storage.models import Notification, Upload
from tests.automations.customer_context import synced
from tests.automations.customer_context.synced import Synced
from tests.support import FakeClock, RecordingJobs

SECRET = "hunter2-Zq81-correct-horse"


@pytest.fixture
def here(database: Database, clock: FakeClock, jobs: RecordingJobs) -> Synced:
    made = synced.of(database, clock, jobs)
    made.sync()
    return made


def uploads(here: Synced) -> list[Upload]:
    return here.rows(Upload, Upload.key)


def test_a_sync_that_found_nothing_has_no_file(here: Synced) -> None:
    assert uploads(here) == []


def test_a_sync_has_one_file_in_the_thread_of_its_message(here: Synced) -> None:
    here.source.change("A-1", tier="enterprise")
    number = here.sync()
    (row,) = uploads(here)
    assert (row.notification, row.kind, row.args) == (f"run/{number}", full_list.CSV, {"run_id": number})
    assert row.notification in {one.key for one in here.rows(Notification, Notification.key)}
    with here.database.begin() as session:
        full_list.attach(session, session.merge(here.run(number)), here.ctx)
    assert len(uploads(here)) == 1


def test_a_sync_that_was_stopped_has_its_file_too(here: Synced) -> None:
    for number in range(10):
        here.source.change(f"A-{number}", tier="enterprise")
    number = here.sync()
    assert here.state(number) == "proposed"
    assert [row.notification for row in uploads(here)] == [f"run/{number}"]


def test_every_change_and_conflict_is_in_it_and_no_secret_and_no_formula(here: Synced) -> None:
    assert here.book is not None
    here.source.change("A-1", tier="=1+1")
    here.source.change("A-2", name=f"Acme {SECRET}")
    here.source.change("A-3", tier="enterprise")
    here.book.change(here.book.by_reference("A-3").id, tier="basic")
    number = here.sync()
    draw = full_lists(lambda: Redactor([SECRET]))[full_list.CSV]
    with here.database.read() as session:
        file = draw(session, {"run_id": number})
    assert file.name == f"run-{number}-customers.csv"
    assert SECRET not in file.content.decode()
    head, *rows = csv.reader(io.StringIO(file.content.decode(), newline=""))
    told = [dict(zip(head, row, strict=True)) for row in rows]
    assert [(one["what"], one["account"], one["after"]) for one in told] == [
        ("change", "A-2", "Acme [redacted]"), ("change", "A-1", "'=1+1"), ("conflict", "A-3", "enterprise"),
    ]  # fmt: skip
