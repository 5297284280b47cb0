"""What Handoff knows of customers as rows: read for a plan, and brought up to date by the transaction that shows it.

Only rows that differ are written. A row that somebody changed between the reading and that transaction (a run that
carried a change out) keeps what it was given meanwhile; what the source said is written down all the same.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar, cast

from sqlalchemy import Table, Text, bindparam, delete, insert, or_, select, update
from sqlalchemy import cast as cast_to
from sqlalchemy.orm import Session

from automations.customer_context import sync_groups
from automations.customer_context.conflict_state import SETTLED
from automations.customer_context.context import CustomerContext, EffectsOf
from automations.customer_context.group_rows import BEGUN, CONFIRMED, PLANNED
from automations.customer_context.records import columns_of, kept_of, mail_domains
from automations.customer_context.rules import DOMAINS, TIER
from automations.customer_context.values import Record, Remembered, Settled, SyncPlan
from automations.domain import HANDOFF
from automations.runs.journal import write_down
from storage.models import CustomerChange as ChangeRow
from storage.models import CustomerConflict, CustomerDomain, KnownCustomer, Run
from storage.models import CustomerGroup as GroupRow

PER_STATEMENT: Final = 5_000
"""Rows in one statement, so that memory does not grow with the number of customers."""

_CUSTOMER: Final = cast("Table", KnownCustomer.__table__)
_DOMAIN: Final = cast("Table", CustomerDomain.__table__)
_JSON: Final = ("source_values", "base", "fields", "domains")
_COLUMNS: Final = (*_JSON, "account", "name", "status", "tier", "desk_id", "gone_since")
_READ: Final = [_CUSTOMER.c[name] for name in _COLUMNS]
_TEXTS: Final = [cast_to(_CUSTOMER.c[name], Text) if name in _JSON else _CUSTOMER.c[name] for name in _COLUMNS]
_T = TypeVar("_T")


def remembered(session: Session) -> dict[str, Remembered]:
    """Every customer that Handoff knows, by account."""
    known: dict[str, Remembered] = {}
    every = select(*_TEXTS).order_by(_CUSTOMER.c.account)
    rows = session.execute(every, execution_options={"yield_per": PER_STATEMENT})
    for some in rows.partitions():
        documents = [_documents([row[place] for row in some]) for place in range(len(_JSON))]
        for row, *read in zip(some, *documents, strict=True):
            columns = dict(zip(_COLUMNS, (*read, *row[len(_JSON) :]), strict=True))
            known[columns["account"]] = _remembered(columns)
    return known


def settled(session: Session, now: datetime) -> dict[tuple[str, str], Settled]:
    """What a plan leaves out, by account and field: what people settled, and what a run is about to carry out."""
    found: dict[tuple[str, str], Settled] = {}
    standing = CustomerConflict.state.in_(SETTLED), or_(CustomerConflict.until.is_(None), CustomerConflict.until > now)
    conflicts = select(
        CustomerConflict.account,
        CustomerConflict.field,
        CustomerConflict.source_value,
        CustomerConflict.desk_value,
        CustomerConflict.until,
    )
    for row in session.execute(conflicts.where(*standing).order_by(CustomerConflict.decided_at, CustomerConflict.id)):
        found[row.account, row.field] = Settled(row.source_value, row.desk_value, row.until)
    changes = (
        select(ChangeRow.account, ChangeRow.field, ChangeRow.before, ChangeRow.after)
        .join(GroupRow, GroupRow.id == ChangeRow.group_id)
        .join(Run, Run.id == GroupRow.applied_by)
        .where(GroupRow.state == CONFIRMED, Run.open_key.is_not(None), ChangeRow.conflict.is_(None))
        .where(ChangeRow.state.in_((PLANNED, BEGUN)))
    )
    for change in session.execute(changes, execution_options={"yield_per": PER_STATEMENT}):
        found[change.account, change.field] = Settled(change.after, change.before)
    return found


def store(
    session: Session,
    run: Run,
    plan: SyncPlan,
    ctx: CustomerContext,
    *,
    effects: EffectsOf,
    before: Mapping[str, Remembered],
) -> None:
    """Keep what a sync found of customers, and its groups. The caller holds the audit log's head.

    `before` is what the plan took to be known of the customers of its records.
    """
    now = ctx.clock.now()
    new = [record for record in plan.records if record.account not in before]
    changed = [record for record in plan.records if record.account in before]
    _insert(session, new, now)
    written = sum(_update(session, some, before, now) for some in chunks(changed))
    groups = sync_groups.store(session, run, plan.groups, ctx, effects)
    after = {
        "customers": {"new": len(new), "changed": written},
        "groups": {"new": groups.new, "again": groups.again, "held": groups.held, "superseded": groups.superseded},
        "conflicts": len(plan.conflicts),
        "rejected": len(plan.rejected),
    }
    write_down(session, run, HANDOFF, "customers.recorded", "recorded", ctx, after=after)


def chunks(rows: Sequence[_T], size: int = PER_STATEMENT) -> Iterator[Sequence[_T]]:
    """The rows in their order, at most `size` at a time."""
    for begin in range(0, len(rows), size):
        yield rows[begin : begin + size]


def _documents(texts: Sequence[str]) -> list[Any]:
    """What JSON texts say, read at once, so that a name that all of them have is held once."""
    return cast("list[Any]", json.loads(f"[{','.join(texts)}]"))


def _remembered(row: Mapping[str, Any]) -> Remembered:
    source, base = row["source_values"], row["base"]
    return Remembered(
        account=row["account"],
        desk_id=row["desk_id"],
        source=source,
        base=source if base == source else base,
        kept=_shared(kept_of(row), source),
        gone=row["gone_since"] is not None,
    )


def _shared(kept: dict[str, str], source: Mapping[str, str]) -> dict[str, str]:
    """The same values; one that the source has too is held once, since most are the same for all customers."""
    return {name: source[name] if source.get(name) == value else value for name, value in kept.items()}


def _insert(session: Session, new: Sequence[Record], now: datetime) -> None:
    for some in chunks(new):
        rows = [
            {
                "account": record.account,
                **columns_of(record.kept),
                "desk_id": record.desk_id,
                "source_values": record.source,
                "base": record.base,
                "gone_since": now if record.gone else None,
                "tier_before": "",
                "tier_since": None,
                "changed_at": now,
            }
            for record in some
        ]
        session.connection().execute(insert(_CUSTOMER), rows)
        _name(session, some)


def _update(session: Session, some: Sequence[Record], before: Mapping[str, Remembered], now: datetime) -> int:
    """Write what differs of customers that are known: all of it or, where a run was quicker, what the source said."""
    there = {row["account"]: row for row in _rows(session, [record.account for record in some])}
    whole: list[dict[str, Any]] = []
    told: list[dict[str, Any]] = []
    moved: list[Record] = []
    for record in some:
        row, known = there[record.account], before[record.account]
        values = {
            "source_values": record.source,
            "gone_since": (row["gone_since"] or now) if record.gone else None,
        }
        here = _remembered(row)
        rows = told
        if (here.desk_id, here.base, here.kept) == (known.desk_id, known.base, known.kept):
            rows = whole
            values |= {**columns_of(record.kept), "desk_id": record.desk_id, "base": record.base}
            values |= _tiers(row, record, now)
        if any(row[name] != value for name, value in values.items()):
            rows.append({"b_account": record.account, **values, "changed_at": now})
            if rows is whole and row[DOMAINS] != values[DOMAINS]:
                moved.append(record)
    for rows in (whole, told):
        if rows:
            columns: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "b_account"}
            statement = update(_CUSTOMER).where(_CUSTOMER.c.account == bindparam("b_account")).values(columns)
            session.connection().execute(statement, rows)
    if moved:
        session.execute(delete(CustomerDomain).where(CustomerDomain.account.in_([one.account for one in moved])))
        _name(session, moved)
    return len(whole) + len(told)


def _rows(session: Session, accounts: Sequence[str]) -> Sequence[Mapping[str, Any]]:
    columns = (*_READ, _CUSTOMER.c.tier_before, _CUSTOMER.c.tier_since)
    rows = session.execute(select(*columns).where(_CUSTOMER.c.account.in_(accounts))).mappings().all()
    return cast("Sequence[Mapping[str, Any]]", rows)


def _tiers(row: Mapping[str, Any], record: Record, now: datetime) -> dict[str, Any]:
    """Which tier tickets from before now go by: what the desk itself says of a tier is true from now on."""
    if record.kept.get(TIER, "").lower() == row["tier"]:
        return {"tier_before": row["tier_before"], "tier_since": row["tier_since"]}
    return {"tier_before": row["tier"], "tier_since": now}


def _name(session: Session, some: Sequence[Record]) -> None:
    """Write down by which domains customers are found."""
    domains = [
        {"domain": domain, "account": record.account}
        for record in some
        for domain in mail_domains(record.kept.get(DOMAINS, ""))
    ]
    if domains:
        session.connection().execute(insert(_DOMAIN), domains)
