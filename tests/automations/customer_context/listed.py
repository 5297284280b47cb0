"""Sources and a desk in memory behind the doors of customer context: lists in pages, requests and writes counted."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from automations.desks import Capability, Customer, CustomerChange, SourceRow
from automations.domain import IdempotencyKey
from automations.errors import AdapterError, Rejected
from tests.support import START

PER_PAGE = 100
CUSTOMERS = frozenset(
    {
        Capability.CUSTOMERS,
        Capability.CUSTOMER_LIST,
        Capability.DOMAINS,
        Capability.REFERENCES,
        Capability.CUSTOMER_FIELDS,
        Capability.CUSTOMER_SUSPENDS,
    }
)


@dataclass
class Source:
    """The door `CustomerSource` over rows by their key. `put` gives a row the next cursor, as a trigger would.

    `cut_after`: so many rows are told, then `why_not` is raised.
    """

    name: str = "crm"
    title: str = "crm (listed)"
    by_cursor: bool = False
    at: datetime = START
    listed: dict[str, tuple[int, dict[str, str | None]]] = field(default_factory=dict)
    calls: list[str | None] = field(default_factory=list)
    cut_after: int | None = None
    why_not: AdapterError | None = None
    changes: int = 0

    def put(self, key: str, **columns: str | None) -> None:
        """Let a row be so; its account is its key unless it says otherwise."""
        self.changes += 1
        self.listed[key] = self.changes, {"id": key, **columns}

    def change(self, key: str, **columns: str | None) -> None:
        """Let some columns of a row be others."""
        self.put(key, **{**self.listed[key][1], **columns})

    def as_of(self) -> datetime:
        return self.at

    def rows(self, since: str | None) -> Iterator[SourceRow]:
        self.calls.append(since)
        told = 0
        for key, (changed, columns) in sorted(self.listed.items(), key=lambda item: item[1][0]):
            if since is not None and changed < int(since):
                continue
            if self.why_not is not None and told == self.cut_after:
                raise self.why_not
            told += 1
            yield SourceRow(f"row {key}", columns, str(changed) if self.by_cursor else "")


@dataclass
class Book:
    """The door `CustomerBook`. `requests` counts pages and single calls, `writes` what was changed."""

    kept: dict[str, Customer] = field(default_factory=dict)
    capabilities: frozenset[Capability] = CUSTOMERS
    requests: int = 0
    writes: list[tuple[str, ...]] = field(default_factory=list)
    refuses: Mapping[str, str] = field(default_factory=dict)
    away: AdapterError | None = None
    numbers: int = 0

    system = "listed"
    title = "Listed"
    by_hand: Mapping[Capability, str] = field(default_factory=dict)

    def put(self, name: str, **more: object) -> str:
        """Have a customer. More: reference, domains, tier, status, fields. Returns its id."""
        self.numbers += 1
        number = str(self.numbers)
        given = {"reference": None, "domains": (), "tier": "", "status": "active", "fields": (), **more}
        self.kept[number] = Customer(number, name, url=f"https://desk.example/c/{number}", **given)  # type: ignore[arg-type]  # given by name for the tests' sake
        return number

    def change(self, customer: str, **values: object) -> None:
        """Somebody edits a customer in the desk."""
        self.kept[customer] = replace(self.kept[customer], **values)  # type: ignore[arg-type]  # as above

    def by_reference(self, account: str) -> Customer:
        (one,) = [customer for customer in self.kept.values() if customer.reference == account]
        return one

    def customers(self) -> Iterator[Customer]:
        everybody = list(self.kept.values())
        for begin in range(0, max(len(everybody), 1), PER_PAGE):
            self._ask()
            yield from everybody[begin : begin + PER_PAGE]

    def customer(self, customer: str) -> Customer:
        self._ask()
        return self._there(customer)

    def find_customer(self, *, reference: str | None = None, domain: str | None = None) -> Customer | None:
        self._ask()
        for one in self.kept.values():
            if (reference is not None and one.reference == reference) or (domain is not None and domain in one.domains):
                return one
        return None

    def create_customer(self, customer: CustomerChange, *, key: IdempotencyKey) -> Customer:
        self._write("create", customer.reference or customer.name or "")
        for one in self.kept.values():
            if customer.reference and one.reference == customer.reference:
                return one
        number = self.put(
            customer.name or "",
            reference=customer.reference,
            domains=tuple(customer.domains or ()),
            tier=customer.tier or "",
            fields=customer.fields,
        )
        return self.kept[number]

    def update_customer(self, customer: str, change: CustomerChange) -> None:
        one = self._there(customer)
        self._write("update", customer)
        values = {name: getattr(change, name) for name in ("name", "reference", "domains", "tier")}
        known = {name: value for name, value in values.items() if value is not None}
        fields = tuple({**dict(one.fields), **dict(change.fields)}.items())
        self.change(customer, **known, fields=fields)

    def suspend_customer(self, customer: str) -> None:
        self._write("suspend", customer)
        self.change(customer, status="suspended")

    def resume_customer(self, customer: str) -> None:
        self._write("resume", customer)
        self.change(customer, status="active")

    def _there(self, customer: str) -> Customer:
        if customer not in self.kept:
            raise Rejected(f"no customer {customer}", system=self.system, code="no_customer")
        return self.kept[customer]

    def _ask(self) -> None:
        if self.away is not None:
            raise self.away
        self.requests += 1

    def _write(self, what: str, customer: str) -> None:
        self._ask()
        if customer in self.refuses:
            raise Rejected(self.refuses[customer], system=self.system, code="refused")
        self.writes.append((what, customer))
