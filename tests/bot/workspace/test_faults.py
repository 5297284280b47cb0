"""Faults on order, as the unmodified WebClient meets them."""

from http.client import RemoteDisconnected

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from tests.bot.workspace.room import Room


def test_rate_limit_names_the_wait_and_nothing_is_posted(room: Room) -> None:
    room.act("faults", method="chat.postMessage", kind="rate_limited", times=1, retry_after=7)
    with pytest.raises(SlackApiError, match="ratelimited") as caught:
        room.post()
    assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "7")
    assert room.messages() == []
    room.post()
    assert len(room.messages()) == 1


def test_dropped_reply_has_posted_and_a_default_client_posts_twice(room: Room) -> None:
    room.act("faults", method="chat.postMessage", kind="drop_reply", times=1)
    with pytest.raises((RemoteDisconnected, ConnectionResetError)):
        room.post(text="once")
    assert [m["text"] for m in room.messages()] == ["once"]
    room.act("faults", method="chat.postMessage", kind="drop_reply", times=1)
    retrying = WebClient(token="xoxb-demo-handoff", base_url=room.server.base_url)
    retrying.chat_postMessage(channel="C_REPORTS", text="twice")
    assert [m["text"] for m in room.messages("C_REPORTS")] == ["twice", "twice"]


def test_reset_has_not_posted(room: Room) -> None:
    room.act("faults", method="*", kind="reset", times=1)
    with pytest.raises((RemoteDisconnected, ConnectionResetError)):
        room.post()
    assert room.messages() == []


@pytest.mark.parametrize(("kind", "status"), [("http_500", 500), ("http_503", 503)])
def test_server_errors(room: Room, kind: str, status: int) -> None:
    room.act("faults", method="chat.postMessage", kind=kind, times=1)
    with pytest.raises(SlackApiError) as caught:
        room.post()
    assert caught.value.response.status_code == status
    assert room.messages() == []


def test_a_fault_of_one_channel_leaves_the_others_alone_and_can_be_forgiven(room: Room) -> None:
    room.act("faults", method="*", kind="error", error="restricted_action", times=5, channel="C_FAILURES")
    room.post(channel="C_REPORTS")
    with pytest.raises(SlackApiError, match="restricted_action"):
        room.post()
    room.act("faults", forgive="C_FAILURES")
    room.post()


@pytest.mark.parametrize("header", ["soon", None])
def test_a_429_of_a_proxy_may_say_nothing_or_nonsense(room: Room, header: str | None) -> None:
    room.act("faults", method="chat.postMessage", kind="rate_limited", retry_after=header)
    with pytest.raises(SlackApiError, match="ratelimited") as caught:
        room.post()
    assert caught.value.response.headers.get("Retry-After") == header


def test_a_call_that_hangs_did_nothing_and_one_that_fails_afterwards_did_its_work(room: Room) -> None:
    room.act("faults", method="chat.postMessage", kind="hang", seconds=0.05)
    with pytest.raises((RemoteDisconnected, ConnectionResetError)):
        room.post()
    assert room.messages() == []
    room.act("faults", method="chat.postMessage", kind="error_after", error="fatal_error")
    with pytest.raises(SlackApiError, match="fatal_error"):
        room.post()
    assert len(room.messages()) == 1


def test_named_error_latency_and_clear(room: Room) -> None:
    room.act("faults", method="chat.postMessage", kind="error", error="message_limit_exceeded", times=2)
    with pytest.raises(SlackApiError, match="message_limit_exceeded"):
        room.post()
    room.act("faults", clear=True)
    room.act("faults", method="chat.postMessage", kind="latency", seconds=0.05, times=1)
    room.post()
    outcomes = [call["outcome"] for call in room.read("calls", method="chat.postMessage")["calls"]]
    assert outcomes == ["error", "ok"]


def test_unknown_orders_are_refused(room: Room) -> None:
    for order in ({"kind": "x", "method": "a"}, {"deliver": "thrice"}, {"disconnect": "now"}, {"nonsense": 1}, {}):
        assert room.act("faults", **order)["error"] == "invalid_fault"


def test_calls_are_listed_without_tokens(room: Room) -> None:
    room.client.api_call("chat.postMessage", json={"channel": "C_FAILURES", "text": "x", "token": "xoxb-demo-handoff"})
    room.client.auth_test()
    answer = room.http.get("/_control/calls")
    assert [call["method"] for call in answer.json()["calls"]] == ["chat.postMessage", "auth.test"]
    assert answer.json()["calls"][0]["arguments"] == {"channel": "C_FAILURES", "text": "x"}
    assert "xoxb" not in answer.text


def test_reset_brings_the_seed_back(room: Room) -> None:
    room.post()
    room.act("faults", archive="C_FAILURES")
    room.act("faults", deactivate="U_AGENT3")
    assert room.act("message", user="U_AGENT3", channel="C_REPORTS", text="x")["error"] == "user_not_found"
    room.act("reset")
    assert room.messages() == []
    room.post()
    assert room.act("message", user="U_AGENT3", channel="C_REPORTS", text="x")["ok"]
    assert room.client.users_info(user="U_AGENT3")["user"]["deleted"] is False
