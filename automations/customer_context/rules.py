"""What the settings say of customers' fields: where each one's truth lives, and which decision it changes. Pure."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from automations.durations import Duration
from automations.plan import Brake

NAME: Final = "name"
DOMAINS: Final = "domains"
STATUS: Final = "status"
TIER: Final = "tier"
STANDARD: Final = (NAME, DOMAINS, STATUS, TIER)
"""Fields that desks have in common; every other name is one of the desk's own fields of customers."""

DESK: Final = "desk"
"""The source that is the desk itself."""

ACTIVE: Final = "active"
SUSPENDED: Final = "suspended"

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Value = Annotated[str, StringConstraints(strip_whitespace=True, max_length=255)]
Decision = Annotated[str, StringConstraints(strip_whitespace=True, min_length=8, max_length=300)]


class Direction(StrEnum):
    """Where a field's value is brought: into the desk, or into Handoff alone, for its messages and clocks."""

    TO_DESK = "to_desk"
    TO_HANDOFF = "to_handoff"


class Blank(StrEnum):
    """What an empty value in the source means while the desk has one.

    `keep`: nothing, the desk's value stays. `clear`: it is emptied, as a group of its own that people approve.
    `conflict`: people are asked.
    """

    KEEP = "keep"
    CLEAR = "clear"
    CONFLICT = "conflict"


class ValueType(StrEnum):
    """How a value is read. One that cannot be read so makes its row a rejected one."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    YES_NO = "yes_no"
    DOMAINS = "domains"


class CustomerField(BaseModel):
    """One field of a customer. What no decision depends on is not synchronized, so `decision` has to be said."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Word = Field(description="name, domains, status, tier, or a field of customers in the desk")
    source: Word = Field(description='Its source of truth, one of customers.sources; "desk" for the desk itself')
    column: Word | None = Field(None, description="Its column in the source; the field's name if unset")
    direction: Direction = Field(
        Direction.TO_DESK, description="to_desk, or to_handoff (kept here alone, for messages and clocks)"
    )
    blank: Blank = Field(Blank.KEEP, description="An empty value in the source: keep, clear (approved), conflict")
    type: ValueType = Field(ValueType.TEXT, description="text, number, date, yes_no; domains for the field domains")
    values: dict[Value, Value] = Field(
        default_factory=dict, description='The source\'s words and ours: { "ENT" = "enterprise" }; others are rejected'
    )
    decision: Decision = Field(description="The decision this field changes, in a sentence; required")

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if (self.name == DOMAINS) != (self.type is ValueType.DOMAINS):
            raise ValueError('type = "domains" belongs to the field domains, and that field has no other type')
        if self.source == DESK and self.direction is Direction.TO_DESK:
            raise ValueError('what the desk itself knows is not written to it: direction = "to_handoff"')
        if self.name == STATUS:
            wrong = sorted(set(self.values.values()) - {ACTIVE, SUSPENDED})
            if self.direction is Direction.TO_DESK and wrong:
                raise ValueError(f"a desk knows active and suspended alone, not {', '.join(wrong)}")
        return self

    @property
    def grouped_by_value(self) -> bool:
        """Whether changes are decided by their transition (pro to enterprise), since there are few values."""
        return self.name in (STATUS, TIER) or bool(self.values) or self.type is ValueType.YES_NO


class CustomerRules(BaseModel):
    """The field set with what stops a sync: empty, shrunken or changed to a large part."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    fields: tuple[CustomerField, ...] = ()
    gone: Word = Field(SUSPENDED, description="The status of a customer that a whole listing of the source lacks")
    brake_least: Annotated[int, Field(ge=0)] = Field(
        3, description="Up to so many changed customers at once never stop a sync"
    )
    brake_share: Annotated[float, Field(gt=0, le=100)] = Field(
        20.0, description="More than this percentage of all customers changed or gone at once stops it"
    )
    brake_most: Annotated[int, Field(ge=1)] = Field(
        5_000, description="More than so many in any case; two people then have to look"
    )
    keep_at_most: Annotated[Duration, Field(ge=timedelta(days=1))] = Field(
        timedelta(days=365), description="A conflict is settled for the desk's value for so long at most"
    )

    @model_validator(mode="after")
    def _one_source_each(self) -> Self:
        names = [field.name for field in self.fields]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"a field has one source of truth, so it stands here once: {', '.join(twice)}")
        return self

    def field(self, name: str) -> CustomerField | None:
        """The field of this name."""
        return next((one for one in self.fields if one.name == name), None)

    @property
    def brake(self) -> Brake:
        """How many customers one sync may change before two people have to look."""
        return Brake(self.brake_least, self.brake_share, self.brake_most)
