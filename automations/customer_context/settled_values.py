"""Whether what people settled is still so: a customer's values now against those that were settled."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from automations.customer_context.batches import batches
from automations.customer_context.rules import DOMAINS, NAME, STATUS, TIER
from storage.models import KnownCustomer


def in_force(customer: Any, name: str) -> str:
    """The value in force of a field, as canonical text. `customer` is a `KnownCustomer`, or a row of its columns."""
    if name == DOMAINS:
        return ", ".join(sorted(customer.domains))
    if name in (NAME, STATUS, TIER):
        return str(getattr(customer, name))
    return str(customer.fields.get(name, ""))


def moved_on(session: Session, settled: Iterable[Row[Any]]) -> set[int]:
    """Which of these conflicts are about values that the customer does not have any more, by id.

    One of a customer whom Handoff does not know, of several customers, or of a field that the source does not tell,
    is taken to be as it was.
    """
    by_account: dict[str, list[Row[Any]]] = {}
    for row in settled:
        if row.field and row.kind in ("differs", "blank"):
            by_account.setdefault(row.account, []).append(row)
    columns = (getattr(KnownCustomer, name) for name in ("account", NAME, STATUS, TIER, DOMAINS, "fields"))
    known = select(*columns, KnownCustomer.source_values)
    moved = set()
    for some in batches(sorted(by_account)):
        for customer in session.execute(known.where(KnownCustomer.account.in_(some))):
            for row in by_account[customer.account]:
                told = customer.source_values.get(row.field, row.source_value)
                if (told, in_force(customer, row.field)) != (row.source_value, row.desk_value):
                    moved.add(row.id)
    return moved
