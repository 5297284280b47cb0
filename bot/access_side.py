"""Access in a running bot: its doors, what it brings to runs, and what it does by the clock."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Final

from sqlalchemy.orm import Session

from automations.access.context import AccessContext
from automations.access.mending import Mending
from automations.access.reconcile import Reconciling, ask_daily
from automations.errors import Refused
from automations.failure_tickets.present import present
from automations.runs.journal import RECONCILE
from automations.runs.kinds import Actions, Kinds, RunKind
from bot import run_jobs
from bot.access_parts import AccessDoors, open_doors, run_actions, run_kinds
from bot.engine import Args, JobSpec
from bot.gateway import SlackGateway
from bot.live import Live
from bot.rooms import SlackRooms
from bot.schedule import Once, daily_in
from storage.engine import Database

GRACE: Final = timedelta(hours=6)
"""A daily reconciliation that could not begin for longer than this is left to the next day."""


class AccessSide:
    """The access automation of one bot. Without [access] in the settings it is there and does nothing."""

    name: Final = "access"

    def __init__(
        self, database: Database, live: Live, doors: AccessDoors, gateway: SlackGateway, rooms: SlackRooms
    ) -> None:
        self._database = database
        self._live = live
        opened = open_doors(doors, database, lambda: live.terms, self.context, gateway, rooms)
        acts_as = cache(lambda: (doors.desk.me().email,))
        reconciling = Reconciling(database, opened, integration=acts_as)
        mending = Mending(database, opened, reconciling.terms)
        comparing: dict[str, RunKind] = {one.name: one for one in (reconciling.kind, *mending.kinds)}
        self.kinds: Kinds = {**run_kinds(opened), **comparing}
        self.actions: Actions = run_actions(opened)

    @property
    def is_set_up(self) -> bool:
        """Whether the settings say anything of access now."""
        return self._live.terms.access is not None

    def context(self) -> AccessContext:
        """What every act of access is given, with the team as it is now. Raises: Refused if it is set up no more."""
        access = self._live.terms.access
        if access is None:
            raise Refused("There is no [access] in the settings any more, so its runs rest. Nothing was changed.")
        with self._database.read() as session:
            return replace(access, roster=present(session, self._live.context()).roster)

    def specs(self) -> tuple[JobSpec, ...]:
        """The jobs that are access's own, ready for the engine; those of its runs are in `bot.runs_side`."""
        daily = JobSpec(
            name=run_jobs.DAILY,
            queue="jobs",
            advance=self._reconcile,
            target=lambda _args: RECONCILE,
            owner_of=self._owner,
        )
        return (daily,)

    def timetable(self) -> Sequence[Once]:
        """The daily reconciliation, if the settings name a time for it."""
        settings = self._live.terms.settings
        if settings.access is None or settings.access.reconcile_at is None:
            return ()
        at = settings.access.reconcile_at
        return (Once(RECONCILE, daily_in(settings.team.zone, at.hour, at.minute), GRACE, catch_up=True),)

    def _reconcile(self, _args: Args) -> None:
        ctx = self.context()
        with self._database.begin() as session:
            ask_daily(session, ctx)

    def _owner(self, _session: Session, _args: Args) -> str:
        access = self._live.terms.access
        return access.owner if access is not None else ""
