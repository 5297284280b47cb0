"""The words of Intercom's errors, its rate headers, and where people open the workspace."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.adapters.http import Spoken
from automations.adapters.intercom.line import rest_s, screen, speak
from automations.adapters.retry_after import LONGEST_WAIT_S
from tests.support import START

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["errors", "code", "field"]), inner),
    max_leaves=8,
)


def test_every_error_is_said_with_its_field_and_the_request_is_kept() -> None:
    body = {
        "type": "error.list",
        "request_id": "req-1",
        "errors": [{"code": "parameter_invalid", "message": "is not valid", "field": "open"}, {"code": "other"}],
    }
    assert speak(body, {}) == Spoken("parameter_invalid", "open: is not valid; other", "req-1")


@given(body=JSON)
def test_no_answer_breaks_the_reading_of_errors(body: Any) -> None:
    assert isinstance(speak(body, {}), Spoken)


@pytest.mark.parametrize(
    ("left", "reset_in_s", "rest"),
    [("0", 7, 7.0), ("1", 7, 0.0), ("0", -3, 0.0), ("0", 10**6, LONGEST_WAIT_S), ("-1", 7, 0.0), ("", 7, 0.0)],
)
def test_a_window_with_nothing_left_is_waited_out(left: str, reset_in_s: int, rest: float) -> None:
    reset = str(int((START + timedelta(seconds=reset_in_s)).timestamp()))
    assert rest_s({"X-RateLimit-Remaining": left, "X-RateLimit-Reset": reset}, START) == rest


def test_without_the_headers_nothing_is_waited_for() -> None:
    assert rest_s({}, START) == 0.0


@pytest.mark.parametrize(
    ("api", "app"),
    [
        ("https://api.intercom.io", "https://app.intercom.com"),
        ("https://api.eu.intercom.io/", "https://app.eu.intercom.com"),
        ("https://api.au.intercom.io", "https://app.au.intercom.com"),
        ("http://127.0.0.1:8065", "http://127.0.0.1:8065"),
    ],
)
def test_the_screen_of_each_region(api: str, app: str) -> None:
    assert screen(api) == app
