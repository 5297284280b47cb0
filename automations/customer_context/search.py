"""Customers by their names, accounts and domains, for whoever looks for one."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from storage.models import CustomerDomain, KnownCustomer

PER_PAGE: Final = 10


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One customer in a list."""

    account: str
    name: str
    tier: str
    status: str


def search(session: Session, words: str, page: int) -> tuple[list[CustomerRow], int]:
    """One page of those whose account, name or domain holds the words, from 1; of all for none. And how many there are.

    In the order of names. A page that is not there is empty.
    """
    found = _holding(words.strip())
    total = session.scalar(select(func.count()).select_from(KnownCustomer).where(*found)) or 0
    rows = select(KnownCustomer.account, KnownCustomer.name, KnownCustomer.tier, KnownCustomer.status).where(*found)
    wanted = rows.order_by(func.lower(KnownCustomer.name), KnownCustomer.account)
    shown = session.execute(wanted.offset((page - 1) * PER_PAGE).limit(PER_PAGE))
    return [CustomerRow(*row) for row in shown], total


def _holding(words: str) -> list[ColumnElement[bool]]:
    if not words:
        return []
    domain = select(CustomerDomain.account).where(CustomerDomain.domain.icontains(words, autoescape=True))
    texts = (KnownCustomer.account, KnownCustomer.name)
    return [or_(*(text.icontains(words, autoescape=True) for text in texts), KnownCustomer.account.in_(domain))]
