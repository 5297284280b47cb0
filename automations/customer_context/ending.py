"""What follows from a change that came to its end: what is in force, the ledger, the index of what was rejected.

Everything happens in the transaction that says so on the change's row, whose caller holds the audit log's head.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from automations.customer_context import in_force
from automations.customer_context.canonical import same
from automations.customer_context.carrying import Ended
from automations.customer_context.comparing import in_desk
from automations.customer_context.conflict_rows import record as record_conflicts
from automations.customer_context.context import CustomerContext
from automations.customer_context.group_rows import (
    CHANGED,
    LEFT,
    TAKEN_BACK,
    UNDOES,
    VERIFIED,
    brief,
    found,
    group_ref,
)
from automations.customer_context.rejected import record as record_rejected
from automations.customer_context.rules import ACTIVE, DESK, STATUS, SUSPENDED
from automations.customer_context.settling import Pair, settle_all
from automations.customer_context.values import ChangeKind, Conflict, ConflictKind, RejectedRow
from automations.desks import Capability
from automations.domain import HANDOFF, Actor
from automations.errors import Refused
from automations.runs.rows import run_ref
from storage import audit
from storage.models import CustomerChange, CustomerGroup, KnownCustomer, Run

_NOBODY = "Handoff does not know this customer any more"


def lives_in_desk(row: CustomerChange, kind: ChangeKind, ctx: CustomerContext, can: Collection[Capability]) -> bool:
    """Whether a change is made in the desk, or here alone. Raises: Refused for a field nobody names any more."""
    if kind in (ChangeKind.ADDED, ChangeKind.LINKED):
        return True
    field = ctx.rules.field(row.field)
    if row.field == STATUS:
        words = {row.before or ACTIVE, row.after or ACTIVE}
        return field is not None and in_desk(field, frozenset(can)) and words <= {ACTIVE, SUSPENDED}
    if field is None:
        raise Refused(f"The settings name no source of truth for {brief(row.field)} any more")
    return in_desk(field, frozenset(can))


def here(session: Session, row: CustomerChange, kind: ChangeKind, *, back: bool) -> Ended:
    """What a change comes to that is made in Handoff alone."""
    if kind in (ChangeKind.ADDED, ChangeKind.LINKED):
        return Ended(TAKEN_BACK if back else VERIFIED)
    since, to = (row.after, row.before) if back else (row.before, row.after)
    known = in_force.known(session, row.account)
    if known is None:
        return Ended(LEFT if back else CHANGED, _NOBODY)
    value = in_force.value_of(known, row.field)
    if same(row.field, value, since) or same(row.field, value, to):
        return Ended(TAKEN_BACK if back else VERIFIED)
    why = f"It is {brief(value)} by now, neither {brief(since)} as planned nor {brief(to)}"
    return Ended(LEFT if back else CHANGED, why, shows=value)


def end(
    session: Session,
    row: CustomerChange,
    group: CustomerGroup,
    run: Run,
    ended: Ended,
    ctx: CustomerContext,
    *,
    back: bool,
) -> None:
    """Let everything follow from what a change came to."""
    kind = ChangeKind(group.kind)
    if ended.state == VERIFIED:
        _made(session, row, group, kind, ctx)
    elif ended.state == TAKEN_BACK:
        _taken_back(session, row, group, kind, run, ctx)
    elif ended.state in (CHANGED, LEFT):
        _differs(session, row, kind, run, ended, ctx)
    else:
        told = {"change": f"{group_ref(group.id)}/{row.number}", row.field or kind.value: row.after}
        rejected = RejectedRow(DESK, row.account, f"{ctx.desk_title}: {ended.why}", told)
        record_rejected(session, run, [rejected], ctx)
    if kind is ChangeKind.ADDED and ended.desk_id is not None:
        in_force.link(session, row.account, row.name, ended.desk_id, ctx.clock.now())
    _write_down(session, row, group, run, ended, ctx, back=back)


def _made(session: Session, row: CustomerChange, group: CustomerGroup, kind: ChangeKind, ctx: CustomerContext) -> None:
    now = ctx.clock.now()
    if kind is ChangeKind.ADDED:
        values = {name: str(value) for name, value in row.values.items()}
        in_force.make(session, row.account, row.name, row.desk_id, values, now)
        return
    known = in_force.link(session, row.account, row.name, row.desk_id, now)
    if kind is ChangeKind.RESTORED:
        _restored(session, row, known, ctx)
    elif kind is not ChangeKind.LINKED:
        agreed = ctx.rules.field(row.field) is not None
        in_force.put(session, known, row.field, row.after, now, agreed=agreed, open_too=group.open_too)
    if kind is ChangeKind.RESUMED:
        known.gone_since = None
        session.flush()


def _restored(session: Session, row: CustomerChange, known: KnownCustomer, ctx: CustomerContext) -> None:
    """A recorded value is back: the change that had made another one of it is undone."""
    group_id, number = (int(part) for part in str(row.values[UNDOES]).split("/"))
    undone = CustomerChange.group_id == group_id, CustomerChange.number == number, CustomerChange.state == VERIFIED
    session.execute(
        update(CustomerChange).where(*undone).values(state=TAKEN_BACK, changed_at=ctx.clock.now()),
        execution_options={"synchronize_session": False},
    )
    by = _person(found(session, row.group_id).decided_by or HANDOFF.id, ctx)
    _back(session, known, row.field, row.before, row.after, found(session, group_id), by, ctx)


def _taken_back(
    session: Session, row: CustomerChange, group: CustomerGroup, kind: ChangeKind, run: Run, ctx: CustomerContext
) -> None:
    by, known = _person(run.requested_by, ctx), in_force.known(session, row.account)
    if known is None:
        return
    if kind is ChangeKind.LINKED:
        _stays_away(session, known, "", row.after, row.before, by, ctx)
    elif kind is not ChangeKind.ADDED:
        _back(session, known, row.field, row.after, row.before, group, by, ctx)
    elif row.desk_id is not None:
        was = str(row.values.get(STATUS) or ACTIVE)
        _back(session, known, STATUS, was, SUSPENDED, group, by, ctx)
    else:
        for name, value in row.values.items():
            blank = ACTIVE if name == STATUS else ""
            _back(session, known, name, str(value), blank, group, by, ctx)


def _back(
    session: Session,
    known: KnownCustomer,
    field: str,
    since: str,
    to: str,
    group: CustomerGroup,
    by: Actor,
    ctx: CustomerContext,
) -> None:
    """Put a value back that this group had made another one of, and let no sync make it so again.

    What source and desk had agreed on before is that value, but where the group settled a conflict or made the
    customer: then nobody knows of any.
    """
    undone_make = group.kind == ChangeKind.ADDED and (known.desk_id is None or field != STATUS)
    agreed = group.kind != ChangeKind.TAKEN and not undone_make
    in_force.put_back(session, known, field, to, ctx.clock.now(), agreed=agreed, open_too=group.open_too)
    if undone_make:
        _stays_away(session, known, "", "", "", by, ctx)
    else:
        _stays_away(session, known, field, since, to, by, ctx)


def _stays_away(
    session: Session, known: KnownCustomer, field: str, source: str, desk: str, by: Actor, ctx: CustomerContext
) -> None:
    pair = Pair(known.account, known.name, field, source_value=source, desk_value=desk)
    settle_all(session, [pair], by, ctx, state="kept", reason="Taken back to what was recorded before")


def _differs(
    session: Session, row: CustomerChange, kind: ChangeKind, run: Run, ended: Ended, ctx: CustomerContext
) -> None:
    """Let the ledger show that the value is neither what was planned nor what was wanted."""
    if ended.shows is None:
        return
    field = ctx.rules.field(row.field)
    wanted = row.before if kind is ChangeKind.RESTORED else row.after
    conflict = Conflict(
        account=row.account,
        name=row.name,
        field=row.field,
        kind=ConflictKind.DIFFERS if wanted else ConflictKind.BLANK,
        source=field.source if field is not None else "",
        source_value=wanted,
        desk_value=ended.shows,
        winner="source",
        desk_id=row.desk_id,
        url=ended.url,
    )
    record_conflicts(session, run, [conflict], ctx.clock.now(), ctx)


def _write_down(
    session: Session,
    row: CustomerChange,
    group: CustomerGroup,
    run: Run,
    ended: Ended,
    ctx: CustomerContext,
    *,
    back: bool,
) -> None:
    since, to = (row.after, row.before) if back else (row.before, row.after)
    told: dict[str, Any] = {"group": group_ref(group.id), "run": run_ref(run.id), "kind": group.kind}
    if row.values:
        told["values"] = dict(row.values)
    audit.append(
        session,
        at=ctx.clock.now(),
        actor=HANDOFF.id,
        action="customer.back" if back else "customer.change",
        target=f"customer/{row.account}"[:255],
        outcome=ended.state,
        correlation_id=run.correlation_id,
        before=ctx.redactor.tree({row.field: since}),
        after=ctx.redactor.tree({row.field: to, "why": ended.why, **told}),
    )


def _person(identity: str, ctx: CustomerContext) -> Actor:
    email = identity if "@" in identity else None
    return Actor(identity, ctx.roster.name(identity) if email else identity, email)
