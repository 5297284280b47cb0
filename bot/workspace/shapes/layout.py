"""The blocks themselves."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from bot.workspace.shapes.elements import Accessory, ActionElement, Button, ImageElement, InputElement
from bot.workspace.shapes.rich_text import RichText
from bot.workspace.shapes.text import (
    Block,
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
from bot.workspace.shapes.young import ContextActions, DataTable, DataVisualization, Video


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


_Children = (
    Section | Header | Divider | Image | Context | Actions | Markdown | RichText | Table | Card | DataTable
    | DataVisualization | ContextActions | Video
)  # fmt: skip


class Container(Block):
    """At most ten blocks under a title: inputs, notices and other containers are none of them."""

    type: Literal["container"]
    child_blocks: Annotated[list[Annotated[_Children, Field(discriminator="type")]], Field(min_length=1, max_length=10)]
    title: Plain150 | None = None
    rich_text_title: RichText | None = None
    subtitle: Text150 | None = None
    width: Literal["narrow", "standard", "wide", "full"] | None = None
    icon: ImageElement | None = None
    is_collapsible: bool | None = None
    default_collapsed: bool | None = None
    has_header_divider: bool | None = None

    @model_validator(mode="after")
    def _titled(self) -> Self:
        if self.title is None and self.rich_text_title is None:
            raise ValueError("title or rich_text_title is required")
        if self.default_collapsed and not self.is_collapsible:
            raise ValueError("default_collapsed needs is_collapsible")
        return self


AnyBlock = Annotated[_Children | Input | Alert | Carousel | Container, Field(discriminator="type")]
