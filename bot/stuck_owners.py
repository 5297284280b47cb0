"""Stuck work whose owner is gone: it goes to who is there, both hear of it, and that it could happen is a finding.

Gone is who is not under [[people]] any more, whose access was taken away, or whose Slack account is deactivated or
unknown. The finding is an item of the failure queue itself: its Retry looks again, and it comes back with the
next work that goes to somebody who is not there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from automations.domain import HANDOFF
from automations.errors import AdapterError, Refused
from automations.failure_tickets.context import Context
from automations.failure_tickets.present import present
from bot import stuck_reminders
from bot.engine import Args, JobSpec, Route
from bot.schedule import Here
from bot.slack_errors import TargetGone
from bot.slack_types import SlackUser
from storage import audit
from storage.engine import Database
from storage.models import StuckItem

log = structlog.get_logger(__name__)

JOB: Final = "stuck.owner"
"""Job: look whether an owner of stuck work is there, and give the work to somebody who is."""
EVERY: Final = timedelta(minutes=5)
ROUTE: Final = Route(name=JOB, queue="jobs")


@dataclass(frozen=True, slots=True)
class StuckOwners:
    """Looks after owners. `profile` asks Slack for a user; it raises AdapterError, TargetGone for nobody."""

    database: Database
    context: Callable[[], Context]
    profile: Callable[[str], SlackUser]

    def timetable(self) -> tuple[Here, ...]:
        """A look at the owners, in every process; what is found is asked for once."""
        return (Here("stuck owners", EVERY.total_seconds(), self.ask),)

    def spec(self) -> JobSpec:
        """The job, ready for the engine."""
        return JobSpec(
            name=JOB,
            queue="jobs",
            advance=self.advance,
            target=lambda args: f"owner {args['owner']}",
            owner_of=lambda _session, args: _heirs(str(args["owner"]), self.context())[0],
        )

    def ask(self) -> int:
        """Ask for the job for every owner of open work who is gone, once a day and for newer work. Says how many."""
        with self.database.read() as session:
            ctx = present(session, self.context())
            newest = select(StuckItem.owner, func.max(StuckItem.id)).where(StuckItem.state == "open")
            owners = session.execute(newest.group_by(StuckItem.owner).order_by(StuckItem.owner)).all()
        gone = [(owner, upto) for owner, upto in owners if self.why_gone(owner, ctx)]
        for owner, upto in gone:
            with self.database.begin() as session:
                ctx.jobs.enqueue(session, JOB, f"{owner}/{ctx.clock.now().date()}/{upto}", {"owner": owner})
        return len(gone)

    def advance(self, args: Args) -> None:
        """Give the work of somebody who is gone to who is there. Raises: Refused if there was any, as the finding."""
        owner = str(args["owner"])
        with self.database.read() as session:
            ctx = present(session, self.context())
        why = self.why_gone(owner, ctx)
        if not why:
            return
        name, there = ctx.roster.name(owner), [one for one in _heirs(owner, ctx) if not self.why_gone(one, ctx)]
        if not there:
            raise Refused(
                f"{name} {why}, and so is everybody who would get their work. Name somebody who is there as "
                "failure_tickets.default_owner, then press Retry."
            )
        hearing = [one for one in dict.fromkeys((*there, owner)) if not self.why_gone(one, ctx)]
        with self.database.begin() as session:
            moved = _move(session, owner, there[0], why, hearing, ctx)
        if moved:
            raise Refused(
                f"{name} {why} but owned stuck work: {_pieces(moved)} went to {ctx.roster.name(there[0])}. Name "
                f"somebody else where the settings or a rotation name {owner}, then press Retry."
            )

    def why_gone(self, owner: str, ctx: Context) -> str:
        """Why this person can do nothing about it ("is not under [[people]]"); empty if they can, or nobody knows."""
        person = ctx.roster.by_email(owner)
        if person is None:
            return "is not under [[people]]"
        if person.blocked:
            return "has no access to Handoff any more"
        if person.slack is None:
            return ""
        try:
            return "is deactivated in Slack" if self.profile(person.slack).deleted else ""
        except TargetGone:
            return "is not known to Slack"
        except AdapterError as exc:  # Slack is away: that says nothing about the person
            log.debug("stuck.owner_not_looked_up", error=str(exc))
            return ""


def _heirs(owner: str, ctx: Context) -> list[str]:
    """Who would get it, in order: the default owner, then the lead; never whoever is gone, if there is another."""
    known = dict.fromkeys((ctx.book.default_owner.lower(), ctx.book.lead.lower()))
    return [email for email in known if email != owner] or [owner]


def _move(session: Session, owner: str, heir: str, why: str, hearing: Sequence[str], ctx: Context) -> int:
    """Give all that is open to the heir, and tell those who can be told. Says how much it was."""
    audit.hold(session)
    theirs = StuckItem.state == "open", StuckItem.owner == owner
    moved = session.scalars(
        update(StuckItem).where(*theirs).values(owner=heir).returning(StuckItem),
        execution_options={"populate_existing": True},
    ).all()
    for item in moved:
        audit.append(
            session, at=ctx.clock.now(), actor=HANDOFF.id, action="stuck.owner_gone", target=item.target,
            outcome="moved", correlation_id=f"stuck-{item.id}", before={"owner": owner},
            after={"owner": heir, "why": why},
        )  # fmt: skip
    if moved:
        told = f"{ctx.roster.name(owner)} {why}: {_pieces(len(moved))} went to {ctx.roster.name(heir)}."
        for email in hearing:
            stuck_reminders.tell(session, email, told, ctx, name=f"gone/{owner}/{max(item.id for item in moved)}")
        stuck_reminders.follow(session, heir, ctx)
    return len(moved)


def _pieces(count: int) -> str:
    return f"{count} {'piece' if count == 1 else 'pieces'} of stuck work"
