"""What Handoff itself goes by of a customer: values in force, moved on as changes are read back or taken back.

Every caller holds the audit log's head, so that two of them never write one customer at the same time.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from automations.customer_context import open_tickets
from automations.customer_context.records import columns_of, kept_of, mail_domains
from automations.customer_context.rules import ACTIVE, DOMAINS, NAME, STATUS, TIER
from storage.models import CustomerDomain, KnownCustomer

_COLUMNS = (NAME, STATUS, TIER, DOMAINS, "fields")


def known(session: Session, account: str) -> KnownCustomer | None:
    """The customer of this account as the row is now."""
    return session.get(KnownCustomer, account, populate_existing=True)


def value_of(row: KnownCustomer, field: str) -> str:
    """The value in force, as canonical text; empty for none."""
    return _kept(row).get(field, "")


def make(
    session: Session, account: str, name: str, desk_id: str | None, values: Mapping[str, str], now: datetime
) -> KnownCustomer:
    """Know a customer by these values from now on, on which source and desk agree; others stay as they are."""
    row = link(session, account, name, desk_id, now)
    _keep(session, row, values, now)
    row.base = {**row.base, **values}
    session.flush()
    return row


def link(session: Session, account: str, name: str, desk_id: str | None, now: datetime) -> KnownCustomer:
    """Remember which of the desk's customers this is, None for none of them that is known."""
    row = known(session, account)
    if row is None:
        row = _new(account, name, now)
        session.add(row)
    if desk_id is not None and row.desk_id != desk_id:
        row.desk_id, row.changed_at = desk_id, now
    session.flush()
    return row


def put(
    session: Session,
    row: KnownCustomer,
    field: str,
    value: str,
    now: datetime,
    *,
    agreed: bool = True,
    open_too: bool = False,
) -> None:
    """Let a value be in force. `agreed`: source and desk agree on it. Open tickets follow only if `open_too`."""
    before = row.tier
    _keep(session, row, {field: value}, now)
    if agreed:
        row.base = {**row.base, field: value}
    session.flush()
    if open_too and row.tier != before:
        open_tickets.retier(session, row.account, row.desk_id, row.tier, now)


def put_back(
    session: Session, row: KnownCustomer, field: str, value: str, now: datetime, *, agreed: bool, open_too: bool = False
) -> None:
    """A change was taken back. `agreed`: source and desk had agreed on this value before; else nobody knows of any.

    Tickets that came since the change go by the tier as if it had never been another one; older ones keep theirs, which
    may be one of long before.
    """
    changed_at = row.tier_since
    put(session, row, field, value, now, agreed=agreed, open_too=open_too)
    if not agreed:
        row.base = {name: text for name, text in row.base.items() if name != field}
    if field == TIER:
        row.tier_before, row.tier_since = (row.tier, changed_at) if changed_at is not None else ("", None)
    session.flush()


def _kept(row: KnownCustomer) -> dict[str, str]:
    return kept_of({name: getattr(row, name) for name in _COLUMNS})


def _keep(session: Session, row: KnownCustomer, values: Mapping[str, str], now: datetime) -> None:
    columns = columns_of({**_kept(row), **values})
    if columns[TIER] != row.tier:
        row.tier_before, row.tier_since = row.tier, now
    for name in _COLUMNS:
        setattr(row, name, columns[name])
    row.changed_at = now
    if DOMAINS in values:
        _name(session, row, mail_domains(values[DOMAINS]))


def _name(session: Session, row: KnownCustomer, domains: list[str]) -> None:
    """Let the customer be found by these domains alone."""
    session.flush()
    there = set(session.scalars(select(CustomerDomain.domain).where(CustomerDomain.account == row.account)))
    over = CustomerDomain.account == row.account, CustomerDomain.domain.in_(there - set(domains))
    session.execute(delete(CustomerDomain).where(*over), execution_options={"synchronize_session": False})
    session.add_all(CustomerDomain(domain=one, account=row.account) for one in domains if one not in there)


def _new(account: str, name: str, now: datetime) -> KnownCustomer:
    return KnownCustomer(
        account=account,
        name=name,
        status=ACTIVE,
        tier="",
        domains=[],
        fields={},
        desk_id=None,
        source_values={},
        base={},
        gone_since=None,
        tier_before="",
        tier_since=None,
        changed_at=now,
    )
