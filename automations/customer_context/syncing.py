"""A sync as a kind of run: read sources and desk, compare, keep what was found. It changes nothing outside.

Its plan has no steps. Without the brake it is done at once and its groups may be decided; stopped by it, two people
have to let it go on before any of its groups may be. It makes the requests that the pages of both sides need, no other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import update
from sqlalchemy.orm import Session

from automations.customer_context import full_list, keeping, ledger, places, rejected, sync_groups, sync_plan
from automations.customer_context.comparing import places_of
from automations.customer_context.context import (
    NO_EFFECTS,
    SYNC,
    CustomerContext,
    CustomerDoors,
    Effects,
    EffectsOf,
    customer_context,
)
from automations.customer_context.desk_reading import read_desk
from automations.customer_context.gone_by import IN_DESK
from automations.customer_context.places import FIELDS, Start
from automations.customer_context.reading import Read, Reading, quiet, read
from automations.customer_context.values import Group, Remembered, SyncPlan
from automations.domain import HANDOFF
from automations.errors import Refused
from automations.plan import Plan, RunState, digest_of
from automations.runs.ask import ask
from automations.runs.context import RunContext
from automations.runs.journal import follow
from automations.runs.kinds import Asked, RunKind
from storage.engine import Database
from storage.models import Run

WHOLE: Final = "whole"
"""Option of a sync: read every source whole, also one with a cursor."""

SOURCES: Final = "sources"
"""In a sync's `plan`: name, title, whole, rows and as_of (ISO 8601) of each source."""
COUNTS: Final = "counts"
"""In a sync's `plan`: [word, how many] of added, changed, suspended, unchanged, conflicted and rejected customers."""
BLANKS: Final = "blanks_kept"
"""In a sync's `plan`: by field, how many blanks of the source left the desk's value as it is."""


def no_effects(_session: Session, _group: Group) -> Effects:
    """No group does anything to open tickets."""
    return NO_EFFECTS


@dataclass(frozen=True, slots=True)
class Found:
    """What one sync found, between its reading and the transaction that shows it. `customers` are those of the desk."""

    read: Read
    start: Start
    plan: SyncPlan
    before: Mapping[str, Remembered]
    customers: int | None


