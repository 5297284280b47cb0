"""A Slack that loses answers, refuses, delivers twice or shuts its doors: one message, one effect, nothing lost."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from automations.domain import parse_case_ref
from storage.models import AuditEntry, InboxRow
from tests.faults import team
from tests.faults.conftest import emptied, settings_in
from tests.faults.live import Live, living
from tests.faults.room import Desk, Json, Room, Slack, failure, new_port, until

pytestmark = pytest.mark.faults

POST = "chat.postMessage"


@pytest.fixture(scope="module")
def shared(slack_url: str, desk_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """One bot for all these tests; what it does after Slack revoked its token is tried sooner than in earnest."""
    folder = tmp_path_factory.mktemp("slack-faults")
    room = Room(Slack(slack_url), Desk(desk_url), settings_in(folder), folder, new_port())
    with emptied(room), living(room, f"sqlite:///{folder / 'handoff.db'}", FAULTS_DISABLED_PAUSE_S="2") as made:
        yield made


@pytest.fixture
def live(shared: Live) -> Iterator[Live]:
    """The bot at rest, before and after."""
    shared.room.slack.fault(clear=True)
    yield shared
    shared.room.slack.fault(clear=True)
    shared.settled()


def outcomes(calls: list[Json]) -> list[str]:
    return [call["outcome"] for call in calls]


def at(call: Json) -> float:
    return datetime.fromisoformat(call["at"]).timestamp()


def audited(live: Live, case: str, action: str) -> int:
    with live.database.read() as session:
        mine = select(func.count()).where(AuditEntry.action == action, AuditEntry.target == case)
        return session.scalar(mine) or 0


def inbox_rows(live: Live, kind: str) -> int:
    with live.database.read() as session:
        return session.scalar(select(func.count()).where(InboxRow.kind == kind)) or 0


def test_an_answer_lost_after_the_post_is_looked_up(live: Live) -> None:
    live.room.slack.fault(method=POST, kind="drop_reply")
    case = live.open(0)
    live.settled()
    live.message(case)
    assert outcomes(live.posts(case)) == ["drop_reply after ok"], "it was posted again"
    assert live.case(case)["slack"]["permalink"] == live.message(case)[1]["permalink"]


@pytest.mark.parametrize("kind", ["reset", "http_500", "http_503"])
def test_a_post_that_did_not_arrive_is_made_again(live: Live, kind: str) -> None:
    live.room.slack.fault(method=POST, kind=kind)
    case = live.open(1)
    live.settled()
    live.message(case)
    assert outcomes(live.posts(case)) == [kind, "ok"]


def test_an_edit_whose_answer_is_lost_leaves_one_message_with_the_newest_state(live: Live) -> None:
    case = live.open(2)
    live.settled()
    live.room.slack.fault(method="chat.update", kind="drop_reply")
    live.room.slack.fault(method="chat.update", kind="http_500")
    assert live.claim(case, "U_AGENT1")["acked"]
    live.settled()
    assert "claimed by Ines Holt" in str(live.message(case)[1]["blocks"])
    assert len(live.thread(case)) == 1


def test_rate_limits_are_waited_out_in_order(live: Live) -> None:
    """Three refusals with Retry-After 3, then one without: none earlier than that, all in order, nothing lost."""
    first = live.open(3)
    live.settled()
    channel = team.channel(3)
    live.room.slack.fault(method=POST, kind="rate_limited", times=2, retry_after=3)
    assert live.claim(first, "U_AGENT1")["acked"]
    number = parse_case_ref(first)
    ts = live.message(first)[1]["ts"]
    release = {"action_id": "case.more", "value": f"case:{number}:release"}
    until(lambda: "claimed by Ines Holt" in str(live.message(first)[1]["blocks"]), "a message with Release")
    live.room.slack.fault(method=POST, kind="rate_limited", times=1, retry_after=3)
    assert live.room.slack.act("click", user="U_AGENT1", channel=channel, ts=ts, **release)["acked"]
    live.room.slack.fault(method=POST, kind="error", error="message_limit_exceeded")
    later = [live.open(3) for _ in range(3)]
    live.room.slack.act("command", user="U_LEAD1", channel=team.channel(9), command="/support", text="status")
    status = until(lambda: told(live, "U_LEAD1"), "the status")
    waiting = re.search(r"(\d+) messages waiting for Slack", str(status[-1]["blocks"]))
    assert waiting
    assert int(waiting[1]) >= 3, "the backlog is not shown"
    live.settled()
    shown = [message["ts"] for message in live.room.slack.messages(channel)]
    assert shown == [live.message(case)[1]["ts"] for case in (first, *later)]
    assert ["claimed" in live.thread(first)[0], "released" in live.thread(first)[1]] == [True, True]
    assert len(live.thread(first)) == 2
    calls = [call for call in live.room.slack.calls(POST) if call["arguments"]["channel"] == channel]
    refused = [n for n, call in enumerate(calls) if call["outcome"] == "rate_limited"]
    assert len(refused) == 3
    assert outcomes(calls).count("error") == 1
    assert all(at(calls[n + 1]) - at(calls[n]) >= 3 for n in refused), "a repeat came before Retry-After"


def test_a_claim_that_comes_after_the_end_changes_nothing(live: Live) -> None:
    """The failure was reported over, but the message still shows Claim: it stays resolved, and the clicker is told."""
    case = live.open(9)
    live.settled()
    live.room.slack.fault(method="chat.update", kind="http_503", times=3)
    over = live.case(case)["occurrences"][0]["event_id"]
    live.sender.send(failure("over", key=over, lane=9, status="resolved", occurred_at="2026-11-21T02:15:00Z"))
    assert live.case(case)["status"] == "resolved"
    before = len(told(live, "U_AGENT2"))
    assert live.claim(case, "U_AGENT2")["acked"]
    until(lambda: len(told(live, "U_AGENT2")) > before, "words for the clicker")
    live.settled()
    assert live.case(case)["status"] == "resolved"
    assert (audited(live, case, "case.claimed"), audited(live, case, "click.refused")) == (0, 1)


def told(live: Live, user: str) -> list[Json]:
    """What this person was told alone."""
    return list(live.room.slack.read("ephemerals", user=user)["messages"])


def test_a_click_and_an_event_delivered_three_times_have_one_effect(live: Live) -> None:
    clicked, reacted = live.open(4), live.open(5)
    live.settled()
    actions, events = inbox_rows(live, "slack.action"), inbox_rows(live, "slack.event")
    live.room.slack.fault(deliver="duplicate", times=1, copies=3)
    assert live.claim(clicked, "U_AGENT2")["acked"]
    channel, message = live.message(reacted)
    live.room.slack.fault(deliver="duplicate", times=1, copies=3)
    live.room.slack.act("react", user="U_AGENT3", channel=channel, ts=message["ts"], name="eyes")
    until(lambda: live.case(reacted)["claimed_by"], "the claim by reaction")
    live.settled()
    for case in (clicked, reacted):
        assert audited(live, case, "case.claimed") == 1
        assert len(live.thread(case)) == 1
    assert inbox_rows(live, "slack.action") == actions + 1
    assert inbox_rows(live, "slack.event") == events + 1


def test_an_event_that_was_stored_but_not_acknowledged_has_one_effect(live: Live) -> None:
    case = live.open(6)
    live.settled()
    channel, message = live.message(case)
    before = inbox_rows(live, "slack.event")
    live.room.slack.fault(retry_delays=[0.5, 0.5])
    live.room.slack.fault(ack_seconds=0.001)
    live.room.slack.act("react", user="U_AGENT1", channel=channel, ts=message["ts"], name="eyes")
    until(
        lambda: "never acknowledged" in str(live.room.slack.read("status")["notices"]),
        "three deliveries without an acknowledgement",
    )
    until(lambda: live.case(case)["claimed_by"], "the claim")
    live.settled()
    assert audited(live, case, "case.claimed") == 1
    assert inbox_rows(live, "slack.event") == before + 1
    assert len(live.thread(case)) == 1


def test_a_revoked_token_loses_nothing_and_is_said(live: Live) -> None:
    before = live.open(7)
    live.settled()
    live.room.slack.fault(revoke_token=True)
    case = live.open(7)
    words = until(lambda: unready(live.room), "a bot that says it is not ready")
    assert "token_revoked" in words["slack"]
    assert (words["database"], words["engine"]) == ("ok", "ok")
    assert live.messages(case) == []
    live.room.slack.fault(revoke_token=False)
    live.settled()
    until(live.room.ready, "a bot that is ready again")
    assert len(live.messages(case)) == len(live.messages(before)) == 1


def unready(room: Room) -> Json | None:
    answer = room.slack.http.get(f"{room.url}/readyz")
    body: Json = answer.json()
    return body if answer.status_code == 503 else None


def test_an_archived_channel_whose_fallback_is_gone_too_is_for_a_person(live: Live) -> None:
    """It lands in the failure queue with owner and reason, and a retry brings it once the channel is back."""
    live.room.slack.fault(archive="C_ESCALATIONS")
    live.room.slack.fault(archive=team.channel(8))
    case = live.open(8)
    (item,) = until(lambda: live.stuck(), "an item in the failure queue")
    assert (item.target, item.owner) == (case, live.case(case)["owner"])
    assert "is_archived" in item.reason
    assert live.messages(case) == []
    live.room.slack.fault(unarchive=team.channel(8))
    live.room.slack.fault(unarchive="C_ESCALATIONS")
    live.retry(item)
    live.settled()
    assert live.message(case)[0] == team.channel(8)
    assert live.stuck() == []


def test_the_bots_log_holds_no_traceback(live: Live) -> None:
    """All of the above is to be expected, so none of it may look like a defect."""
    text = Path(live.room.log).read_text("utf-8")
    assert "Traceback" not in text, text[text.index("Traceback") - 500 :][:3000]
