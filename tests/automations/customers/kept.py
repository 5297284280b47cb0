"""Customers as a sync would keep them, for tests of everything that goes by them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from storage.engine import Database
from storage.models import CustomerConflict, CustomerDomain, CustomerSource, KnownCustomer
from tests.support import START


def customer(account: str = "acct_42", *domains: str, **columns: Any) -> tuple[KnownCustomer | CustomerDomain, ...]:
    """The rows of a customer: active, of tier enterprise unless told otherwise."""
    values: dict[str, Any] = {
        "name": f"Customer {account}",
        "status": "active",
        "tier": "enterprise",
        "desk_id": None,
        "gone_since": None,
        "tier_before": "",
        "tier_since": None,
        "source_values": {},
        "base": {},
    }
    row = KnownCustomer(
        account=account,
        domains=list(domains),
        fields={},
        changed_at=START,
        **(values | columns),
    )
    return (row, *(CustomerDomain(domain=domain, account=account) for domain in domains))


def source(name: str, as_of: datetime) -> CustomerSource:
    """A source that was read, with data as old as that."""
    return CustomerSource(name=name, cursor="", read_at=START, as_of=as_of, whole_at=START, rows=2)


def conflict(account: str, field: str, *, state: str = "open", kind: str = "differs") -> CustomerConflict:
    """A line of the ledger."""
    return CustomerConflict(
        account=account,
        name="Acme",
        field=field,
        kind=kind,
        source="crm",
        source_value="pro",
        desk_value="enterprise",
        desk_id="d1",
        url="",
        others=[],
        winner="source",
        since=START,
        last_seen=START,
        state=state,
        version=1,
        reason="",
    )


def keep(database: Database, *rows: Any) -> None:
    """Put rows in, customers before what hangs on them."""
    with database.begin() as session:
        for one in rows:
            for row in one if isinstance(one, tuple) else (one,):
                session.add(row)
                session.flush()


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    engine = session.get_bind().engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)
