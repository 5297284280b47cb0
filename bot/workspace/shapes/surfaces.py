"""What holds for a whole message, modal or Home tab: block counts, surfaces, unique ids, the views' own keys."""

from collections import Counter
from collections.abc import Iterator
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

MOST_BLOCKS = 50
MARKDOWN_CHARACTERS = 12_000
"""In all markdown blocks of one payload together."""
TABLE_CHARACTERS = 10_000
MESSAGE_CHARACTERS = 13_200
"""Characters in all blocks of a message; undocumented, seen near this figure in slackapi/bolt-js#2509."""


class Message(Shape):
    """The blocks of a message."""

    blocks: Annotated[list[AnyBlock], Field(max_length=MOST_BLOCKS)]


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


Part = tuple[str, list[Json]]
"""Where some blocks of a payload are (a JSON pointer), and the blocks."""

Found = tuple[str, str]
"""Where something is wrong (a JSON pointer), and what."""


def cross_checks(parts: list[Part], surface: str) -> list[Found]:
    """What no single block shows, over all parts of one payload: each rule that is broken."""
    found: list[Found] = []
    seen: set[str] = set()
    counts: Counter[str] = Counter()
    markdown = 0
    for at, block in _all_of(parts):
        kind = block["type"]
        counts[kind] += 1
        if surface not in SURFACES.get(kind, {surface}):
            found.append((f"{at}/type", f"block type {kind} is not allowed in a {surface}"))
        if (id := block.get("block_id")) is not None:
            if id in seen:
                found.append((f"{at}/block_id", f"block_id {id} already exists"))
            seen.add(id)
        found += [(f"{at}/{where}", complaint) for where, complaint in _inside(block, surface)]
        if counts[kind] > ONCE.get(kind, counts[kind]):
            found.append((at, f"only {ONCE[kind]} {kind} allowed in a message"))
        if kind == "markdown":
            markdown += len(block["text"])
            if markdown > MARKDOWN_CHARACTERS:
                found.append((f"{at}/text", f"no more than {MARKDOWN_CHARACTERS} characters in all markdown blocks"))
    if surface == "message" and (total := sum(len(blocks) for _, blocks in parts)) > MOST_BLOCKS:
        found.append((parts[-1][0], f"no more than {MOST_BLOCKS} items allowed in a message, it has {total}"))
    return found


def _all_of(parts: list[Part]) -> Iterator[tuple[str, Json]]:
    """Every block with its place, those inside containers too."""
    for at, blocks in parts:
        for number, block in enumerate(blocks):
            yield f"{at}/{number}", block
            yield from _all_of([(f"{at}/{number}/child_blocks", block.get("child_blocks", []))])


def _inside(block: Json, surface: str) -> list[Found]:
    found: list[Found] = []
    actions = [element.get("action_id") for element in block.get("elements", ()) if isinstance(element, dict)]
    named = [id for id in actions if id is not None]
    if len(named) != len(set(named)):
        found.append(("elements", "action_id already exists for another element of the block"))
    if block["type"] == "input" and block["element"]["type"] == "file_input" and surface != "modal":
        found.append(("element/type", "file_input is allowed in modals only"))
    if block["type"] == "table" and characters(block["rows"]) > TABLE_CHARACTERS:
        found.append(("rows", f"must have at most {TABLE_CHARACTERS} characters in all cells"))
    return found


READ = ("text", "alt_text", "title", "caption", "label", "name", "fallback", "pretext", "x_label", "y_label")
"""Keys of strings that a reader sees or hears, wherever they stand in a block or an attachment."""


def characters(value: Any) -> int:
    """The characters a reader sees in blocks: texts, labels and captions, numbers in cells, addresses that stand bare.

    Slack does not say how it counts, so nothing that is read is left out.
    """
    if isinstance(value, list):
        return sum(len(item) if isinstance(item, str) else characters(item) for item in value)
    if not isinstance(value, dict):
        return 0
    own = sum(len(value[key]) for key in READ if isinstance(value.get(key), str))
    if value.get("type") == "raw_number" and not value.get("text"):
        own += len(str(value["value"]))
    if value.get("type") == "link" and not value.get("text"):
        own += len(value["url"])
    return own + sum(characters(item) for key, item in value.items() if key not in _UNREAD)


_UNREAD = {"filetypes", "trigger_actions_on", "include", "initial_users", "visible_to_user_ids"}
"""Keys of lists of strings that are no words for a reader."""
