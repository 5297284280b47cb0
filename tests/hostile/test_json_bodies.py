"""What is no JSON is refused at every door, what is JSON is read, and neither is ever a fault of ours."""

import json

import pytest

from bot.ingest import read_json
from bot.problems import Problem
from storage.engine import Database
from tests.automations.failure_tickets.world import World
from tests.bot.http_world import HttpWorld
from tests.bot.test_http_torture import PATHS, TORTURE
from tests.figures.told import tell
from tests.hostile.json_bodies import ACCEPTED, REJECTED
from tests.support import FakeClock, RecordingJobs

KIND = "application/json"


def test_there_are_as_many_as_are_promised() -> None:
    assert len(REJECTED) >= 188
    assert len(ACCEPTED) >= 95
    assert len(TORTURE) >= 40


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_body_that_is_no_json_is_taken_by_any_door(database: Database) -> None:
    port = HttpWorld(World.on(database, FakeClock(), RecordingJobs()), per_minute=10**9)
    said = {(path, body[:60]): port.post(body, path).status_code for body in REJECTED for path in PATHS}
    assert {about: status for about, status in said.items() if status not in (400, 413)} == {}
    odd = {(path, body[:60]): port.post(body, path).status_code for body in ACCEPTED[::4] for path in PATHS}
    assert set(odd.values()) <= {202, 422}, odd  # an empty list is no failure, and no fault either
    assert port.stored == (0, 0)
    tell("12", f"{len(REJECTED)} bodies that are no JSON x {len(PATHS)} doors: all 4xx; {len(ACCEPTED)} odd ones read")


def test_what_is_json_is_read_as_python_reads_it() -> None:
    for body in ACCEPTED:
        assert read_json(KIND, body) == json.loads(body), body


def test_what_is_none_is_refused_in_words() -> None:
    for body in REJECTED:
        with pytest.raises(Problem) as refused:
            read_json(KIND, body)
        assert refused.value.status == 400
        assert refused.value.detail, body
