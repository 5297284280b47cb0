"""Mail domains: the one that an address tells, and which customers it belongs to."""

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import CustomerDomain

AT_ONCE: Final = 500
"""Names looked up in one query."""


def domain_of(requester: str) -> str:
    """The mail domain of an address in lower case, as customers' domains are kept; empty for a name, or nothing."""
    local, _, told = requester.strip().removesuffix(">").rpartition("@")
    domain = told.strip().strip(".").lower()
    if not local or any(char.isspace() for char in domain):
        return ""
    try:
        return domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain  # no mail server has such a name, and no customer either


def with_parents(domain: str) -> Iterator[str]:
    """The domain, then each one above it down to two names: `a.b.example`, `b.example`."""
    yield domain
    labels = domain.split(".")
    for start in range(1, len(labels) - 1):
        yield ".".join(labels[start:])


def claimants(session: Session, domains: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The accounts to which each of these domains belongs, in order; nobody's are left out.

    The domain itself counts first, then the nearest one above it that is some customer's. Providers of free mail need
    no list: their domains are simply nobody's.
    """
    owners = _owners(session, {one for domain in domains for one in with_parents(domain)})
    nearest = ((domain, next((owners[one] for one in with_parents(domain) if one in owners), ())) for domain in domains)
    return {domain: tuple(accounts) for domain, accounts in nearest if accounts}


def portions(names: Iterable[str]) -> Iterator[list[str]]:
    """The names in order, as many at a time as one query takes."""
    listed = sorted(names)
    for start in range(0, len(listed), AT_ONCE):
        yield listed[start : start + AT_ONCE]


def _owners(session: Session, names: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    columns = CustomerDomain.domain, CustomerDomain.account
    for some in portions(names):
        mine = CustomerDomain.domain.in_(some)
        for domain, account in session.execute(select(*columns).where(mine).order_by(*columns)):
            found.setdefault(domain, []).append(account)
    return found
