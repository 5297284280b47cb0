"""The steps of access: which kinds there are, the values each has, and how each reads on a card. Pure.

Whoever plans (provisioning, offboarding, a finding's fix) makes its steps here, and `actions` makes them true, so that
one kind of step has one meaning. What the desk cannot by its API becomes the same step done by a person, in the same
place, and is read back afterwards if anything can be read.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from automations.desks import ABILITY, Capability, DeskToken
from automations.plan import Step


class Kind(StrEnum):
    """What a step is about; the name of its action. Beside each: its values."""

    BLOCK = "handoff.block"  # free, blocked
    DUTY = "handoff.duty"  # has duty, none
    CASES = "handoff.cases"  # open, none
    RULES = "handoff.rules"  # named, nowhere
    ACCOUNT = "desk.account"  # none, suspended, there
    ROLE = "desk.role"  # none, or the desk's name of a role
    GROUP = "desk.group"  # out, in
    SUSPEND = "desk.suspend"  # active, invited, suspended
    SESSIONS = "desk.sessions"  # open, ended
    TOKEN = "desk.token"  # noqa: S105 - a kind of step, no secret; alive, revoked
    TICKETS = "desk.tickets"  # open, none
    SEAT = "desk.seat"  # none, or the desk's name of a role
    ACCEPTED = "invitation.accepted"  # not yet, accepted
    SIGNED_IN = "desk.signed_in"  # not yet, signed in
    SLACK_GROUP = "slack.group"  # out, in
    SLACK_ACCOUNT = "slack.account"  # nothing reads it
    UPSTREAM = "identity.account"  # active, inactive
    TASK = "hand.task"  # nothing reads it


NONE: Final = "none"
THERE: Final = "there"
IN: Final = "in"
OUT: Final = "out"
ACTIVE: Final = "active"
SUSPENDED: Final = "suspended"
INACTIVE: Final = "inactive"
FREE: Final = "free"
BLOCKED: Final = "blocked"
HAS_DUTY: Final = "has duty"
OPEN: Final = "open"
ENDED: Final = "ended"
ALIVE: Final = "alive"
REVOKED: Final = "revoked"
NAMED: Final = "named"
NOWHERE: Final = "nowhere"
NOT_YET: Final = "not yet"
ACCEPTED: Final = "accepted"
SIGNED_IN: Final = "signed in"

NOT_UNDONE: Final[Mapping[Kind, str]] = {
    Kind.DUTY: "Covers of the duty that are ended are given anew by hand.",
    Kind.CASES: "Cases that are handed over stay with their new owners; reassign them to give them back.",
    Kind.SESSIONS: "Ended sessions come back by signing in again.",
    Kind.TOKEN: "A revoked token cannot be brought back; a new one has to be made.",
    Kind.TICKETS: "Tickets that are handed over stay with their new assignee; give them back in the desk.",
    Kind.ACCOUNT: "An account that is made here cannot be removed again by the desk's API.",
    Kind.ROLE: "The role of a new account goes with the account.",
}
"""Why a step of this kind that bears no `undo` cannot be taken back; these sentences are a plan's warnings.

What is only waited for is made by somebody else, so there is nothing of ours to take back.
"""
BY_HAND_NOT_UNDONE: Final = "What a person does by hand is taken back by hand."


@dataclass(frozen=True, slots=True)
class Desk:
    """What steps are made for: the desk's title, what can be done there by API, and who does the rest.

    `title` is as it reads inside a sentence. `can` holds nothing of access without the administrative credential; `by_hand` are the desk's own sentences for what
    it cannot. `owner` is the e-mail address of who does things by hand.
    """

    title: str
    can: frozenset[Capability]
    by_hand: Mapping[Capability, str]
    owner: str

    def instead(self, capability: Capability) -> str:
        """What a person does where the desk's API cannot do this, or Handoff has no credential for it."""
        if capability in self.by_hand:
            return self.by_hand[capability]
        able = ABILITY[capability]
        return f"Handoff has no administrative credential for {self.title}: {able} there by hand."

    def made(self, step: Step, capability: Capability, *, readable: bool = True) -> Step:
        """The step as it is if the desk can do it; else as a task, which is read back where it is `readable`."""
        if capability in self.can:
            return step
        task = replace(step, by_hand=self.instead(capability), owner=self.owner, undo="")
        return task if readable else replace(task, before="", after="")


def account(desk: Desk, email: str, name: str, role: str, state: str) -> Step:
    """Have an agent who can sign in, or has been invited to. `state` is none, suspended or there."""
    args = (("name", name), ("role", role))
    if state == SUSPENDED:
        step = Step(Kind.ACCOUNT, email, state, THERE, f"Let {email} sign in to {desk.title} again", args)
        return desk.made(replace(step, undo="Suspend them again"), Capability.SUSPENDS)
    words = f"Make {email} an agent in {desk.title}"
    if Capability.INVITATIONS in desk.can:
        words = f"Deliver an invitation to {desk.title} to {email}"
    undo = f"Remove them from {desk.title}" if Capability.REMOVES in desk.can else ""
    return desk.made(Step(Kind.ACCOUNT, email, state, THERE, words, args, undo), Capability.INVITES)


