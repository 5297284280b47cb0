"""Every word of Slack that we know has one meaning; what is unclear is never taken for a plain no."""

import socket
from http.client import HTTPException, RemoteDisconnected
from ssl import SSLError
from typing import Any
from urllib.error import URLError

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from automations.errors import AdapterError, OutcomeUnknown, Rejected, Unavailable
from bot.slack_errors import LATE_S, MEANINGS, AppDisabled, MessageGone, TargetGone, from_reply, from_transport

DOCUMENTED: dict[str, type[AdapterError]] = {
    **dict.fromkeys(
        ("channel_not_found", "is_archived", "not_in_channel", "restricted_action", "cant_dm_bot", "user_not_found"),
        TargetGone,
    ),
    **dict.fromkeys(
        (
            "token_revoked", "token_expired", "account_inactive", "invalid_auth", "not_authed", "missing_scope",
            "team_access_not_granted",
        ),
        AppDisabled,
    ),
    **dict.fromkeys(("ratelimited", "service_unavailable", "request_timeout"), Unavailable),
    **dict.fromkeys(("internal_error", "fatal_error", "duplicate_message_not_found"), OutcomeUnknown),
    **dict.fromkeys(("edit_window_closed", "message_not_found", "cant_update_message"), MessageGone),
    **dict.fromkeys(("invalid_blocks", "msg_too_long", "no_text", "some_new_word"), Rejected),
}  # fmt: skip


def refusal(code: str, *, status: int = 200, headers: dict[str, str] | None = None) -> SlackApiError:
    reply = SlackResponse(
        client=WebClient(), http_verb="POST", api_url="https://slack.test/api/chat.postMessage", req_args={},
        data={"ok": False, "error": code}, headers=headers or {}, status_code=status,
    )  # fmt: skip
    return SlackApiError("failed", reply)  # type: ignore[no-untyped-call]  # the library has no type here


@pytest.mark.parametrize(("code", "kind"), DOCUMENTED.items())
def test_each_documented_word_has_its_meaning(code: str, kind: type[AdapterError]) -> None:
    error = from_reply(refusal(code), doing="chat.postMessage", repeatable=False)
    assert type(error) is kind
    assert str(error) == f"Slack answered {code} (chat.postMessage)"
    assert error.system == "slack"


def test_every_restricted_action_is_about_the_target() -> None:
    assert {MEANINGS[code] for code in MEANINGS if code.startswith("restricted_action")} == {"target"}


@pytest.mark.parametrize("code", ["internal_error", "fatal_error"])
def test_what_may_have_happened_is_simply_tried_again_where_that_does_no_harm(code: str) -> None:
    assert type(from_reply(refusal(code), doing="chat.update", repeatable=True)) is Unavailable


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_is_unclear(status: int) -> None:
    page = "Received a response in a non-JSON format: <html>Bad gateway</html>"
    error = from_reply(refusal(page, status=status), doing="chat.postMessage", repeatable=False)
    assert type(error) is OutcomeUnknown
    assert str(error) == f"Slack answered {status} (chat.postMessage)", "the page itself is not repeated"


def test_a_page_with_status_200_is_unclear() -> None:
    page = "Received a response in a non-JSON format: <html>Sign in to the network</html>"
    assert type(from_reply(refusal(page), doing="chat.postMessage", repeatable=False)) is OutcomeUnknown


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [({"Retry-After": "12"}, 12.0), ({"retry-after": "12"}, 12.0), ({}, 1.0), ({"Retry-After": "soon"}, 1.0)],
)
def test_a_429_says_how_long_to_wait(headers: dict[str, str], wait_s: float) -> None:
    error = from_reply(refusal("ratelimited", status=429, headers=headers), doing="x", repeatable=False)
    assert isinstance(error, Unavailable)
    assert error.retry_after_s == wait_s


@pytest.mark.parametrize(
    ("cause", "kind"),
    [
        (URLError(ConnectionRefusedError(111, "refused")), Unavailable),
        (URLError(socket.gaierror(-2, "unknown")), Unavailable),
        (URLError(SSLError("certificate")), Unavailable),
        (URLError(TimeoutError("timed out")), OutcomeUnknown),
        (URLError(ConnectionResetError(104, "reset")), OutcomeUnknown),
        (TimeoutError("timed out"), OutcomeUnknown),
        (ConnectionResetError(104, "reset"), OutcomeUnknown),
        (RemoteDisconnected("closed"), OutcomeUnknown),
        (HTTPException("half a line"), OutcomeUnknown),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), OutcomeUnknown),
    ],
)
def test_only_a_request_that_cannot_have_arrived_is_plainly_tried_again(cause: Any, kind: type[AdapterError]) -> None:
    assert type(from_transport(cause, doing="chat.postMessage", repeatable=False)) is kind
    assert type(from_transport(cause, doing="chat.update", repeatable=True)) is Unavailable


def test_after_a_time_out_a_look_back_waits_until_the_call_cannot_arrive_any_more() -> None:
    late = from_transport(TimeoutError("timed out"), doing="post", repeatable=False)
    cut = from_transport(ConnectionResetError(), doing="post", repeatable=False)
    assert isinstance(late, OutcomeUnknown)
    assert isinstance(cut, OutcomeUnknown)
    assert late.settle_s == LATE_S
    assert cut.settle_s is None
