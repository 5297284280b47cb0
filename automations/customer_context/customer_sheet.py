"""One customer with every field, what is not clear about them, and what became of them."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from automations.customer_context.canonical import split
from automations.customer_context.card_types import CustomerSheet
from automations.customer_context.conflict_state import SETTLED, TAKEN, conflict_ref
from automations.customer_context.context import CustomerContext
from automations.customer_context.ledger_list import conflicts_of
from automations.customer_context.records import kept_of
from automations.customer_context.rules import DESK, DOMAINS, NAME
from automations.customers.known import by_account
from automations.errors import NotFound
from automations.runs.rows import run_ref
from automations.words import in_brief, who
from storage.models import CustomerChange, CustomerConflict, CustomerGroup, KnownCustomer

NEWEST: Final = 20
"""Entries of a customer's history that are shown."""
LONGEST: Final = 500
"""Characters of a value that is shown."""

_HAPPENED: Final = ("verified", "undone")
"""States of a change that something came of."""

Happened = tuple[datetime, str, str, str, str]


def sheet(session: Session, account: str, ctx: CustomerContext) -> CustomerSheet:
    """Everything Handoff knows of one customer. Raises: NotFound."""
    row = session.get(KnownCustomer, account, populate_existing=True)
    standing = by_account(session, account)
    if row is None or standing is None:
        named = ctx.redactor.text(in_brief(account, 100))
        raise NotFound(f"Handoff knows no customer with the account id {named}. `handoff customers list` tells whom.")
    in_force = kept_of({name: getattr(row, name) for name in ("name", "status", "tier", "domains", "fields")})
    kept = {name: _shown(value, ctx) for name, value in in_force.items()}
    told = {name: _shown(value, ctx) for name, value in row.source_values.items()}
    conflicts = conflicts_of(session, account, ctx)
    happened = sorted([*_changes(session, account, ctx), *_settled(session, account, ctx)], reverse=True)
    return CustomerSheet(
        account=_shown(account, ctx),
        name=kept[NAME],
        status=standing.status,
        tier=standing.tier,
        desk_id=row.desk_id,
        url=next((one.url for one in reversed(conflicts) if one.url), ""),
        as_of=standing.as_of,
        gone_since=row.gone_since,
        fields=tuple(
            (
                field.name,
                kept.get(field.name, ""),
                ctx.desk_title if field.source == DESK else field.source,
                told.get(field.name, ""),
                field.decision,
            )
            for field in ctx.rules.fields
        ),
        domains=tuple(_shown(one, ctx) for one in split(in_force[DOMAINS])),
        conflicts=conflicts,
        history=tuple(happened[:NEWEST]),
    )


def _changes(session: Session, account: str, ctx: CustomerContext) -> Iterator[Happened]:
    """What runs changed, newest first."""
    rows = (
        select(CustomerChange, CustomerGroup)
        .join(CustomerGroup, CustomerGroup.id == CustomerChange.group_id)
        .where(CustomerChange.account == account, CustomerChange.state.in_(_HAPPENED))
        .where(CustomerChange.changed_at.is_not(None))
        .order_by(CustomerChange.changed_at.desc(), CustomerChange.group_id.desc(), CustomerChange.number.desc())
    )
    for change, group in session.execute(rows.limit(NEWEST)):
        run = run_ref(group.applied_by) if group.applied_by else "a run"
        how = run if change.state == "verified" else f"{run}, taken back"
        assert change.changed_at is not None
        values = (_shown(change.before, ctx), _shown(change.after, ctx))
        yield change.changed_at, change.field or group.kind, *values, how


def _settled(session: Session, account: str, ctx: CustomerContext) -> Iterator[Happened]:
    """What people settled, newest first."""
    rows = (
        select(CustomerConflict)
        .where(CustomerConflict.account == account, CustomerConflict.state.in_((TAKEN, *SETTLED)))
        .where(CustomerConflict.decided_at.is_not(None))
        .order_by(CustomerConflict.decided_at.desc(), CustomerConflict.id.desc())
    )
    for row in session.scalars(rows.limit(NEWEST)):
        assert row.decided_at is not None
        values = (_shown(row.desk_value, ctx), _shown(row.source_value, ctx))
        how = f"{conflict_ref(row.id)} {row.state} by {who(row.decided_by, ctx)}"
        yield row.decided_at, row.field or row.kind, *values, how


def _shown(value: str, ctx: CustomerContext) -> str:
    return in_brief(ctx.redactor.text(value), LONGEST)
