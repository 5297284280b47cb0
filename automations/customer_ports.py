"""The door toward where it is kept who the customers are. Everything behind it raises only `AdapterError`."""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from automations.desks import SourceRow


class CustomerSource(Protocol):
    """Where it is kept who the customers are. Only read, never written; raises only `AdapterError`.

    A listing that is cut, or refused in the middle, is an error, and never taken for customers who left.
    """

    @property
    def name(self) -> str:
        """Its name in the settings."""

    @property
    def title(self) -> str:
        """What it is, as people read it: `crm (PostgreSQL)`, `accounts.csv`."""

    @property
    def by_cursor(self) -> bool:
        """Whether it can tell only what changed since a cursor."""

    def as_of(self) -> datetime:
        """How old its data is: when a file was written, the present moment for what is asked live."""

    def rows(self, since: str | None) -> Iterator[SourceRow]:
        """All rows (None), or those changed since a cursor; one may be told twice.

        Raises `Rejected` with the code `incomplete` for a listing that is not whole, `columns` if one is missing.
        """
