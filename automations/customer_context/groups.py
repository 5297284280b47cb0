"""What people decide about a sync's groups: approve one or all, hold, let go, reject. Leads decide.

Everything happens in the caller's transaction and is written down in it; each function returns what is true now, in
words. A decision is to a digest, which is what the person saw. Groups of a sync that the brake stopped wait until two
people let it go on.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from automations.customer_context.apply_plan import plan_of
from automations.customer_context.context import APPLY, CustomerContext
from automations.customer_context.deciding import may_decide
from automations.customer_context.gone_by import let_go as let_go_on
from automations.customer_context.gone_by import same_places
from automations.customer_context.group_rows import (
    CONFIRMED,
    GROUPS,
    HELD,
    OPEN,
    REJECTED,
    digest_of_open,
    found,
    group_ref,
    move,
    open_of,
    title_of,
)
from automations.customer_context.settling import Pair, settle_all
from automations.domain import Actor
from automations.errors import Refused
from automations.runs.ask import APPROVED_BY, DIGEST, ask
from automations.runs.journal import follow
from automations.runs.rows import found as run_found
from automations.runs.rows import run_ref
from automations.words import identity, typed, when, who
from storage import audit
from storage.models import CustomerChange, CustomerGroup, Run

TITLE: Final = "title"
"""Option of a run: what it is, in a line."""


def approve(
    session: Session, group_id: int, digest: str, actor: Actor, ctx: CustomerContext, *, open_too: bool = False
) -> str:
    """Have one group carried out; `open_too`: open tickets get the new tier as well, not new ones alone.

    Raises: NotFound; Refused if it is decided, has changed, or is not the actor's to decide.
    """
    row = _to_decide(session, group_id, digest, actor, ctx)
    _decide(session, row, (OPEN,), CONFIRMED, actor, ctx, open_too=open_too)
    run = start(session, [row], actor, ctx, title=_sentence(title_of(row)))
    _write(session, row, "approved", actor, ctx, applied_by=run_ref(run.id), open_too=open_too)
    _follow_sync(session, row, ctx)
    return f"{run_ref(run.id)} carries it out: {title_of(row)}. {_acts_on(open_too=open_too)}"


def approve_all(
    session: Session, run_id: int, digest: str, actor: Actor, ctx: CustomerContext, *, open_too: bool = False
) -> str:
    """Have all open groups of a sync carried out by one run; what is held stays held.

    `digest` is that of them all, as the message's pages show them. Raises: NotFound; Refused as for `approve`, or if
    none is open.
    """
    audit.hold(session)
    run = run_found(session, run_id)
    may_decide(session, actor)
    let_go_on(run)
    same_places(run, ctx)
    rows = open_of(session, run_id)
    if not rows:
        raise Refused(f"No group of {run_ref(run_id)} is open any more. Nothing was changed.")
    if digest != digest_of_open(session, run_id):
        raise Refused("The groups have changed since this message was made, so nothing was changed. Look again.")
    for row in rows:
        _decide(session, row, (OPEN,), CONFIRMED, actor, ctx, open_too=open_too)
    number = "1 group" if len(rows) == 1 else f"{len(rows)} groups"
    title = _sentence(title_of(rows[0])) if len(rows) == 1 else f"{number} of {run_ref(run_id)}"
    asked = start(session, rows, actor, ctx, title=title)
    for row in rows:
        _write(session, row, "approved", actor, ctx, applied_by=run_ref(asked.id), open_too=open_too)
    follow(session, run, ctx)
    return f"{run_ref(asked.id)} carries {number} out. {_acts_on(open_too=open_too)}"


def hold(session: Session, group_id: int, digest: str, actor: Actor, reason: str, ctx: CustomerContext) -> str:
    """Let a group wait: no sync asks for it again until somebody lets it go.

    Raises: NotFound; Refused as for `approve`, or without a reason.
    """
    row = _to_decide(session, group_id, digest, actor, ctx)
    why = _reason(reason, "Holding a group", ctx)
    _decide(session, row, (OPEN,), HELD, actor, ctx, reason=why)
    _write(session, row, "held", actor, ctx)
    _follow_sync(session, row, ctx)
    return f"{group_ref(row.id)} is held: {title_of(row)}. It waits until somebody lets it go."


def let_go(session: Session, group_id: int, digest: str, actor: Actor, ctx: CustomerContext) -> str:
    """Let a held group be decided again. Raises: NotFound; Refused as for `approve`."""
    row = _to_decide(session, group_id, digest, actor, ctx)
    undecided = {"decided_by": None, "decided_at": None, "reason": ""}
    if not move(session, row, (HELD,), OPEN, **undecided):
        raise _over(row, ctx)
    _write(session, row, "let_go", actor, ctx)
    _follow_sync(session, row, ctx)
    return f"{group_ref(row.id)} is open again: {title_of(row)}."


def reject(session: Session, group_id: int, digest: str, actor: Actor, reason: str, ctx: CustomerContext) -> str:
    """Leave everything in a group as it is, also in later syncs, until one of the values is another.

    Raises: NotFound; Refused as for `approve`, or without a reason.
    """
    row = _to_decide(session, group_id, digest, actor, ctx)
    why = _reason(reason, "Rejecting a group", ctx)
    _decide(session, row, (OPEN, HELD), REJECTED, actor, ctx, reason=why)
    settle_all(session, _pairs(session, row), actor, ctx, state="kept", reason=why)
    _write(session, row, "rejected", actor, ctx)
    _follow_sync(session, row, ctx)
    return f"{group_ref(row.id)} is rejected: {title_of(row)}. It comes back only for values that change."


def start(
    session: Session,
    groups: Sequence[CustomerGroup],
    actor: Actor,
    ctx: CustomerContext,
    *,
    title: str,
    confirmed: bool = True,
) -> Run:
    """Ask for the run that carries these confirmed groups out, and join them to it. The caller has checked the role.

    `confirmed`: the actor has seen what it does and said yes; otherwise the run's own card asks for that. Raises:
    Refused if the automation is off.
    """
    numbers = [row.id for row in groups]
    options: dict[str, Any] = {GROUPS: numbers, TITLE: title}
    if confirmed:
        options |= {APPROVED_BY: identity(actor), DIGEST: plan_of(groups, title).digest}
    run = ask(session, APPLY, "", options, actor, ctx, name=str(min(numbers)))
    session.execute(
        update(CustomerGroup)
        .where(CustomerGroup.id.in_(numbers), CustomerGroup.state == CONFIRMED)
        .values(applied_by=run.id),
        execution_options={"synchronize_session": False},
    )
    for row in groups:
        session.refresh(row)
    return run


def _to_decide(session: Session, group_id: int, digest: str, actor: Actor, ctx: CustomerContext) -> CustomerGroup:
    """The group, if it is the actor's to decide as they saw it. Raises: NotFound; Refused."""
    audit.hold(session)
    row = found(session, group_id)
    may_decide(session, actor)
    if row.state not in (OPEN, HELD) or row.run_id is None:
        raise _over(row, ctx)
    run = run_found(session, row.run_id)
    let_go_on(run)
    same_places(run, ctx)
    if digest != row.digest:
        raise Refused(f"{group_ref(row.id)} has changed since this message was made. Look again; nothing was changed.")
    return row


