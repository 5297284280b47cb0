"""Which customer of the desk is which account, by evidence that points one way only. Pure.

The link that Handoff remembers and our reference in the desk are strong evidence, a mail domain that nobody else has is
weak. Where strong evidence points to two, or weak evidence to one of several, nobody is matched and people are asked.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from heapq import nsmallest

from automations.customer_context.accounts import SHOWN
from automations.customer_context.canonical import split
from automations.customer_context.rules import DOMAINS
from automations.customer_context.values import ConflictKind, DeskSide

Meant = dict[str, list[DeskSide]]
"""The desk's customers that an account could be."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What an account has to say of who it is. `link` is the desk's id of the customer it was before, if any.

    `domains` are canonical text; those of an account that is gone claim nobody.
    """

    link: str | None
    domains: str
    absent: bool


@dataclass(slots=True)
class Doubt:
    """Why an account is in no pair: a few of the accounts and of the desk's customers that it is about."""

    accounts: set[str] = field(default_factory=set)
    customers: dict[str, DeskSide] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Matched:
    """Who is whom. Accounts in `doubts` are in no pair."""

    pairs: Mapping[str, DeskSide]
    doubts: Mapping[tuple[str, ConflictKind], Doubt]


def match(claims: Mapping[str, Claim], desk: Mapping[str, DeskSide]) -> Matched:
    """Match accounts with the desk's customers, both by their ids. In any order the result is the same."""
    pairs: dict[str, DeskSide] = {}
    doubts: dict[tuple[str, ConflictKind], Doubt] = defaultdict(Doubt)
    strong = _by_link_and_reference(claims, desk)
    _pair(strong, pairs, doubts)
    taken = {customer.id for customers in strong.values() for customer in customers}
    _by_domain(claims, [one for one in desk.values() if one.id not in taken], strong.keys(), pairs, doubts)
    return Matched(pairs, doubts)


def _by_link_and_reference(claims: Mapping[str, Claim], desk: Mapping[str, DeskSide]) -> Meant:
    bearing: dict[str, list[DeskSide]] = defaultdict(list)
    for customer in desk.values():
        if customer.reference in claims:
            bearing[customer.reference].append(customer)
    meant: Meant = {}
    for account, claim in claims.items():
        found = bearing.get(account, [])
        linked = desk.get(claim.link) if claim.link is not None else None
        if linked is not None and linked not in found and not _moved(account, claim, linked, claims, bearing):
            found = [linked, *found]
        if found:
            meant[account] = found
    return meant


def _moved(
    account: str, claim: Claim, linked: DeskSide, claims: Mapping[str, Claim], bearing: Mapping[str, object]
) -> bool:
    """A link gives way to references that people moved.

    The linked customer bears another account's, while this one is gone or has a customer that bears its own.
    """
    other = linked.reference != account and linked.reference in claims
    return other and (claim.absent or account in bearing)


def _by_domain(
    claims: Mapping[str, Claim],
    free: Sequence[DeskSide],
    strong: Set[str],
    pairs: dict[str, DeskSide],
    doubts: dict[tuple[str, ConflictKind], Doubt],
) -> None:
    """Match whom nothing stronger matches, and doubt whoever could be one of several by what is left."""
    having: dict[str, dict[str, DeskSide]] = defaultdict(dict)
    for customer in free:
        for domain in split(customer.values.get(DOMAINS, "")):
            having[domain][customer.id] = customer
    claiming: dict[str, list[str]] = defaultdict(list)
    for account, claim in claims.items() if having else ():
        for domain in split(claim.domains) if not claim.absent else ():
            if domain in having:
                claiming[domain].append(account)
    _pair(_by_single_domain(claiming, having, strong, pairs), {}, doubts)
    for domain, accounts in claiming.items():
        unmatched = [account for account in accounts if account not in pairs and account not in strong]
        customers = having[domain].values()
        if unmatched and customers and (len(accounts) > 1 or len(customers) > 1):
            kind = ConflictKind.TWO_ACCOUNTS if len(accounts) > 1 else ConflictKind.TWO_CUSTOMERS
            _doubt(unmatched, kind, accounts, customers, doubts)


def _by_single_domain(
    claiming: Mapping[str, Sequence[str]],
    having: Mapping[str, dict[str, DeskSide]],
    strong: Set[str],
    pairs: dict[str, DeskSide],
) -> Meant:
    """Pair by domains that one account claims and one customer has. Returns what points to several.

    A pair may leave another domain to one customer, so this goes in rounds until nobody is matched any more: a second
    look at the result finds the same.
    """
    meant: dict[str, dict[str, DeskSide]] = defaultdict(dict)
    meaning: dict[str, set[str]] = defaultdict(set)
    look: Set[str] = claiming.keys()
    while look:
        touched = set()
        for domain in look:
            account = claiming[domain][0]
            if len(claiming[domain]) == len(having[domain]) == 1 and account not in strong and account not in pairs:
                for customer in having[domain].values():
                    meant[account][customer.id] = customer
                    meaning[customer.id].add(account)
                    touched.add(account)
        look = set()
        for account in [one for one in touched if len(meant[one]) == 1 and len(meaning[next(iter(meant[one]))]) == 1]:
            (pairs[account],) = meant.pop(account).values()
            for domain in split(pairs[account].values[DOMAINS]):
                del having[domain][pairs[account].id]
                look |= {domain} & claiming.keys()
    return {account: list(customers.values()) for account, customers in meant.items()}


def _pair(meant: Meant, pairs: dict[str, DeskSide], doubts: dict[tuple[str, ConflictKind], Doubt]) -> None:
    """Pair accounts that mean one customer whom no other account means."""
    meaning: dict[str, list[str]] = defaultdict(list)
    for account, customers in meant.items():
        for customer in customers:
            meaning[customer.id].append(account)
    doubted = set()
    for account, customers in meant.items():
        if len(customers) == 1 and len(meaning[customers[0].id]) == 1:
            pairs[account] = customers[0]
            continue
        if len(customers) > 1:
            _doubt([account], ConflictKind.TWO_CUSTOMERS, [account], customers, doubts)
        for customer in customers:
            if len(accounts := meaning[customer.id]) > 1 and customer.id not in doubted:
                doubted.add(customer.id)
                _doubt(accounts, ConflictKind.TWO_ACCOUNTS, accounts, [customer], doubts)


def _doubt(
    concerned: Iterable[str],
    kind: ConflictKind,
    accounts: Iterable[str],
    customers: Iterable[DeskSide],
    doubts: dict[tuple[str, ConflictKind], Doubt],
) -> None:
    named = nsmallest(SHOWN, accounts)
    shown = {one.id: one for one in nsmallest(SHOWN, customers, key=lambda one: one.id)}
    for account in concerned:
        doubt = doubts[account, kind]
        doubt.accounts.update(named)
        doubt.customers.update(shown)
