"""One id in every line: from the request that brought a failure to the message in Slack."""

import io
import json
import logging
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import structlog

from automations.failure_tickets.intake import Receipt
from automations.redact import Redactor
from bot import logs
from bot.metrics import Metrics
from bot.taken import MOST, take
from tests.bot.bot_room import fail, finished_case, running, settings_for, until, workspace


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where the log goes, as JSON, as in a container; logging is as before afterwards."""
    root = logging.getLogger()
    before, level, config = root.handlers[:], root.level, structlog.get_config()
    made = io.StringIO()
    logs.configure(Redactor(()), as_json=True, stream=made)
    yield made
    root.handlers[:] = before
    root.setLevel(level)
    structlog.configure(**config)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def taken(receipts: list[Receipt], source: str) -> None:
    """Take one request of which this became."""
    assert take([[]], lambda _: receipts, Metrics(dict), [source]) == receipts


def about(stream: io.StringIO, case: str) -> list[dict[str, Any]]:
    return [line for line in lines(stream) if line.get("about") == case]


def test_one_search_finds_everything_that_a_failure_led_to(stream: io.StringIO, tmp_path: Path) -> None:
    slack = workspace().start()
    try:
        with running(settings_for(tmp_path, slack.base_url)) as bot:
            case, other = fail(bot), fail(bot, id="evt_2", dedup_key="another")
            assert case != other
            for one in (case, other):
                finished_case(bot, one)
                until(partial(_ended_jobs, stream, one), lambda jobs: {"ticket.sync", "slack.deliver"} <= jobs)
    finally:
        slack.stop()
    of_case = about(stream, case)
    events = [line["event"] for line in of_case]
    assert events[0] == "failure.in_case", "the port that took it, before any job"
    assert of_case[0]["status"] == "opened"
    assert of_case[0]["event_id"]
    assert {"desk.ticket", "slack.called", "job.ended"} <= set(events)
    (posted,) = [line for line in of_case if line.get("method") == "chat.postMessage"]
    assert posted["job"] == "slack.deliver"
    assert {line["job"] for line in of_case if line["event"] == "desk.ticket"} == {"ticket.sync"}
    assert not [line for line in of_case if other in json.dumps(line)], "no line is of both"
    assert {line["logger"] for line in of_case} >= {"bot.taken", "bot.jobs", "bot.gateway", "bot.engine.trace"}


def _ended_jobs(stream: io.StringIO, case: str) -> set[str]:
    return {line["job"] for line in about(stream, case) if line["event"] == "job.ended"}


def test_a_burst_is_a_few_lines(stream: io.StringIO) -> None:
    taken([Receipt(f"e{number}", f"CASE-{number}", "opened") for number in range(500)], "billing")
    found = lines(stream)
    assert len(found) == 1 + MOST
    assert (found[0]["event"], found[0]["events"], found[0]["cases"]) == ("failures.taken", 500, 500)


def test_events_of_one_case_are_one_line(stream: io.StringIO) -> None:
    taken([Receipt("e1", "CASE-1", "opened"), Receipt("e2", "CASE-1", "joined"), Receipt("e3", None, "recorded")], "x")
    assert [line.get("about") for line in lines(stream)] == [None, "CASE-1"]