def role(desk: Desk, email: str, now: str, wanted: str, *, needs: tuple[int, ...] = ()) -> Step:
    """Have this role in the desk. A new account has it from its invitation, and it goes with it."""
    words = f"Role {wanted} in {desk.title}" if now in (NONE, wanted) else f"Role {now} -> {wanted} in {desk.title}"
    if now == NONE and Capability.INVITES in desk.can:
        return Step(Kind.ROLE, email, now, wanted, words, needs=needs)
    undo = "" if now == NONE else f"Give back the role {now}"
    step = Step(Kind.ROLE, email, now, wanted, words, undo=undo, needs=needs)
    return step if now == wanted else desk.made(step, Capability.ROLES)


def group(
    desk: Desk, email: str, name: str, now: str, wanted: str, *, to: str = "", needs: tuple[int, ...] = ()
) -> Step:
    """Be in a group of the desk, or out of it. `to` takes over open tickets in it first, if it is left.

    Some desks take the tickets of a group from whoever leaves it, and then nobody has them.
    """
    joins = wanted == IN
    words = f"{'Into' if joins else 'Out of'} the group {name}"
    undo = f"{'Out of' if joins else 'Back into'} the group {name}"
    args = (("group", name), *((("to", to),) if to and not joins else ()))
    step = Step(Kind.GROUP, email, now, wanted, words, args, undo, needs)
    return desk.made(step, Capability.MEMBERSHIPS, readable=False)


def suspend(desk: Desk, email: str, state: str) -> Step:
    """Let nobody sign in as them. Who is not in the desk any more counts as suspended."""
    undo = "Let them sign in again"
    step = Step(Kind.SUSPEND, email, state, SUSPENDED, f"Suspend in {desk.title}", undo=undo, urgent=True)
    return desk.made(step, Capability.SUSPENDS)


def sessions(desk: Desk, email: str) -> Step:
    """Sign them out everywhere. No desk tells whether somebody is signed in, so it is stated and never verified."""
    step = Step(Kind.SESSIONS, email, OPEN, ENDED, f"End all sessions in {desk.title}", urgent=True)
    return desk.made(step, Capability.SESSIONS, readable=False)


def tokens(desk: Desk, email: str, found: Iterable[DeskToken]) -> tuple[Step, ...]:
    """Revoke each token; where the desk lists none by API, one task."""
    if Capability.TOKENS not in desk.can:
        step = Step(Kind.TOKEN, email, "", "", f"Revoke tokens in {desk.title}", urgent=True)
        return (desk.made(step, Capability.TOKENS, readable=False),)
    return tuple(
        Step(Kind.TOKEN, email, ALIVE, REVOKED, f"Revoke {token.name}", (("token", token.id),), urgent=True)
        for token in sorted(found, key=lambda token: token.id)
    )


def tickets(desk: Desk, email: str, to: str, to_name: str, count: int) -> Step:
    """Hand open tickets over, those too that come until then. `to` is empty only where there are none."""
    open_ones = "1 open ticket" if count == 1 else f"{count or 'no'} open tickets"
    words = f"Hand {open_ones} over to {to_name}" if to else "No open tickets"
    args = (("to", to),) if to else ()
    step = Step(Kind.TICKETS, email, OPEN if count else NONE, NONE, words, args)
    return desk.made(step, Capability.ASSIGNED, readable=False)


def seat(desk: Desk, email: str, name: str, now: str, *, needs: tuple[int, ...] = ()) -> Step:
    """Free the seat: not an agent any more. It comes last, since it takes what is left from them."""
    words = f"Free the seat in {desk.title}"
    undo = f"A new invitation as {now}"
    step = Step(Kind.SEAT, email, now, NONE, words, (("name", name), ("role", now)), undo, needs)
    return desk.made(step, Capability.REMOVES)


def slack_group(slack: str, email: str, name: str, now: str, wanted: str, *, writes: bool, owner: str) -> Step:
    """Be in a Slack user group, or out of it. By hand unless the app may write, or the Slack user is not known yet.

    `now` is empty where it cannot be read.
    """
    joins = wanted == IN
    words = f"{'Into' if joins else 'Out of'} the Slack user group {name}"
    args = (("group", name), *((("user", slack),) if slack else ()))
    if slack and now and writes:
        undo = f"{'Out of' if joins else 'Back into'} the Slack user group {name}"
        return Step(Kind.SLACK_GROUP, email, now, wanted, words, args, undo)
    verb = f"{'Add' if joins else 'Remove'} {email} {'to' if joins else 'from'}"
    by_hand = f"{verb} the user group {name} in Slack, under People, User groups."
    before, after = (now, wanted) if slack and now else ("", "")
    return Step(Kind.SLACK_GROUP, email, before, after, words, args, by_hand=by_hand, owner=owner)


def warnings_of(steps: Iterable[Step]) -> tuple[str, ...]:
    """What cannot be taken back of these steps, a sentence for each kind, in their order."""
    lasting = [step for step in steps if not (step.already or step.undo or step.waits)]
    said = [BY_HAND_NOT_UNDONE if step.by_hand else NOT_UNDONE[Kind(step.kind)] for step in lasting]
    return tuple(dict.fromkeys(said))
