"""Composition objects: texts, options, confirm dialogs."""

from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    StringConstraints,
    TypeAdapter,
    model_validator,
)


class Shape(BaseModel):
    """The base of all shapes: no unknown key, no coercion."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Plain(Shape):
    """plain_text: shown literally."""

    type: Literal["plain_text"]
    text: Annotated[str, Field(min_length=1)]
    emoji: bool | None = None


class Mrkdwn(Shape):
    """mrkdwn: Slack's markup."""

    type: Literal["mrkdwn"]
    text: Annotated[str, Field(min_length=1)]
    verbatim: bool | None = None


AnyText = Annotated[Plain | Mrkdwn, Field(discriminator="type")]
_Text = TypeVar("_Text", Plain, Mrkdwn)


def _at_most(limit: int) -> AfterValidator:
    def check(value: _Text) -> _Text:
        if len(value.text) > limit:
            raise ValueError(f"must be less than {limit + 1} characters")
        return value

    return AfterValidator(check)


Plain24 = Annotated[Plain, _at_most(24)]
Plain30 = Annotated[Plain, _at_most(30)]
Plain50 = Annotated[Plain, _at_most(50)]
Plain75 = Annotated[Plain, _at_most(75)]
Plain100 = Annotated[Plain, _at_most(100)]
Plain150 = Annotated[Plain, _at_most(150)]
Plain2000 = Annotated[Plain, _at_most(2000)]
Text75 = Annotated[AnyText, _at_most(75)]
Text150 = Annotated[AnyText, _at_most(150)]
Text200 = Annotated[AnyText, _at_most(200)]
Text300 = Annotated[AnyText, _at_most(300)]
Text2000 = Annotated[AnyText, _at_most(2000)]
Text3000 = Annotated[AnyText, _at_most(3000)]

Id = Annotated[str, StringConstraints(min_length=1, max_length=255)]
_HTTP = TypeAdapter(HttpUrl)


def _web_address(value: str) -> str:
    _HTTP.validate_python(value)
    return value


Url = Annotated[str, StringConstraints(min_length=1, max_length=3000), AfterValidator(_web_address)]
Style = Literal["primary", "danger"]


class Block(Shape):
    """What every block has."""

    block_id: Id | None = None


class Confirm(Shape):
    """The dialog before an action happens."""

    title: Plain100
    text: Text300
    confirm: Plain30
    deny: Plain30
    style: Style | None = None


class Option(Shape):
    """One choice of a select, overflow, checkbox or radio group. `url` belongs to overflow only."""

    text: Text75
    value: Annotated[str, StringConstraints(min_length=1, max_length=75)]
    description: Text75 | None = None


class PlainOption(Option):
    """A choice whose text must be plain: menus cannot show markup."""

    text: Plain75
    description: Plain75 | None = None


class OverflowOption(PlainOption):
    """A choice of an overflow menu."""

    url: Url | None = None


class OptionGroup(Shape):
    """Choices under one label."""

    label: Plain75
    options: Annotated[list[PlainOption], Field(min_length=1, max_length=100)]


class SlackFileRef(Shape):
    """A file of this workspace, by id or by url."""

    id: Annotated[str, StringConstraints(pattern=r"^F[A-Z0-9]{8,}$")] | None = None
    url: Url | None = None

    @model_validator(mode="after")
    def _one_name(self) -> Self:
        if (self.id is None) == (self.url is None):
            raise ValueError("exactly one of id and url is required")
        return self


class DispatchConfig(Shape):
    """When a text input sends block_actions."""

    trigger_actions_on: Annotated[list[Literal["on_enter_pressed", "on_character_entered"]], Field(min_length=1)]


class ConversationFilter(Shape):
    """Which conversations a select lists."""

    include: list[Literal["im", "mpim", "private", "public"]] | None = None
    exclude_external_shared_channels: bool | None = None
    exclude_bot_users: bool | None = None

    @model_validator(mode="before")
    @classmethod
    def _not_empty(cls, value: Any) -> Any:
        if value == {}:
            raise ValueError("must have at least one property")
        return value
