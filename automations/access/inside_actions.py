"""How the steps inside Handoff, in Slack, upstream and by hand are looked at and made true."""

from dataclasses import dataclass

from automations.access import steps
from automations.access.inside import Inside, SlackGroups
from automations.access_ports import IdentitySource
from automations.domain import IdempotencyKey
from automations.errors import Refused
from automations.plan import Step


@dataclass(frozen=True, slots=True)
class Blocked:
    """Whether somebody may act in Handoff: free, blocked."""

    inside: Inside

    def look(self, step: Step) -> str | None:
        return steps.BLOCKED if self.inside.blocked(step.target) else steps.FREE

    def make(self, step: Step, value: str, *, key: IdempotencyKey) -> None:
        also = [step.arg["also"]] if "also" in step.arg else []
        if value == steps.BLOCKED:
            self.inside.block(step.target, also, key=key)
        else:
            self.inside.unblock(step.target, also, key=key)


@dataclass(frozen=True, slots=True)
class Duty:
    """Whether somebody has a duty now or covers one later: has duty, none."""

    inside: Inside

    def look(self, step: Step) -> str | None:
        return steps.HAS_DUTY if self.inside.duties(step.target) else steps.NONE

    def make(self, step: Step, value: str, *, key: IdempotencyKey) -> None:
        self.inside.end_duties(step.target, key=key)


@dataclass(frozen=True, slots=True)
class Cases:
    """Whether somebody has open cases: open, none."""

    inside: Inside

    def look(self, step: Step) -> str | None:
        return steps.OPEN if self.inside.cases(step.target) else steps.NONE

    def make(self, step: Step, value: str, *, key: IdempotencyKey) -> None:
        self.inside.hand_over(step.target, step.arg.get("to", ""), key=key)


@dataclass(frozen=True, slots=True)
class Rules:
    """Whether a setting in force names somebody: named, nowhere. A person edits the settings and reloads them."""

    inside: Inside

    def look(self, step: Step) -> str | None:
        return steps.NAMED if self.inside.named_in(step.target) else steps.NOWHERE

    def make(self, step: Step, value: str, *, key: IdempotencyKey) -> None:
        raise _by_person(step)


@dataclass(frozen=True, slots=True)
class SlackGroup:
    """Being in a Slack user group: in, out. A group is set as a whole, so it is read anew just before."""

    slack: SlackGroups

    def look(self, step: Step) -> str | None:
        if (user := step.arg.get("user")) is None:
            return None
        return steps.IN if user in self.slack.usergroup_users(step.arg["group"]) else steps.OUT

    def make(self, step: Step, value: str, *, key: IdempotencyKey) -> None:
        group, user = step.arg["group"], step.arg["user"]
        now = self.slack.usergroup_users(group)
        then = now | {user} if value == steps.IN else now - {user}
        if then == now:
            return
        if not then:
            raise Refused(
                f"They are the last in the user group {group}, and Slack lets no group be empty. Disable the group in "
                "Slack, or put somebody else into it. Nothing was changed."
            )
        self.slack.usergroup_set(group, then)


@dataclass(frozen=True, slots=True)
class Upstream:
    """Whether the identity source shows somebody active. It is only read: a person deactivates them there."""

    identity: IdentitySource | None

    def look(self, step: Step) -> str | None:
        if self.identity is None:
            return None
        person = self.identity.person(step.target)
        return steps.ACTIVE if person is not None and person.active else steps.INACTIVE

    def make(self, step: Step, value: str, *, key: IdempotencyKey) -> None:
        raise _by_person(step)


@dataclass(frozen=True, slots=True)
class ByHand:
    """What a person does and nothing reads."""

    def look(self, step: Step) -> str | None:
        return None

    def make(self, step: Step, value: str, *, key: IdempotencyKey) -> None:
        raise _by_person(step)


def _by_person(step: Step) -> Refused:
    return Refused(f"{step.words}: a person does this. Nothing was changed.")
