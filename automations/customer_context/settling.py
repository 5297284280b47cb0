"""What is remembered as settled, and what a run that took values of a source leaves in the ledger."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast
from uuid import uuid4

from sqlalchemy import ColumnElement, Table, select, update
from sqlalchemy.orm import Session

from automations.customer_context.batches import batches
from automations.customer_context.conflict_rows import close
from automations.customer_context.conflict_state import (
    OPEN,
    SETTLED,
    STANDING,
    TAKEN,
    TAKING,
    UNDECIDED,
    UNSETTLED,
    conflict_ref,
)
from automations.customer_context.context import CustomerContext
from automations.customer_context.ledger_message import follow
from automations.customer_context.rejected import carried_out
from automations.customer_context.values import ConflictKind
from automations.domain import HANDOFF, Actor
from automations.runs.journal import write_down
from automations.words import identity
from storage import audit
from storage.models import CustomerChange, CustomerConflict, CustomerGroup, KnownCustomer, Run
from storage.upsert import insert_into

_TABLE: Final = cast("Table", CustomerConflict.__table__)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two values of one field of a customer that people want to leave as they are."""

    account: str
    name: str
    field: str
    source_value: str
    desk_value: str

    @property
    def kind(self) -> ConflictKind:
        """What a sync would call it."""
        return ConflictKind.DIFFERS if self.source_value or not self.field else ConflictKind.BLANK


def settle(
    session: Session,
    account: str,
    name: str,
    field: str,
    source_value: str,
    desk_value: str,
    actor: Actor,
    ctx: CustomerContext,
    *,
    state: str,
    reason: str,
    until: datetime | None = None,
) -> None:
    """Remember one pair as `settle_all` does."""
    pair = Pair(account, name, field, source_value, desk_value)
    settle_all(session, [pair], actor, ctx, state=state, reason=reason, until=until)


def settle_all(
    session: Session,
    pairs: Iterable[Pair],
    actor: Actor,
    ctx: CustomerContext,
    *,
    state: str,
    reason: str,
    until: datetime | None = None,
) -> None:
    """Remember pairs as settled (`kept` or `ignored`), so that no sync plans or shows them while they are as they are.

    Whatever else stands about the same field is closed: it was about other values. For acts of people on changes; the
    caller has checked their role. Raises: ValueError for another state.
    """
    if state not in SETTLED:
        raise ValueError(f"{state!r} is no state of what people settled")
    audit.hold(session)
    session.flush()
    wanted = {(one.account, one.field): one for one in pairs}
    if not wanted:
        return
    now, why = ctx.clock.now(), ctx.redactor.text(reason)
    decided = {"state": state, "decided_by": identity(actor), "decided_at": now, "reason": why, "until": until}
    same, others = _standing(session, wanted)
    close(session, others)
    for some in batches(sorted(same.values())):
        values = {**decided, "version": CustomerConflict.version + 1}
        _change(session, [CustomerConflict.id.in_(some)], values)
    if new := [one for key, one in wanted.items() if key not in same]:
        rows = [_new(one, decided, now, ctx, found) for one, found in _with_customers(session, new)]
        session.execute(insert_into(session, CustomerConflict).on_conflict_do_nothing(), rows)
    several = [[one.account, one.field, one.source_value, one.desk_value] for one in wanted.values()]
    ends = until.isoformat() if until else None
    audit.append(
        session,
        at=now,
        actor=identity(actor),
        action=f"conflicts.{state}",
        target=f"customer/{several[0][0]}" if len(several) == 1 else "customers",
        outcome=state,
        correlation_id=str(uuid4()),
        after=ctx.redactor.tree({"reason": why, "until": ends, "pairs": len(several), "first": several[:100]}),
    )
    follow(session, ctx)


def rested(session: Session, run: Run, ctx: CustomerContext) -> None:
    """A run that carries groups out came to rest: what it made true is taken, what it did not is open again.

    A run that people try again and that ends well takes the rest then. What the desk had refused before and took now is
    fixed. A repeat does no harm.
    """
    audit.hold(session)
    session.flush()
    carried_out(session, run, ctx)
    verified = (
        select(CustomerChange.conflict)
        .join(CustomerGroup, CustomerGroup.id == CustomerChange.group_id)
        .where(CustomerGroup.applied_by == run.id, CustomerChange.state == "verified")
        .where(CustomerChange.conflict.is_not(None))
    )
    grown = {"version": CustomerConflict.version + 1}
    made = [CustomerConflict.state.in_(UNSETTLED), CustomerConflict.id.in_(verified)]
    taken = _change(session, made, {"state": TAKEN, **grown})
    opened: list[int] = []
    if run.open_key is None:
        left = [CustomerConflict.state == TAKING, CustomerConflict.run_id == run.id]
        opened = _change(session, left, {"state": OPEN, **UNDECIDED, **grown})
    if taken or opened:
        first = {"first_taken": taken[:100], "first_open": opened[:100]}
        after = {"taken": len(taken), "open": len(opened)} | {
            name: [conflict_ref(number) for number in numbers] for name, numbers in first.items()
        }
        write_down(session, run, HANDOFF, "conflicts.settled", run.state, ctx, after=after)
        follow(session, ctx)


def _standing(session: Session, wanted: Mapping[tuple[str, str], Pair]) -> tuple[dict[tuple[str, str], int], list[int]]:
    """Of what stands about these fields: the rows with just these values, and the others."""
    table, same, others = _TABLE.c, {}, []
    kinds = (ConflictKind.DIFFERS.value, ConflictKind.BLANK.value)
    rows = select(table.id, table.account, table.field, table.kind, table.source_value, table.desk_value)
    rows = rows.where(table.state.in_(STANDING), table.kind.in_(kinds))
    for some in batches(sorted({account for account, _ in wanted})):
        for row in session.execute(rows.where(table.account.in_(some))):
            one = wanted.get((row.account, row.field))
            if one is None:
                continue
            if (row.kind, row.source_value, row.desk_value) == (one.kind, one.source_value, one.desk_value):
                same[(row.account, row.field)] = row.id
            else:
                others.append(row.id)
    return same, others


def _with_customers(session: Session, pairs: Sequence[Pair]) -> list[tuple[Pair, str | None]]:
    """Each with the desk's id of its customer."""
    found: dict[str, str | None] = {}
    for some in batches(sorted({one.account for one in pairs})):
        known = select(KnownCustomer.account, KnownCustomer.desk_id).where(KnownCustomer.account.in_(some))
        found |= {row.account: row.desk_id for row in session.execute(known)}
    return [(one, found.get(one.account)) for one in pairs]


def _new(
    pair: Pair, decided: Mapping[str, Any], now: datetime, ctx: CustomerContext, desk_id: str | None
) -> dict[str, Any]:
    field = ctx.rules.field(pair.field)
    return {
        "account": pair.account,
        "name": ctx.redactor.text(pair.name),
        "field": pair.field,
        "kind": pair.kind.value,
        "source": field.source if field else "",
        "source_value": pair.source_value,
        "desk_value": pair.desk_value,
        "desk_id": desk_id,
        "url": "",
        "others": [],
        "winner": "source",
        "since": now,
        "last_seen": now,
        "version": 1,
        "run_id": None,
        **decided,
    }


def _change(session: Session, which: Sequence[ColumnElement[bool]], values: Mapping[str, Any]) -> list[int]:
    """Change rows at once. Returns their ids in order."""
    changed = session.execute(
        update(CustomerConflict).where(*which).values(values).returning(CustomerConflict.id),
        execution_options={"synchronize_session": False},
    )
    return sorted(changed.scalars())