class Syncing:
    """Reads, compares, and hands what was found on to the transaction that shows it.

    What is found stays in memory between the reading and that transaction, by the run's number.
    """

    def __init__(
        self,
        database: Database,
        doors: CustomerDoors,
        *,
        effects: EffectsOf = no_effects,
        progress: Reading = quiet,
    ) -> None:
        self._database = database
        self._doors = doors
        self._effects = effects
        self._progress = progress
        self._found: dict[int, Found] = {}

    @property
    def kind(self) -> RunKind:
        """The kind of run this is."""
        return RunKind(
            SYNC, self.plan, undoable=False, observed_again=False, proposed=self.proposed, rested=self.rested
        )

    def plan(self, asked: Asked, run_ctx: RunContext) -> Plan:
        """Read both sides and compare. Raises: Refused if a side is empty or cut; AdapterError."""
        ctx = customer_context(run_ctx)
        found = self.find(ctx, whole=bool(asked.options.get(WHOLE)))
        brake = found.plan.brake
        self._found[asked.run_id] = found
        titles = ", ".join(source.title for source in found.read.sources)
        return Plan(
            kind=SYNC,
            # What was found is part of what two people let go on, so that nobody lets something else go on.
            subject=digest_of([[group.key, group.digest] for group in found.plan.groups]),
            title=f"Sync customers of {ctx.desk_title} with {titles}",
            steps=(),
            facts=_facts(found, ctx),
            approvals=2 if brake else 1,
            why_two=f"Stopped: {brake}." if brake else "",
            brake=brake,
        )

    def proposed(self, session: Session, run: Run, run_ctx: RunContext) -> None:
        """Write down what was found, in the transaction that shows it."""
        ctx = customer_context(run_ctx)
        found, now = self._found.pop(run.id), ctx.clock.now()
        plan = found.plan
        places.keep(session, found.read.sources, now)
        keeping.store(session, run, plan, ctx, effects=self._effects, before=found.before)
        unread = {row.row_key for row in plan.rejected}
        twice = {(one.account, one.field) for one in found.read.gathered.conflicts} if found.read.whole else None
        ledger.record(session, run, plan.conflicts, now, ctx, unread=unread, twice=twice)
        rejected.record(session, run, plan.rejected, ctx)
        seen = update(Run).where(Run.id == run.id, Run.state == RunState.PROPOSED)
        session.execute(
            seen.values(plan={**run.plan, **_seen(found, ctx)}), execution_options={"synchronize_session": False}
        )
        session.refresh(run)
        if plan.groups or plan.conflicts or plan.rejected:
            full_list.attach(session, run, ctx)

    def rested(self, session: Session, run: Run, run_ctx: RunContext) -> None:
        """Once its groups may be decided, the next listing is held against this one; else nobody goes by it."""
        ctx = customer_context(run_ctx)
        self._found.pop(run.id, None)
        if run.state == RunState.DONE:
            places.go_by(session, run.plan.get(SOURCES, ()), run.proposed_at or ctx.clock.now())
            sync_groups.supersede_older(session, run)
        elif run.plan.get(SOURCES):
            places.doubt(session, run.plan[SOURCES])
            sync_groups.supersede_of(session, run)
        follow(session, run, ctx)

    def find(self, ctx: CustomerContext, *, whole: bool) -> Found:
        """Read both sides and compare, and keep nothing. Raises: as `plan`."""
        with self._database.read() as session:
            start = places.start(session, self._doors, ctx, whole=whole)
            settled = keeping.settled(session, ctx.clock.now())
            known = keeping.remembered(session)
        said = read(self._doors, ctx.rules, start.since, start.again, self._progress, ctx.redactor.finds)
        accounts = said.gathered.accounts
        desk = read_desk(self._doors.book, ctx.rules, accounts, known, self._progress)
        plan = sync_plan.plan(
            ctx.rules,
            accounts,
            desk,
            known,
            settled,
            whole=said.whole,
            can=ctx.desk_can,
            rejected=said.gathered.rejected,
            conflicts=said.gathered.conflicts,
            now=ctx.clock.now(),
        )
        plan.brake = plan.brake or places.shrunken(said.sources, start.places, ctx.rules)
        before = {record.account: known[record.account] for record in plan.records if record.account in known}
        return Found(said, start, plan, before, None if desk is None else len(desk))


def ask_nightly(session: Session, ctx: CustomerContext) -> Run | None:
    """Ask for the sync of the night, as the timetable does. None if one is open, or customers are switched off."""
    try:
        return ask(session, SYNC, "", {}, HANDOFF, ctx)
    except Refused:
        return None


def _facts(found: Found, ctx: CustomerContext) -> tuple[tuple[str, str], ...]:
    facts = [
        (source.title, f"{source.rows:,} rows" if source.whole else f"{source.rows:,} rows changed since the last look")
        for source in found.read.sources
    ]
    if found.customers is not None:
        facts.append((ctx.desk_title, f"{found.customers:,} customers"))
    return tuple(facts)


def _seen(found: Found, ctx: CustomerContext) -> dict[str, Any]:
    """What the sync's message shows beside its groups."""
    plan, counts = found.plan, found.plan.counts
    sources = [
        {
            "name": source.name,
            "title": source.title,
            "whole": source.whole,
            "rows": source.rows,
            "as_of": source.as_of.isoformat(),
        }
        for source in found.read.sources
    ]
    words = ("added", "changed", "suspended", "unchanged", "conflicted", "rejected")
    return {
        SOURCES: sources,
        FIELDS: found.start.fields,
        IN_DESK: places_of(ctx.rules, ctx.desk_can),
        COUNTS: [[word, getattr(counts, word)] for word in words],
        "population": plan.population,
        "touched": plan.touched,
        BLANKS: dict(plan.blanks_kept),
    }
