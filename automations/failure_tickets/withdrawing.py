"""Taking back what failure tickets opened by mistake: a run that withdraws each untouched case of a source or a rule.

Who may run it: a lead, or whoever sits at the machine, who then has it confirmed as a lead. What somebody has worked on
is never touched: it is left, and listed on the card. The undo of such a run opens the cases again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.domain import HANDOFF, Actor, CaseStatus, IdempotencyKey, case_ref
from automations.errors import Refused
from automations.failure_tickets import shadow
from automations.failure_tickets.context import Context
from automations.failure_tickets.withdrawal import OPEN, WITHDRAWN, cannot_close, how_it_stands, open_again, withdraw
from automations.plan import Plan, Step
from automations.runs.ask import ask
from automations.runs.context import RunContext
from automations.runs.kinds import Action, Asked, RunKind
from automations.runs.rows import approvals, found, run_ref
from automations.runs.window import Window
from automations.words import in_brief, typed, when
from storage.engine import Database
from storage.models import Case, Run

WITHDRAW: Final = "withdraw"
CASE: Final = "case.withdraw"
"""The kind of run, and that of its steps."""
MOST: Final = 500
"""Cases that one run withdraws. More are several runs, each looked at by a person."""
_LISTED: Final = 50
_FOR_GOOD: Final = "Messages that were sent stay sent: people were told of these cases, and their tickets stay, closed."


@dataclass(frozen=True, slots=True)
class Opened:
    """What was opened: by this source, by this rule, or both; empty for any. `reason` is what the requester gives."""

    window: Window
    source: str = ""
    rule: str = ""
    reason: str = ""


def run_context(ctx: Context, channel: str = "") -> RunContext:
    """What acts on such runs are given. They only restore, so they work in every mode. Cards go where leads are."""
    return RunContext(
        roster=ctx.roster,
        zone=ctx.book.zone,
        jobs=ctx.jobs,
        clock=ctx.clock,
        redactor=ctx.redactor,
        automation=shadow.NAME,
        mode=ctx.mode,
        channel=channel or ctx.book.escalation_channel,
        owner=ctx.book.default_owner,
        only_restores=True,
    )


def ask_to_withdraw(session: Session, opened: Opened, actor: Actor, ctx: RunContext) -> Run:
    """Ask for the plan. Raises: Refused for a source or rule that opened nothing, with what is known; or as `ask`."""
    if not (opened.source or opened.rule):
        raise Refused(f"Of which source or rule? {_known(session)} Nothing was asked for.")
    for column, name, what in ((Case.source, opened.source, "source"), (Case.rule, opened.rule, "rule")):
        if name and session.scalar(select(Case.id).where(column == name).limit(1)) is None:
            raise Refused(f"No case was opened by the {what} {in_brief(name, 80)!r}. {_known(session)}")
    options = {
        "source": opened.source,
        "rule": opened.rule,
        "since": opened.window.since.isoformat(),
        "until": opened.window.until.isoformat(),
        "reason": typed(opened.reason, ctx),
    }
    return ask(session, WITHDRAW, "", options, actor, ctx, name=f"{opened.source}/{opened.rule}"[:120])


class Withdrawing:
    """The kind of run and its action; `context` gives the failure tickets' own context as it is at that moment."""

    def __init__(self, database: Database, context: Callable[[], Context]) -> None:
        self._database = database
        self._context = context
        self.kind = RunKind(WITHDRAW, self._plan)
        self.actions: Mapping[str, Action] = {CASE: _Withdraw(database, context)}

    def _plan(self, asked: Asked, ctx: RunContext) -> Plan:
        here, options = self._context(), asked.options
        since, until = datetime.fromisoformat(options["since"]), datetime.fromisoformat(options["until"])
        with self._database.read() as session:
            cases = _cases(session, options["source"], options["rule"], since, until)
            stands = {case.id: _may(session, case, here) for case in cases}
        mine = [case for case in cases if stands[case.id] == OPEN]
        closed = sum(CaseStatus(case.status).closed for case in cases)
        left = [case for case in cases if stands[case.id] != OPEN and not CaseStatus(case.status).closed]
        where = f"from {when(since, ctx)} until {when(until, ctx)}"
        if not mine:
            said = f"{len(left)} worked on and left, {closed} closed already"
            raise Refused(f"There is no untouched case {where} to withdraw: {said}. Nothing was changed.")
        if len(mine) > MOST:
            raise Refused(
                f"{len(mine)} cases {where} are more than the {MOST} of one run. Give a shorter time, or source and "
                "rule. Nothing was changed."
            )
        names = ", ".join(filter(None, (options["source"], options["rule"] and f"rule {options['rule']}")))
        lines = [f"{case_ref(case.id)} {stands[case.id]}, so it is left." for case in left]
        more = [f"and {len(lines) - _LISTED} more that somebody worked on are left."] if len(lines) > _LISTED else []
        return Plan(
            kind=WITHDRAW,
            subject="",
            title=f"Withdraw {len(mine)} {'case' if len(mine) == 1 else 'cases'} of {names}",
            steps=tuple(_step(case, asked.run_id) for case in mine),
            facts=(
                ("Opened", where),
                ("Left", f"{len(left)} worked on, {closed} closed already"),
            ),
            warnings=(_FOR_GOOD, *lines[:_LISTED], *more),
        )


