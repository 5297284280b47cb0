"""The blocks themselves."""

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from bot.workspace.shapes.elements import Accessory, ActionElement, Button, ImageElement, InputElement
from bot.workspace.shapes.rich_text import RichText
from bot.workspace.shapes.text import (
    Id,
    Mrkdwn,
    Plain,
    Plain150,
    Plain2000,
    Shape,
    SlackFileRef,
    Text150,
    Text200,
    Text2000,
    Text3000,
    Url,
)  # fmt: skip


class Block(Shape):
    """What every block has."""

    block_id: Id | None = None


class Section(Block):
    """Text, up to ten fields, or both, beside one accessory."""

    type: Literal["section"]
    text: Text3000 | None = None
    fields: Annotated[list[Text2000], Field(min_length=1, max_length=10)] | None = None
    accessory: Accessory | None = None
    expand: bool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.text is None and self.fields is None:
            raise ValueError("text or fields is required")
        return self


class Header(Block):
    """A headline: plain text of at most 150 characters."""

    type: Literal["header"]
    text: Plain150


class Divider(Block):
    """A line."""

    type: Literal["divider"]


class Image(Block):
    """A picture."""

    type: Literal["image"]
    alt_text: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    title: Plain2000 | None = None
    image_url: Url | None = None
    slack_file: SlackFileRef | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.image_url is None) == (self.slack_file is None):
            raise ValueError("exactly one of image_url and slack_file is required")
        return self


class Context(Block):
    """Small print: one to ten texts and images."""

    type: Literal["context"]
    elements: Annotated[
        list[Annotated[Plain | Mrkdwn | ImageElement, Field(discriminator="type")]], Field(min_length=1, max_length=10)
    ]


class Actions(Block):
    """One to 25 interactive elements."""

    type: Literal["actions"]
    elements: Annotated[list[ActionElement], Field(min_length=1, max_length=25)]


class Input(Block):
    """A labelled input."""

    type: Literal["input"]
    label: Plain2000
    element: InputElement
    hint: Plain2000 | None = None
    optional: bool | None = None
    dispatch_action: bool | None = None


class Markdown(Block):
    """Standard Markdown; never for text from outside, which it would interpret."""

    type: Literal["markdown"]
    text: Annotated[str, StringConstraints(min_length=1, max_length=12_000)]


class RawText(Shape):
    """A table cell with literal text."""

    type: Literal["raw_text"]
    text: Annotated[str, Field(min_length=1)]


class RawNumber(Shape):
    """A table cell with a number."""

    type: Literal["raw_number"]
    value: int | float
    text: str | None = None


Cell = Annotated[RawText | RawNumber | RichText, Field(discriminator="type")]


class ColumnSetting(Shape):
    """How one column is set."""

    align: Literal["left", "center", "right"] | None = None
    is_wrapped: bool | None = None


class Table(Block):
    """At most 100 rows of 20 cells."""

    type: Literal["table"]
    rows: Annotated[
        list[Annotated[list[Cell], Field(min_length=1, max_length=20)]], Field(min_length=1, max_length=100)
    ]
    column_settings: Annotated[list[ColumnSetting | None], Field(max_length=20)] | None = None


class Alert(Block):
    """A coloured notice; modals only."""

    type: Literal["alert"]
    text: Text3000
    level: Literal["default", "info", "warning", "error", "success"] | None = None


class Card(Block):
    """A small card."""

    type: Literal["card"]
    title: Text150 | None = None
    subtitle: Text150 | None = None
    body: Text200 | None = None
    icon: ImageElement | None = None
    hero_image: ImageElement | None = None
    actions: Annotated[list[Button], Field(min_length=1, max_length=3)] | None = None


class Carousel(Block):
    """One to ten cards."""

    type: Literal["carousel"]
    elements: Annotated[list[Card], Field(min_length=1, max_length=10)]


class _Young(Block):
    """A block too new for a complete public schema: the limits that are documented, other keys let through."""

    model_config = ConfigDict(extra="allow", strict=True)


class DataTable(_Young):
    """2 to 101 rows of the same length under a caption."""

    type: Literal["data_table"]
    caption: str
    rows: Annotated[list[list[Any]], Field(min_length=2, max_length=101)]
    page_size: Annotated[int, Field(ge=1, le=100)] | None = None

    @model_validator(mode="after")
    def _rectangular(self) -> Self:
        if len({len(row) for row in self.rows}) > 1:
            raise ValueError("rows must have the same length")
        return self


class DataVisualization(_Young):
    """A native chart; its title has at most 50 characters."""

    type: Literal["data_visualization"]
    title: Annotated[str, Field(max_length=50)] | None = None


class Container(_Young):
    """At most ten blocks under a title."""

    type: Literal["container"]
    child_blocks: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=10)]


class ContextActions(_Young):
    """At most five feedback or icon buttons."""

    type: Literal["context_actions"]
    elements: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=5)]


class Video(_Young):
    """An embedded video."""

    type: Literal["video"]
    alt_text: Annotated[str, Field(min_length=1)]
    video_url: Url
    thumbnail_url: Url
    title: Plain


AnyBlock = Annotated[
    Section | Header | Divider | Image | Context | Actions | Input | Markdown | RichText | Table | Alert | Card
    | Carousel
    | DataTable | DataVisualization | Container | ContextActions | Video,
    Field(discriminator="type"),
]  # fmt: skip
