"""The rules: which failure goes to which queue, owner and channel, how urgent, and when it is escalated.

Rules are tried in the order of the file; the first that matches decides everything, and what it leaves open is the
default's. An event that matches none goes to the default owner.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from automations.domain import Priority
from automations.durations import Duration
from automations.duty import Group, Rotation
from automations.errors import ConfigError
from automations.failure_tickets.alert import Alert
from automations.failure_tickets.event import OPENS_A_CASE, FailureEvent, Reason
from automations.failure_tickets.priority import PriorityRules
from automations.people import Roster

DEFAULT_RULE_NAME = "default"


def _listed(value: object) -> object:
    """One pattern may stand without brackets."""
    return (value,) if isinstance(value, str) else value


Pattern = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=255)]
Patterns = Annotated[tuple[Pattern, ...], BeforeValidator(_listed)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]
OwnerText = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^(person|rotation|group):\s*\S.*$")]


class OwnerRef(NamedTuple):
    """Who a rule names: a person by e-mail address, a rotation or a group by name."""

    kind: Literal["person", "rotation", "group"]
    name: str


class Rule(BaseModel):
    """One rule. Everything named must match; within a list one is enough; what is not named matches everything.

    `source`, `job` and `tier` are patterns with `*` and `?`, compared in lower case; an event without a job or tier
    is matched as an empty text, which only `*` covers. `reason` is what the event was sent with.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: Text = Field(description="Shown on the case and kept with feedback; unique")
    source: Patterns = Field((), description="Patterns of the source")
    job: Patterns = Field((), description="Patterns of the job's name")
    tier: Patterns = Field((), description="Patterns of the customer's tier")
    reason: Annotated[tuple[Reason, ...], BeforeValidator(_listed)] = Field((), description="Reasons as sent")
    treat_as: Reason | None = Field(
        None, description="The reason an alert of Sentry or Alertmanager that is only a warning counts as"
    )
    queue: Text | None = Field(None, description="Group in the desk; the default queue if unset")
    owner: OwnerText | None = Field(
        None, description="person:EMAIL, rotation:NAME or group:NAME; the default owner if unset"
    )
    channel: Text | None = Field(None, description="Slack channel; the default channel if unset")
    priority: Priority | None = Field(None, description="A fixed priority; by impact if unset")
    escalate_after: Duration | None = Field(None, description="Unclaimed for this long: escalated; default if unset")
    close_on_resolved: bool | None = Field(None, description="A `resolved` event closes the case; default if unset")
    remind_after: Annotated[Duration, Field(ge=timedelta(minutes=15), le=timedelta(days=7))] | None = Field(
        None, description="Claimed and untouched for this long: spoken of again; default if unset"
    )

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if self.treat_as is not None and self.treat_as not in OPENS_A_CASE:
            raise ValueError(f"treat_as must be one of {', '.join(sorted(OPENS_A_CASE))}")
        if self.escalate_after is not None and self.escalate_after <= timedelta():
            raise ValueError("escalate_after must be longer than zero")
        return self

    @property
    def owner_ref(self) -> OwnerRef | None:
        """The owner taken apart, None for the default owner."""
        if self.owner is None:
            return None
        kind, _, name = self.owner.partition(":")
        match kind:
            case "person":
                return OwnerRef("person", name.strip().lower())
            case "rotation":
                return OwnerRef("rotation", name.strip())
            case _:
                return OwnerRef("group", name.strip())

    def matches(self, event: FailureEvent) -> bool:
        """Say whether everything this rule names fits the event."""
        return (
            (not self.reason or event.reason in self.reason)
            and _fits(self.source, event.source)
            and _fits(self.job, event.job.name or "")
            and _fits(self.tier, event.customer.tier if event.customer else "")
        )

    def judged(self, event: FailureEvent) -> FailureEvent:
        """Give the event the reason this rule names for alerts; only an alert that is still a warning takes it."""
        if self.treat_as is None or not isinstance(event, Alert) or event.reason is not Reason.WARNING:
            return event
        return event.model_copy(update={"reason": self.treat_as})


