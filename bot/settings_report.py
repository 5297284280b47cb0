"""The `[report]` section: the queue report, when it comes and what it counts."""

import re
from datetime import time, timedelta
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from automations.domain import Mode
from automations.durations import Duration
from automations.people import WEEKDAYS
from automations.weekly_report.request import FilterKey, OpenUntil
from bot.settings_types import Email, Name

_WHEN = re.compile(rf"({'|'.join(WEEKDAYS)}) ([01][0-9]|2[0-3]):([0-5][0-9])")


class ReportSection(BaseModel):
    """When the report is posted, where, and by which rules. Without the section it is run by hand alone."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    mode: Literal[Mode.OFF, Mode.SHADOW, Mode.AUTO] = Field(
        Mode.OFF, description="off (by hand alone), shadow (by the clock, to its owner alone), auto (to the channel)"
    )
    channel: Name = Field("reports", description="Where it is posted, by its name under [channels]")
    owner: Email | None = Field(
        None, description="E-mail of who hears when it fails; failure_tickets.default_owner if unset"
    )
    at: str = Field("Mon 09:00", description="When it comes, in the team's zone; on a holiday the next working day")
    grace: Annotated[Duration, Field(ge=timedelta(minutes=5), le=timedelta(days=3))] = Field(
        timedelta(hours=24), description="How late it may still come after the bot was down"
    )
    open_until: OpenUntil | None = Field(
        None,
        description="What takes a ticket out of the backlog, solved or closed; as an imported log says if unset",
    )
    filters: dict[FilterKey, tuple[Name, ...]] = Field(
        default_factory=dict, description='Which tickets count, such as group = ["Support"]; all if unset'
    )
    per_person: bool = Field(False, description="true: also figures per assignee, and filters by one")
    compare_most: int = Field(
        100, ge=0, le=1000, description="Tickets whose times the desk is asked for, to set its figures beside ours"
    )

    @field_validator("at")
    @classmethod
    def _a_weekday_and_a_time(cls, at: str) -> str:
        if _WHEN.fullmatch(at) is None:
            raise ValueError('a weekday and a time such as "Mon 09:00" are needed')
        return at

    @model_validator(mode="after")
    def _no_persons_by_the_back_door(self) -> Self:
        if "assignee" in self.filters and not self.per_person:
            raise ValueError("a filter by assignee makes figures per person: set per_person = true as well")
        return self

    @property
    def weekday(self) -> int:
        """The day of the week, 0 is Monday."""
        return WEEKDAYS.index(self.at[:3])

    @property
    def time(self) -> time:
        """The time of the day, in the team's zone."""
        return time.fromisoformat(self.at[4:])
