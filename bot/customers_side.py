"""Customer context in a running bot: its doors, what it brings to runs, and what it does by the clock."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from sqlalchemy.orm import Session

from automations.customer_context.applying import Applying
from automations.customer_context.context import AUTOMATION, CustomerContext, CustomerDoors, EffectsOf
from automations.customer_context.syncing import Syncing, ask_nightly, no_effects
from automations.desks import Capability
from automations.errors import Refused
from automations.failure_tickets.present import present
from automations.ports import Clock, CustomerBook
from automations.runs.kinds import Actions, Kinds
from bot import run_jobs
from bot.customer_sources import open_sources
from bot.engine import Args, JobSpec
from bot.live import Live
from bot.schedule import Once, daily_in
from bot.settings import Settings
from storage.engine import Database

GRACE: Final = timedelta(hours=6)
"""A nightly sync that could not begin for longer than this is left to the next night."""


def open_customer_doors(settings: Settings, clock: Clock, book: CustomerBook | None) -> CustomerDoors:
    """The sources of the settings, and the desk's customers where it keeps any. Nothing is read yet.

    Raises: ConfigError for a source that cannot be opened.
    """
    section = settings.customers
    kept = book is not None and Capability.CUSTOMERS in book.capabilities
    return CustomerDoors(
        sources=open_sources(settings, clock),
        book=book if kept else None,
        account_columns={one.name: one.account for one in section.sources} if section is not None else {},
    )


class CustomersSide:
    """Customer context of one bot. Without [customers] in the settings it is there and does nothing."""

    name: Final = AUTOMATION

    def __init__(
        self, database: Database, live: Live, doors: CustomerDoors, *, effects: EffectsOf = no_effects
    ) -> None:
        self._database = database
        self._live = live
        syncing = Syncing(database, doors, effects=effects)
        applying = Applying(database, doors, self.context)
        self.kinds: Kinds = {one.name: one for one in (syncing.kind, applying.kind)}
        self.actions: Actions = applying.actions

    @property
    def is_set_up(self) -> bool:
        """Whether the settings say anything of customers now."""
        return self._live.terms.customers is not None

    def context(self) -> CustomerContext:
        """What every act of customer context is given, with the team as it is now.

        Raises: Refused if it is set up no more.
        """
        customers = self._live.terms.customers
        if customers is None:
            raise Refused("There is no [customers] in the settings any more, so its runs rest. Nothing was changed.")
        with self._database.read() as session:
            return replace(customers, roster=present(session, self._live.context()).roster)

    def specs(self) -> tuple[JobSpec, ...]:
        """The jobs that are its own, ready for the engine; those of its runs are in `bot.runs_side`."""
        nightly = JobSpec(
            name=run_jobs.NIGHTLY,
            queue="jobs",
            advance=self._sync,
            target=lambda _args: AUTOMATION,
            owner_of=self._owner,
        )
        return (nightly,)

    def timetable(self) -> Sequence[Once]:
        """The nightly sync, if the settings name a time for it."""
        settings = self._live.terms.settings
        if settings.customers is None or settings.customers.sync_at is None:
            return ()
        at = settings.customers.sync_at
        return (Once(AUTOMATION, daily_in(settings.team.zone, at.hour, at.minute), GRACE, catch_up=True),)

    def _sync(self, _args: Args) -> None:
        ctx = self.context()
        with self._database.begin() as session:
            ask_nightly(session, ctx)

    def _owner(self, _session: Session, _args: Args) -> str:
        customers = self._live.terms.customers
        return customers.owner if customers is not None else ""
