"""The steps that mend a finding, made of the steps of access. Pure.

What the desk's lists do not tell is read when somebody confirms, and shown to people with the rest before anything is
done: nobody confirms what they have not seen.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any, Final

from automations.access import steps
from automations.access.rules import RoleRule
from automations.access.steps import Desk, Kind
from automations.desks import AgentAccess, Capability
from automations.plan import Step

REINVITE: Final = "invitation.resend"
"""A kind of step: an invitation is sent once more. Nothing reads that back."""
LOOK: Final = "desk.look"
"""Stands in a finding alone, never in a run: what it names is read when somebody confirms."""


def suspended(access: AgentAccess, desk: Desk) -> tuple[Step, ...]:
    """Let nobody work as this desk user: suspend, then sessions, then each token."""
    email = access.agent.email
    return (
        *_looked_at(access, desk),
        steps.suspend(desk, email, access.agent.state),
        steps.sessions(desk, email),
        *steps.tokens(desk, email, access.tokens or ()),
    )


def _looked_at(access: AgentAccess, desk: Desk) -> tuple[Step, ...]:
    """What has to be read before this desk user is suspended, since the desk's lists do not tell it."""
    unknown = ["role"] if not access.agent.role else []
    unknown += ["tokens"] if access.tokens is None and Capability.TOKENS in desk.can else []
    if not unknown:
        return ()
    words = f"Look up their {' and '.join(unknown)}, which {desk.title}'s lists do not tell"
    return (Step(LOOK, access.agent.email, "", "", words),)


def groups(email: str, join: Collection[str], leave: Collection[str], desk: Desk) -> tuple[Step, ...]:
    """Put somebody into groups and take them out of others, first the joining, each in the order of names."""
    return (
        *(steps.group(desk, email, name, steps.OUT, steps.IN) for name in sorted(join)),
        *(steps.group(desk, email, name, steps.IN, steps.OUT) for name in sorted(leave)),
    )


def account(email: str, name: str, rule: RoleRule, desk: Desk) -> tuple[Step, ...]:
    """Make the desk user with the role and the groups that the rule gives."""
    return (
        steps.account(desk, email, name, rule.desk_role, steps.NONE),
        steps.role(desk, email, steps.NONE, rule.desk_role, needs=(0,)),
        *(steps.group(desk, email, group, steps.OUT, steps.IN, needs=(0,)) for group in sorted(rule.groups)),
    )


def invited_again(email: str, desk: Desk) -> tuple[Step, ...]:
    """Send an invitation once more, then wait until it is accepted."""
    sent = Step(REINVITE, email, "", "sent", f"Send the invitation to {desk.title} again")
    words = f"Accept the invitation to {desk.title}"
    accepted = Step(Kind.ACCEPTED, email, steps.NOT_YET, steps.ACCEPTED, words, needs=(0,), waits=True)
    return (desk.made(sent, Capability.REINVITES, readable=False), accepted)


def as_row(step: Step) -> dict[str, Any]:
    """A step as a row keeps it: plain JSON values."""
    return {**asdict(step), "args": [list(pair) for pair in step.args], "needs": list(step.needs)}


def from_row(row: Mapping[str, Any]) -> Step:
    """The step a row stands for."""
    return Step(**{**row, "args": tuple((name, value) for name, value in row["args"]), "needs": tuple(row["needs"])})