@dataclass(frozen=True, slots=True)
class _Withdraw:
    """Makes a case withdrawn, or open again."""

    database: Database
    context: Callable[[], Context]

    def look(self, step: Step) -> str | None:
        with self.database.read() as session:
            return how_it_stands(session, int(step.arg["case"]), self.context())

    def make(self, step: Step, value: str, *, key: IdempotencyKey) -> None:
        case_id, run_id = int(step.arg["case"]), int(step.arg["run"])
        with self.database.begin() as session:
            if value != WITHDRAWN:
                open_again(session, case_id, self.context())
                return
            run = found(session, run_id)
            yes = approvals(session, run)
            by = yes[0].by if yes else HANDOFF.id
            withdraw(session, case_id, by, str(run.asked.get("reason") or ""), run_id, self.context())


def _cases(session: Session, source: str, rule: str, since: datetime, until: datetime) -> list[Case]:
    wanted = [Case.opened_at >= since, Case.opened_at < until]
    wanted += [Case.source == source] if source else []
    wanted += [Case.rule == rule] if rule else []
    return list(session.scalars(select(Case).where(*wanted).order_by(Case.id)))


def _may(session: Session, case: Case, ctx: Context) -> str:
    """How a case stands; one whose ticket only a person can close is left too, and says so."""
    stands = how_it_stands(session, case.id, ctx)
    if stands == OPEN and (why := cannot_close(session, case.id, ctx)):
        return f"cannot be closed by itself: {why[0].lower()}{why[1:]}"
    return stands


def _step(case: Case, run_id: int) -> Step:
    ref = case_ref(case.id)
    return Step(
        kind=CASE,
        target=ref,
        before=OPEN,
        after=WITHDRAWN,
        words=f"Withdraw {ref}: {in_brief(case.summary, 80)}",
        args=(("case", str(case.id)), ("run", str(run_id))),
        undo=f"Open {ref} again",
    )


def _known(session: Session) -> str:
    sources, rules = (session.scalars(select(one).distinct().order_by(one)).all() for one in (Case.source, Case.rule))
    listed = [in_brief(", ".join(names), 300) or "none yet" for names in (sources, rules)]
    return f"Known sources: {listed[0]}. Known rules: {listed[1]}."


def card_words(run: Run) -> str:
    """What is said to who asked: its number, and that nothing happens by asking."""
    return f"{run_ref(run.id)}: looking which cases nobody has touched. Nothing changes by it."
