"""Calls against small OpenAPI documents of our own: every difference is named by path and field."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.adapters.call_check import Difference, Weight, compare
from automations.adapters.calls import Call
from automations.adapters.openapi import Document
from automations.errors import ConfigError

TICKET: dict[str, Any] = {
    "type": "object",
    "required": ["subject"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "subject": {"type": "string"},
        "requester": {"$ref": "#/components/schemas/Person"},
        "tags": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}}},
        "fields": {"type": "object", "additionalProperties": {"type": "string"}},
        "anything": {"description": "not told"},
    },
}
PAGE = {"name": "page", "in": "query", "style": "deepObject", "schema": {"properties": {"size": {}, "after": {}}}}


def document(**changes: Any) -> Document:
    """A desk with tickets: to be listed, made and read."""
    ticket = {"$ref": "#/components/schemas/Ticket"}
    answer = {"content": {"application/json": {"schema": ticket}}}
    raw = {
        "openapi": "3.1.0",
        "info": {"title": "Desk", "version": "2"},
        "servers": [{"url": "https://{team}.desk.example/{version}", "variables": {"version": {"default": "api/v2"}}}],
        "paths": {
            "/tickets": {
                "parameters": [PAGE],
                "get": {
                    "parameters": [{"name": "status", "in": "query", "schema": {"type": "string"}}],
                    "responses": {"200": {"content": {"application/json": {"schema": {"items": ticket}}}}},
                },
                "post": {
                    "requestBody": {"content": {"application/json": {"schema": ticket}}},
                    "responses": {"201": answer, "422": {"description": "wrong"}},
                },
            },
            "/tickets/{ticket_id}": {"get": {"responses": {"2XX": answer}}, "delete": {"responses": {"204": {}}}},
        },
        "components": {
            "schemas": {
                "Ticket": TICKET,
                "Person": {
                    "oneOf": [
                        {"type": "object", "required": ["email"], "properties": {"email": {"type": "string"}}},
                        {"allOf": [{"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}]},
                    ]
                },
            }
        },
    }
    return Document(raw | changes)


def told(*calls: Call, against: Document | None = None) -> list[tuple[str, str, str]]:
    found = compare(calls, against or document())
    return [(one.place, one.field, one.words) for one in found]


FINE = (
    Call("GET", "/tickets", query=("status", "page[size]", "page[after]"), reads=("[].id", "[].tags[].name")),
    Call("POST", "/tickets", body=("subject", "requester.email", "fields.{region}", "fields.ours"), reads=("id",)),
    Call("GET", "/tickets/{id}", reads=("requester.id", "requester.email")),
    Call("GET", "/api/v2/tickets/{number}", reads=("subject",)),
    Call("DELETE", "/tickets/{id}/"),
)


def test_calls_that_the_document_describes_differ_in_nothing() -> None:
    assert told(*FINE) == []


@pytest.mark.parametrize(
    ("call", "place", "field", "words"),
    [
        (Call("GET", "/v1/tickets"), "path", "/v1/tickets", "is not in the document; it has /tickets"),
        (Call("GET", "/tickits"), "path", "/tickits", "is not in the document; it has /tickets"),
        (Call("GET", "/agents/{id}/roles"), "path", "/agents/{id}/roles", "is not in the document"),
        (
            Call("PATCH", "/tickets/{id}"),
            "method", "PATCH", "is not in the document for this path; it has DELETE, GET",
        ),
        (Call("GET", "/tickets", query=("state",)), "query", "state", "is not in the document; it has status"),
        (Call("GET", "/tickets", query=("page[no]",)), "query", "page[no]", "is not in the document; it has page"),
        (Call("GET", "/tickets/{id}", query=("x",)), "query", "x", "is not in the document; it has none"),
        (Call("POST", "/tickets", body=("subject", "title")), "body", "title", "is not in the document; it has "),
        (
            Call("POST", "/tickets", body=("subject", "email")),
            "body", "email", "is not in the document; it has requester.email",
        ),
        (Call("POST", "/tickets", body=("subject", "id")), "body", "id", "can only be read, says the document"),
        (
            Call("POST", "/tickets", body=("tags[].name",)),
            "body", "subject", "is required by the document, and we never send it",
        ),
        (
            Call("GET", "/tickets/{id}", body=("x", "y")),
            "body", "x, y", "nothing of the kind: the document has no body there",
        ),
        (Call("GET", "/tickets", reads=("id",)), "answer", "id", "is not in the document; it has [].id"),
        (
            Call("GET", "/tickets/{id}", reads=("tags.name",)),
            "answer", "tags.name", "is not in the document; it has tags[].name",
        ),
        (
            Call("GET", "/tickets/{id}", reads=("requester.mail",)),
            "answer", "requester.mail", "is not in the document; requester has email",
        ),
        (
            Call("DELETE", "/tickets/{id}", reads=("id",)),
            "answer", "id", "nothing of the kind: the document has no body there",
        ),
    ],
)  # fmt: skip
def test_a_difference_is_named_by_place_and_field(call: Call, place: str, field: str, words: str) -> None:
    ((found_place, found_field, found_words),) = told(call)
    assert (found_place, found_field) == (place, field)
    assert found_words.startswith(words)


def test_what_may_be_anything_is_told_and_counts_for_nothing() -> None:
    (found,) = compare([Call("GET", "/tickets/{id}", reads=("anything.at.all",))], document())
    assert (found.weight, found.counts, found.field) == (Weight.OPEN, False, "anything.at.all")


def test_an_inferred_call_is_told_whatever_the_document_says() -> None:
    right, wrong = Call("GET", "/tickets", inferred=True), Call("PUT", "/tickets", inferred=True)
    agrees, differs = compare([right, wrong], document())
    assert (agrees.weight, agrees.counts) == (Weight.AGREES, False)
    assert (differs.weight, differs.place, differs.counts) == (Weight.DIFFERS, "method", False)
    (certain,) = compare([Call("PUT", "/tickets")], document())
    assert certain.counts


def test_a_required_query_name_that_we_never_send_is_named() -> None:
    needed = {"name": "tenant", "in": "query", "required": True, "schema": {"type": "string"}}
    paths = {"/a": {"get": {"parameters": [{"$ref": "#/components/parameters/Tenant"}], "responses": {}}}}
    against = document(paths=paths, components={"parameters": {"Tenant": needed}})
    assert told(Call("GET", "/a"), against=against) == [
        ("query", "tenant", "is required by the document, and we never send it")
    ]
    assert told(Call("GET", "/a", query=("tenant",)), against=against) == []


def test_an_object_in_the_query_stands_there_as_its_keys() -> None:
    window = {"name": "window", "in": "query", "schema": {"properties": {"from": {}, "until": {}}}}
    ids = {"name": "ids", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}}
    against = document(paths={"/a": {"get": {"parameters": [window, ids], "responses": {}}}})
    assert told(Call("GET", "/a", query=("from", "until", "ids[]")), against=against) == []
    assert [field for _, field, _ in told(Call("GET", "/a", query=("since",)), against=against)] == ["since"]


def test_of_two_paths_with_one_structure_the_nearer_one_is_meant() -> None:
    answer = {"200": {"content": {"application/json": {"schema": {"properties": {"name": {"type": "string"}}}}}}}
    paths = {"/{team}": {"get": {"responses": {"204": {}}}}, "/{person}": {"get": {"responses": answer}}}
    assert told(Call("GET", "/{x}", reads=("name",)), against=document(paths=paths)) == []


def test_a_deprecated_call_is_told() -> None:
    paths = {"/a": {"get": {"deprecated": True, "responses": {}}}}
    (found,) = compare([Call("GET", "/a")], document(paths=paths))
    assert (found.words, found.counts) == ("is deprecated in the document", False)


WORDS = [
    "/tickets", "get", "post", "parameters", "requestBody", "responses", "200", "content", "schema", "$ref", "a",
    "properties", "items", "allOf", "oneOf", "required", "name", "in", "additionalProperties",
]  # fmt: skip
ENDS = st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["object", "array", "#/paths", "#/a/0", "query"])
ANYTHING = st.recursive(
    ENDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=25,
)
ASKED = Call("POST", "/tickets", query=("a[b]",), body=("a.b", "a[]"), reads=("a", "[].{x}"))


@given(ANYTHING, ANYTHING, ANYTHING)
def test_whatever_a_document_says_it_is_compared_or_refused_in_words(paths: Any, item: Any, schemas: Any) -> None:
    operation = {"parameters": item, "requestBody": item, "responses": schemas}
    for given_paths in (paths, {"/tickets": {"post": operation}}, {"/tickets": {"post": item}}):
        raw = {"openapi": "3.0.3", "paths": given_paths, "components": {"schemas": schemas}}
        with suppress(ConfigError):
            assert all(isinstance(one, Difference) for one in compare([ASKED], Document(raw)))
