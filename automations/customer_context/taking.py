"""Take source: a run brings the source's value into the desk where people settled a conflict for it."""

from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from automations.customer_context.batches import batches
from automations.customer_context.conflict_state import TAKING
from automations.customer_context.context import CustomerContext
from automations.customer_context.deciding import Seen, about, customers, decide, of_field, to_decide, write
from automations.customer_context.gone_by import newest_let_go
from automations.customer_context.group_rows import made
from automations.customer_context.groups import start
from automations.customer_context.ledger_message import follow
from automations.customer_context.rules import DESK, CustomerRules, Direction
from automations.customer_context.values import Change, ChangeKind, ConflictKind
from automations.domain import Actor, Mode
from automations.errors import Refused
from automations.runs.ask import mode
from automations.runs.rows import run_ref
from storage.models import CustomerConflict, KnownCustomer, Run


def take_source(session: Session, conflict_id: int, version: int, actor: Actor, ctx: CustomerContext) -> str:
    """Have the source's value brought into the desk; an empty one empties it. Returns what is true now, in words.

    Raises: NotFound; Refused if it is decided, has changed, is not the actor's to decide, or nothing a run can settle.
    """
    row = to_decide(session, conflict_id, version, actor, ctx)
    _only_where_allowed(session, ctx)
    if not takeable(row, ctx.rules):
        raise Refused(
            f"{about(row, ctx)}: which value would be taken is not clear, so no run can settle this. Merge by hand in "
            f"{ctx.desk_title}, or keep it as it is. Nothing was changed."
        )
    run = _take(session, [row], actor, ctx, title=f"Take {row.source}'s {row.field} for {row.name or row.account}")
    emptied = "" if row.source_value else f" It empties {row.field} in {ctx.desk_title}."
    return f"{about(row, ctx)}: {run_ref(run.id)} takes what {row.source} has.{emptied}"


def take_source_field(session: Session, field: str, digest: str, actor: Actor, ctx: CustomerContext) -> str:
    """Have the source's values taken for all open conflicts of a field. Returns what is true now, in words.

    What would empty a value, and what no run can settle, is left out and stays open; it is decided one by one. Above
    the brake a second person has to confirm the run. Raises: Refused as for `take_source`, or if there is none.
    """
    rows = of_field(session, field, digest, actor)
    _only_where_allowed(session, ctx)
    taken = [row for row in rows if row.source_value and takeable(row, ctx.rules)]
    left = len(rows) - len(taken)
    left_out = f" {left:,} left open, to be decided one by one." if left else ""
    if not taken:
        raise Refused(f"No open conflict about {field} can be taken with others.{left_out} Nothing was changed.")
    number, stopped = customers(len(taken)), _too_many(session, len(taken), ctx)
    title = f"Take {taken[0].source}'s {field} for {number}"
    run = _take(session, taken, actor, ctx, title=title, stopped=stopped)
    second = f" A second person has to confirm it: {stopped}." if stopped else ""
    return f"{run_ref(run.id)} takes {field} for {number}.{second}{left_out}"


def takeable(row: Seen, rules: CustomerRules) -> bool:
    """Whether it is clear what taking the source's value does, by the settings as they are now."""
    field = rules.field(row.field)
    if field is None or field.source == DESK or field.source != row.source:
        return False
    there = row.desk_id is not None or field.direction is Direction.TO_HANDOFF
    return there and row.kind in (ConflictKind.DIFFERS, ConflictKind.BLANK)


def _only_where_allowed(session: Session, ctx: CustomerContext) -> None:
    if (now := mode(session, ctx)) is not Mode.ASK:
        raise Refused(f"Customers are switched to {now}, so nothing is brought into the desk. Nothing was changed.")
    newest_let_go(session)


def _too_many(session: Session, size: int, ctx: CustomerContext) -> str:
    """Why a second person has to look at so many changes at once, empty where one is enough."""
    known = session.scalar(select(func.count()).select_from(KnownCustomer)) or 0
    return f"{size:,} of {customers(known)} at once" if ctx.rules.brake.stops(size, known) else ""


def _take(
    session: Session, rows: Sequence[Seen], actor: Actor, ctx: CustomerContext, *, title: str, stopped: str = ""
) -> Run:
    """Ask for the run, one change for each conflict in the order of accounts, and let the conflicts wait for it."""
    rows = sorted(rows, key=lambda row: (row.account, row.id))
    decide(session, rows, TAKING, actor, ctx)
    changes = [Change(row.account, row.name, row.desk_id, row.field, row.desk_value, row.source_value) for row in rows]
    settles = {number: row.id for number, row in enumerate(rows)}
    group = made(session, ChangeKind.TAKEN, changes, actor, ctx, reason=stopped, conflicts=settles)
    run = start(session, [group], actor, ctx, title=title)
    for some in batches(row.id for row in rows):
        session.execute(
            update(CustomerConflict).where(CustomerConflict.id.in_(some)).values(run_id=run.id),
            execution_options={"synchronize_session": False},
        )
    write(session, rows, TAKING, actor, ctx, {"taken_by": run_ref(run.id)})
    follow(session, ctx)
    return run
