"""Bodies made to break a parser: each is answered with 4xx in a moment, without a trace and without a row."""

import json
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.bot.http_world import HttpWorld, an_event, problem

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PATHS = ["/v1/failures", "/v1/failures/sentry", "/v1/failures/alertmanager"]
EVENT = json.dumps(an_event()).encode()


def with_value(raw: bytes, field: bytes = b"details") -> bytes:
    """A good event whose `details` is the given JSON text."""
    return EVENT[:-1] + b', "' + field + b'": ' + raw + b"}"


TORTURE: dict[str, bytes] = {
    "empty": b"",
    "blanks": b" \n\t ",
    "cut in the middle": EVENT[:100],
    "two values": EVENT + EVENT,
    "garbage after": EVENT + b"x",
    "a comma after": EVENT[:-1] + b",}",
    "single quotes": b"{'id': 'x'}",
    "a comment": b"/* c */" + EVENT,
    "deep lists": b"[" * 200_000,
    "deep lists, closed": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 80_000 + b"1" + b"}" * 80_000,
    "a deep field": with_value(b"[" * 900 + b"]" * 900, b"job"),
    "a very deep field": with_value(b'{"a":' * 50_000 + b"1" + b"}" * 50_000, b"job"),
    "a key twice": EVENT[:-1] + b', "id": "other"}',
    "a key twice inside": with_value(b'{"id": "a", "id": "b"}', b"job2"),
    "NaN": with_value(b"NaN", b"impact2"),
    "Infinity": b"[Infinity]",
    "minus Infinity": b'{"id": -Infinity}',
    "a number too large for a float": b'{"impact": {"customers": 1e999}}',
    "a number of 5,000 digits": b'{"id": ' + b"9" * 5000 + b"}",
    "a number of 300,000 digits": b"9" * 300_000,
    "a huge exponent": b'{"impact": {"customers": 1e-99999999999}}',
    "a lone surrogate": with_value(rb'"\ud800"', b"details2"),
    "a lone surrogate as a key": rb'{"\udfff": 1}',
    "NUL escaped": rb'{"id": "a\u0000b"}',
    "NUL raw": b'{"id": "a\x00b"}',
    "NUL first": b"\x00" + EVENT,
    "control signs": b'{"id": "a\x01\x1fb"}',
    "BOM": b"\xef\xbb\xbf" + EVENT,
    "UTF-16": EVENT.decode().encode("utf-16"),
    "UTF-32": EVENT.decode().encode("utf-32"),
    "latin-1": b'{"id": "caf\xe9"}',
    "overlong UTF-8": b'{"id": "\xc0\xaf"}',
    "cut UTF-8": b'{"id": "\xe2\x82"}',
    "surrogates in UTF-8": b'{"id": "\xed\xa0\x80"}',
    "a bad escape": rb'{"id": "\x41"}',
    "half an escape": rb'{"id": "\u12',
    "a mapping of the prototype": b'{"__proto__": {"admin": true}, "constructor": 1}',
    "many keys": json.dumps({f"k{n}": n for n in range(30_000)}).encode(),
    "many wrong events": json.dumps([{"id": n} for n in range(500)]).encode(),
    "true": b"true",
    "a string": b'"x"',
    "zero": b"0",
    "minus zero": b"-0",
    "a leading zero": b"01",
    "XML": b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>",
    "a pickle": b"\x80\x04\x95",
    "gzip": b"\x1f\x8b\x08\x00",
}


@pytest.mark.parametrize("name", sorted(TORTURE))
def test_every_entry_refuses_it(port: HttpWorld, name: str, caplog: pytest.LogCaptureFixture) -> None:
    for path in PATHS:
        answer = port.post(TORTURE[name], path)
        problem(answer, answer.status_code)
        assert answer.status_code in (400, 413, 422), answer.text
        assert "Traceback" not in answer.text
        assert len(answer.content) < 20_000
    assert port.stored == (0, 0)
    assert [record for record in caplog.records if record.exc_info] == []


def test_refusing_them_all_keeps_no_memory(port: HttpWorld) -> None:
    port.post(TORTURE["deep objects"])
    tracemalloc.start()
    for body in TORTURE.values():
        port.post(body)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 20 * 1024 * 1024


@pytest.mark.parametrize(
    "said",
    ["text/json", "application/xml", "multipart/form-data; boundary=x", "application/json; charset=utf-7",
     "application/json; charset=", "application/jsonp", "application/json, text/plain", "é", "application/json;x=1",
     "application/vnd.api+json"],
)  # fmt: skip
def test_another_type_is_415_unless_it_says_nothing_else(port: HttpWorld, said: str) -> None:
    headers: dict[str, Any] = {"Content-Type": said.encode("latin-1")}
    answer = port.post(EVENT, **headers)
    if said == "application/json; charset=":
        assert answer.status_code == 202
    else:
        problem(answer, 415)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
CHANGES: dict[str, Callable[[Any], Any]] = {
    "/v1/failures": lambda drawn: an_event(**drawn),
    "/v1/failures/sentry": lambda drawn: {"action": "triggered", "data": {"event": {"event_id": "e", **drawn}}},
    "/v1/failures/alertmanager": lambda drawn: {"version": "4", "alerts": [{"status": "firing", **drawn}]},
}
FIELDS = st.sampled_from(
    ["id", "source", "occurred_at", "reason", "summary", "job", "customer", "attempts", "impact", "labels",
     "annotations", "startsAt", "fingerprint", "generatorURL", "tags", "exception", "datetime", "title", "url",
     "web_url", "release", "issue_id", "project"]
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(FIELDS, ANYTHING, max_size=4))
def test_whatever_stands_in_the_fields_it_is_taken_or_refused(
    port: HttpWorld, path: str, drawn: dict[str, Any]
) -> None:
    answer = port.post(CHANGES[path](drawn), path)
    if answer.status_code != 202:
        assert problem(answer, 422)["detail"]
