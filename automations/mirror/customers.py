"""Who a ticket's customer is: name and tier, looked up once for a customer in one reading where tickets do not tell."""

import logging

from automations.desks import Capability
from automations.domain import CustomerRef
from automations.errors import AdapterError, Rejected
from automations.ports import CustomerBook

log = logging.getLogger(__name__)


class CustomerNames:
    """What is known of customers during one reading. Without a book that can tell, tickets' own words have to do."""

    def __init__(self, book: CustomerBook | None) -> None:
        self._book = book if book is not None and Capability.CUSTOMERS in book.capabilities else None
        self._found: dict[str, CustomerRef | None] = {}

    def of(self, customer: CustomerRef | None, before: CustomerRef | None) -> CustomerRef | None:
        """The customer with name and tier; what the mirror had `before` where the book does not answer."""
        if customer is None or customer.name or customer.tier:
            return customer
        if customer.id not in self._found:
            self._found[customer.id] = self._look_up(customer.id)
        if (found := self._found[customer.id]) is not None:
            return found
        return before if before is not None and before.id == customer.id else customer

    def _look_up(self, customer: str) -> CustomerRef | None:
        if self._book is None:
            return None
        try:
            found = self._book.customer(customer)
        except AdapterError as exc:
            log.warning("customer %s of %s was not read: %s", customer, self._book.system, exc)
            if not isinstance(exc, Rejected):  # it is away: nobody waits for it once more for every customer
                self._book = None
            return None
        return CustomerRef(customer, found.name, found.tier)
