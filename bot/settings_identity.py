"""The `[identity]` section: where it is kept who works for the company."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, model_validator

from automations.durations import Duration
from bot.settings_desks import is_address
from bot.settings_types import Section


class Identity(Section):
    """The source that people are compared with. It is only read."""

    kind: Literal["none", "scim", "file"] = Field("none", description="An identity provider over SCIM 2.0, or a file")
    url: str | None = Field(None, description="SCIM: the address that /Users and /Groups lie below")
    token: SecretStr | None = Field(None, description="SCIM: bearer token that may read users and groups, secret")
    token_file: Path | None = Field(None, description="File that holds it")
    path: Path | None = Field(
        None, description="File: a .csv with a header, or a .json array of objects; written by another system"
    )
    at_least: Annotated[int, Field(ge=1)] = Field(
        1, description="Fewest people a believable list has; fewer are an error, never taken for leavers"
    )
    max_age: Duration | None = Field(
        None, description="File: longest time since it was written; any age will do if unset"
    )
    calls_per_minute: Annotated[int, Field(ge=10)] | None = Field(
        None, description="SCIM: most calls; a list takes one for each 100 people and groups. No limit if unset"
    )

    @model_validator(mode="after")
    def _the_source_can_be_found(self) -> Self:
        if self.kind == "scim" and not is_address(self.url or ""):
            raise ValueError("identity.url must be the http(s) address of the SCIM server, without a user name")
        if self.kind == "file" and (self.path is None or self.path.suffix.lower() not in (".csv", ".json")):
            raise ValueError("identity.path must name a file that ends in .csv or .json")
        return self
