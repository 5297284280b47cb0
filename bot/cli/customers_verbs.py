"""`handoff customers approve|hold|let-go|reject|rollback`: what people decide about changes, from the terminal.

They work while Slack does not. The terminal believes `--as` and writes down the machine's user beside it, so it decides
only what one person may decide.
"""

from typing import Annotated

import typer
from sqlalchemy.orm import Session

from automations.customer_context import groups, lists, rollback
from automations.customer_context.context import CustomerContext
from automations.customer_context.group_rows import digest_of_open, found, group_ref
from automations.domain import Actor
from automations.runs.rows import run_ref
from bot.cli.customers_act import Verb, acted, followed, number_of
from bot.cli.customers_read import sync_with_groups
from bot.cli.customers_shown import show_group, show_sync
from bot.cli.options import AsEmail, opened
from bot.cli.output import note, say
from bot.cli.run_follow import NOT_APPLIED
from bot.cli.run_opened import customers_of
from bot.cli.run_verbs import WAIT_S, RunId, Wait, Yes, asked, parse_run_ref

GroupId = Annotated[str, typer.Argument(metavar="GROUP", help="GROUP-12 or 12.")]
Because = Annotated[str, typer.Option("--because", metavar="REASON", help="Why; it is shown and kept.")]
OpenToo = Annotated[
    bool, typer.Option("--open-tickets", help="Open tickets get the new tier as well, not new ones alone.")
]
LAST = "last"


def approve(
    ctx: typer.Context,
    group: GroupId,
    as_: AsEmail,
    open_tickets: OpenToo = False,
    yes: Yes = False,
    wait: Wait = WAIT_S,
) -> int:
    """Have a group carried out: it is printed, you are asked, and every change is read back in the desk."""
    number = number_of(group, "group")
    with opened(ctx, writing=True) as here:
        context = customers_of(here)
        with here.database.read() as session:
            line = lists.group_line(session, number, context)
        show_group(line, here.settings.team.zone)
        if line.effects.tickets and not open_tickets:
            note("It acts on new tickets only. --open-tickets lets open ones follow too.")
        if not yes and not asked(f"Carry {group_ref(number)} out?"):
            return NOT_APPLIED

        def verb(session: Session, actor: Actor, context: CustomerContext) -> str:
            return groups.approve(session, number, line.digest, actor, context, open_too=open_tickets)

        return followed(here, context, acted(here, context, "group.approve", group_ref(number), as_, verb), as_, wait)


def approve_all(
    ctx: typer.Context,
    run: RunId,
    as_: AsEmail,
    open_tickets: OpenToo = False,
    yes: Yes = False,
    wait: Wait = WAIT_S,
) -> int:
    """Have all open groups of a sync carried out by one run: they are printed, and you are asked."""
    number = parse_run_ref(run)
    with opened(ctx, writing=True) as here:
        context = customers_of(here)
        with here.database.read() as session:
            card, lines = sync_with_groups(session, number, context)
            digest = digest_of_open(session, number)
        show_sync(card, lines, here.context.clock.now(), here.settings.team.zone)
        if not yes and not asked(f"Carry all open groups of {run_ref(number)} out?"):
            return NOT_APPLIED

        def verb(session: Session, actor: Actor, context: CustomerContext) -> str:
            return groups.approve_all(session, number, digest, actor, context, open_too=open_tickets)

        return followed(here, context, acted(here, context, "group.approve_all", run_ref(number), as_, verb), as_, wait)


def hold(ctx: typer.Context, group: GroupId, as_: AsEmail, because: Because) -> None:
    """Let a group wait: no sync asks for it again until somebody lets it go."""
    number = number_of(group, "group")
    _on_a_group(ctx, "hold", number, as_, lambda s, who, c: groups.hold(s, number, _digest(s, number), who, because, c))


def let_go(ctx: typer.Context, group: GroupId, as_: AsEmail) -> None:
    """Let a held group be decided again."""
    number = number_of(group, "group")
    _on_a_group(ctx, "let_go", number, as_, lambda s, who, c: groups.let_go(s, number, _digest(s, number), who, c))


def reject(ctx: typer.Context, group: GroupId, as_: AsEmail, because: Because) -> None:
    """Leave everything in a group as it is, also in later syncs, until one of the values is another."""
    number = number_of(group, "group")
    _on_a_group(
        ctx, "reject", number, as_, lambda s, who, c: groups.reject(s, number, _digest(s, number), who, because, c)
    )


def roll_back(
    ctx: typer.Context,
    what: Annotated[str, typer.Argument(metavar="last|ACCOUNT", help="What the newest sync brought, or one customer.")],
    as_: AsEmail,
    yes: Yes = False,
    wait: Wait = WAIT_S,
) -> int:
    """Go back to the recorded values, where the desk has not changed since: planned, printed, and confirmed by you."""
    account = what.strip()
    with opened(ctx, writing=True) as here:
        context = customers_of(here)

        def verb(session: Session, actor: Actor, context: CustomerContext) -> str:
            if account == LAST:
                return rollback.last(session, actor, context)
            return rollback.customer(session, account, actor, context)

        done = acted(here, context, "customers.rollback", f"customers/{account}", as_, verb)
        return followed(here, context, done, as_, wait, yes=yes)


def register(app: typer.Typer) -> None:
    """Add the verbs to the group of customers."""
    app.command()(approve)
    app.command("approve-all")(approve_all)
    app.command()(hold)
    app.command("let-go")(let_go)
    app.command()(reject)
    app.command("rollback")(roll_back)


def _on_a_group(ctx: typer.Context, name: str, number: int, email: str, verb: Verb) -> None:
    with opened(ctx, writing=True) as here:
        context = customers_of(here)
        say(acted(here, context, f"group.{name}", group_ref(number), email, verb).words)


def _digest(session: Session, number: int) -> str:
    """What the group is about; another one would be another group, with a number of its own."""
    return found(session, number).digest
