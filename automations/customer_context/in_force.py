"""What Handoff itself goes by of a customer: values in force, moved on as changes are read back or taken back.

Every caller holds the audit log's head, so that two of them never write one customer at the same time.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from automations.customer_context import open_tickets
from automations.customer_context.rules import ACTIVE, TIER
from storage.models import CustomerDomain, KnownCustomer

__all__ = ["known", "link", "make", "put", "put_back", "value_of"]

_LONGEST = 64


def known(session: Session, account: str) -> KnownCustomer | None:
    """The customer of this account as the row is now."""
    return session.get(KnownCustomer, account, populate_existing=True)


def value_of(row: KnownCustomer, field: str) -> str:
    """The value in force, as canonical text; empty for none."""
    match field:
        case "name":
            return row.name
        case "domains":
            return ", ".join(sorted(row.domains))
        case "status":
            return row.status
        case "tier":
            return row.tier
    return str(row.fields.get(field, ""))


def make(
    session: Session, account: str, name: str, desk_id: str | None, values: Mapping[str, str], now: datetime
) -> KnownCustomer:
    """Know a customer by these values from now on; one who is known already gets them."""
    row = _row(session, account, name, desk_id, now)
    for field, value in values.items():
        _set(session, row, field, value, now)
    row.base = {**row.base, **values}
    row.changed_at = now
    session.flush()
    return row


def link(session: Session, account: str, name: str, desk_id: str, now: datetime) -> None:
    """Remember which of the desk's customers this is."""
    row = _row(session, account, name, desk_id, now)
    row.changed_at = now
    session.flush()


def put(session: Session, row: KnownCustomer, field: str, value: str, now: datetime, *, open_too: bool = False) -> None:
    """A change was read back: this is in force, and what source and desk agree on. Open tickets only if `open_too`."""
    tiered = field == TIER and row.tier != value
    _set(session, row, field, value, now)
    row.base = {**row.base, field: value}
    row.changed_at = now
    session.flush()
    if tiered and open_too:
        open_tickets.retier(session, row.account, row.desk_id, value, now)


def put_back(
    session: Session, row: KnownCustomer, field: str, value: str, now: datetime, *, agreed: bool, open_too: bool = False
) -> None:
    """A change was taken back. `agreed`: source and desk had agreed on this value before.

    Tickets go by the tier as if it had never been another one.
    """
    base = {name: text for name, text in row.base.items() if name != field}
    put(session, row, field, value, now, open_too=open_too)
    row.base = {**base, field: value} if agreed else base
    if field == TIER:
        row.tier_before, row.tier_since = "", None
    session.flush()


def _row(session: Session, account: str, name: str, desk_id: str | None, now: datetime) -> KnownCustomer:
    row = known(session, account)
    if row is None:
        row = KnownCustomer(
            account=account,
            name=name,
            status=ACTIVE,
            tier="",
            domains=[],
            fields={},
            desk_id=desk_id,
            source_values={},
            base={},
            gone_since=None,
            tier_before="",
            tier_since=None,
            changed_at=now,
        )
        session.add(row)
    elif desk_id is not None:
        row.desk_id = desk_id
    session.flush()
    return row


def _set(session: Session, row: KnownCustomer, field: str, value: str, now: datetime) -> None:
    match field:
        case "name":
            row.name = value
        case "status":
            row.status = value[:_LONGEST]
        case "domains":
            _set_domains(session, row, [one for one in value.split(", ") if one])
        case "tier":
            if row.tier != value:
                row.tier_before, row.tier_since = row.tier, now
            row.tier = value[:_LONGEST]
        case _:
            row.fields = {**row.fields, field: value}


def _set_domains(session: Session, row: KnownCustomer, domains: list[str]) -> None:
    there = set(session.scalars(select(CustomerDomain.domain).where(CustomerDomain.account == row.account)))
    over = CustomerDomain.account == row.account, CustomerDomain.domain.in_(there - set(domains))
    session.execute(delete(CustomerDomain).where(*over), execution_options={"synchronize_session": False})
    session.add_all(CustomerDomain(domain=one, account=row.account) for one in sorted(set(domains) - there))
    row.domains = domains
