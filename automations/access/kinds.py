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
from automations.runs.journal import TOLD
from automations.runs.kinds import Action, Actions, Asked, Kinds, RunKind
from storage.models import Run

PROVISION: Final = "provision"
OFFBOARD: Final = "offboard"
SUSPEND: Final = "suspend"

Planner = Callable[[Asked, Doors, AccessContext], Plan]


def kinds(doors: Doors, welcome: Callable[[], str]) -> Kinds:
    """Provisioning, offboarding and *Suspend now*, by name. Who is about to lose access never sees the last two.

    `welcome` gives the words for a newcomer: how the buttons and reactions of this team are used.
    """

    def rested(session: Session, run: Run, ctx: RunContext) -> None:
        if run.state == RunState.DONE:
            tell_newcomer(session, run, welcome(), ctx)

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


def tell_newcomer(session: Session, run: Run, text: str, ctx: RunContext) -> None:
    """Tell whom a run is about something once, in a direct message, if they have a Slack user."""
    person = ctx.roster.by_email(run.subject)
    slack = (person.slack if person else None) or str(run.asked.get("slack") or "")
    if not slack:
        return
    data = {"run_id": run.id, "text": ctx.redactor.text(text)}
    key = f"run/{run.id}/told/{slack}/welcome"
    put_and_deliver(session, ctx, key=key, kind=TOLD, channel=slack, data=data, at=ctx.clock.now())


def _planned(planner: Planner, doors: Doors) -> Callable[[Asked, RunContext], Plan]:
    def plan(asked: Asked, ctx: RunContext) -> Plan:
        return planner(asked, doors, access_context(ctx))

    return plan