def _decide(
    session: Session,
    row: CustomerGroup,
    since: tuple[str, ...],
    to: str,
    actor: Actor,
    ctx: CustomerContext,
    **values: Any,
) -> None:
    """Move a group on if it still is as it was read. Raises: Refused if somebody was faster."""
    decided = {"decided_by": identity(actor), "decided_at": ctx.clock.now(), **values}
    if not move(session, row, since, to, **decided):
        raise _over(row, ctx)


def _write(
    session: Session, row: CustomerGroup, verb: str, actor: Actor, ctx: CustomerContext, **more: str | bool
) -> None:
    said: Mapping[str, Any] = {"kind": row.kind, "field": row.field, "before": row.before, "after": row.after}
    audit.append(
        session,
        at=ctx.clock.now(),
        actor=identity(actor),
        action=f"group.{verb}",
        target=group_ref(row.id),
        outcome=row.state,
        correlation_id=run_found(session, row.run_id).correlation_id if row.run_id is not None else str(uuid4()),
        after=ctx.redactor.tree({**said, "size": row.size, "digest": row.digest, "reason": row.reason, **more}),
    )


def _pairs(session: Session, row: CustomerGroup) -> list[Pair]:
    """What is to stay as it is. Columns alone, since a group may hold every customer."""
    columns = CustomerChange.account, CustomerChange.name, CustomerChange.field, CustomerChange.after
    rows = select(*columns, CustomerChange.before).where(CustomerChange.group_id == row.id)
    return [Pair(*one) for one in session.execute(rows.order_by(CustomerChange.number))]


def _follow_sync(session: Session, row: CustomerGroup, ctx: CustomerContext) -> None:
    if row.run_id is not None:
        follow(session, run_found(session, row.run_id), ctx)


def _over(row: CustomerGroup, ctx: CustomerContext) -> Refused:
    """What became of a group that cannot be decided so, in words."""
    by = f" by {who(row.decided_by, ctx)}" if row.decided_by else ""
    at = f" at {when(row.decided_at, ctx)}" if row.decided_at else ""
    run = f" {run_ref(row.applied_by)} carries it out." if row.applied_by and row.state == CONFIRMED else ""
    newer = " A newer sync shows how it is now." if row.state == "superseded" else ""
    return Refused(f"{group_ref(row.id)} is {row.state}{by}{at}.{run}{newer} Nothing was changed by you.")


def _reason(text: str, what: str, ctx: CustomerContext) -> str:
    why = typed(text, ctx)
    if not why:
        raise Refused(f"{what} needs a reason. Nothing was changed.")
    return why


def _acts_on(*, open_too: bool) -> str:
    return "Open tickets follow too." if open_too else "It acts on new tickets only."


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"
