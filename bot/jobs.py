"""The jobs Handoff knows: what each does, in which queue, whose it is when it cannot be done."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.domain import case_ref
from automations.failure_tickets import escalate, group_acts, group_life, group_ticket, pauses, shadow, tickets
from automations.failure_tickets.context import Context
from automations.failure_tickets.journal import SYNC
from automations.failure_tickets.placing import group_ref
from automations.failure_tickets.present import present
from automations.ports import HelpDesk
from automations.posting import DELIVER
from bot import (
    conversation_side,
    customer_notices,
    desk_round,
    mirror_side,
    report_side,
    rounds,
    run_jobs,
    stuck_owners,
    timed,
    uploading,
    watch_side,
)
from bot.delivery import Delivery, thread_channel
from bot.engine import Args, JobSpec, Route
from bot.slack_files import SlackFiles
from bot.uploading import Drawers, Uploading
from storage import modes, notifications
from storage.engine import Database
from storage.models import Case, CaseTicket, Notification

log = structlog.get_logger(__name__)

ESCALATE = "case.escalate"
ESCALATE_AGAIN: Final = "case.escalate.again"
"""Job: ask once more for the escalations that are overdue, after something stood in the way of asking."""

ROUTES = (
    Route(name=DELIVER, queue="slack", partition=thread_channel),
    Route(name=SYNC, queue="desk"),
    Route(name=ESCALATE, queue="jobs"),
    Route(name=ESCALATE_AGAIN, queue="jobs"),
    Route(name=group_life.SYNC, queue="desk"),
    Route(name=group_acts.JOB, queue="jobs"),
    desk_round.ROUTE,
    *timed.ROUTES,
    *uploading.ROUTES,
    *run_jobs.ROUTES,
    mirror_side.ROUTE,
    *report_side.ROUTES,
    *watch_side.ROUTES,
    *customer_notices.ROUTES,
    conversation_side.ROUTE,
    stuck_owners.ROUTE,
)
"""All that somebody has to know who only asks for jobs."""


def _nobody_told(_session: Session, _args: Args, _why: str) -> None:
    """Whose message it was is seen from the failure queue."""


@dataclass(frozen=True, slots=True)
class Work:
    """What jobs work with, and the rounds that ask for jobs by themselves.

    `not_delivered` is told of a message that was given up, in the transaction that writes the failure queue. `drawers`
    make the files for Slack.
    """

    database: Database
    desk: HelpDesk
    delivery: Delivery
    context: Callable[[], Context]
    not_delivered: Callable[[Session, Args, str], None] = _nobody_told
    drawers: Drawers = field(default_factory=dict)

    def specs(self) -> tuple[JobSpec, ...]:
        """Every job, ready for the engine."""
        return (
            JobSpec(
                name=DELIVER,
                queue="slack",
                partition=thread_channel,
                advance=self.delivery.advance,
                target=_message,
                owner_of=_owner_of_message,
                on_stuck=self._not_delivered,
            ),
            JobSpec(name=SYNC, queue="desk", advance=self._sync, target=_case, owner_of=_owner_of_case),
            JobSpec(name=ESCALATE, queue="jobs", advance=self._escalate, target=_case, owner_of=_owner_of_case),
            rounds.again_spec(ESCALATE_AGAIN, self._escalations_again),
            self.looking.spec(),
            JobSpec(name=group_life.SYNC, queue="desk", advance=self._sync_group, target=_group, owner_of=_no_owner),
            JobSpec(name=group_acts.JOB, queue="jobs", advance=self._act_on_many, target=_message, owner_of=_no_owner),
            *timed.specs(self.database, self.context),
            *self.files.specs(),
        )

    @property
    def files(self) -> Uploading:
        """Bringing files to Slack."""
        way = self.delivery
        return Uploading(self.database, SlackFiles(way.gateway), way.jobs, way.clock, self.drawers)

    @property
    def looking(self) -> desk_round.DeskRound:
        """Looking at the desk for what people did there."""
        return desk_round.DeskRound(self.database, self.desk, self.context)

    def ask_for_escalations(self) -> int:
        """Ask for the escalation of every overdue case, once per case and deadline. Says how many are overdue.

        A mode that was set or a pause that ended since makes another asking of it: the one before may have come when
        nothing was to be done.
        """
        context = self.context()
        return rounds.ask(self.database, self._escalations, context.jobs, context.clock)

    @property
    def _escalations(self) -> rounds.Round:
        return rounds.Round(ESCALATE, ESCALATE, self._overdue, ESCALATE_AGAIN)

    def _overdue(self, session: Session) -> list[rounds.Due]:
        mode = modes.row_of(session, shadow.NAME)
        changed = [at for at in (mode.set_at if mode else None, pauses.last_end(session)) if at]
        since = f"/{max(changed).isoformat()}" if changed else ""
        overdue = escalate.due(session, self.context())
        found = session.execute(select(Case.id, Case.escalate_at).where(Case.id.in_(overdue)))
        deadlines = {row.id: row.escalate_at for row in found if row.escalate_at is not None}
        return [(f"{one}/{deadlines[one].isoformat()}{since}", {"case_id": one}) for one in overdue if one in deadlines]

    def _escalations_again(self, _kind: str) -> None:
        rounds.all_of_it(self.database, self._escalations, self.context().jobs)

    def ask_for_what_is_due(self) -> int:
        """Ask for everything that happens by the clock and is due now, and for files. Says how many there were."""
        return timed.ask(self.database, self.context) + self.files.ask()

    def ask_for_what_was_lost(self) -> int:
        """Ask for the jobs of tickets and messages that wait for one, as after a restore without the engine's tables.

        Called at a start. A job that is known already is not asked for twice. Says how many were asked for.
        """
        context = self.context()
        behind = ~((CaseTicket.state == "verified") & (CaseTicket.verified_version >= CaseTicket.wanted_version))
        waiting = select(CaseTicket.case_id, CaseTicket.wanted_version).where(behind).order_by(CaseTicket.case_id)
        with self.database.begin() as session:
            tickets_behind = session.execute(waiting).all()
            for case_id, version in tickets_behind:
                context.jobs.enqueue(session, SYNC, f"ticket/{case_id}/{version}", {"case_id": case_id})
            group_life.ask_for_all(session, context)
            messages = notifications.owed(session)
            for key in messages:
                name = f"deliver/{key}/{notifications.version(session, key)}"
                context.jobs.enqueue(session, DELIVER, name, {"key": key})
        return len(tickets_behind) + len(messages)

    def _not_delivered(self, session: Session, args: Args, why: str) -> None:
        self.delivery.stuck(session, args, why)
        self.not_delivered(session, args, why)

    def _sync(self, args: Args) -> str | None:
        step = tickets.advance(self.database, self.desk, int(args["case_id"]), self.context())
        if step is not None:
            log.info("desk.ticket", system=self.desk.system, step=step)
        return step

    def _sync_group(self, args: Args) -> str | None:
        return group_ticket.advance(self.database, self.desk, int(args["group_id"]), self.context())

    def _act_on_many(self, args: Args) -> str | None:
        with self.database.begin() as session:
            ctx = present(session, self.context())
            return "batch" if group_acts.go_on(session, str(args["key"]), ctx) else None

    def _escalate(self, args: Args) -> str | None:
        with self.database.begin() as session:
            escalate.escalate_overdue(session, int(args["case_id"]), self.context())
        return None


def _case(args: Args) -> str:
    return case_ref(int(args["case_id"]))


def _no_owner(_session: Session, _args: Args) -> str:
    """Many cases have many owners, so the default owner looks after it."""
    return ""


def _group(args: Args) -> str:
    return group_ref(int(args["group_id"]))


def _owner_of_case(session: Session, args: Args) -> str:
    return session.scalar(select(Case.owner).where(Case.id == int(args["case_id"]))) or ""


def _message(args: Args) -> str:
    """`case/42/entry/3` is about CASE-42, `group/3/line/7` about GROUP-3."""
    kind, _, rest = str(args["key"]).partition("/")
    number = rest.partition("/")[0]
    names = {"case": case_ref, "group": group_ref}
    return names[kind](int(number)) if kind in names and number.isdecimal() else str(args["key"])


def _owner_of_message(session: Session, args: Args) -> str:
    data = session.scalar(select(Notification.data).where(Notification.key == str(args["key"])))
    return _owner_of_case(session, data) if data and "case_id" in data else ""
