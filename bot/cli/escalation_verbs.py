"""`handoff escalations claim|release|…`: what people do to an escalation, from the terminal, also while Slack is away.

Rows and jobs are written beside a running bot, which then changes the message. The audit log names the person of
`--as` for the act itself, and in the same transaction the operating system's user who typed it.
"""

from collections.abc import Callable
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from automations.domain import Actor
from automations.errors import NotFound, Refused
from automations.escalation import acts
from automations.escalation.context import EscalationContext
from automations.escalation.journal import escalation_ref
from automations.escalation.moves import Outcome
from automations.failure_tickets import snooze as snoozing
from bot.cli.options import AsEmail, AsJson, Opened, opened
from bot.cli.output import as_json, note, say
from bot.cli.watch_opened import escalation_of
from bot.engine import bot_running

EscalationId = Annotated[str, typer.Argument(metavar="ID", help="ESC-7 or 7.")]
Why = Annotated[str, typer.Option("--note", help="Why; kept as feedback for the rule.")]
Verb = Callable[[Session, int, Actor, EscalationContext, Opened], Outcome]


def claim(ctx: typer.Context, escalation: EscalationId, as_: AsEmail, json: AsJson = False) -> None:
    """Acknowledge it: nobody else is called."""
    _act(ctx, escalation, as_, "claim", _plainly(acts.claim), json)


def release(ctx: typer.Context, escalation: EscalationId, as_: AsEmail, json: AsJson = False) -> None:
    """Give it back; the chain begins again."""
    _act(ctx, escalation, as_, "release", _plainly(acts.release), json)


def reassign(
    ctx: typer.Context,
    escalation: EscalationId,
    as_: AsEmail,
    to: Annotated[str, typer.Option(metavar="EMAIL", help="Who looks at it now: an address under [[people]].")],
    json: AsJson = False,
) -> None:
    """Bring it before a colleague, who is called once."""

    def doing(session: Session, number: int, actor: Actor, context: EscalationContext, _here: Opened) -> Outcome:
        return acts.reassign(session, number, to.strip(), actor, context)

    _act(ctx, escalation, as_, "reassign", doing, json)


def snooze(
    ctx: typer.Context,
    escalation: EscalationId,
    as_: AsEmail,
    until: Annotated[
        str, typer.Option(metavar="TIME", help="When it comes back: 2h, 14:00, tomorrow 09:00, Fri 14:00.")
    ],
    json: AsJson = False,
) -> None:
    """Let it keep quiet until a set time, at most a week away."""

    def doing(session: Session, number: int, actor: Actor, context: EscalationContext, here: Opened) -> Outcome:
        return acts.snooze(session, number, snoozing.end_of("", until, here.context), actor, context)

    _act(ctx, escalation, as_, "snooze", doing, json)


def resolve(
    ctx: typer.Context,
    escalation: EscalationId,
    as_: AsEmail,
    said: Annotated[str, typer.Option("--note", help="What was done.")] = "",
    json: AsJson = False,
) -> None:
    """End it as handled. The ticket stays as it is."""
    _act(ctx, escalation, as_, "resolve", _with_words(acts.resolve, said), json)


def not_needed(
    ctx: typer.Context, escalation: EscalationId, as_: AsEmail, said: Why = "", json: AsJson = False
) -> None:
    """End it as not needed, and keep that as feedback for its rules."""
    _act(ctx, escalation, as_, "not_needed", _with_words(acts.not_needed, said), json)


def too_late(ctx: typer.Context, escalation: EscalationId, as_: AsEmail, said: Why = "", json: AsJson = False) -> None:
    """End it as come too late, and keep that as feedback for its rules."""
    _act(ctx, escalation, as_, "too_late", _with_words(acts.too_late, said), json)


def register(app: typer.Typer) -> None:
    """Add the verbs to the group of the escalations."""
    for verb in (claim, release, reassign, snooze, resolve, not_needed, too_late):
        app.command(verb.__name__.replace("_", "-"))(verb)


def parse_ref(text: str) -> int:
    """Read `ESC-7`, `#7` or `7`. Raises: NotFound for anything else."""
    digits = text.strip().upper().removeprefix("ESC-").lstrip("#")
    if not (digits.isascii() and digits.isdecimal() and 0 < len(digits) < 18):
        raise NotFound(f"{text!r} is not an escalation. `handoff escalations list` shows those there are.")
    return int(digits)


def _plainly(verb: Callable[[Session, int, Actor, EscalationContext], Outcome]) -> Verb:
    return lambda session, number, actor, context, _here: verb(session, number, actor, context)


def _with_words(verb: Callable[[Session, int, Actor, str, EscalationContext], Outcome], said: str) -> Verb:
    return lambda session, number, actor, context, _here: verb(session, number, actor, said, context)


def _act(ctx: typer.Context, ref: str, email: str, name: str, verb: Verb, json: bool) -> None:
    """Do it, and write down who typed it. Raises: NotFound; Refused, which is audited."""
    number = parse_ref(ref)
    with opened(ctx, writing=True) as here:
        target = escalation_ref(number)
        try:
            actor = here.acting(email)
            context = escalation_of(here)
            with here.database.begin() as session:
                outcome = verb(session, number, actor, context, here)
                done = "done" if outcome.changed else "unchanged"
                here.typed(session, f"escalation.{name}", target, email, done)
        except Refused as exc:
            with here.database.begin() as session:
                here.typed(session, f"escalation.{name}", target, email, "refused", str(exc))
            raise
        if json:
            as_json({"id": target, "changed": outcome.changed, "text": outcome.text})
        else:
            say(outcome.text)
        if outcome.changed and not bot_running(here.database):
            note("No bot is running: the message in Slack follows when `handoff serve` runs again.")
