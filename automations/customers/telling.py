"""What messages about tickets and cases say of the customer: tier and status with their age, and what is not clear."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from automations.customers.known import Asked, Standing, by_account, kept, whose_each
from automations.customers.words import standing_words, unclear_words


@dataclass(frozen=True, slots=True)
class Told:
    """Words for a message. `standing`: tier and status, with their age; `unclear`: why nobody knows whose it is.

    Both are empty where no customers are kept, or there is nothing to go by.
    """

    standing: str = ""
    unclear: str = ""


NOTHING: Final = Told()


def asked_of(customer_id: str, requester: str | None, opened_by: str) -> Asked:
    """What a ticket of the mirror tells of whose it is. One that we opened may name the account."""
    return Asked(customer_id if opened_by == "bot" else "", customer_id, requester or "")


def of_ticket(session: Session, asked: Asked, tier: str, now: datetime, zone: str) -> Told:
    """What to say about a ticket that goes by this tier."""
    found = whose_each(session, {"": asked})[""]
    if found.standing is None:
        return Told(unclear=unclear_words(found))
    return Told(_standing(found.standing, tier, "this ticket", now, zone))


def of_case(session: Session, account: str, tier: str, now: datetime, zone: str) -> Told:
    """What to say about a case whose failure named this account, and that goes by this tier."""
    standing = by_account(session, account)
    if standing is not None:
        told = _standing(standing, tier, "this case", now, zone)
        return Told(f"{told}; {tier} is the event's word" if tier and not standing.knows_tier else told)
    if not account or not kept(session):
        return NOTHING
    unknown = f"{account} is not known as a customer"
    return Told(f"{tier}, the event's word: {unknown}" if tier else unknown)


def _standing(standing: Standing, tier: str, what: str, now: datetime, zone: str) -> str:
    """An old ticket keeps its tier, and says so where the customer has another one by now."""
    told = standing_words(standing, now, zone)
    keeps = standing.knows_tier and tier != standing.tier
    return f"{told}; {what} goes by {tier or 'no tier'}" if keeps else told
