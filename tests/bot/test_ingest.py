"""Who may send failures, how many, and what counts as JSON."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from automations.errors import ConfigError
from bot.ingest import ANY_SOURCE, Allowance, Senders, parse_pairs, read_json
from bot.problems import Problem

SECRETS = ["whsec_" + base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2, 3)]


def webhook_headers(secret: str, body: bytes, at: datetime | None = None) -> dict[str, str]:
    at = at or datetime.now(UTC)
    signature = Webhook(secret).sign("msg_1", at, body.decode())
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
    }


def test_pairs_name_a_source_or_stand_for_all() -> None:
    assert parse_pairs("billing=tok1, tok2\nshop=a=b=c", key="k") == [
        ("billing", "tok1"),
        (ANY_SOURCE, "tok2"),
        ("shop", "a=b=c"),
    ]


def test_a_webhook_secret_may_end_in_equals_signs() -> None:
    assert parse_pairs(SECRETS[0], key="k") == [(ANY_SOURCE, SECRETS[0])]


@pytest.mark.parametrize("text", ["billing=", "billing=abc", "=x", "ab", "billing=tökén"])
def test_a_bad_pair_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(ConfigError) as error:
        parse_pairs(f"ok=good-token, {text}", key="ingest.tokens")
    assert "entry 2" in str(error.value)
    assert text not in str(error.value)


def test_a_token_belongs_to_its_source() -> None:
    senders = Senders("billing=token-b, shop=token-s, demo", None)
    assert senders.authenticate({"authorization": "Bearer token-b"}, b"").source == "billing"
    assert not senders.authenticate({"authorization": "bearer token-s"}, b"").may_report("billing")
    assert senders.authenticate({"authorization": "Bearer demo"}, b"").may_report("anything")


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer x", "Basic token-b", "token-b", "Bearer token-b token-b", "Bearer é"]
)
def test_anything_else_is_401(header: str) -> None:
    with pytest.raises(Problem) as problem:
        Senders("billing=token-b", None).authenticate({"authorization": header}, b"")
    assert problem.value.status == 401


def test_two_webhook_secrets_are_valid_while_rotating() -> None:
    senders = Senders(None, f"billing={SECRETS[0]}, billing={SECRETS[1]}")
    for secret in SECRETS[:2]:
        assert senders.authenticate(webhook_headers(secret, b"{}"), b"{}").source == "billing"
    with pytest.raises(Problem):
        senders.authenticate(webhook_headers(SECRETS[2], b"{}"), b"{}")


def test_a_signature_does_not_fall_back_to_a_token() -> None:
    senders = Senders("billing=token-b", f"billing={SECRETS[0]}")
    headers = {**webhook_headers(SECRETS[0], b"{}"), "authorization": "Bearer token-b"}
    with pytest.raises(Problem):
        senders.authenticate(headers, b'{"other": 1}')


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-timestamp": "1e9"},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "1000000000"},
        {"webhook-signature": "v1,é"},
        {"webhook-signature": "v1,notbase64!"},
        {"webhook-signature": ""},
        {"webhook-id": ""},
        {"webhook-id": "other"},
    ],
)
def test_forged_signatures_are_401(change: dict[str, str]) -> None:
    senders = Senders(None, f"billing={SECRETS[0]}")
    with pytest.raises(Problem) as problem:
        senders.authenticate({**webhook_headers(SECRETS[0], b"{}"), **change}, b"{}")
    assert problem.value.status == 401


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60), st.binary(max_size=60))
def test_invented_headers_never_raise_anything_but_401(ident: str, at: str, signature: str, body: bytes) -> None:
    headers = {"webhook-id": ident, "webhook-timestamp": at, "webhook-signature": signature}
    with pytest.raises(Problem) as problem:
        Senders(None, f"billing={SECRETS[0]}").authenticate(headers, body)
    assert problem.value.status == 401


def test_sentry_signs_with_its_client_secret() -> None:
    senders = Senders("*=token-x", None, "shop=client-secret, app=other-secret")
    signature = hmac.new(b"other-secret", b'{"a": 1}', hashlib.sha256).hexdigest()
    assert senders.authenticate({"sentry-hook-signature": signature}, b'{"a": 1}').source == "app"
    for headers in (
        {"sentry-hook-signature": ""},
        {"sentry-hook-signature": "é"},
        {"sentry-hook-signature": signature},
    ):
        with pytest.raises(Problem):
            senders.authenticate({**headers, "authorization": "Bearer token-x"}, b'{"a": 2}')


def test_the_allowance_refills_and_is_kept_per_source() -> None:
    clock = [0.0]
    allowance = Allowance(60, now=lambda: clock[0])
    allowance.take({"a": 60})
    allowance.take({"b": 60})
    with pytest.raises(Problem) as problem:
        allowance.take({"a": 10})
    assert (problem.value.status, problem.value.headers) == (429, {"Retry-After": "10"})
    clock[0] = 10.0
    allowance.take({"a": 10})


def test_a_request_of_several_sources_uses_all_allowances_or_none() -> None:
    allowance = Allowance(60, now=lambda: 0.0)
    allowance.take({"b": 60})
    with pytest.raises(Problem):
        allowance.take({"a": 60, "b": 1})
    allowance.take({"a": 60})


def test_a_request_larger_than_the_allowance_is_taken_when_it_is_whole_and_paid_for_afterwards() -> None:
    clock = [0.0]
    allowance = Allowance(60, now=lambda: clock[0])
    allowance.take({"a": 300})
    with pytest.raises(Problem) as problem:
        allowance.take({"a": 300})
    assert problem.value.headers["Retry-After"] == "300"
    clock[0] = 300.0
    allowance.take({"a": 300})


@given(st.lists(st.tuples(st.integers(0, 90), st.integers(1, 40)), max_size=30))
def test_nobody_gets_more_than_the_allowance_and_what_was_asked_to_wait_is_then_taken(
    asked: list[tuple[int, int]],
) -> None:
    clock, taken = [0.0], 0
    allowance = Allowance(60, now=lambda: clock[0])
    for pause, count in asked:
        clock[0] += pause
        try:
            allowance.take({"a": count})
        except Problem as problem:
            clock[0] += int(problem.headers["Retry-After"])
            allowance.take({"a": count})
        taken += count
        assert taken <= 60 + clock[0]


def test_sources_that_are_heard_once_are_forgotten() -> None:
    clock = [0.0]
    allowance = Allowance(60, now=lambda: clock[0])
    for number in range(5000):
        clock[0] += 1.0
        allowance.take({f"source-{number}": 1})
    assert len(allowance._buckets) <= 1025


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", None),
        ("application/json; charset=utf-8", None),
        ('Application/JSON; charset="UTF-8"', None),
        ("", 415),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("application/json; charset=latin-1", 415),
    ],
)
def test_only_json_in_utf_8(content_type: str, status: int | None) -> None:
    if status is None:
        assert read_json(content_type, b'{"a": 1}') == {"a": 1}
    else:
        with pytest.raises(Problem) as problem:
            read_json(content_type, b"{}")
        assert problem.value.status == status


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"a": NaN}',
        b"[Infinity]",
        b"[-Infinity]",
        b'{"a": 1, "a": 2}',
        b"\xff\xfe",
        b"[" * 100_000,
        b"{}{}",
    ],
)
def test_broken_json_is_400(body: bytes) -> None:
    with pytest.raises(Problem) as problem:
        read_json("application/json", body)
    assert problem.value.status == 400


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda s: st.lists(s) | st.dictionaries(st.text(), s)
    )
)
def test_what_is_json_is_read(value: object) -> None:
    assert read_json("application/json", json.dumps(value, ensure_ascii=True).encode()) == value
