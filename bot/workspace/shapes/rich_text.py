"""rich_text: the safest carrier of text from outside, since its text elements are literal."""

from typing import Annotated, Literal

from pydantic import Field

from bot.workspace.shapes.text import Id, Shape


class Marks(Shape):
    """How a piece of text is set."""

    bold: bool | None = None
    italic: bool | None = None
    strike: bool | None = None
    code: bool | None = None
    highlight: bool | None = None
    client_highlight: bool | None = None
    underline: bool | None = None
    unlink: bool | None = None


class TextPart(Shape):
    """Literal text, never empty."""

    type: Literal["text"]
    text: Annotated[str, Field(min_length=1)]
    style: Marks | None = None


class LinkPart(Shape):
    """A link."""

    type: Literal["link"]
    url: Annotated[str, Field(min_length=1, max_length=3000)]
    text: str | None = None
    unsafe: bool | None = None
    style: Marks | None = None


class UserPart(Shape):
    """A mention of a person."""

    type: Literal["user"]
    user_id: str
    style: Marks | None = None


class ChannelPart(Shape):
    """A mention of a channel."""

    type: Literal["channel"]
    channel_id: str
    style: Marks | None = None


class UsergroupPart(Shape):
    """A mention of a user group."""

    type: Literal["usergroup"]
    usergroup_id: str
    style: Marks | None = None


class BroadcastPart(Shape):
    """@here, @channel, @everyone."""

    type: Literal["broadcast"]
    range: Literal["here", "channel", "everyone"]
    style: Marks | None = None


class EmojiPart(Shape):
    """An emoji by name."""

    type: Literal["emoji"]
    name: str
    unicode: str | None = None
    style: Marks | None = None


class DatePart(Shape):
    """An instant shown in the reader's zone."""

    type: Literal["date"]
    timestamp: int
    format: str
    url: str | None = None
    fallback: str | None = None
    style: Marks | None = None


class ColorPart(Shape):
    """A colour swatch."""

    type: Literal["color"]
    value: str


Part = Annotated[
    TextPart | LinkPart | UserPart | ChannelPart | UsergroupPart | BroadcastPart | EmojiPart | DatePart | ColorPart,
    Field(discriminator="type"),
]


class Section(Shape):
    """A paragraph."""

    type: Literal["rich_text_section"]
    elements: list[Part]


class Preformatted(Shape):
    """A block of code."""

    type: Literal["rich_text_preformatted"]
    elements: list[Annotated[TextPart | LinkPart, Field(discriminator="type")]]
    border: int | None = None
    language: str | None = None


class Quote(Shape):
    """A quotation."""

    type: Literal["rich_text_quote"]
    elements: list[Part]
    border: int | None = None


class ListElement(Shape):
    """A list of paragraphs."""

    type: Literal["rich_text_list"]
    style: Literal["bullet", "ordered"]
    elements: list[Section]
    indent: Annotated[int, Field(ge=0, le=8)] | None = None
    offset: int | None = None
    border: int | None = None


class RichText(Shape):
    """The block."""

    type: Literal["rich_text"]
    block_id: Id | None = None
    elements: Annotated[
        list[Annotated[Section | Preformatted | Quote | ListElement, Field(discriminator="type")]], Field(min_length=1)
    ]
