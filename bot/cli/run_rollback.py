"""`handoff runs rollback`: taking back a run, or what failure tickets or triage did since some time.

It works while Slack does not, and in every mode of the automation. The way back is planned, printed with what is left
and what is for good, and confirmed like any other plan.
"""

from collections.abc import Callable
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from automations.domain import Actor
from automations.errors import Refused
from automations.failure_tickets import shadow
from automations.failure_tickets.withdrawing import Opened as OpenedCases
from automations.failure_tickets.withdrawing import ask_to_withdraw
from automations.plan import RunState
from automations.runs import approve as deciding_on
from automations.runs.context import RunContext
from automations.runs.rows import found, run_ref
from automations.runs.undo import needed_to_undo, undo
from automations.runs.window import read_window
from automations.triage.context import NAME as TRIAGE
from automations.triage.restoring import Applied, ask_to_restore
from bot.cli.deciding import deciding, unnamed
from bot.cli.options import AsEmail, Opened, opened
from bot.cli.output import say
from bot.cli.run_follow import follow_run, look
from bot.cli.run_opened import context_of, restoring_of
from bot.cli.run_verbs import WAIT_S, Wait, Yes, act, confirm, parse_run_ref, shown
from storage.models import Run

What = Annotated[str, typer.Argument(metavar="RUN|failure-tickets|triage", help="What is taken back.")]
Source = Annotated[str, typer.Option(metavar="NAME", help="Of failure-tickets: cases that this source reported.")]
Rule = Annotated[str, typer.Option(metavar="NAME", help="Of failure-tickets and triage: what this rule did.")]
Intent = Annotated[str, typer.Option(metavar="NAME", help="Of triage: decisions for this intent.")]
Since = Annotated[str, typer.Option(metavar="TIME", help="From when on: 2h, 14:00, 2026-11-30 14:00.")]
Until = Annotated[str, typer.Option(metavar="TIME", help="Until when; now, if it is not given.")]
Because = Annotated[str, typer.Option("--because", metavar="REASON", help="Of failure-tickets: kept with each case.")]

CASES = "failure-tickets"
Ask = Callable[[Session, Actor, RunContext], Run]


def rollback(
    ctx: typer.Context,
    what: What,
    as_: AsEmail,
    source: Source = "",
    rule: Rule = "",
    intent: Intent = "",
    since: Since = "",
    until: Until = "",
    because: Because = "",
    yes: Yes = False,
    wait: Wait = WAIT_S,
) -> int:
    """Take a run back, as far as it can be, or what failure-tickets or triage did: planned, printed, then confirmed."""
    given = {"--source": source, "--rule": rule, "--intent": intent, "--since": since, "--until": until}
    _refuse_what_says_nothing(what, {**given, "--because": because})
    with opened(ctx, writing=True) as here:
        if what not in (CASES, TRIAGE):
            return _run_back(here, parse_run_ref(what), as_, wait, yes=yes)
        context = restoring_of(here)[shadow.NAME if what == CASES else TRIAGE]
        window = read_window(since, until, now=context.clock.now(), zone=context.zone)

        def asking(session: Session, actor: Actor, context: RunContext) -> Run:
            if what == CASES:
                return ask_to_withdraw(session, OpenedCases(window, source, rule, because), actor, context)
            return ask_to_restore(session, Applied(window, rule, intent), actor, context)

        return _followed(here, context, _asked(here, context, what, as_, asking), as_, wait, yes=yes)


def _run_back(here: Opened, run_id: int, email: str, wait_s: float, *, yes: bool) -> int:
    context = context_of(here, run_id)

    def asking(session: Session, actor: Actor, context: RunContext) -> str:
        row = found(session, run_id)
        deciding_on.may_decide(session, row, actor, context)
        return undo(session, run_id, actor if needed_to_undo(row) == 1 else unnamed(actor), context)

    say(act(here, context, "rollback", run_id, email, asking))
    undoing = look(here, run_id, context).undone_by
    assert undoing is not None, "it was asked for just now"
    return _followed(here, context, undoing, email, wait_s, yes=yes)


def _followed(here: Opened, context: RunContext, run_id: int, email: str, wait_s: float, *, yes: bool) -> int:
    """Wait for the plan; print it and ask, if one person may say yes to it."""
    card = follow_run(here, run_id, context, wait_s)
    if card.state != RunState.PROPOSED or card.needed > 1:
        return shown(here, card)
    return confirm(here, context, run_id, email, wait_s, unasked=yes)


def _asked(here: Opened, context: RunContext, what: str, email: str, asking: Ask) -> int:
    """Ask for it and write down who typed it; the number of the run. Raises: Refused, which is written down too."""
    try:
        actor = deciding(here, email)
        with here.database.begin() as session:
            run_id = asking(session, actor, context).id
            here.typed(session, "run.rollback", run_ref(run_id), email, "done")
    except Refused as exc:
        with here.database.begin() as session:
            here.typed(session, "run.rollback", what, email, "refused", str(exc))
        raise
    say(f"{run_ref(run_id)}: looking what can be taken back. Nothing changes by it.")
    return run_id


def _refuse_what_says_nothing(what: str, given: dict[str, str]) -> None:
    """Raises: Refused for an option that is not about what is taken back: never a narrower rollback than was asked."""
    known = {CASES: {"--source", "--rule", "--since", "--until", "--because"}}
    known[TRIAGE] = {"--rule", "--intent", "--since", "--until"}
    odd = [name for name, value in given.items() if value and name not in known.get(what, set())]
    if odd:
        raise Refused(f"{', '.join(odd)} says nothing about {what}. Nothing was asked for.")
