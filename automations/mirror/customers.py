"""Who a ticket's customer is: name and tier by what is kept of customers, else as the desk tells them.

What is kept is looked up for a page of tickets at a time. Where it does not know a customer and the ticket does not
tell, the desk's book is asked, once for a customer in one reading.
"""

import logging
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from automations.customers.known import Asked, Standing, whose_each
from automations.desks import Capability
from automations.domain import CustomerRef, Ticket
from automations.errors import AdapterError, Rejected
from automations.mirror.messages import made_by_us
from automations.ports import CustomerBook

log = logging.getLogger(__name__)


def standings(session: Session, tickets: Iterable[Ticket]) -> dict[str, Standing]:
    """The customers of these tickets, by the tickets' ids, as far as it is clear whose they are."""
    found = whose_each(session, {ticket.id: _asked(ticket) for ticket in tickets})
    return {name: one.standing for name, one in found.items() if one.standing is not None}


def by_context(
    told: CustomerRef | None, standing: Standing, created_at: datetime, before: CustomerRef | None
) -> CustomerRef:
    """The customer of a ticket by what is kept of them; its id stays the one that was `told`, where one was.

    `before` is what the mirror had: a ticket older than the customer's tier keeps the one that it has gone by so far.
    """
    number = told.id if told is not None and told.id else standing.desk_id or standing.account
    if not standing.knows_tier:
        return CustomerRef(number, standing.name, told.tier if told is not None else "")
    same = before is not None and before.id == number
    tier = standing.tier_of(created_at, before.tier if before is not None and same else None)
    return CustomerRef(number, standing.name, tier)


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


def _asked(ticket: Ticket) -> Asked:
    """What a ticket tells of whose it is. One of our own may name the account, in the sender's words."""
    number = ticket.customer.id if ticket.customer is not None else ""
    return Asked(account=number if made_by_us(ticket) else "", desk_id=number, requester=ticket.requester or "")
