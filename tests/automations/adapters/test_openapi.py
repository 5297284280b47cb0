"""Keys in the schemas of a document, however it is put together."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automations.adapters.openapi import Document, shape_of
from automations.adapters.openapi_schemas import Known, Schemas, shown, steps_of
from automations.errors import ConfigError

NAMES = st.sampled_from(["id", "name", "owner", "tags", "at"])
TREE: Any = st.recursive(
    st.just("text"),
    lambda inner: st.dictionaries(NAMES, inner, min_size=1, max_size=3) | st.lists(inner, min_size=1, max_size=1),
    max_leaves=8,
)
"""An answer's shape: objects, lists of one kind of item, and texts at the ends."""


def keys_of(tree: Any, before: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every place of a shape."""
    inner = tree.items() if isinstance(tree, dict) else [("[]", tree[0])] if isinstance(tree, list) else []
    return [steps for name, one in inner for steps in ((*before, name), *keys_of(one, (*before, name)))]


class Writer:
    """Writes a shape as a schema, each time in one of the ways a document may choose."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.components: dict[str, Any] = {}

    def schema(self, tree: Any) -> Any:
        match tree:
            case dict():
                made: Any = {"type": "object", "properties": {name: self.schema(one) for name, one in tree.items()}}
            case list():
                made = {"type": ["array", "null"], "items": self.schema(tree[0])}
            case _:
                made = {"type": "string", "nullable": True}
        match self.draw(st.sampled_from(["plain", "ref", "beside", "allOf", "oneOf", "anyOf", "mapping", "circle"])):
            case "ref":
                return self.kept(made)
            case "beside":
                return {**self.kept({"type": "object"}), **made}
            case "allOf":
                return {"allOf": [{"description": "more"} | {"type": made["type"]}, made], "description": "both"}
            case "oneOf":
                return {"oneOf": [{"type": "null"}, made]}
            case "anyOf":
                return {"type": made["type"], "anyOf": [made, {"required": ["id"]}]}
            case "mapping":
                return {"discriminator": {"mapping": {"one": self.kept(made)["$ref"]}}, "type": made["type"]}
            case "circle":
                name = f"s~/{len(self.components)}"
                self.components[name] = {"allOf": [made, {"$ref": self.pointer(name)}]}
                return {"$ref": self.pointer(name)}
        return made

    def kept(self, made: Any) -> dict[str, Any]:
        name = f"s {len(self.components)}"
        self.components[name] = made
        return {"$ref": self.pointer(name)}

    def pointer(self, name: str) -> str:
        return "#/components/schemas/" + name.replace("~", "~0").replace("/", "~1").replace(" ", "%20")


@given(st.data(), TREE)
def test_a_key_is_found_where_it_stands_however_the_schema_is_written(data: st.DataObject, tree: Any) -> None:
    writer = Writer(data.draw)
    schema = writer.schema(tree)
    schemas = Schemas({"components": {"schemas": writer.components}})
    for steps in keys_of(tree):
        assert schemas.find([schema], steps).known is Known.YES, steps
        assert schemas.find([schema], (*steps[:-1], "nowhere")).schemas == ()
    for steps in {steps for steps in keys_of(tree) if steps[-1] != "[]"}:
        assert shown(steps) in schemas.places([schema], steps[-1])


@given(st.lists(st.sampled_from(["a", "b", "[]", "{}"]), min_size=1, max_size=6))
def test_a_dotted_path_is_read_as_it_is_written(steps: list[str]) -> None:
    assert list(steps_of(shown(steps))) == steps


def test_only_alternatives_that_all_need_a_key_require_it() -> None:
    one, other = {"required": ["id", "name"]}, {"allOf": [{"required": ["id"]}]}
    assert Schemas({}).required({"oneOf": [one, other], "required": ["at"]}) == {"id", "at"}


def test_what_leads_elsewhere_may_be_anything() -> None:
    schemas = Schemas({})
    for lost in ({"$ref": "other.yaml#/Ticket"}, {"$ref": "#/components/schemas/None"}, {}, True, None):
        assert schemas.find([lost], ("id",)).known is Known.OPEN


def test_closed_and_scalar_values_hold_no_more() -> None:
    schemas = Schemas({})
    for closed in ({"type": "string"}, {"type": "object", "additionalProperties": False}, {"enum": [1]}):
        assert schemas.find([closed], ("id",)).known is Known.NO
    assert schemas.find([{"properties": {"id": False}}], ("id",)).known is Known.NO
    assert schemas.find([{"patternProperties": {"^cf_": {}, "(": {}}}], ("cf_ref",)).known is Known.YES


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"swagger": "2.0"}, "Swagger 2"),
        ({"openapi": "4.0.0", "paths": {}}, "OpenAPI 4.0.0"),
        ([1], "something else"),
        ({"openapi": "3.1.0", "webhooks": {"x": {}}}, "describes no paths"),
    ],
)
def test_what_is_no_openapi_3_is_refused_in_words(raw: Any, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        Document(raw)


@given(st.text("abz_{}", min_size=1, max_size=6).filter(lambda text: not set(text) & set("{}")))
def test_a_parameter_is_one_whatever_its_name(name: str) -> None:
    made = Document({"openapi": "3.0.0", "paths": {f"/a/{{{name}}}/b": {"get": {"responses": {}}}}})
    assert [one.path for one in made.operations("/a/{id}/b")] == [f"/a/{{{name}}}/b"]
    assert made.operations("/a/b/b") == []
    assert shape_of("/") == "/"
