"""The rules of access, as the settings state them: which roles there are, who gets which, how much at once."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from automations.durations import Duration
from automations.plan import Brake

Word = Annotated[str, Field(min_length=1, max_length=200)]


class RoleRule(BaseModel):
    """One support role: what it is in the desk, and whom upstream it is for.

    Somebody has it who is in one of `from_groups`, or has one of `from_attributes` (the source's name for an attribute
    -> its value), compared without regard to case. Two rules that match one person are ambiguous and refused: the
    larger one is never picked. `privileged`: it grants administration, so a second person has to confirm it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Word = Field(description="What people type and read, such as agent")
    desk_role: Word = Field(description="The role's name in the desk")
    groups: tuple[Word, ...] = Field((), description="Groups (queues) in the desk that belong to it")
    slack_groups: tuple[Word, ...] = Field((), description="Slack user groups (S…) that belong to it")
    from_groups: tuple[Word, ...] = Field((), description="Groups of the identity source whose members have it")
    from_attributes: dict[Word, Word] = Field(
        default_factory=dict, description="Attributes of the identity source that stand for it"
    )
    privileged: bool = Field(False, description="It grants administration: a second person has to confirm")


class AccessRules(BaseModel):
    """Everything the access automation goes by. Durations are as people write them (`8h`, `90d`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    roles: tuple[RoleRule, ...] = ()
    offboard_approvals: Annotated[int, Field(ge=1, le=2)] = 2
    brake_least: Annotated[int, Field(ge=0)] = 3
    brake_share: Annotated[float, Field(gt=0, le=100)] = 20.0
    brake_most: Annotated[int, Field(ge=1)] = 10
    inactive_after: Duration = timedelta(days=90)
    keep_at_most: Duration = timedelta(days=365)
    protected: tuple[Word, ...] = ()
    successor: str = ""
    by_hand_owner: str = ""
    by_hand: tuple[Word, ...] = ()
    slack_usergroups_write: bool = False

    @property
    def brake(self) -> Brake:
        """The brake of these rules."""
        return Brake(self.brake_least, self.brake_share, self.brake_most)

    def role(self, name: str) -> RoleRule | None:
        """The role of this name, whatever its case; None if there is none."""
        return next((role for role in self.roles if role.name.casefold() == name.strip().casefold()), None)
