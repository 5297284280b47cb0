"""What access brings to runs: how provisioning, offboarding and a suspension are planned, and every action."""

from collections.abc import Callable
from typing import Final

from sqlalchemy.orm import Session

from automations.access import desk_actions as desk
from automations.access import inside_actions as inside
from automations.access import offboard, provision
from automations.access.context import AccessContext
from automations.access.desk_tickets import Tickets
from automations.access.doors import Doors, access_context
from automations.access.steps import Kind
from automations.plan import Plan, RunState
from automations.posting import put_and_deliver
from automations.runs.context import RunContext
from automations.runs.kinds import Action, Actions, Asked, Kinds, RunKind
from storage.models import Run

PROVISION: Final = "provision"
OFFBOARD: Final = "offboard"
SUSPEND: Final = "suspend"
WELCOME: Final = "access.welcome"
"""The kind of message that greets a newcomer."""

Planner = Callable[[Asked, Doors, AccessContext], Plan]


def kinds(doors: Doors) -> Kinds:
    """Provisioning, offboarding and *Suspend now*, by name. Who is about to lose access never sees the last two.

    A newcomer is told once, when all is done, how buttons and reactions are used.
    """

    def rested(session: Session, run: Run, ctx: RunContext) -> None:
        if run.state == RunState.DONE:
            welcome(session, run, ctx)

    return {
        PROVISION: RunKind(PROVISION, _planned(provision.observe_and_plan, doors), rested=rested),
        OFFBOARD: RunKind(OFFBOARD, _planned(offboard.observe_and_plan, doors), hidden=True),
        SUSPEND: RunKind(SUSPEND, _planned(offboard.observe_and_suspend, doors), hidden=True, reviewed=True),
    }


def actions(doors: Doors) -> Actions:
    """Every action of access by the kind of its steps."""
    at = doors.at
    made: dict[Kind, Action] = {
        Kind.BLOCK: inside.Blocked(doors.inside),
        Kind.DUTY: inside.Duty(doors.inside),
        Kind.CASES: inside.Cases(doors.inside),
        Kind.RULES: inside.Rules(doors.inside),
        Kind.ACCOUNT: desk.Account(at),
        Kind.ROLE: desk.AgentRole(at),
        Kind.GROUP: desk.Membership(at),
        Kind.SUSPEND: desk.Suspension(at),
        Kind.SESSIONS: desk.Sessions(at),
        Kind.TOKEN: desk.Token(at),
        Kind.TICKETS: Tickets(doors.desk),
        Kind.SEAT: desk.Seat(at),
        Kind.RESEND: desk.Resent(at),
        Kind.ACCEPTED: desk.Accepted(at),
        Kind.SIGNED_IN: desk.SignedIn(at),
        Kind.SLACK_GROUP: inside.SlackGroup(doors.slack),
        Kind.SLACK_ACCOUNT: inside.ByHand(),
        Kind.UPSTREAM: inside.Upstream(doors.identity),
        Kind.TASK: inside.ByHand(),
    }
    return {str(kind): action for kind, action in made.items()}


def welcome(session: Session, run: Run, ctx: RunContext) -> None:
    """Greet whom a run is about once, in a direct message, if they have a Slack user."""
    person = ctx.roster.by_email(run.subject)
    slack = (person.slack if person else None) or str(run.asked.get("slack") or "")
    if not slack:
        return
    name = person.name if person else str(run.asked.get("name") or run.subject)
    data = {"run_id": run.id, "name": ctx.redactor.text(name)}
    key = f"run/{run.id}/told/{slack}/welcome"
    put_and_deliver(session, ctx, key=key, kind=WELCOME, channel=slack, data=data, at=ctx.clock.now())


def _planned(planner: Planner, doors: Doors) -> Callable[[Asked, RunContext], Plan]:
    def plan(asked: Asked, ctx: RunContext) -> Plan:
        return planner(asked, doors, access_context(ctx))

    return plan
