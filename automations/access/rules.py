"""The rules of access, as the settings state them: which roles there are, who gets which, how much at once."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

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

    def stands_for(self) -> Iterator[str]:
        """What upstream means this role, in words without regard to case: `group support`, `title = lead`."""
        yield from (f"group {one.strip().casefold()}" for one in self.from_groups)
        for name, value in self.from_attributes.items():
            yield f"{name.strip().casefold()} = {value.strip().casefold()}"


class AccessRules(BaseModel):
    """Everything the access automation goes by. Durations are as people write them (`8h`, `90d`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    roles: tuple[RoleRule, ...] = ()
    offboard_approvals: Annotated[int, Field(ge=1, le=2)] = Field(
        2, description="People who have to confirm that somebody leaves; always 2 for administrators"
    )
    brake_least: Annotated[int, Field(ge=0)] = Field(
        3, description="So many people at once never stop a reconciliation"
    )
    brake_share: Annotated[float, Field(gt=0, le=100)] = Field(
        20.0, description="More than this percentage of the population at once stops it"
    )
    brake_most: Annotated[int, Field(ge=1)] = Field(10, description="More people than this always stop it")
    inactive_after: Duration = Field(timedelta(days=90), description="Nobody signed in for so long is a finding")
    keep_at_most: Duration = Field(timedelta(days=365), description="Longest time a finding may be kept as it is")
    protected: tuple[Word, ...] = Field((), description="Addresses that no run may touch, such as a break-glass admin")
    successor: str = Field("", description="E-mail of who gets a leaver's tickets and cases if nobody is named")
    by_hand_owner: str = Field("", description="E-mail of who does what no API can; the owner if empty")
    by_hand: tuple[Word, ...] = Field((), description="What else somebody does when a person leaves: shared secrets")
    slack_usergroups_write: bool = Field(
        False, description="Slack user groups are changed by the app, which asks for usergroups:write"
    )

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if problems := list(_problems(self.roles)):
            raise ValueError("; ".join(problems))
        return self

    @property
    def brake(self) -> Brake:
        """The brake of these rules."""
        return Brake(self.brake_least, self.brake_share, self.brake_most)

    def role(self, name: str) -> RoleRule | None:
        """The role of this name, whatever its case; None if there is none."""
        return next((role for role in self.roles if role.name.casefold() == name.strip().casefold()), None)


def _problems(roles: tuple[RoleRule, ...]) -> Iterator[str]:
    """Two roles of one name, and one thing upstream that stands for two roles, so that nobody could ever be mapped."""
    names = [role.name.strip().casefold() for role in roles]
    yield from (f"access.roles: the name {name!r} is used twice" for name in _twice(names))
    whose: defaultdict[str, list[str]] = defaultdict(list)
    for role in roles:
        for upstream in dict.fromkeys(role.stands_for()):
            whose[upstream].append(role.name)
    for upstream, owners in sorted(whose.items()):
        if len(owners) > 1:
            yield f"access.roles: {upstream} stands for {' and '.join(owners)}; it may stand for one role only"


def _twice(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})
