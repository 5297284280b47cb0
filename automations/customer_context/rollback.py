"""Going back to recorded values: what the newest sync brought, or all that it changed of one customer.

Only what still is as it was made goes back; what has changed since stays, and stands in the ledger. No sync makes it so
again while both values are as they are. Both are runs that people see before anything is written.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.customer_context.comparing import in_desk
from automations.customer_context.context import APPLY, CustomerContext
from automations.customer_context.deciding import may_decide
from automations.customer_context.group_rows import CONFIRMED, UNDOES, VERIFIED, made
from automations.customer_context.groups import start
from automations.customer_context.in_force import known
from automations.customer_context.rules import ACTIVE, STATUS, SUSPENDED
from automations.customer_context.values import Change, ChangeKind
from automations.domain import Actor
from automations.errors import NotFound, Refused
from automations.runs.rows import found as run_found
from automations.runs.rows import run_ref, undone_by
from automations.runs.undo import CAN_BE, undo
from storage import audit
from storage.models import CustomerChange, CustomerGroup, Run

Made = tuple[CustomerChange, CustomerGroup]
"""A change that stands, with its group."""


def last(session: Session, actor: Actor, ctx: CustomerContext) -> str:
    """Ask for the undo of what the newest sync brought, of which something still stands.

    Raises: Refused if there is none, it is being taken back already, or it is not the actor's to decide.
    """
    audit.hold(session)
    may_decide(session, actor)
    for sync, runs in _applied(session):
        open_ones = [run for run in runs if undone_by(session, run) is None]
        if not open_ones:
            other = undone_by(session, runs[0])
            took = f"{run_ref(other.id)} takes it back" if other is not None else "it is being taken back"
            raise Refused(f"What {run_ref(sync)} brought: {took} already. Nothing was changed.")
        said = [undo(session, run.id, actor, ctx) for run in open_ones]
        return f"What {run_ref(sync)} brought is taken back. {' '.join(said)}"
    raise Refused("No sync has changed anything that still stands, so there is nothing to take back.")


def customer(session: Session, account: str, actor: Actor, ctx: CustomerContext) -> str:
    """Ask for a run that puts one customer back to what was recorded before the newest sync that changed them.

    Raises: NotFound; Refused if nothing of it stands, or it is not the actor's to decide.
    """
    audit.hold(session)
    may_decide(session, actor)
    row = known(session, account)
    if row is None:
        raise NotFound(f"Handoff knows no customer with the account {account[:80]!r}. Nothing was changed.")
    name = row.name or row.account
    waiting = _waiting(session, account)
    if waiting is not None:
        raise Refused(f"{run_ref(waiting)} is changing {name} or waits for a yes to it. Let that end first.")
    changes = [change for one in _newest(_standing(session, account)) for change in _inverse(one, ctx)]
    if not changes:
        raise Refused(f"{name}: nothing that a sync changed can be taken back. Nothing was changed.")
    group = made(session, ChangeKind.RESTORED, changes, actor, ctx, reason="Taken back to what was recorded before")
    run = start(session, [group], actor, ctx, title=f"Take {name} back", confirmed=False)
    values = "1 value" if len(changes) == 1 else f"{len(changes)} values"
    return f"{run_ref(run.id)} puts {values} of {name} back once it is confirmed; its card says which."


def _applied(session: Session) -> Iterator[tuple[int, list[Run]]]:
    """Syncs of which something stands, newest first, with the runs that carried their groups out, newest first."""
    rows = (
        select(CustomerGroup.run_id, CustomerGroup.applied_by)
        .join(Run, Run.id == CustomerGroup.applied_by)
        .join(CustomerChange, CustomerChange.group_id == CustomerGroup.id)
        .where(CustomerGroup.run_id.is_not(None), CustomerChange.state == VERIFIED)
        .where(Run.kind == APPLY, Run.state.in_([state.value for state in CAN_BE]))
        .distinct()
        .order_by(CustomerGroup.run_id.desc(), CustomerGroup.applied_by.desc())
    )
    by_sync: dict[int, list[Run]] = {}
    for sync, applied_by in session.execute(rows):
        by_sync.setdefault(int(sync or 0), []).append(run_found(session, int(applied_by or 0)))
    yield from by_sync.items()


def _waiting(session: Session, account: str) -> int | None:
    """A run that is to change this customer, or changes them now."""
    rows = (
        select(CustomerGroup.applied_by)
        .join(CustomerChange, CustomerChange.group_id == CustomerGroup.id)
        .join(Run, Run.id == CustomerGroup.applied_by)
        .where(CustomerChange.account == account, CustomerGroup.state == CONFIRMED, Run.open_key.is_not(None))
    )
    return session.scalar(rows.limit(1))


def _standing(session: Session, account: str) -> list[Made]:
    """Every change of this customer that stands, newest first."""
    rows = (
        select(CustomerChange, CustomerGroup)
        .join(CustomerGroup, CustomerGroup.id == CustomerChange.group_id)
        .where(CustomerChange.account == account, CustomerChange.state == VERIFIED)
        .where(CustomerGroup.kind.not_in((ChangeKind.RESTORED.value, ChangeKind.LINKED.value)))
        .order_by(CustomerChange.changed_at.desc(), CustomerGroup.id.desc(), CustomerChange.number.desc())
    )
    return [(change, group) for change, group in session.execute(rows)]


def _newest(standing: Sequence[Made]) -> list[Made]:
    """Those of the newest sync, and what people took from the source since; all of them where no sync is among them."""
    newest = next((group.run_id for _, group in standing if group.run_id is not None), None)
    found: list[Made] = []
    for change, group in standing:
        if group.run_id not in (newest, None):
            break
        found.append((change, group))
    while found and newest is not None and found[-1][1].run_id is None:
        found.pop()
    return found


def _inverse(one: Made, ctx: CustomerContext) -> Iterator[Change]:
    """What takes a change back. Who was added is suspended where the desk lets it be, and never deleted."""
    row, group = one
    undoes = ((UNDOES, f"{group.id}/{row.number}"),)

    def back(field: str, since: str, to: str) -> Change:
        return Change(row.account, row.name, row.desk_id, field, since, to, undoes)

    if group.kind != ChangeKind.ADDED:
        yield back(row.field, row.after, row.before)
    elif row.desk_id is None:
        for name, value in row.values.items():
            if value and name != STATUS:
                yield back(name, str(value), "")
    elif (field := ctx.rules.field(STATUS)) is not None and in_desk(field, ctx.desk_can):
        yield back(STATUS, str(row.values.get(STATUS) or ACTIVE), SUSPENDED)
