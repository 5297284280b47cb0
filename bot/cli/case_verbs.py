"""`handoff cases claim|release|…`: what people do to a case, from the terminal. It works while Slack does not.

Rows and jobs are written in one transaction beside a running bot, which then changes message and ticket. The audit log
names the person of `--as` for the act itself, and in the same transaction the operating system's user who typed it.
"""

from collections.abc import Callable
from functools import partial
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from automations.domain import Actor, case_ref, parse_case_ref
from automations.errors import Refused
from automations.failure_tickets import closing, life, unclear
from automations.failure_tickets import snooze as snoozing
from automations.failure_tickets.asked import FieldMissing
from automations.failure_tickets.context import Context
from automations.failure_tickets.moves import Outcome
from bot.cli.follow import follow
from bot.cli.options import AsEmail, opened, os_user
from bot.cli.output import say

CaseId = Annotated[str, typer.Argument(metavar="ID", help="CASE-42, #42 or 42.")]
Wait = Annotated[
    float, typer.Option(metavar="SECONDS", help="How long to wait for a running bot to show it; 0: not at all.", min=0)
]
Verb = Callable[..., Outcome]
"""An act of `life` or `closing`: session, case, actor, the words typed for it if it takes any, context."""

WAIT_S = 30.0


def claim(ctx: typer.Context, case: CaseId, as_: AsEmail, wait: Wait = WAIT_S) -> int:
    """Take a case that nobody has claimed."""
    return _act(ctx, case, as_, "claim", life.claim, wait)


def release(ctx: typer.Context, case: CaseId, as_: AsEmail, wait: Wait = WAIT_S) -> int:
    """Give a claimed case back; the owner stays."""
    return _act(ctx, case, as_, "release", life.release, wait)


def reassign(
    ctx: typer.Context,
    case: CaseId,
    as_: AsEmail,
    to: Annotated[str, typer.Option(metavar="EMAIL", help="The new owner: an address under [[people]].")],
    wait: Wait = WAIT_S,
) -> int:
    """Give a case to a colleague, who is told once."""
    return _act(ctx, case, as_, "reassign", life.reassign, wait, to)


def escalate(
    ctx: typer.Context,
    case: CaseId,
    as_: AsEmail,
    reason: Annotated[str, typer.Option(help="Why this needs a lead.")],
    wait: Wait = WAIT_S,
) -> int:
    """Bring a case before the lead, with a reason."""
    return _act(ctx, case, as_, "escalate", life.escalate, wait, reason)


def resolve(
    ctx: typer.Context,
    case: CaseId,
    as_: AsEmail,
    note: Annotated[str, typer.Option(help="How it was resolved.")],
    field: Annotated[
        list[str] | None, typer.Option(metavar="ID=VALUE", help="A field the desk asks for; once for each.")
    ] = None,
    wait: Wait = WAIT_S,
) -> int:
    """Close a case as solved, with a note that says how. The desk follows when it cannot be taken back any more."""
    values = dict(_field(one) for one in field or ())
    return _act(ctx, case, as_, "resolve", partial(closing.resolve, fields=values), wait, note)


def snooze(
    ctx: typer.Context,
    case: CaseId,
    as_: AsEmail,
    until: Annotated[
        str, typer.Option(metavar="TIME", help="When it comes back: 2h, 14:00, tomorrow 09:00, Fri 14:00.")
    ],
    wait: Wait = WAIT_S,
) -> int:
    """Let a case keep quiet until a set time, at most a week away."""

    def doing(session: Session, case_id: int, actor: Actor, until: str, context: Context) -> Outcome:
        return snoozing.snooze(session, case_id, actor, snoozing.end_of("", until, context), context)

    return _act(ctx, case, as_, "snooze", doing, wait, until)


def reopen(ctx: typer.Context, case: CaseId, as_: AsEmail, wait: Wait = WAIT_S) -> int:
    """Open a closed case again."""
    return _act(ctx, case, as_, "reopen", closing.reopen, wait)


def not_needed(
    ctx: typer.Context,
    case: CaseId,
    as_: AsEmail,
    note: Annotated[str, typer.Option(help="Why not; kept as feedback for the rule.")] = "",
    field: Annotated[
        list[str] | None, typer.Option(metavar="ID=VALUE", help="A field the desk asks for; once for each.")
    ] = None,
    wait: Wait = WAIT_S,
) -> int:
    """Close a case that should not have been one, and keep that as feedback for its rule."""
    values = dict(_field(one) for one in field or ())
    return _act(ctx, case, as_, "not_needed", partial(closing.not_needed, fields=values), wait, note)


def ticket_found(
    ctx: typer.Context,
    case: CaseId,
    as_: AsEmail,
    ticket: Annotated[str, typer.Option(metavar="NUMBER", help="The number that the desk shows for it.")],
    wait: Wait = WAIT_S,
) -> int:
    """Say which ticket the desk made when it did not answer; it is read before it counts."""
    return _act(ctx, case, as_, "ticket_found", unclear.found, wait, ticket)


def ticket_absent(
    ctx: typer.Context,
    case: CaseId,
    as_: AsEmail,
    note: Annotated[str, typer.Option(help="Where you looked; kept in the case's history.")] = "",
    wait: Wait = WAIT_S,
) -> int:
    """Say that the desk made no ticket when it did not answer, so that one is made now."""
    return _act(ctx, case, as_, "ticket_absent", unclear.absent, wait, note)


def register(app: typer.Typer) -> None:
    """Add the verbs to the group of the cases."""
    for verb in (claim, release, reassign, escalate, snooze, resolve, reopen, not_needed, ticket_found, ticket_absent):
        app.command(verb.__name__.replace("_", "-"))(verb)


def _act(ctx: typer.Context, case: str, email: str, name: str, verb: Verb, wait_s: float, *words: str) -> int:
    """Do it, write down who typed it, and follow it until it can be seen.

    Raises: NotFound; Refused, which is audited.
    """
    case_id = parse_case_ref(case)
    with opened(ctx, writing=True) as here:
        actor = Actor(os_user(), os_user())
        try:
            actor = here.acting(email)
            with here.database.begin() as session:
                outcome = verb(session, case_id, actor, *words, here.context)
                here.typed(
                    session, f"case.{name}", case_ref(case_id), email, "done" if outcome.changed else "unchanged"
                )
        except Refused as exc:
            why = here.context.redactor.text(str(exc))
            with here.database.begin() as session:
                life.refused(session, case_id, actor, name, why, here.context)
                here.typed(session, f"case.{name}", case_ref(case_id), email, "refused")
            if isinstance(exc, FieldMissing):
                raise Refused(f"{exc} Give it with --field {exc.field}=VALUE.") from exc
            raise
        say(outcome.text)
        return follow(here, case_id, wait_s) if outcome.changed else 0


def _field(text: str) -> tuple[str, str]:
    """Read `id=value`. Raises typer.BadParameter for anything else."""
    name, sign, value = text.partition("=")
    if not sign or not name.strip():
        raise typer.BadParameter(f"{text!r} is not ID=VALUE", param_hint="--field")
    return name.strip(), value
