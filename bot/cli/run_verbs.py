"""`handoff runs approve|cancel|retry|done`: what people decide about a plan, from the terminal. So does `run_rollback`.

They work while Slack does not. Rows and jobs are written beside a running bot, which carries them out. The terminal
believes `--as` and writes down the machine's user beside it, so it decides only what one person may decide: where two
have to, it proposes, and both say yes in Slack.
"""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from automations.domain import Actor
from automations.errors import NotFound, Refused
from automations.plan import RunState
from automations.runs import approve as deciding_on
from automations.runs import retry as steps
from automations.runs.card_types import RunCard
from automations.runs.context import RunContext
from automations.runs.rows import found, run_ref
from bot.cli.deciding import deciding
from bot.cli.options import AsEmail, Opened, opened
from bot.cli.output import note, say
from bot.cli.run_follow import NOT_APPLIED, exit_code, follow_run, look
from bot.cli.run_opened import context_of
from bot.cli.run_shown import show_run, state_words

RunId = Annotated[str, typer.Argument(metavar="ID", help="RUN-7, #7 or 7.")]
StepNumber = Annotated[int, typer.Argument(metavar="STEP", help="The step's number, as `runs show` has it.", min=1)]
Wait = Annotated[float, typer.Option(metavar="SECONDS", help="How long to follow a running bot; 0: not at all.", min=0)]
Yes = Annotated[bool, typer.Option("--yes", help="Confirm the plan that is printed, without being asked.")]
Verb = Callable[[Session, Actor, RunContext], str]
"""An act on a run, in the caller's transaction; words on what is true now."""

WAIT_S = 60.0
_RUN_REF = re.compile(r"(?:run[- ]?|#)?([1-9][0-9]{0,17})", re.IGNORECASE)


def approve(
    ctx: typer.Context,
    run: RunId,
    as_: AsEmail,
    digest: Annotated[
        str | None, typer.Option(metavar="DIGEST", help="Confirm the plan with this digest of `show --json`, unasked.")
    ] = None,
    yes: Yes = False,
    wait: Wait = WAIT_S,
) -> int:
    """Confirm a plan that one person may confirm: it is printed, and you are asked."""
    run_id = parse_run_ref(run)
    with opened(ctx, writing=True) as here:
        return confirm(here, context_of(here, run_id), run_id, as_, wait, digest=digest, unasked=yes)


def cancel(ctx: typer.Context, run: RunId, as_: AsEmail) -> int:
    """Give a plan up before it is confirmed."""
    run_id = parse_run_ref(run)
    with opened(ctx, writing=True) as here:
        context = context_of(here, run_id)
        say(act(here, context, "cancel", run_id, as_, lambda s, actor, c: deciding_on.cancel(s, run_id, actor, c)))
    return 0


def retry(ctx: typer.Context, run: RunId, step: StepNumber, as_: AsEmail, wait: Wait = WAIT_S) -> int:
    """Have a failed step tried again."""
    return _on_a_step(ctx, run, step, "retry", as_, wait, steps.retry_step)


def done(ctx: typer.Context, run: RunId, step: StepNumber, as_: AsEmail, wait: Wait = WAIT_S) -> int:
    """Say that a step is done by hand; it is looked at, if anything can read it."""
    return _on_a_step(ctx, run, step, "done", as_, wait, steps.done_by_hand)


def register(app: typer.Typer) -> None:
    """Add the verbs to the group of the runs."""
    for verb in (approve, cancel, retry, done):
        app.command(verb.__name__)(verb)


def parse_run_ref(text: str) -> int:
    """Read `RUN-7`, `run 7`, `#7` or `7`. Raises: NotFound if the text names no run."""
    if (match := _RUN_REF.fullmatch(text.strip())) is None:
        raise NotFound(f"{text!r} is not a run. A run looks like RUN-7.")
    return int(match.group(1))


def confirm(
    here: Opened,
    context: RunContext,
    run_id: int,
    email: str,
    wait_s: float,
    *,
    digest: str | None = None,
    unasked: bool = False,
) -> int:
    """Print a plan, ask, and say yes to exactly that plan; then follow it. The command's exit code."""
    card = look(here, run_id, context)
    with _written_down(here, "approve", run_id, email):
        actor = deciding(here, email)
        with here.database.read() as session:
            row = found(session, run_id)
            deciding_on.may_decide(session, row, actor, context)
            deciding_on.refuse_unless_open(row, context)
        if card.needed > 1:
            raise Refused(f"{run_ref(run_id)} needs {card.needed} people. {ONLY_IN_SLACK} Nothing was changed.")
    show_run(card, here.settings.team.zone)
    if digest is None and not unasked and not asked(f"Confirm {run_ref(run_id)}?"):
        return NOT_APPLIED
    wanted = digest or card.digest
    say(act(here, context, "approve", run_id, email, lambda s, who, c: deciding_on.approve(s, run_id, wanted, who, c)))
    return shown(here, follow_run(here, run_id, context, wait_s))


ONLY_IN_SLACK = "The terminal cannot tell who types, so where two people have to say yes they do it in Slack."


def asked(question: str) -> bool:
    """Ask on the terminal; no without one, and without an answer."""
    if not sys.stdin.isatty():
        note(f"{question} Nobody can be asked here, so nothing was changed. --yes confirms what is printed.")
        return False
    if typer.confirm(question, default=False, err=True):
        return True
    note("Nothing was changed.")
    return False


def shown(here: Opened, card: RunCard) -> int:
    """Print how far a run is; the command's exit code."""
    if card.state in (RunState.ASKED, RunState.APPROVED):
        say(f"{run_ref(card.id)} {state_words(card)}.")
    else:
        show_run(card, here.settings.team.zone)
    return exit_code(card)


def act(here: Opened, context: RunContext, name: str, run_id: int, email: str, verb: Verb) -> str:
    """Do it and write down who typed it, in one transaction. Raises: NotFound; Refused, which is written down too."""
    with _written_down(here, name, run_id, email):
        actor = deciding(here, email)
        with here.database.begin() as session:
            said = verb(session, actor, context)
            here.typed(session, f"run.{name}", run_ref(run_id), email, "done")
    return said


def _on_a_step(
    ctx: typer.Context,
    run: str,
    number: int,
    name: str,
    email: str,
    wait_s: float,
    verb: Callable[[Session, int, int, Actor, RunContext], str],
) -> int:
    run_id = parse_run_ref(run)
    with opened(ctx, writing=True) as here:
        context = context_of(here, run_id)
        before = look(here, run_id, context).steps[number - 1 : number]
        say(act(here, context, name, run_id, email, lambda s, actor, c: verb(s, run_id, number, actor, c)))

        def taken_up(card: RunCard) -> bool:
            return card.steps[number - 1 : number] != before

        return shown(here, follow_run(here, run_id, context, wait_s, changed=taken_up))


@contextmanager
def _written_down(here: Opened, name: str, run_id: int, email: str) -> Iterator[None]:
    """Write a refusal down before it is told."""
    try:
        yield
    except Refused as exc:
        with here.database.begin() as session:
            here.typed(session, f"run.{name}", run_ref(run_id), email, "refused", str(exc))
        raise