DEFAULT_RULE = Rule(name=DEFAULT_RULE_NAME)
"""What applies where no rule matches: everything by default."""


@dataclass(frozen=True)
class RuleBook:
    """All rules and the defaults. Channels are Slack channel ids, here and in the rules: the settings resolve names.

    `escalate_after` None: never. `escalation_lead` None: the default owner. `zone` is the team's, for words.
    """

    default_owner: str
    default_queue: str
    default_channel: str
    escalation_channel: str
    rules: tuple[Rule, ...] = ()
    rotations: tuple[Rotation, ...] = ()
    groups: tuple[Group, ...] = ()
    escalation_lead: str | None = None
    escalate_after: timedelta | None = None
    close_on_resolved: bool = True
    priority: PriorityRules = field(default_factory=PriorityRules)
    zone: str = "UTC"

    def match(self, event: FailureEvent) -> Rule:
        """Find the first rule that fits, else `DEFAULT_RULE`."""
        return next((rule for rule in self.rules if rule.matches(event)), DEFAULT_RULE)

    def rule(self, name: str) -> Rule:
        """Find the rule of this name; the default rule if it is gone since."""
        return next((rule for rule in self.rules if rule.name == name), DEFAULT_RULE)

    def closes_on_resolved(self, rule: Rule) -> bool:
        """Say whether a `resolved` event closes the cases of this rule."""
        return self.close_on_resolved if rule.close_on_resolved is None else rule.close_on_resolved

    @property
    def lead(self) -> str:
        """Who is told of escalations, by e-mail address."""
        return self.escalation_lead or self.default_owner

    def rotation(self, name: str) -> Rotation | None:
        """Find the rotation of this name."""
        return next((rotation for rotation in self.rotations if rotation.name == name), None)

    def group(self, name: str) -> Group | None:
        """Find the group of this name."""
        return next((group for group in self.groups if group.name == name), None)

    def validate(self, roster: Roster) -> None:
        """Check that everybody and everything named exists.

        Raises: ConfigError naming the key and what is known. A book without a default owner is refused.
        """
        if not self.default_owner.strip():
            raise ConfigError("failure_tickets.default_owner is missing. It must be the e-mail address of a person.")
        people = [person.email.lower() for person in roster.people]
        _known("failure_tickets.default_owner", self.default_owner.lower(), people)
        if self.escalation_lead is not None:
            _known("failure_tickets.escalation_lead", self.escalation_lead.lower(), people)
        _once("rotations", [rotation.name for rotation in self.rotations])
        _once("groups", [group.name for group in self.groups])
        for kind, sets in (("rotations", self.rotations), ("groups", self.groups)):
            for one in sets:
                for email in one.people:
                    _known(f"{kind}.{one.name}.people", email, people)
        _once("failure_tickets.rules", [DEFAULT_RULE_NAME, *(rule.name for rule in self.rules)])
        for number, rule in enumerate(self.rules):
            self._validate_owner(f"failure_tickets.rules[{number}] ({rule.name}).owner", rule.owner_ref, people)

    def _validate_owner(self, key: str, owner: OwnerRef | None, people: list[str]) -> None:
        match owner:
            case ("person", name):
                _known(key, name, people)
            case ("rotation", name):
                _known(key, name, [rotation.name for rotation in self.rotations])
            case ("group", name):
                _known(key, name, [group.name for group in self.groups])
            case _:
                return


def _fits(patterns: tuple[str, ...], text: str) -> bool:
    return not patterns or any(fnmatchcase(text.lower(), pattern) for pattern in patterns)


def _known(key: str, name: str, known: Iterable[str]) -> None:
    if name not in (names := sorted(known)):
        listed = ", ".join(names) or "none yet"
        raise ConfigError(f"{key}: {name!r} is not known. Known: {listed}.")


def _once(key: str, names: list[str]) -> None:
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ConfigError(f"{key}: the name {twice[0]!r} is used twice or is reserved. Each needs a name of its own.")
