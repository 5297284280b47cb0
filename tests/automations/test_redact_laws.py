"""Laws of redaction: idempotent, never an error, no held secret survives, the rest stays, an end, whole trees."""

import base64
import html
import json
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from automations.redact import MASK, SHORTEST_SECRET, Redactor, redact, redact_tree
from tests.automations.adverse import ADVERSARIAL

WORDS = [
    "password", "token", "key", "secret", "Authorization: Basic ", "Bearer ", "Cookie: a=", "the", "is", "was", "=",
    ": ", '"', "'", "\\", "`", "&", "?", ";", ",", " ", "\n", "://", "@", ":", "-----BEGIN ", "PRIVATE KEY-----", ".",
    "-----END ", MASK, "[redacted", "redacted]", "hunter2", "aB3dE5gH7jK9mN1pQ2", "0123456789abcdef01234567", "eyJ",
    "sk_live_", "AKIA", "xoxb-", "--password ", "<password>", "</", "curl -u ", "identified by ", "name", "value", "{",
    "}", "getenv(",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(WORDS) | st.text(max_size=6), max_size=30).map("".join) | st.text(st.characters())
SECRETS = st.text(st.characters(min_codepoint=33, max_codepoint=382), min_size=SHORTEST_SECRET, max_size=40)


@settings(max_examples=400, deadline=None)
@given(text=TEXTS)
@example(text="key=" + "key=a1B2c3D4e5 " * 20)
@example(text="\ud800 password=\udfff\x00abc")
def test_redacting_twice_is_redacting_once(text: str) -> None:
    once = redact(text)
    assert redact(once) == once


@settings(max_examples=200, deadline=None)
@given(secret=SECRETS, before=TEXTS, after=TEXTS, user=st.text(max_size=5))
def test_a_held_secret_survives_in_no_form(secret: str, before: str, after: str, user: str) -> None:
    secret = secret.strip()
    assume(len(secret) >= SHORTEST_SECRET and secret not in MASK)
    raw = secret.encode()
    forms = {
        secret,
        quote(secret, safe=""),
        quote_plus(secret),
        quote(secret, safe="~()*!'/;,?:@&=+$#"),
        quote(secret, safe="").lower() if secret == secret.lower() else secret,
        json.dumps(secret)[1:-1],
        html.escape(secret),
        html.escape(secret, quote=False),  # as Slack writes what people type
        base64.b64encode(raw).decode(),
        base64.urlsafe_b64encode(raw).decode(),
        base64.b64encode(f"{user}:".encode() + raw).decode(),
    }
    redactor = Redactor([secret, "another-held-value"])
    for form in forms:
        redacted = redactor.text(before + form + after)
        assert form not in redacted
        assert redactor.text(redacted) == redacted


@settings(max_examples=200, deadline=None)
@given(secret=st.from_regex(r"[A-Za-z0-9!*+]{8,30}", fullmatch=True), count=st.integers(1, 4))
def test_of_a_text_only_the_held_secret_goes(secret: str, count: int) -> None:
    assume(secret not in MASK and secret not in "nothing before it; and nothing after it")
    text = "nothing before it; " + f"{secret} and " * count + "nothing after it"
    assert Redactor([secret]).text(text) == text.replace(secret, MASK)


def test_held_secrets_that_overlap_both_go() -> None:
    assert Redactor(["abcdefgh", "efghijkl"]).text("see abcdefghijkl.") == f"see {MASK}."


def test_values_too_short_to_search_for_are_ignored() -> None:
    assert Redactor(["demo", "", "   ", "seven77"]).text("a demo with seven77 rows") == "a demo with seven77 rows"


def test_the_redactor_does_not_print_what_it_holds() -> None:
    assert "held-value" not in repr(Redactor(["held-value-1"]))


def test_text_that_never_comes_to_rest_is_masked_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("automations.redact._ROUNDS", 1)
    assert redact("password=hunter2 and more") == MASK


@pytest.mark.parametrize("unit", ADVERSARIAL)
def test_what_is_built_to_be_slow_comes_to_an_end(unit: str) -> None:
    """A pattern whose work grows with the square of the text would take hours; figures: `tests.bench redact`."""
    text = (unit * ((1 << 17) // len(unit) + 1))[: 1 << 17]
    once = redact(text)
    assert redact(once) == once


TREE: Any = {
    "job": "import-2026-03-11",
    "context": {"dbPassword": "x", "attempts": 3, "token": None, "cookie": "", "secret": True},
    "request": {"authorization": ["a", "b"], "cookies": {"a": "b"}, "body": ""},
    "headers": [{"name": "X-Api-Key", "value": "abc"}, {"name": "Host", "value": "shop.example.com"}],
    "log": ["login with password=hunter2 failed", ("pair", 1.5)],
    "api_key": 42,
    "cohere": "aB3dE5gH7jK9mN1pQ2rS4",
}


def test_trees_are_masked_under_keys_that_speak_of_secrets() -> None:
    assert redact_tree(TREE) == {
        "job": "import-2026-03-11",
        "context": {"dbPassword": MASK, "attempts": 3, "token": None, "cookie": "", "secret": True},
        "request": {"authorization": MASK, "cookies": MASK, "body": ""},
        "headers": [{"name": "X-Api-Key", "value": MASK}, {"name": "Host", "value": "shop.example.com"}],
        "log": [f"login with password={MASK} failed", ("pair", 1.5)],
        "api_key": 42,
        "cohere": MASK,
    }  # fmt: skip


def test_keys_are_redacted_too_and_no_member_is_lost() -> None:
    redactor = Redactor(["held-value-1", "held-value-2"])
    assert redactor.tree({"held-value-1": 1, "held-value-2": 2, MASK: 3}) == {f"{MASK} 2": 1, f"{MASK} 3": 2, MASK: 3}


def test_what_lies_too_deep_is_masked() -> None:
    deep: Any = "held"
    for _ in range(5000):
        deep = [deep]
    assert MASK in str(redact_tree(deep))


LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=8
)


@settings(max_examples=100, deadline=None)
@given(tree=TREES)
@example(tree={f"--password {'token' * 9}-----BEGIN -----BEGIN -----END 000000": "0"})  # its end alone was judged
def test_trees_keep_their_shape_and_rest_after_one_pass(tree: Any) -> None:
    redactor = Redactor(["held-value-1"])
    once = redactor.tree(tree)
    assert redactor.tree(once) == once
    assert "held-value-1" not in json.dumps(redactor.tree({"list": [tree, "held-value-1"]}))


@pytest.mark.parametrize(
    "text", ["held-value-1", "x held-value-1", MASK, "password=hunter2", "AKIA" + "Z7" * 8, "api_key: a1b2"]
)
def test_a_value_with_a_secret_or_without_one_any_more_is_found(text: str) -> None:
    assert Redactor(["held-value-1"]).finds(text)


@pytest.mark.parametrize("text", ["", "Northwind Traders", "Studio 54", "northwind.example", "premium", "A-1"])
def test_an_ordinary_value_is_not(text: str) -> None:
    assert not Redactor(["held-value-1"]).finds(text)


@given(text=TEXTS)
@example(text="identified by identified by ")  # a place of nothing but words
def test_what_is_quickly_told_to_be_none_is_none(text: str) -> None:
    redactor = Redactor(["held-value-1"])
    assert redactor.finds(text) == (redactor.text(text) != text or MASK in text)
