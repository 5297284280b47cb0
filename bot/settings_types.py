"""The kinds of values that settings are made of: zones, addresses, names, channels, lists."""

from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, StringConstraints


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("an IANA zone such as Europe/Oslo is needed")
    return name


def _lower(text: str) -> str:
    return text.strip().lower()


def listed(value: object) -> object:
    """The environment gives lists as text: names separated by commas."""
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


Zone = Annotated[str, AfterValidator(_known_zone)]
Email = Annotated[str, AfterValidator(_lower), StringConstraints(pattern=r"^[^@\s,]+@[^@\s,]+$")]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
ChannelId = Annotated[str, StringConstraints(pattern=r"^[CG][A-Z0-9_]+$")]
Names = Annotated[tuple[Name, ...], BeforeValidator(listed)]
Emoji = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_+'-]+$")]


class Section(BaseModel):
    """A part of the settings: frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
