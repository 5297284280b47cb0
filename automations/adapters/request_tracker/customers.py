"""`CustomerBook` of a desk that has no customers: every method raises Rejected, and nothing is declared."""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from automations.adapters.request_tracker.limits import SYSTEM, TITLE, limits
from automations.adapters.request_tracker.line import cannot
from automations.desks import Capability, Customer, CustomerChange
from automations.domain import IdempotencyKey


class RequestTrackerCustomers:
    """Says that Request Tracker keeps no customers; the customer of a ticket is a custom field there."""

    system: ClassVar[str] = SYSTEM
    title: ClassVar[str] = TITLE

    def __init__(self) -> None:
        self.capabilities: frozenset[Capability]
        self.by_hand: Mapping[Capability, str]
        self.capabilities, self.by_hand = limits(on_hold=True)

    def customers(self) -> Iterator[Customer]:
        """Raises Rejected."""
        raise cannot("list customers")

    def customer(self, customer: str) -> Customer:
        """Raises Rejected."""
        raise cannot("show customers")

    def find_customer(self, *, reference: str | None = None, domain: str | None = None) -> Customer | None:
        """Raises Rejected."""
        raise cannot("find customers")

    def create_customer(self, customer: CustomerChange, *, key: IdempotencyKey) -> Customer:
        """Raises Rejected."""
        raise cannot("keep customers")

    def update_customer(self, customer: str, change: CustomerChange) -> None:
        """Raises Rejected."""
        raise cannot("keep customers")

    def suspend_customer(self, customer: str) -> None:
        """Raises Rejected."""
        raise cannot("suspend customers")

    def resume_customer(self, customer: str) -> None:
        """Raises Rejected."""
        raise cannot("suspend customers")
