"""Interactive elements and the image element."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from bot.workspace.shapes.text import (
    Confirm,
    ConversationFilter,
    DispatchConfig,
    Id,
    Option,
    OptionGroup,
    OverflowOption,
    Plain75,
    Plain150,
    PlainOption,
    Shape,
    SlackFileRef,
    Style,
    Url,
)  # fmt: skip


class Interactive(Shape):
    """What every element a person can use has."""

    action_id: Id | None = None


class Confirmable(Interactive):
    """An element that may ask before it acts."""

    confirm: Confirm | None = None


class Menu(Confirmable):
    """A select menu."""

    placeholder: Plain150 | None = None
    focus_on_load: bool | None = None


class Button(Confirmable):
    """A button; `value` at most 2000 characters."""

    type: Literal["button"]
    text: Plain75
    value: Annotated[str, Field(max_length=2000)] | None = None
    url: Url | None = None
    style: Style | None = None
    accessibility_label: Annotated[str, StringConstraints(max_length=75)] | None = None


class Overflow(Confirmable):
    """The three-dots menu: one to five options."""

    type: Literal["overflow"]
    options: Annotated[list[OverflowOption], Field(min_length=1, max_length=5)]


class _Choices(Menu):
    options: Annotated[list[PlainOption], Field(min_length=1, max_length=100)] | None = None
    option_groups: Annotated[list[OptionGroup], Field(min_length=1, max_length=100)] | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.options is None) == (self.option_groups is None):
            raise ValueError("exactly one of options and option_groups is required")
        return self


class StaticSelect(_Choices):
    """One of at most 100 options."""

    type: Literal["static_select"]
    initial_option: PlainOption | None = None


class MultiStaticSelect(_Choices):
    """Several of at most 100 options."""

    type: Literal["multi_static_select"]
    initial_options: Annotated[list[PlainOption], Field(min_length=1)] | None = None
    max_selected_items: Annotated[int, Field(ge=1)] | None = None


class ExternalSelect(Menu):
    """Options loaded from the app."""

    type: Literal["external_select"]
    initial_option: PlainOption | None = None
    min_query_length: Annotated[int, Field(ge=0)] | None = None


class UsersSelect(Menu):
    """One person."""

    type: Literal["users_select"]
    initial_user: str | None = None


class MultiUsersSelect(Menu):
    """Several people."""

    type: Literal["multi_users_select"]
    initial_users: list[str] | None = None
    max_selected_items: Annotated[int, Field(ge=1)] | None = None


class ConversationsSelect(Menu):
    """One conversation."""

    type: Literal["conversations_select"]
    initial_conversation: str | None = None
    default_to_current_conversation: bool | None = None
    response_url_enabled: bool | None = None
    filter: ConversationFilter | None = None


class ChannelsSelect(Menu):
    """One public channel."""

    type: Literal["channels_select"]
    initial_channel: str | None = None
    response_url_enabled: bool | None = None


class DatePicker(Menu):
    """A day, YYYY-MM-DD."""

    type: Literal["datepicker"]
    initial_date: Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None = None


class TimePicker(Menu):
    """A time of day, HH:mm."""

    type: Literal["timepicker"]
    initial_time: Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] | None = None
    timezone: str | None = None


class DateTimePicker(Confirmable):
    """An instant, in seconds since the epoch with ten digits."""

    type: Literal["datetimepicker"]
    initial_date_time: Annotated[int, Field(ge=1_000_000_000, le=9_999_999_999)] | None = None
    focus_on_load: bool | None = None


class Checkboxes(Confirmable):
    """Up to ten boxes."""

    type: Literal["checkboxes"]
    options: Annotated[list[Option], Field(min_length=1, max_length=10)]
    initial_options: Annotated[list[Option], Field(min_length=1)] | None = None
    focus_on_load: bool | None = None


class RadioButtons(Confirmable):
    """One of up to ten."""

    type: Literal["radio_buttons"]
    options: Annotated[list[Option], Field(min_length=1, max_length=10)]
    initial_option: Option | None = None
    focus_on_load: bool | None = None


class _Typed(Interactive):
    placeholder: Plain150 | None = None
    dispatch_action_config: DispatchConfig | None = None
    focus_on_load: bool | None = None


class PlainTextInput(_Typed):
    """Free text of at most 3000 characters."""

    type: Literal["plain_text_input"]
    initial_value: Annotated[str, Field(max_length=3000)] | None = None
    multiline: bool | None = None
    min_length: Annotated[int, Field(ge=0, le=3000)] | None = None
    max_length: Annotated[int, Field(ge=1, le=3000)] | None = None


class EmailInput(_Typed):
    """An e-mail address."""

    type: Literal["email_text_input"]
    initial_value: str | None = None


class UrlInput(_Typed):
    """A web address."""

    type: Literal["url_text_input"]
    initial_value: str | None = None


class NumberInput(_Typed):
    """A number, as text; bounds are text too."""

    type: Literal["number_input"]
    is_decimal_allowed: bool
    initial_value: str | None = None
    min_value: str | None = None
    max_value: str | None = None


class FileInput(Interactive):
    """One to ten files; modals only."""

    type: Literal["file_input"]
    filetypes: list[str] | None = None
    max_files: Annotated[int, Field(ge=1, le=10)] | None = None


class ImageElement(Shape):
    """A small picture inside a block."""

    type: Literal["image"]
    alt_text: Annotated[str, StringConstraints(min_length=1, max_length=2000)]
    image_url: Url | None = None
    slack_file: SlackFileRef | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.image_url is None) == (self.slack_file is None):
            raise ValueError("exactly one of image_url and slack_file is required")
        return self


_Selects = (
    StaticSelect
    | MultiStaticSelect
    | ExternalSelect
    | UsersSelect
    | MultiUsersSelect
    | ConversationsSelect
    | ChannelsSelect
)
_Pickers = DatePicker | TimePicker | DateTimePicker | Checkboxes | RadioButtons

ActionElement = Annotated[Button | Overflow | _Selects | _Pickers, Field(discriminator="type")]
Accessory = Annotated[Button | Overflow | ImageElement | _Selects | _Pickers, Field(discriminator="type")]
InputElement = Annotated[
    PlainTextInput | EmailInput | UrlInput | NumberInput | FileInput | _Selects | _Pickers, Field(discriminator="type")
]
