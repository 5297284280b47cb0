"""Slack's signature: every malformed, forged or stale shape is refused, none is an error of ours."""

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.signature import SignatureVerifier

from bot.guard import TOLERANCE_S, Refusal, check

SECRET = "not-a-real-signing-secret"
NOW = 1_795_000_000
BODY = b"payload=%7B%7D"


def signed(body: bytes = BODY, timestamp: str = str(NOW), secret: str = SECRET) -> dict[str, str]:
    digest = hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": timestamp, "x-slack-signature": f"v0={digest}"}


def test_a_signed_request_passes_as_it_does_for_the_library() -> None:
    headers = signed()
    assert check(SECRET, headers, BODY, now_s=NOW) is None
    library = SignatureVerifier(SECRET, clock=type("At", (), {"now": staticmethod(lambda: NOW)})())
    assert library.is_valid(BODY, str(NOW), headers["x-slack-signature"])


@pytest.mark.parametrize("age", [-TOLERANCE_S, 0, TOLERANCE_S])
def test_within_five_minutes_either_way(age: int) -> None:
    assert check(SECRET, signed(timestamp=str(NOW - age)), BODY, now_s=NOW) is None


@pytest.mark.parametrize("age", [-TOLERANCE_S - 1, TOLERANCE_S + 1, 10**8])
def test_stale_and_future_are_refused(age: int) -> None:
    refusal = check(SECRET, signed(timestamp=str(NOW - age)), BODY, now_s=NOW)
    assert refusal == Refusal("timestamp outside five minutes")


REASONS = {
    "timestamp missing or malformed",
    "signature missing or malformed",
    "timestamp outside five minutes",
    "signature does not match",
}
"""Words of ours alone: nothing of a request stands in them."""

FORGED = {
    "no headers": {},
    "no signature": {"x-slack-request-timestamp": str(NOW)},
    "no timestamp": {"x-slack-signature": signed()["x-slack-signature"]},
    "empty timestamp": {**signed(), "x-slack-request-timestamp": ""},
    "word for a timestamp": {**signed(), "x-slack-request-timestamp": "abc"},
    "exponent": {**signed(), "x-slack-request-timestamp": "1e9"},
    "float": {**signed(), "x-slack-request-timestamp": f"{NOW}.0"},
    "blanks around": {**signed(), "x-slack-request-timestamp": f" {NOW} "},
    "sign": {**signed(), "x-slack-request-timestamp": f"+{NOW}"},
    "negative": {**signed(), "x-slack-request-timestamp": f"-{NOW}"},
    "underscore": {**signed(), "x-slack-request-timestamp": "1_795_000_000"},
    "arabic digits": {**signed(), "x-slack-request-timestamp": "١٧٩٥٠٠٠٠٠٠"},
    "full-width digits": {**signed(), "x-slack-request-timestamp": "１７９５００００００"},
    "newline at the end": {**signed(), "x-slack-request-timestamp": f"{NOW}\n"},
    "empty signature": {**signed(), "x-slack-signature": ""},
    "non-ascii signature": {**signed(), "x-slack-signature": "v0=é"},
    "upper case": {**signed(), "x-slack-signature": signed()["x-slack-signature"].upper()},
    "version 1": {**signed(), "x-slack-signature": signed()["x-slack-signature"].replace("v0", "v1")},
    "no version": {**signed(), "x-slack-signature": signed()["x-slack-signature"].removeprefix("v0=")},
    "cut": {**signed(), "x-slack-signature": signed()["x-slack-signature"][:-1]},
    "one more": {**signed(), "x-slack-signature": signed()["x-slack-signature"] + "0"},
    "two joined": {**signed(), "x-slack-signature": ", ".join([signed()["x-slack-signature"]] * 2)},
    "newline after": {**signed(), "x-slack-signature": signed()["x-slack-signature"] + "\n"},
    "other secret": signed(secret="another"),
    "empty secret": signed(secret=""),
    "other body": signed(b"payload=%7B1%7D"),
    "other time": {**signed(), "x-slack-request-timestamp": str(NOW + 1)},
}


@pytest.mark.parametrize("name", sorted(FORGED))
def test_forged_shapes_are_refused_with_a_reason(name: str) -> None:
    refusal = check(SECRET, FORGED[name], BODY, now_s=NOW)
    assert refusal is not None
    assert refusal.reason in REASONS


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("no timestamp", "timestamp missing or malformed"),
        ("no signature", "signature missing or malformed"),
        ("non-ascii signature", "signature missing or malformed"),
        ("other body", "signature does not match"),
    ],
)
def test_the_reason_says_which_part_was_wrong(name: str, reason: str) -> None:
    assert check(SECRET, FORGED[name], BODY, now_s=NOW) == Refusal(reason)


def test_without_a_secret_nothing_passes() -> None:
    assert check("", signed(secret=""), BODY, now_s=NOW) == Refusal("no signing secret is set")


@given(st.text(max_size=80), st.text(max_size=80), st.binary(max_size=50))
def test_no_invented_header_passes_or_raises(timestamp: str, signature: str, body: bytes) -> None:
    headers = {"x-slack-request-timestamp": timestamp, "x-slack-signature": signature}
    assert check(SECRET, headers, body, now_s=NOW) is not None


@given(st.integers(0, 66), st.characters(min_codepoint=32, max_codepoint=126))
def test_any_changed_character_is_refused(place: int, char: str) -> None:
    good = signed()["x-slack-signature"]
    changed = good[:place] + char + good[place + 1 :]
    if changed != good:
        assert check(SECRET, {**signed(), "x-slack-signature": changed}, BODY, now_s=NOW) is not None
