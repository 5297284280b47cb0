"""One act on customers from the terminal: done for the person of `--as`, written down, and its runs followed."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.customer_context.context import CustomerContext
from automations.domain import Actor
from automations.errors import NotFound, Refused
from automations.plan import RunState
from bot.cli.deciding import deciding
from bot.cli.options import Opened
from bot.cli.output import say
from bot.cli.run_follow import NOT_APPLIED, follow_run
from bot.cli.run_verbs import confirm, shown
from storage.models import Run

Verb = Callable[[Session, Actor, CustomerContext], str]
"""An act in the caller's transaction; words on what is true now."""

_WORST_LAST = (0, NOT_APPLIED, 3, 1)


@dataclass(frozen=True, slots=True)
class Done:
    """What is true now, in words, and the runs that it asked for."""

    words: str
    runs: tuple[int, ...]


def acted(here: Opened, ctx: CustomerContext, action: str, target: str, email: str, verb: Verb) -> Done:
    """Do it and write down who typed it, in one transaction. Raises: NotFound; Refused, which is written down too."""
    try:
        actor = deciding(here, email)
        with here.database.begin() as session:
            before = _newest(session)
            said = verb(session, actor, ctx)
            session.flush()
            runs = tuple(session.scalars(select(Run.id).where(Run.id > before).order_by(Run.id)))
            here.typed(session, action, target, email, "done")
    except Refused as exc:
        with here.database.begin() as session:
            here.typed(session, action, target, email, "refused", str(exc))
        raise
    return Done(said, runs)


def followed(here: Opened, ctx: CustomerContext, done: Done, email: str, wait_s: float, *, yes: bool = False) -> int:
    """Say what is true now and follow the runs to their end; the command's exit code, the worst of them.

    A run that waits for one person's yes is printed and asked about; `yes` says it unasked.
    """
    say(done.words)
    codes = [0]
    for run_id in done.runs:
        card = follow_run(here, run_id, ctx, wait_s)
        if card.state == RunState.PROPOSED and card.needed == 1:
            codes.append(confirm(here, ctx, run_id, email, wait_s, unasked=yes))
        else:
            codes.append(shown(here, card))
    return max(codes, key=_WORST_LAST.index)


def number_of(text: str, thing: str) -> int:
    """Read `GROUP-12`, `group 12`, `#12` or `12`. Raises: NotFound if the text names none."""
    if (number := maybe_number(text, thing)) is None:
        raise NotFound(f"{text!r} is no {thing}. One looks like {thing.upper()}-12.")
    return number


def maybe_number(text: str, thing: str) -> int | None:
    """The same; None if the text names none."""
    match = re.fullmatch(rf"(?:{thing}[- ]?|#)?([1-9][0-9]{{0,17}})", text.strip(), re.IGNORECASE)
    return int(match[1]) if match else None


def _newest(session: Session) -> int:
    return session.scalar(select(func.max(Run.id))) or 0
