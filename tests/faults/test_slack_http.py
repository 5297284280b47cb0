"""Slack over real HTTP: what is forged or stale is refused unread, what is replayed has no second effect."""

import json
import time
from collections.abc import Iterator
from urllib.parse import urlencode

import httpx
import pytest
from sqlalchemy import func, select

from bot.workspace.signed import sign
from storage.models import AuditEntry, InboxRow
from tests.faults import team
from tests.faults.checks import check_whole
from tests.faults.conftest import emptied, settings_in
from tests.faults.live import Live, living
from tests.faults.room import Desk, Json, Room, Slack, until

pytestmark = pytest.mark.faults

SECRET = "demo-signing-secret"
PROBE = "probe-words-that-no-log-may-hold"


@pytest.fixture(scope="module")
def shared(signed_slack: tuple[str, int], desk_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """One bot for all these tests, with a fallback channel."""
    folder = tmp_path_factory.mktemp("slack-http")
    url, port = signed_slack
    room = Room(Slack(url), Desk(desk_url), settings_in(folder), folder, port, "http")
    fallback = {"HANDOFF_SLACK__FALLBACK_CHANNEL": team.ESCALATIONS}
    with emptied(room), living(room, f"sqlite:///{folder / 'handoff.db'}", **fallback) as made:
        yield made


@pytest.fixture
def live(shared: Live) -> Live:
    shared.room.slack.fault(clear=True)
    return shared


def post(live: Live, body: str, **headers: str) -> httpx.Response:
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    return httpx.post(f"{live.room.url}/slack/events", content=body, headers=kind | headers, timeout=20)


def signed(body: str, *, secret: str = SECRET, age_s: float = 0) -> dict[str, str]:
    timestamp = str(int(time.time() - age_s))
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": sign(secret, timestamp, body)}


def reaction(live: Live, case: str, *, event_id: str) -> Json:
    channel, message = live.message(case)
    item = {"type": "message", "channel": channel, "ts": message["ts"]}
    event = {"type": "reaction_added", "user": "U_AGENT1", "reaction": "eyes", "item": item, "event_ts": "1.0"}
    return {
        "type": "event_callback",
        "team_id": "T_SAMPLE",
        "api_app_id": "A_HANDOFF",
        "event_id": event_id,
        "event_time": int(time.time()),
        "event": event,
        "probe": PROBE,
    }


def rows(live: Live) -> int:
    with live.database.read() as session:
        return session.scalar(select(func.count(InboxRow.id))) or 0


def claims(live: Live, case: str) -> int:
    mine = select(func.count()).where(AuditEntry.action == "case.claimed", AuditEntry.target == case)
    with live.database.read() as session:
        return session.scalar(mine) or 0


def test_a_click_over_http_delivered_three_times_has_one_effect(live: Live) -> None:
    case = live.open(0)
    live.settled()
    live.room.slack.fault(deliver="duplicate", times=1, copies=3)
    before = rows(live)
    assert live.claim(case, "U_AGENT2")["acked"]
    live.settled()
    assert (claims(live, case), rows(live), len(live.thread(case))) == (1, before + 1, 1)


def test_a_replayed_request_gets_200_and_has_no_second_effect(live: Live) -> None:
    """The same bytes with the same signature, then the same event signed anew; by then the case was released."""
    case = live.open(1)
    live.settled()
    body = json.dumps(reaction(live, case, event_id="Ev0001"))
    headers = signed(body) | {"Content-Type": "application/json"}
    first = post(live, body, **headers)
    assert first.status_code == 200
    until(lambda: live.case(case)["claimed_by"], "the claim")
    for again in (headers, headers, signed(body, age_s=200) | {"Content-Type": "application/json"}):
        assert post(live, body, **again).status_code == 200
    live.settled()
    assert (claims(live, case), len(live.thread(case))) == (1, 1)


def test_a_repeat_whose_first_delivery_never_came_is_taken(live: Live) -> None:
    """Its headers say that it is a repeat; that alone is no reason to drop it."""
    case = live.open(4)
    live.settled()
    body = json.dumps(reaction(live, case, event_id="Ev0002"))
    repeat = {"Content-Type": "application/json", "X-Slack-Retry-Num": "2", "X-Slack-Retry-Reason": "http_timeout"}
    assert post(live, body, **signed(body), **repeat).status_code == 200
    until(lambda: live.case(case)["claimed_by"], "the claim")
    live.settled()
    assert (claims(live, case), len(live.thread(case))) == (1, 1)


FORGED: dict[str, dict[str, str]] = {
    "nothing": {},
    "no signature": {"X-Slack-Request-Timestamp": "now"},
    "not a number": {"X-Slack-Request-Timestamp": "abc", "X-Slack-Signature": "v0=" + "0" * 64},
    "another version": {"X-Slack-Request-Timestamp": "now", "X-Slack-Signature": "v1=" + "0" * 64},
    "zeros": {"X-Slack-Request-Timestamp": "now", "X-Slack-Signature": "v0=" + "0" * 64},
    "an empty one": {"X-Slack-Request-Timestamp": "", "X-Slack-Signature": ""},
}


@pytest.mark.parametrize("name", [*FORGED, "another secret", "another body", "stale", "ahead", "upper case"])
def test_what_slack_did_not_sign_is_refused_unread(live: Live, name: str) -> None:
    case = live.open(2)
    live.settled()
    body = urlencode({"payload": json.dumps(reaction(live, case, event_id=f"Ev-{name}"))})
    match name:
        case "another secret":
            headers = signed(body, secret="not-the-secret")
        case "another body":
            headers = signed(body + "x")
        case "stale":
            headers = signed(body, age_s=302)
        case "ahead":
            headers = signed(body, age_s=-302)
        case "upper case":
            headers = signed(body)
            headers["X-Slack-Signature"] = headers["X-Slack-Signature"].upper()
        case _:
            now = str(int(time.time()))
            headers = {key: now if value == "now" else value for key, value in FORGED[name].items()}
    before = rows(live)
    answer = post(live, body, **headers)
    assert answer.status_code == 401
    assert PROBE not in answer.text
    assert rows(live) == before
    assert live.case(case)["claimed_by"] is None
    log = live.room.log.read_text("utf-8")
    assert "slack.refused" in log
    assert PROBE not in log


def test_an_archived_channel_sends_its_cases_to_the_fallback(live: Live) -> None:
    """Said in the message; its thread and its button work there."""
    live.room.slack.fault(archive=team.channel(3))
    case = live.open(3)
    live.settled()
    channel, message = live.message(case)
    assert channel == team.ESCALATIONS
    assert f"This belongs in channel lane3 ({team.channel(3)})" in message["text"]
    assert live.claim(case, "U_AGENT1")["acked"]
    live.settled()
    assert (live.case(case)["claimed_by"], len(live.thread(case))) == ("ines.holt@example.com", 1)
    assert live.stuck() == []


def test_all_of_it_is_whole(live: Live) -> None:
    """After everything above: each event once, one ticket and one message per case, the audit chain unbroken."""
    live.settled()
    results = live.sender.results
    check_whole(live.database, live.room, results.values(), cases=len({r["case_id"] for r in results.values()}))
    assert "Traceback" not in live.room.log.read_text("utf-8")
