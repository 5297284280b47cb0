"""What holds for a whole message, modal or Home tab: block counts, surfaces, unique ids, the views' own keys."""

from typing import Annotated, Any, Literal

from pydantic import Field

from bot.workspace.model import Json
from bot.workspace.shapes.layout import AnyBlock
from bot.workspace.shapes.text import Plain24, Shape

SURFACES: dict[str, frozenset[str]] = {
    "alert": frozenset({"modal"}),
    "table": frozenset({"message"}),
    "data_table": frozenset({"message"}),
    "data_visualization": frozenset({"message"}),
    "markdown": frozenset({"message"}),
    "context_actions": frozenset({"message"}),
    "container": frozenset({"message"}),
    "carousel": frozenset({"message", "home"}),
}
"""Blocks that are not allowed everywhere. Source: docs.slack.dev/blocks.json, and inferred where it is silent."""

ONCE = {"table": 1, "data_visualization": 2}
"""How many of a block one message may hold."""

TABLE_CHARACTERS = 10_000
MESSAGE_CHARACTERS = 13_200
"""Characters in all blocks of a message; undocumented, seen near this figure in slackapi/bolt-js#2509."""


class Message(Shape):
    """The blocks of a message."""

    blocks: Annotated[list[AnyBlock], Field(max_length=50)]


class Modal(Shape):
    """The view argument of views.open, push and update for a modal."""

    type: Literal["modal"]
    title: Plain24
    blocks: Annotated[list[AnyBlock], Field(min_length=1, max_length=100)]
    submit: Plain24 | None = None
    close: Plain24 | None = None
    private_metadata: Annotated[str, Field(max_length=3000)] | None = None
    callback_id: Annotated[str, Field(max_length=255)] | None = None
    external_id: Annotated[str, Field(max_length=255)] | None = None
    clear_on_close: bool | None = None
    notify_on_close: bool | None = None
    submit_disabled: bool | None = None


class Home(Shape):
    """The view argument of views.publish."""

    type: Literal["home"]
    blocks: Annotated[list[AnyBlock], Field(max_length=100)]
    private_metadata: Annotated[str, Field(max_length=3000)] | None = None
    callback_id: Annotated[str, Field(max_length=255)] | None = None
    external_id: Annotated[str, Field(max_length=255)] | None = None


def cross_checks(blocks: list[Json], surface: str) -> list[tuple[str, str]]:
    """What no single block shows: (JSON pointer below the root, complaint) of each rule that is broken."""
    found: list[tuple[str, str]] = []
    seen_blocks: set[str] = set()
    counts: dict[str, int] = {}
    for number, block in enumerate(blocks):
        at, kind = f"/blocks/{number}", block["type"]
        counts[kind] = counts.get(kind, 0) + 1
        if surface not in SURFACES.get(kind, {surface}):
            found.append((f"{at}/type", f"block type {kind} is not allowed in a {surface}"))
        if (id := block.get("block_id")) is not None:
            if id in seen_blocks:
                found.append((f"{at}/block_id", f"block_id {id} already exists"))
            seen_blocks.add(id)
        found += [(f"{at}/{where}", complaint) for where, complaint in _inside(block, surface)]
        if counts[kind] > ONCE.get(kind, counts[kind]):
            found.append((at, f"only {ONCE[kind]} {kind} allowed in a message"))
    return found


def _inside(block: Json, surface: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    actions = [element.get("action_id") for element in block.get("elements", ()) if isinstance(element, dict)]
    named = [id for id in actions if id is not None]
    if len(named) != len(set(named)):
        found.append(("elements", "action_id already exists for another element of the block"))
    if block["type"] == "input" and block["element"]["type"] == "file_input" and surface != "modal":
        found.append(("element/type", "file_input is allowed in modals only"))
    if block["type"] == "table" and characters(block["rows"]) > TABLE_CHARACTERS:
        found.append(("rows", f"must have at most {TABLE_CHARACTERS} characters in all cells"))
    return found


def characters(value: Any) -> int:
    """The characters a reader sees: the sum of every `text` and `label` string inside."""
    if isinstance(value, list):
        return sum(characters(item) for item in value)
    if not isinstance(value, dict):
        return 0
    own = sum(len(value[key]) for key in ("text", "alt_text") if isinstance(value.get(key), str))
    return own + sum(characters(item) for item in value.values())
