"""A failure's customer by what is kept of customers: the tier that a new case goes by, and what messages say of them.

A failure names the account. Where that is known, its sender's word on the tier does not count.
"""

from sqlalchemy.orm import Session

from automations.customers.known import by_account
from automations.customers.telling import of_case
from automations.failure_tickets.context import Context
from automations.failure_tickets.event import FailureEvent
from storage.models import Case


def with_known_tier(session: Session, event: FailureEvent) -> FailureEvent:
    """The event with the customer's tier as it is kept; unchanged where nobody keeps it."""
    standing = by_account(session, event.customer.id) if event.customer is not None else None
    if event.customer is None or standing is None or not standing.knows_tier:
        return event
    return event.model_copy(update={"customer": event.customer.model_copy(update={"tier": standing.tier})})


def customer_standing(session: Session, case: Case, ctx: Context) -> str:
    """Tier and status of a case's customer with their age, or that the tier is the event's word.

    Empty where no customers are kept, or the case names none.
    """
    return of_case(session, case.customer_id or "", case.customer_tier or "", ctx.clock.now(), ctx.zone).standing
