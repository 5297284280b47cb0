"""Whether what people settled is still so: a customer's values now against those that were settled."""

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from automations.customer_context.batches import batches
from automations.customer_context.canonical import same
from automations.customer_context.records import kept_of
from automations.customer_context.values import ConflictKind
from storage.models import KnownCustomer

OF_VALUES: Final = (ConflictKind.DIFFERS.value, ConflictKind.BLANK.value)
"""Kinds of conflicts that are about two values of one customer."""

_KEPT: Final = ("name", "status", "tier", "domains", "fields")


def moved_on(session: Session, settled: Iterable[Row[Any]]) -> set[int]:
    """Which of these conflicts are about values that the customer does not have any more, by id.

    One of a customer whom Handoff does not know, of several customers, or of a field that the source does not tell,
    is taken to be as it was.
    """
    by_account: dict[str, list[Row[Any]]] = {}
    for row in settled:
        if row.field and row.kind in OF_VALUES:
            by_account.setdefault(row.account, []).append(row)
    columns = [getattr(KnownCustomer, name) for name in ("account", "source_values", *_KEPT)]
    known = select(*columns)
    moved: set[int] = set()
    for some in batches(sorted(by_account)):
        for customer in session.execute(known.where(KnownCustomer.account.in_(some))).mappings():
            told, kept = customer["source_values"], kept_of({name: customer[name] for name in _KEPT})
            for row in by_account[customer["account"]]:
                still = same(row.field, told.get(row.field, row.source_value), row.source_value)
                if not (still and same(row.field, kept.get(row.field, ""), row.desk_value)):
                    moved.add(row.id)
    return moved
