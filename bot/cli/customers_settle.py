"""`handoff customers take|keep|ignore|dismiss`: what people settle, one by one or a field at once."""

from collections.abc import Callable
from typing import Annotated

import typer
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from automations.customer_context import ledger, lists, rejected
from automations.customer_context.conflict_state import conflict_ref
from automations.customer_context.context import CustomerContext
from automations.customer_context.rejected import rejected_ref
from automations.domain import Actor
from automations.errors import NotFound, Refused
from automations.moments import read_moment
from bot.cli.customers_act import acted, followed, maybe_number, number_of
from bot.cli.customers_shown import show_conflicts
from bot.cli.options import AsEmail, Opened, opened
from bot.cli.output import say
from bot.cli.run_follow import NOT_APPLIED
from bot.cli.run_opened import customers_of
from bot.cli.run_verbs import ONLY_IN_SLACK, WAIT_S, Wait, Yes, asked
from storage.models import KnownCustomer

What = Annotated[
    str, typer.Argument(metavar="ID|FIELD", help="CONFLICT-7 or 7, or a field for all its open conflicts at once.")
]
ToOne = Callable[[Session, int, int, Actor, CustomerContext], str]
"""An act on one conflict, by its id and version."""
ToAll = Callable[[Session, str, str, Actor, CustomerContext], str]
"""An act on all open conflicts of a field, by its name and their digest."""


def take(ctx: typer.Context, what: What, as_: AsEmail, yes: Yes = False, wait: Wait = WAIT_S) -> int:
    """Bring the source's value into the desk; the run that does it is followed."""
    with opened(ctx, writing=True) as here:
        return _settle(here, "take_source", what, as_, ledger.take_source, _take_field, wait, ask=not yes)


def keep(
    ctx: typer.Context,
    what: What,
    as_: AsEmail,
    because: Annotated[str, typer.Option("--because", metavar="REASON", help="Why; it is shown and kept.")],
    until: Annotated[str, typer.Option(metavar="WHEN", help="Until when: 2027-03-01, 90d; then it comes back.")],
) -> int:
    """Keep the desk's value until a time; a value that changes brings the conflict back sooner."""
    with opened(ctx, writing=True) as here:
        end = read_moment(until, now=here.context.clock.now(), zone=here.settings.team.zone)

        def one(session: Session, number: int, version: int, actor: Actor, context: CustomerContext) -> str:
            return ledger.keep_desk(session, number, version, actor, because, end, context)

        def whole(session: Session, field: str, digest: str, actor: Actor, context: CustomerContext) -> str:
            return ledger.keep_desk_field(session, field, digest, actor, because, end, context)

        return _settle(here, "keep_desk", what, as_, one, whole)


def ignore(
    ctx: typer.Context,
    what: What,
    as_: AsEmail,
    because: Annotated[str, typer.Option("--because", metavar="REASON", help="Why; it is shown and kept.")] = "",
) -> int:
    """Leave both values as they are until one of them changes."""
    with opened(ctx, writing=True) as here:

        def one(session: Session, number: int, version: int, actor: Actor, context: CustomerContext) -> str:
            return ledger.ignore(session, number, version, actor, context, reason=because)

        def whole(session: Session, field: str, digest: str, actor: Actor, context: CustomerContext) -> str:
            return ledger.ignore_field(session, field, digest, actor, context, reason=because)

        return _settle(here, "ignore", what, as_, one, whole)


def dismiss(
    ctx: typer.Context,
    row: Annotated[str, typer.Argument(metavar="ID", help="REJECTED-31 or 31.")],
    as_: AsEmail,
) -> None:
    """Let a rejected row be; it comes back once it says something else."""
    number = number_of(row, "rejected")
    with opened(ctx, writing=True) as here:
        done = acted(
            here, customers_of(here), "rejected.dismiss", rejected_ref(number), as_,
            lambda session, actor, context: rejected.dismiss(session, number, actor, context),
        )  # fmt: skip
        say(done.words)


def register(app: typer.Typer) -> None:
    """Add the verbs to the group of customers."""
    for verb in (take, keep, ignore, dismiss):
        app.command()(verb)


def _settle(
    here: Opened,
    name: str,
    what: str,
    email: str,
    one: ToOne,
    whole: ToAll,
    wait_s: float = 0.0,
    *,
    ask: bool = False,
) -> int:
    """Do it to one conflict, which is printed, or to all of a field; `ask` before a whole field is taken."""
    context, number = customers_of(here), maybe_number(what, "conflict")
    if number is not None:
        with here.database.read() as session:
            line = lists.conflict_line(session, number, context)
        show_conflicts([line], here.settings.team.zone)
        done = acted(
            here, context, f"conflict.{name}", conflict_ref(number), email,
            lambda session, actor, ctx: one(session, number, line.version, actor, ctx),
        )  # fmt: skip
        return followed(here, context, done, email, wait_s)
    field, count, digest = _field(here, what)
    if ask and not asked(f"Take the source's {field} for {count:,} customers?"):
        return NOT_APPLIED
    done = acted(
        here, context, f"conflict.{name}", f"customers/{field}", email,
        lambda session, actor, ctx: whole(session, field, digest, actor, ctx),
    )  # fmt: skip
    return followed(here, context, done, email, wait_s)


def _field(here: Opened, what: str) -> tuple[str, int, str]:
    """The field of this name with how many open conflicts it has, and their digest. Raises: NotFound."""
    with here.database.read() as session:
        fields = lists.whole_fields(session)
    for one in fields:
        if one[0] == what.strip():
            return one
    known = ", ".join(name for name, _, _ in fields) or "none"
    raise NotFound(f"{what!r} is no conflict such as CONFLICT-7, and no field with open conflicts. Such are: {known}.")


def _take_field(session: Session, field: str, digest: str, actor: Actor, ctx: CustomerContext) -> str:
    """Raises: Refused where so many changes need two people, of whom the terminal can be neither."""
    count = next((number for name, number, _ in lists.whole_fields(session) if name == field), 0)
    known = session.scalar(select(func.count()).select_from(KnownCustomer)) or 0
    if ctx.rules.brake.stops(count, known):
        words = f"{count:,} of {known:,} customers at once need two people"
        raise Refused(f"{words}. {ONLY_IN_SLACK} Nothing was changed.")
    return ledger.take_source_field(session, field, digest, actor, ctx)
