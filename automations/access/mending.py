"""The runs that mend findings, one or all of a kind: everybody concerned is looked at anew, alone, before the plan.

What was confirmed is the digest of what people saw. If somebody's desk user or their place upstream is another by now,
so is the digest, and nothing is applied.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.orm import Session

from automations.access.card_types import FindingKind
from automations.access.context import AccessContext
from automations.access.doors import Doors, access_context, upstream_of
from automations.access.finding_rows import CONFIRMED, FIXED, IDS, OPEN, finding_ref, found_of
from automations.access.found import CUTTING, MANY, ONE, Found, many_plan, one_plan
from automations.access.reconcile import access_of
from automations.access.reconcile_plan import Terms, compare
from automations.desks import AgentAccess, Capability
from automations.domain import HANDOFF
from automations.errors import Refused
from automations.identities import IdentityPerson
from automations.plan import SETTLED, Plan, RunState
from automations.runs.context import RunContext
from automations.runs.journal import follow, write_down
from automations.runs.kinds import Asked, RunKind
from automations.runs.rows import found as run_found
from automations.runs.rows import steps_of
from storage.engine import Database
from storage.models import Finding, Run


@dataclass(frozen=True, slots=True)
class Mending:
    """Plans the fix of findings. `terms` is what the reconciliation goes by."""

    database: Database
    doors: Doors
    terms: Callable[[AccessContext], Terms]

    @property
    def kinds(self) -> tuple[RunKind, RunKind]:
        """One finding, and all of a kind."""
        return RunKind(ONE, self.plan_one, rested=rested), RunKind(MANY, self.plan_many, rested=rested)

    def plan_one(self, asked: Asked, run_ctx: RunContext) -> Plan:
        """Plan one finding's fix. Raises: Refused if it is not so any more; AdapterError."""
        ctx = access_context(run_ctx)
        found, _working = self._asked(asked)
        now = self._now(found, ctx)
        if not now:
            raise Refused(f"{found[0].name}: that is not so any more. Nothing was changed.")
        return one_plan(now[0])

    def plan_many(self, asked: Asked, run_ctx: RunContext) -> Plan:
        """Plan the fix of many. Raises: Refused if none of them is so any more; AdapterError.

        Administrators have no place in it: who has become one since is left out, which makes it another plan.
        """
        ctx = access_context(run_ctx)
        found, working = self._asked(asked)
        now = [one for one in self._now(found, ctx) if not one.privileged]
        if not now:
            raise Refused("None of these findings is so any more. Nothing was changed.")
        return many_plan(found[0].kind, now, ctx.rules, working)

    def _asked(self, asked: Asked) -> tuple[list[Found], int]:
        """The findings as they were confirmed, and how many worked in the desk when they were seen."""
        ids = [int(number) for number in asked.options[IDS]]
        with self.database.read() as session:
            rows = confirmed(session, ids)
            if not rows:
                raise Refused(
                    "These findings are not to be mended any more: they are settled, or open to be confirmed again."
                    " Nothing was changed."
                )
            seen = run_found(session, rows[0].run_id)
            return [found_of(row) for row in rows], int(seen.plan.get("working", 0))

    def _now(self, found: Sequence[Found], ctx: AccessContext) -> list[Found]:
        """Those of the findings that are so still, as they are now."""
        terms = self.terms(ctx)
        again = [compare(self._people(one, terms), self._access(one, terms), terms).findings for one in found]
        return [
            new
            for one, findings in zip(found, again, strict=True)
            for new in findings
            if (new.kind, new.subject) == (one.kind, one.subject) and new.fix
        ]

    def _people(self, found: Found, terms: Terms) -> tuple[IdentityPerson, ...]:
        """Whoever upstream has this desk user: those linked to it, and the one of its own address."""
        linked = [own for own, desk in terms.links.items() if desk == found.subject]
        own = [] if found.subject in terms.links else [found.subject]
        people = [upstream_of(self.doors, address) for address in sorted({*linked, *own})]
        return tuple(person for person in people if person is not None)

    def _access(self, found: Found, terms: Terms) -> tuple[AgentAccess, ...]:
        """The desk user, read alone, with what this kind of finding is about."""
        can, desk = terms.desk.can, access_of(self.doors)
        if found.kind is FindingKind.GROUPS and Capability.MEMBERSHIPS not in can:
            return tuple(one for one in desk.everybody() if one.agent.email.lower() == found.subject)
        agent = desk.agent(found.subject)
        if agent is None:
            return ()
        groups = tokens = None
        if found.kind is FindingKind.GROUPS:
            groups = tuple(desk.memberships(agent.email))
        if Capability.TOKENS in can and (found.kind in CUTTING or found.kind is FindingKind.TOKEN):
            tokens = tuple(desk.tokens(agent.email))
        return (AgentAccess(agent, groups, tokens),)


def confirmed(session: Session, ids: Iterable[int]) -> list[Finding]:
    """The findings of these numbers that somebody confirmed and nothing has mended yet, by number."""
    rows = [session.get(Finding, number) for number in sorted(ids)]
    return [row for row in rows if row is not None and row.state == CONFIRMED]


def rested(session: Session, run: Run, ctx: RunContext) -> None:
    """The run ended: what it mended is fixed, what it did not is open again. Its reconciliation's message follows.

    A run that people try again and that ends well fixes its findings then. One that is replaced by a run over the same
    leaves them to that.
    """
    ids = [int(number) for number in run.asked.get(IDS, ())]
    rows = [row for number in ids if (row := session.get(Finding, number, populate_existing=True)) is not None]
    if run.state == RunState.REPLACED:
        _follow(session, rows, ctx)
        return
    unmended = _unmended(session, run)
    fixed = [
        row for row in rows if run.state == RunState.DONE or (unmended is not None and row.subject not in unmended)
    ]
    moved = {FIXED: _settle(session, run, fixed, FIXED)}
    moved[OPEN] = _settle(session, run, [row for row in rows if row not in fixed], OPEN)
    if any(moved.values()):
        after = {state: [finding_ref(number) for number in numbers] for state, numbers in moved.items() if numbers}
        write_down(session, run, HANDOFF, "findings.settled", run.state, ctx, after=after)
    _follow(session, rows, ctx)


def _follow(session: Session, rows: Sequence[Finding], ctx: RunContext) -> None:
    for number in sorted({row.run_id for row in rows}):
        follow(session, run_found(session, number), ctx)


def _unmended(session: Session, run: Run) -> set[str] | None:
    """Who has a step that is not settled, in a run that was carried out in part; None for any other."""
    if run.state not in (RunState.PARTIAL, RunState.FAILED):
        return None
    return {row.target.lower() for row in steps_of(session, run.id) if row.state not in SETTLED}


def _settle(session: Session, run: Run, rows: Sequence[Finding], to: str) -> list[int]:
    """Move findings that this run has in hand. One that is open again is fixed by a later try alone."""
    changes = {"state": to} if to == FIXED else {"state": to, "decided_by": None, "decided_at": None}
    moved = []
    for row in rows:
        in_hand = Finding.state == CONFIRMED
        if to == FIXED:
            in_hand |= (Finding.state == OPEN) & (Finding.fixed_by == run.id)
        done = session.execute(
            update(Finding).where(Finding.id == row.id, in_hand).values(changes).returning(Finding.id),
            execution_options={"synchronize_session": False},
        ).scalar()
        if done is not None:
            moved.append(done)
    session.expire_all()
    return moved
