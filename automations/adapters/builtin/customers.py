"""The customers of the built-in desk. Nothing is deleted: a customer who has left is suspended."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Final

from sqlalchemy import Text, cast, func, select, update
from sqlalchemy.orm import Session

from automations.adapters.builtin.limits import BY_HAND, CAPABILITIES, TITLE
from automations.adapters.builtin.rows import SYSTEM
from automations.adapters.builtin.tables import DeskTables
from automations.desks import Capability, Customer, CustomerChange
from automations.domain import IdempotencyKey
from automations.errors import Rejected
from storage.engine import Database
from storage.models import DeskCustomer
from storage.upsert import insert_into

PAGE: Final = 500
"""Customers read in one transaction, so that a long list is never held whole."""


class BuiltinCustomers:
    """`CustomerBook` over desk_customer."""

    system: ClassVar[str] = SYSTEM
    title: ClassVar[str] = TITLE
    capabilities: ClassVar[frozenset[Capability]] = CAPABILITIES
    by_hand: ClassVar[Mapping[Capability, str]] = BY_HAND

    def __init__(self, database: Database) -> None:
        self._tables = DeskTables(database)

    def customers(self) -> Iterator[Customer]:
        """All customers, oldest first."""
        last = 0
        while True:
            with self._tables.reading() as session:
                after = select(DeskCustomer).where(DeskCustomer.id > last).order_by(DeskCustomer.id).limit(PAGE)
                page = [(row.id, _shown(row)) for row in session.scalars(after)]
            if not page:
                return
            last = page[-1][0]
            yield from (customer for _, customer in page)

    def customer(self, customer: str) -> Customer:
        """Read one customer by id. Raises: Rejected with the code `no_customer`."""
        with self._tables.reading() as session:
            return _shown(_row(session, customer))

    def find_customer(self, *, reference: str | None = None, domain: str | None = None) -> Customer | None:
        """The customer that bears our reference, or this whole mail domain in upper or lower case."""
        with self._tables.reading() as session:
            if reference is not None:
                row = session.scalars(select(DeskCustomer).where(DeskCustomer.external_ref == reference)).one_or_none()
                return _shown(row) if row is not None else None
            wanted = (domain or "").lower()
            holding = func.lower(cast(DeskCustomer.domains, Text)).contains(f'"{wanted}"', autoescape=True)
            rows = session.scalars(select(DeskCustomer).where(holding).order_by(DeskCustomer.id)).all()
            return _shown(rows[0]) if rows else None

    def create_customer(self, customer: CustomerChange, *, key: IdempotencyKey) -> Customer:
        """Make a customer. One with the same reference (else the same name and none) is returned as it is."""
        values: dict[str, Any] = {
            "name": customer.name or customer.reference or "",
            "external_ref": customer.reference or None,
            "domains": _domains(customer.domains or ()),
            "tier": customer.tier or None,
            "status": "active",
            "fields": dict(customer.fields),
        }
        with self._tables.writing() as session:
            same = DeskCustomer.external_ref == values["external_ref"]
            if values["external_ref"] is None:
                same = DeskCustomer.external_ref.is_(None) & (DeskCustomer.name == values["name"])
            if (there := session.scalars(select(DeskCustomer).where(same).limit(1)).one_or_none()) is None:
                session.execute(insert_into(session, DeskCustomer).values(values).on_conflict_do_nothing())
                there = session.scalars(select(DeskCustomer).where(same).limit(1)).one()
            return _shown(there)

    def update_customer(self, customer: str, change: CustomerChange) -> None:
        """Make the change true. Raises: Rejected with the code `no_customer`."""
        with self._tables.writing() as session:
            row = _row(session, customer)
            values: dict[str, Any] = {"name": change.name} if change.name is not None else {}
            if change.reference is not None:
                values["external_ref"] = change.reference or None
            if change.domains is not None:
                values["domains"] = _domains(change.domains)
            if change.tier is not None:
                values["tier"] = change.tier or None
            if change.fields:
                values["fields"] = {**row.fields, **dict(change.fields)}
            if values:
                session.execute(update(DeskCustomer).where(DeskCustomer.id == row.id).values(values))

    def suspend_customer(self, customer: str) -> None:
        """Set a customer's status to suspended."""
        self._status(customer, "suspended")

    def resume_customer(self, customer: str) -> None:
        """Set a customer's status to active again."""
        self._status(customer, "active")

    def _status(self, customer: str, status: str) -> None:
        with self._tables.writing() as session:
            row = _row(session, customer)
            session.execute(update(DeskCustomer).where(DeskCustomer.id == row.id).values(status=status))


def _row(session: Session, customer: str) -> DeskCustomer:
    number = int(customer) if customer.isascii() and customer.isdecimal() and len(customer) < 19 else 0
    if (row := session.get(DeskCustomer, number)) is None:
        raise Rejected(f"the built-in desk has no customer {customer[:40]!r}", system=SYSTEM, code="no_customer")
    return row


def _domains(domains: tuple[str, ...]) -> list[str]:
    return [domain.lower() for domain in domains]


def _shown(row: DeskCustomer) -> Customer:
    return Customer(
        id=str(row.id),
        name=row.name,
        reference=row.external_ref,
        domains=tuple(row.domains),
        tier=row.tier or "",
        status="suspended" if row.status == "suspended" else "active",
        fields=tuple((name, str(value)) for name, value in row.fields.items()),
    )
