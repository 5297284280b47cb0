"""Reading the desk's customers: its whole list, or one by one those in question where it has no list."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from automations.customer_context.canonical import split
from automations.customer_context.comparing import desk_side
from automations.customer_context.reading import STEP, Reading
from automations.customer_context.rules import DESK, DOMAINS, CustomerRules, Direction
from automations.customer_context.values import Account, DeskSide, Remembered
from automations.desks import Capability, Customer
from automations.errors import Refused, Rejected
from automations.ports import CustomerBook

GONE: Final = "no_customer"


def read_desk(
    book: CustomerBook | None,
    rules: CustomerRules,
    accounts: Mapping[str, Account],
    remembered: Mapping[str, Remembered],
    progress: Reading,
) -> list[DeskSide] | None:
    """The desk's customers as they are now. None for a desk that keeps none.

    Without a list only customers are looked up in whom source and desk may differ; all others are taken to be as they
    were seen last. Raises: Refused for an empty list where there were customers; AdapterError.
    """
    if book is None or Capability.CUSTOMERS not in book.capabilities:
        return None
    if Capability.CUSTOMER_LIST not in book.capabilities:
        return _looked_up(book, rules, accounts, remembered, progress)
    sides: list[DeskSide] = []
    for customer in book.customers():
        sides.append(desk_side(customer, rules))
        if len(sides) % STEP == 0:
            progress(book.title, len(sides), None)
    progress(book.title, len(sides), len(sides))
    if not sides and any(known.desk_id for known in remembered.values()):
        raise Refused(f"{book.title} lists no customers. Nothing was compared, and nothing was changed.")
    return sides


def in_question(known: Remembered | None, told: Mapping[str, str], rules: CustomerRules) -> bool:
    """Whether source and desk may differ in this customer: new, not linked, back again, or with another value."""
    if known is None or known.desk_id is None or known.gone:
        return True
    in_desk = (field.name for field in rules.fields if field.direction is Direction.TO_DESK)
    return any(name in told and told[name] != known.base.get(name) for name in in_desk)


def _looked_up(
    book: CustomerBook,
    rules: CustomerRules,
    accounts: Mapping[str, Account],
    remembered: Mapping[str, Remembered],
    progress: Reading,
) -> list[DeskSide]:
    told = {name: known.source for name, known in remembered.items()}
    told |= {name: {**told.get(name, {}), **account.values} for name, account in accounts.items()}
    asked = [name for name, values in told.items() if in_question(remembered.get(name), values, rules)]
    found = _Found(remembered)
    for number, name in enumerate(asked, start=1):
        for customer in _find(book, name, remembered.get(name), told[name]):
            found.take(customer)
        if number % STEP == 0 or number == len(asked):
            progress(book.title, number, len(asked))
    looked = set(asked)
    rest = [one for name, one in remembered.items() if name not in looked and one.desk_id not in found.customers]
    sides = [desk_side(customer, rules) for customer in found.customers.values()]
    return sides + [_as_seen(known, rules, book) for known in rest]


class _Found:
    """Customers looked up, each once: a desk without a list may have an id of a customer for each of their domains."""

    def __init__(self, remembered: Mapping[str, Remembered]) -> None:
        self.customers: dict[str, Customer] = {}
        self._ids = {
            domain: known.desk_id
            for known in remembered.values()
            if known.desk_id is not None
            for domain in split(known.kept.get(DOMAINS, ""))
        }

    def take(self, customer: Customer) -> None:
        """Take a customer under the id that they are known by."""
        known = next((self._ids[domain] for domain in customer.domains if domain in self._ids), customer.id)
        self.customers[known] = replace(customer, id=known)
        self._ids |= dict.fromkeys(customer.domains, known)


def _find(book: CustomerBook, account: str, known: Remembered | None, told: Mapping[str, str]) -> Iterator[Customer]:
    """Who this account may be in the desk: by its id, else by our reference, else by each of its domains."""
    if known is not None and known.desk_id is not None:
        try:
            yield book.customer(known.desk_id)
        except Rejected as exc:
            if exc.code != GONE:
                raise
        else:
            return
    if Capability.REFERENCES in book.capabilities:
        customer = book.find_customer(reference=account)
        if customer is not None:
            yield customer
            return
    if Capability.DOMAINS in book.capabilities:
        seen: set[str] = set()
        for domain in split(told.get(DOMAINS, "")):
            customer = None if domain in seen else book.find_customer(domain=domain)
            if customer is not None:
                seen.update(customer.domains)
                yield customer


def _as_seen(known: Remembered, rules: CustomerRules, book: CustomerBook) -> DeskSide:
    in_desk = (field.name for field in rules.fields if field.direction is Direction.TO_DESK or field.source == DESK)
    reference = known.account if Capability.REFERENCES in book.capabilities else ""
    assert known.desk_id is not None
    return DeskSide(known.desk_id, reference, {name: known.kept.get(name, "") for name in in_desk})
