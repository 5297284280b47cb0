"""A Slack that is away for ten minutes, a refused token and a job that waits too long: in words, as figures, once."""

from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot.engine import Oldest
from bot.gateway import SlackGateway
from bot.metrics import Metrics
from bot.outage import Outage
from tests.bot.slack_room import slack_room
from tests.bot.workspace.room import Room


class Time:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture(scope="module")
def room() -> Any:
    with slack_room() as made:
        yield made


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def gateway(room: Room, time: Time) -> SlackGateway:
    room.act("faults", clear=True)
    return SlackGateway("xoxb-demo-handoff", base_url=room.server.base_url, timeout_s=2, monotonic=time)


def figures(outage: Outage) -> dict[str, float]:
    text = Metrics(dict, outage.levels).render().decode()
    wanted = ("handoff_slack_silent_seconds", "handoff_slack_refused", "handoff_oldest_job_seconds")
    return {one.name: one.samples[0].value for one in text_string_to_metric_families(text) if one.name in wanted}


def looked(outage: Outage) -> list[str]:
    with capture_logs() as logs:
        outage.look()
    return [str(line["event"]) for line in logs if line["log_level"] in ("error", "warning")]


@pytest.mark.parametrize("kind", ["http_503", "reset"])
def test_a_slack_that_answers_nothing_for_ten_minutes_is_away(
    room: Room, gateway: SlackGateway, time: Time, kind: str
) -> None:
    outage = Outage(gateway, lambda: None)
    assert (looked(outage), outage.slack) == ([], "")
    time.at += 120
    room.act("faults", method="*", kind=kind, times=10**6)
    for _ in range(10):
        assert (looked(outage), outage.slack) == ([], ""), "it is silent for a moment now and then"
        time.at += 60
    assert looked(outage) == ["slack.away"]
    assert outage.slack.startswith("Slack has not answered for 10 minutes; `handoff cases claim|reassign|resolve")
    assert looked(outage) == [], "said once"
    assert figures(outage)["handoff_slack_silent_seconds"] == 600
    room.act("faults", clear=True)
    time.at += 60
    assert looked(outage) == ["slack.back"]
    assert (outage.slack, figures(outage)["handoff_slack_silent_seconds"]) == ("", 0)


def test_a_revoked_token_is_said_at_once_by_a_quiet_bot(room: Room, gateway: SlackGateway, time: Time) -> None:
    outage = Outage(gateway, lambda: None)
    looked(outage)
    room.act("faults", method="*", kind="error", error="token_revoked", times=10**6)
    time.at += 61
    assert looked(outage) == ["slack.away"]
    assert "token_revoked" in outage.slack
    assert "handoff cases claim" in outage.slack
    assert figures(outage)["handoff_slack_refused"] == 1
    assert figures(outage)["handoff_slack_silent_seconds"] == 0, "it answers"
    room.act("faults", clear=True)
    time.at += 61
    assert (looked(outage), outage.slack) == (["slack.back"], "")


def test_a_job_that_waits_for_ten_minutes_is_named(gateway: SlackGateway, time: Time) -> None:
    found: list[Oldest | None] = [None]
    outage = Outage(gateway, lambda: found[0])
    for waited, said in ((599.0, False), (720.0, True)):
        found[0] = Oldest("ticket.sync:ticket/1/1", waited)
        assert looked(outage) == (["jobs.waiting"] if said else [])
    assert outage.jobs == "the oldest job, ticket.sync:ticket/1/1, has waited for 12 minutes"
    assert figures(outage)["handoff_oldest_job_seconds"] == 720
    found[0] = None
    assert (looked(outage), outage.jobs) == (["jobs.at_work_again"], "")


def test_a_database_that_is_away_leaves_what_was_seen_last(gateway: SlackGateway, time: Time) -> None:
    def away() -> Oldest | None:
        raise OperationalError("select", None, Exception("gone"))

    outage = Outage(gateway, away)
    assert (looked(outage), outage.jobs) == ([], "")
